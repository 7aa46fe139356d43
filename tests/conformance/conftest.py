"""Fixtures of the conformance tests: one running gateway a module, one backend, a certificate authority."""

import pytest

from support.backends import EchoBackend
from support.ca import CertificateAuthority
from support.gateway import Gateway, running_gateway


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


@pytest.fixture
def unstarted(tmp_path):
    """A gateway of the test's own that the test starts; it is ended after the test, however it is."""
    made = Gateway(tmp_path / "data")
    yield made
    if made.is_running:
        made.kill_tree()
