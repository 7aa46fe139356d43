"""The listener: a real uvicorn with real clients, and the application alone where a client cannot reach."""

import asyncio
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time

import boto3
import pytest
import uvicorn
from botocore.config import Config

from gatewright.controlplane.limits import DEFAULT_BODY_LIMIT, MIB, body_limit
from gatewright.controlplane.metrics import Metrics
from gatewright.controlplane.server import (
    ClientGone,
    Pages,
    fold_fields,
    make_application,
    match_invocation,
    read_body,
)
from support.control import ACCOUNT, REGION, ROOT_KEYS, ControlHarness

CA_PEM = b"-----BEGIN CERTIFICATE-----\n"


class Installation:
    """An application with all its parts: what it was asked to invoke is in `invoked`."""

    def __init__(self, **options):
        self.invoked = []
        self.health = {"status": "ok", "version": "0.1.0", "revision": 7, "workers": 2}
        self.metrics = Metrics()
        harness = ControlHarness(observe=self.metrics.observe, **options)
        pages = Pages(lambda: self.health, lambda: CA_PEM, self.metrics.render)
        self.application = make_application(harness.context, pages, self.invoke)

    async def invoke(self, connection, api_id, method, raw_path, raw_query, headers, body):
        self.invoked.append((connection, api_id, method, raw_path, raw_query, headers, body))
        return 418, [(b"X-Backend", b"teapot"), (b"Content-Length", b"999")], b"short"

    def ask(self, method, path, *, client=("127.0.0.1", 5000), body=b"", **scope):
        """The application alone: status, headers, body."""
        sent = []

        async def receive():
            return {"type": "http.request", "body": body}

        async def send(message):
            sent.append(message)

        target, _, query = path.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost:4566")],
            "client": client,
            "server": ("127.0.0.1", 4566),
            **scope,
        }
        asyncio.run(self.application(scope, receive, send))
        start, *pieces = sent
        assert [*[True] * (len(pieces) - 1), False] == [piece.get("more_body", False) for piece in pieces]
        assert all(len(piece["body"]) <= MIB for piece in pieces)
        return start["status"], dict(start["headers"]), b"".join(piece["body"] for piece in pieces)


