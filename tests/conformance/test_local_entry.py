"""The plain entries of the control listener, for users who come from emulators: the same pipeline, the same answers."""

import http.client
import json

import pytest

from support.apis import ApiBuilder
from support.https import Answer, ask

pytestmark = pytest.mark.e2e

ENTRIES = ["/_aws/execute-api/{api}/{stage}{path}", "/restapis/{api}/{stage}/_user_request_{path}"]


@pytest.fixture(scope="module")
def api(gateway, apigateway, backend):
    made = ApiBuilder(apigateway)
    made.mock("/", body='{"root": true}')
    made.mock("/health", body='{"healthy": true}')
    made.mock("/signed", authorization="AWS_IAM")
    made.proxy("/pets/{id}", "ANY", backend.url + "/pets/{id}")
    made.proxy("/files/{proxy+}", "ANY", backend.url + "/files/{proxy}")
    made.deploy("dev")
    return made


def ask_control(gateway, path, *, method="GET", headers=None, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.control_port, timeout=40)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, tuple(response.getheaders()), response.read())
    finally:
        connection.close()


REQUESTS = [
    ("GET", "/health", {}, b""),
    ("GET", "/", {}, b""),
    ("GET", "", {}, b""),
    ("GET", "/pets/7?a=1&b=%20x&a=2", {"X-Mine": "yes"}, b""),
    ("POST", "/pets/7", {"Content-Type": "application/json"}, b'{"name": "Tom"}'),
    ("PUT", "/files/a/b%2Fc.txt", {}, b"x" * 70_000),
    ("DELETE", "/pets/7", {}, b""),
    ("GET", "/pets/b%C3%BCcher", {}, b""),
    ("GET", "/nothing", {}, b""),
    ("GET", "/nothing", {"Authorization": "Bearer abc"}, b""),
    ("GET", "/signed", {}, b""),
    ("POST", "/health", {}, b""),
    ("GET", "/files", {}, b""),
]
#: What must differ: ids, time, the connection's own headers (RFC 9110 section 7.6.1).
VARYING = {"x-amzn-requestid", "x-amz-apigw-id", "date", "connection", "server", "x-amzn-trace-id"}
#: What says when the backend answered, and how long its echo of `OWN` made the answer.
VARYING |= {"x-amzn-remapped-date", "x-amzn-remapped-content-length"}
#: What the two entries tell a backend of themselves.
OWN = {"host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id", "forwarded", "via"}


def comparable(answer):
    headers = sorted((name.lower(), value) for name, value in answer.headers if name.lower() not in VARYING)
    body = answer.body
    if body.startswith(b'{"method"'):  # the echo of the backend
        seen = json.loads(body)
        seen["headers"] = {n.lower(): value for n, value in seen["headers"].items() if n.lower() not in OWN}
        body = json.dumps(seen)
        headers = [field for field in headers if field[0] != "content-length"]
    return answer.status, headers, body


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(("method", "path", "headers", "body"), REQUESTS)
def test_the_plain_entry_answers_as_https_does(gateway, api, entry, method, path, headers, body):
    host = f"{api.id}.execute-api.us-east-1.gateway.localhost"
    sent = {"Accept-Encoding": "identity", **headers}
    by_https = ask(gateway.https_port, host, f"/dev{path}", method=method, headers=sent, body=body)
    local = entry.format(api=api.id, stage="dev", path=path)
    by_control = ask_control(gateway, local, method=method, headers=sent, body=body)
    assert comparable(by_https) == comparable(by_control)
    # The control listener's HTTP server makes header names lower case, both ways (the same by RFC 9110 section 5.1).
    assert {"x-amzn-requestid", "x-amz-apigw-id"} <= {name for name, _ in by_control.headers}


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_unknown_api_and_an_unknown_stage_are_forbidden(gateway, api, entry):
    for where in ({"api": "zzzzzzzzzz", "stage": "dev"}, {"api": api.id, "stage": "prod"}):
        answer = ask_control(gateway, entry.format(path="/health", **where))
        assert (403, b'{"message":"Forbidden"}') == (answer.status, answer.body)
        assert "ForbiddenException" in dict(answer.headers).values()


def test_a_request_by_the_plain_entry_can_be_explained(gateway, api):
    answer = ask_control(gateway, f"/_aws/execute-api/{api.id}/dev/health")
    request_id = next(value for name, value in answer.headers if name.lower() == "x-amzn-requestid")
    gateway.wait_for(lambda: gateway.cli("explain", request_id, check=False).returncode == 0)
    explained = gateway.cli("explain", request_id).stdout
    assert "The request came through the control listener's plain entry, on loopback." in explained
    assert "GET /dev/health" in explained
    assert "from 127.0.0.1" in explained
