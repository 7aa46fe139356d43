"""Fixtures of the conformance tests: one running gateway a module, one backend, a certificate authority."""

import shutil

import pytest

from support.backends import EchoBackend
from support.ca import CertificateAuthority
from support.fault_score import render_score
from support.gateway import Gateway, running_gateway
from support.terraform import find_plugins


def pytest_terminal_summary(terminalreporter):
    """The score of the doctor's fault matrices, which are several modules."""
    if score := render_score():
        terminalreporter.section("fault matrix of the doctor")
        for line in score:
            terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with two workers that all tests of a module share."""
    with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def backend():
    """A plain HTTP backend that answers with what it received."""
    with EchoBackend() as echo:
        yield echo


@pytest.fixture(scope="module")
def authority():
    """The authority that issues the certificates which tests import."""
    return CertificateAuthority("Conformance Root")


@pytest.fixture(scope="module")
def apigateway(gateway):
    """The root's client."""
    return gateway.client("apigateway")


@pytest.fixture(scope="module")
def acm(gateway):
    """The root's client."""
    return gateway.client("acm")


@pytest.fixture(scope="module")
def terraform_plugins():
    """A folder for `terraform init -plugin-dir`."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on this machine")
    found = find_plugins()
    if found is None:
        pytest.skip("the AWS provider is not on this machine; GATEWRIGHT_TERRAFORM_PLUGINS may name its folder")
    return found


@pytest.fixture
def unstarted(tmp_path):
    """A gateway of the test's own that the test starts; it is ended after the test, however it is."""
    made = Gateway(tmp_path / "data")
    yield made
    if made.is_running:
        made.kill_tree()