@contextlib.contextmanager
def serving(installation):
    """A uvicorn on a port of its own, as the control process starts it."""
    config = uvicorn.Config(installation.application, port=0, ws="none", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def installation():
    return Installation()


@pytest.fixture(scope="module")
def lenient():
    return Installation(lenient=True)


@pytest.fixture(scope="module")
def port(installation):
    with serving(installation) as port:
        yield port


@pytest.fixture(scope="module")
def lenient_port(lenient):
    with serving(lenient) as port:
        yield port


def converse(port, *pieces):
    """Sends the pieces as they are and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


# --- calls ---


def test_a_real_client_calls_over_http(port):
    key, secret = ROOT_KEYS[ACCOUNT]
    # The harness's clock stands still, so a real client needs the wide skew that the harness gives.
    client = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
    with contextlib.closing(client):
        answer = client.get_caller_identity()
    assert f"arn:aws:iam::{ACCOUNT}:root" == answer["Arn"]
    assert "date" in answer["ResponseMetadata"]["HTTPHeaders"]
    assert "server" not in answer["ResponseMetadata"]["HTTPHeaders"]


def test_the_aws_cli_calls_over_http(port):
    key, secret = ROOT_KEYS[ACCOUNT]
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
    }
    command = [os.path.join(os.path.dirname(sys.executable), "aws"), "sts", "get-caller-identity"]  # noqa: PTH118, PTH120
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert ACCOUNT == json.loads(done.stdout)["Account"]


def test_the_path_is_taken_raw_from_the_request_line(lenient_port):
    answer = converse(
        lenient_port, b"GET /restapis/a%2Fb/c HTTP/1.1\r\nHost: apigateway.localhost\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"Missing Authentication Token" in answer


def test_a_client_that_expects_100_continue_gets_it(lenient_port):
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    head = (
        b"POST / HTTP/1.1\r\nHost: sts.localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with socket.create_connection(("127.0.0.1", lenient_port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_chunked_body_is_a_body(lenient_port):
    connection = http.client.HTTPConnection("127.0.0.1", lenient_port, timeout=10)
    chunks = iter([b"Action=GetCaller", b"Identity&Version=2011-06-15"])
    connection.request("POST", "/", body=chunks, headers={"Host": "sts.localhost"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (200, True) == (answer.status, ACCOUNT.encode() in answer.read())
    connection.close()


def test_a_body_over_the_limit_is_refused_and_the_refusal_is_heard(lenient_port):
    connection = http.client.HTTPConnection("127.0.0.1", lenient_port, timeout=10)
    body = b"{" + b" " * (body_limit("apigateway") + 2 * MIB)
    connection.request("POST", "/restapis", body=body, headers={"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert (413, "RequestEntityTooLargeException") == (answer.status, answer.getheader("x-amzn-ErrorType"))
    connection.close()


def test_fields_are_folded_to_lower_case_and_repeated_ones_joined_in_order():
    fields = [(b"Host", b"x"), (b"X-Twice", b"1"), (b"x-twice", b"2"), (b"x-name", "ü".encode()), (b"x-\xff", b"\xe9")]
    assert {"host": "x", "x-twice": "1,2", "x-name": "ü", "x-\udcff": "\udce9"} == fold_fields(fields)


def test_a_server_without_raw_paths_is_served_from_the_decoded_one(lenient):
    assert 200 == lenient.ask("GET", "/account", raw_path=None)[0]


# --- our own pages ---


def test_health_tells_what_it_was_given(installation):
    status, headers, body = installation.ask("GET", "/_gatewright/health")
    assert (200, b"application/json") == (status, headers[b"content-type"])
    assert {"status": "ok", "version": "0.1.0", "revision": 7, "workers": 2} == json.loads(body)


def test_an_installation_that_is_not_well_says_503():
    installation = Installation()
    installation.health = {"status": "starting", "workers": 0}
    assert 503 == installation.ask("GET", "/_gatewright/health")[0]


def test_the_local_authority_is_for_everybody(installation):
    status, headers, body = installation.ask("GET", "/_gatewright/ca.pem", client=("203.0.113.7", 1))
    assert (200, b"application/x-pem-file", CA_PEM) == (status, headers[b"content-type"], body)


def test_metrics_count_the_calls():
    installation = Installation(lenient=True)
    installation.ask("POST", "/", body=b"Action=GetCallerIdentity&Version=2011-06-15")
    status, headers, body = installation.ask("GET", "/_gatewright/metrics")
    assert (200, b"text/plain; version=0.0.4; charset=utf-8") == (status, headers[b"content-type"])
    sample = b'gatewright_control_calls_total{operation="GetCallerIdentity",service="sts",status="200"} 1.0'
    assert sample in body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/_gatewright/health", 405),
        ("GET", "/_gatewright/nonsense", 404),
        ("GET", "/console/", 404),
        ("GET", "/console", 404),
    ],
)
def test_other_pages_say_what_is_there(installation, method, path, status):
    answered, _, body = installation.ask(method, path)
    assert status == answered
    assert json.loads(body)["message"].endswith(".")


# --- invocations ---


@pytest.mark.parametrize(
    ("path", "invocation"),
    [
        ("/_aws/execute-api/abc/dev/pets/7", ("abc", "/dev/pets/7")),
        ("/_aws/execute-api/abc/dev", ("abc", "/dev")),
        ("/_aws/execute-api/abc/dev/", ("abc", "/dev/")),
        ("/_aws/execute-api/abc/dev//a%2Fb", ("abc", "/dev//a%2Fb")),
        ("/restapis/abc/dev/_user_request_/pets/7", ("abc", "/dev/pets/7")),
        ("/restapis/abc/dev/_user_request_/", ("abc", "/dev/")),
        ("/restapis/abc/dev/_user_request_", ("abc", "/dev/")),
        ("/_aws/execute-api/abc", None),
        ("/restapis/abc/resources/def", None),
        ("/restapis/abc/dev/_user_request_x", None),
        ("/restapis/abc/models/_user_request_/default_template", ("abc", "/models/default_template")),
    ],
)
def test_a_path_is_an_invocation_or_not(path, invocation):
    assert invocation == match_invocation(path)


def test_an_invocation_is_handed_over_as_it_came_and_its_answer_back():
    installation = Installation()
    fields = [(b"Host", b"x"), (b"X-Case", b"Kept"), (b"X-Case", b"twice")]
    status, headers, body = installation.ask(
        "POST", "/_aws/execute-api/abc/dev/a%2Fb?x=%31&x=", headers=fields, body=b"in"
    )
    [(connection, *request)] = installation.invoked
    assert ("local", "127.0.0.1", 5000, 4566) == (
        connection.entry,
        connection.peer,
        connection.peer_port,
        connection.local_port,
    )
    assert ["abc", "POST", "/dev/a%2Fb", "x=%31&x=", fields, b"in"] == request
    assert (418, {b"X-Backend": b"teapot", b"content-length": b"5"}, b"short") == (status, headers, body)


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.8.8", 1), ("::1", 1), ("::ffff:127.0.0.1", 1), None])
def test_this_machine_may_invoke(installation, client):
    assert 418 == installation.ask("GET", "/_aws/execute-api/abc/dev/", client=client)[0]


@pytest.mark.parametrize("client", [("192.0.2.1", 1), ("2001:db8::1", 1), ("::ffff:192.0.2.1", 1), ("0.0.0.0", 1)])
def test_other_machines_may_not_invoke(client):
    installation = Installation()
    assert 403 == installation.ask("GET", "/restapis/abc/dev/_user_request_/", client=client)[0]
    assert [] == installation.invoked


# --- bodies and lifespan ---


def messages(*bodies, then="http.disconnect"):
    queue = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    queue.append({"type": then, "body": b"", "more_body": False})
    taken = []

    async def receive():
        taken.append(queue.pop(0))
        return taken[-1]

    return receive, taken


def test_a_body_is_put_together():
    receive, _ = messages(b"a", b"", b"bc", then="http.request")
    assert b"abc" == asyncio.run(read_body(receive, DEFAULT_BODY_LIMIT))


def test_no_more_than_one_byte_over_the_limit_is_kept():
    receive, _ = messages(b"abc", b"def", b"ghi", then="http.request")
    assert b"abcde" == asyncio.run(read_body(receive, 4))


def test_a_client_that_never_ends_is_not_read_forever():
    receive, taken = messages(*[b" " * MIB] * 40)
    assert MIB + 1 == len(asyncio.run(read_body(receive, MIB)))
    assert 18 == len(taken)


def test_a_client_that_leaves_in_the_middle_is_not_answered(installation):
    receive, _ = messages(b"abc")
    with pytest.raises(ClientGone):
        asyncio.run(read_body(receive, 10))
    sent = []

    async def send(message):
        sent.append(message)

    receive, _ = messages(b"abc")
    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(installation.application(scope, receive, send))
    assert [] == sent


@pytest.mark.parametrize("size", [0, 1, MIB, MIB + 1, 3 * MIB])
def test_a_large_answer_goes_out_in_pieces(size):
    content = os.urandom(size)
    operations = {"s3": {"GetObject": lambda call, params: {"Body": content}}}
    installation = Installation(lenient=True, operations=operations)
    scope = "20260101/us-east-1/s3/aws4_request"
    claim = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/{scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    fields = [(b"host", b"localhost"), (b"x-amz-date", b"20260101T000000Z"), (b"authorization", claim.encode())]
    status, headers, body = installation.ask("GET", "/bucket/key", headers=fields)
    assert (200, str(size).encode()) == (status, headers[b"content-length"])
    assert content == body


def test_an_answer_without_content_has_no_length():
    operations = {"apigateway": {"DeleteMethod": lambda call, params: None}}
    installation = Installation(lenient=True, operations=operations)
    status, headers, body = installation.ask("DELETE", "/restapis/a/resources/b/methods/GET")
    assert (204, b"") == (status, body)
    assert b"content-length" not in headers


def test_a_websocket_is_turned_away(installation):
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(installation.application({"type": "websocket"}, None, send))
    assert [{"type": "websocket.close", "code": 1008}] == sent
