"""Backends over HTTPS: trusted by `--upstream-ca`, beside the system's roots; and HTTP integrations through the whole product."""

import json

import pytest

from support.apis import ApiBuilder
from support.backends import EchoBackend
from support.gateway import running_gateway
from support.https import ask

pytestmark = pytest.mark.e2e

TEN_MB = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def gateway(authority, tmp_path_factory):
    """A gateway that trusts the tests' authority towards backends."""
    folder = tmp_path_factory.mktemp("gateway")
    roots = folder / "backends-ca.pem"
    roots.write_text(authority.certificate_pem)
    with running_gateway(folder, "--upstream-ca", str(roots)) as running:
        yield running


@pytest.fixture(scope="module")
def secured(authority, tmp_path_factory):
    with EchoBackend(authority.issue("localhost"), tmp_path_factory.mktemp("secured")) as echo:
        yield echo


@pytest.fixture(scope="module")
def host(apigateway, backend, secured):
    """The default endpoint of an API with every kind of HTTP integration."""
    api = ApiBuilder(apigateway)
    address = f"https://localhost:{secured.port}"
    api.proxy("/proxied/{id}", "ANY", address + "/pets/{id}")
    api.proxy("/by-address", "GET", secured.url + "/")
    api.proxy("/plain", "POST", backend.url + "/plain")
    where = api.method("/custom", "POST", requestParameters={"method.request.header.X-Mine": False})
    apigateway.put_integration(
        **where,
        type="HTTP",
        integrationHttpMethod="PUT",
        uri=address + "/custom",
        requestParameters={"integration.request.header.X-Theirs": "method.request.header.X-Mine"},
    )
    apigateway.put_method_response(
        **where, statusCode="201", responseParameters={"method.response.header.X-Type": True}
    )
    apigateway.put_integration_response(
        **where,
        statusCode="201",
        responseParameters={"method.response.header.X-Type": "integration.response.header.Content-Type"},
    )
    api.deploy("dev")
    return f"{api.id}.execute-api.us-east-1.gateway.localhost"


def test_a_backend_with_a_certificate_of_a_given_root_is_reached(gateway, host):
    answer = ask(gateway.https_port, host, "/dev/proxied/7?a=1", method="PATCH", body=b"{}")
    assert 200 == answer.status
    seen = answer.json()
    assert ("PATCH", "/pets/7?a=1", "{}") == (seen["method"], seen["path"], seen["body"])


def test_its_name_is_still_checked(gateway, host):
    assert 500 == ask(gateway.https_port, host, "/dev/by-address").status


def test_an_http_integration_has_a_method_parameters_and_a_status_of_its_own(gateway, host):
    answer = ask(gateway.https_port, host, "/dev/custom", method="POST", headers={"X-Mine": "yes"}, body=b'{"a": 1}')
    assert (201, "application/json") == (answer.status, answer.header("X-Type"))
    seen = answer.json()
    assert ("PUT", "/custom", '{"a": 1}', "yes") == (
        seen["method"],
        seen["path"],
        seen["body"],
        seen["headers"]["X-Theirs"],
    )
    assert "X-Mine" not in seen["headers"]


def test_nearly_ten_megabytes_go_there_and_back_and_more_is_refused_either_way(gateway, host, backend):
    # The echo puts some hundred bytes around what it got.
    fits = b"x" * (TEN_MB - 2_000)
    answer = ask(gateway.https_port, host, "/dev/plain", method="POST", body=fits)
    assert 200 == answer.status
    assert len(fits) == len(json.loads(answer.body)["body"])

    count = len(backend.received)
    answer = ask(gateway.https_port, host, "/dev/plain", method="POST", body=b"x" * TEN_MB)
    assert (500, b'{"message": "Internal server error"}') == (answer.status, answer.body), "the answer is too large"
    assert TEN_MB == len(backend.received[-1]["body"]), "the request was not"

    answer = ask(gateway.https_port, host, "/dev/plain", method="POST", body=b"x" * (TEN_MB + 1))
    assert (413, b"HTTP content length exceeded 10485760 bytes.") == (answer.status, answer.body)
    assert count + 1 == len(backend.received)
