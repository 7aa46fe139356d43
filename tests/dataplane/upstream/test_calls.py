"""A worker and its backends over real sockets: connections used again, failures and their answers (facts 7.2, 7.7, 7.8)."""

import json
import os
import signal
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from gatewright.model.records import Integration
from support.ca import CertificateAuthority
from support.worker import Answer, Backend, answering, plain, server_context

pytestmark = pytest.mark.e2e

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
INTERNAL = (500, b'{"message": "Internal server error"}', "InternalServerErrorException")
LOST = (504, b'{"message": "Network error communicating with endpoint"}', "InternalServerErrorException")
TIMED_OUT = (504, b'{"message": "Endpoint request timed out"}', "InternalServerErrorException")


def told(answer):
    return (answer.status, answer.body, answer.headers["x-amzn-ErrorType"])


def reason(worker, answer):
    (record,) = worker.records(answer.headers["x-amzn-RequestId"])
    return record["reason"]["code"]


def test_one_connection_serves_many_requests_of_many_clients(worker):
    with Backend() as backend:
        host = worker.proxy(backend)
        for _ in range(5):
            assert 200 == worker.fetch("GET", host, "/dev/x").status
        assert (1, 5) == (backend.connections, len(backend.received))


@pytest.mark.parametrize(
    ("method", "expected"), [("GET", 200), ("PUT", 200), ("HEAD", 200), ("POST", 504), ("PATCH", 504)]
)
def test_a_stale_connection_is_replaced_where_the_method_may_be_repeated(worker, method, expected):
    seen = []

    def behave(call):
        seen.append(call.request.method)
        if len(seen) == 2:
            call.reset()  # this request arrives on a connection whose backend ends it without a word
        else:
            plain(call)

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        assert 200 == worker.fetch("GET", host, "/dev/x").status
        answer = worker.fetch(method, host, "/dev/x")
        assert expected == answer.status
        assert (["GET", method, method] if expected == 200 else ["GET", method]) == seen
        assert 1 + (expected == 200) == backend.connections


def test_a_connection_that_its_backend_closed_while_idle_is_not_used(worker):
    with Backend() as backend:
        host = worker.proxy(backend)
        assert 200 == worker.fetch("POST", host, "/dev/x", b"1").status
        backend.drop()
        # The end may still be on its way to the worker: a GET is safe either way, and clears the path for the POST.
        assert 200 == worker.fetch("GET", host, "/dev/x").status
        assert 200 == worker.fetch("POST", host, "/dev/x", b"1").status
        assert 2 == backend.connections


@pytest.mark.parametrize(
    ("method", "scheme"), [("POST", "http"), ("PATCH", "http"), ("POST", "https"), ("GET", "http")]
)
def test_an_end_that_comes_right_behind_a_request_is_seen_before_the_connection_is_used(
    worker, tmp_path, method, scheme
):
    """Both are there when the worker looks, and it reads the request first."""
    secure = server_context(worker.backend_authority.issue("localhost"), tmp_path) if scheme == "https" else None
    with Backend(context=secure) as backend:
        integration = Integration("HTTP_PROXY", http_method="ANY", uri=f"{scheme}://localhost:{backend.port}/")
        _check_end_behind_a_request(worker, backend, worker.serve(integration), method)


def _check_end_behind_a_request(worker, backend, host, method):
    with worker.client(host) as client:
        client.request("POST", "/dev/x", b"1")
        assert 200 == Answer(client.getresponse()).status
        time.sleep(0.1)  # a connection that was used a moment ago is not looked at
        worker.process.send_signal(signal.SIGSTOP)
        try:
            os.waitid(os.P_PID, worker.process.pid, os.WSTOPPED | os.WNOWAIT)
            client.request(method, "/dev/x", b"1")
            backend.drop()
            time.sleep(0.1)  # both have arrived
        finally:
            worker.process.send_signal(signal.SIGCONT)
        assert 200 == Answer(client.getresponse()).status
        assert 2 == backend.connections == len(backend.received)


def test_a_fresh_connection_that_ends_without_a_word_is_not_tried_again(worker):
    with Backend(lambda call: call.reset()) as backend:
        answer = worker.fetch("GET", worker.proxy(backend), "/dev/x")
        assert LOST == told(answer)
        assert (1, "BACKEND_CONNECTION_LOST") == (backend.connections, reason(worker, answer))


def test_a_backend_that_is_too_slow(worker):
    with Backend(lambda call: call.released.wait(10)) as backend:
        answer = worker.fetch("GET", worker.proxy(backend, timeout_in_millis=50), "/dev/x")
        assert TIMED_OUT == told(answer)
        assert 41 == int(answer.headers["Content-Length"])
        assert "BACKEND_TIMEOUT" == reason(worker, answer)


def test_a_backend_that_takes_the_connection_and_never_speaks_tls(worker):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        answer = worker.fetch("GET", worker.serve(Integration("HTTP_PROXY", uri=uri, timeout_in_millis=80)), "/dev/x")
        assert TIMED_OUT == told(answer)


def test_refused_and_unknown_addresses(worker):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for uri in (f"http://127.0.0.1:{port}/", "http://" + "a" * 64 + ".test/", "http://no-such-name.invalid/"):
        answer = worker.fetch("GET", worker.serve(Integration("HTTP_PROXY", uri=uri)), "/dev/x")
        assert INTERNAL == told(answer)
        assert "BACKEND_UNREACHABLE" == reason(worker, answer)


def half_then_reset(call):
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    call.reset()


@pytest.mark.parametrize(
    "behave",
    [
        half_then_reset,
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", close=True),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", close=True),
        answering(b"HTTP/1.1 200 OK\r\nX: ", close=True),
    ],
)
def test_an_answer_that_ends_too_early(worker, behave):
    with Backend(behave) as backend:
        answer = worker.fetch("GET", worker.proxy(backend), "/dev/x")
        assert LOST == told(answer)
        assert 1 == backend.connections


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_could_be_read_in_two_ways_is_not_passed_on(worker, raw):
    with Backend(answering(raw)) as backend:
        answer = worker.fetch("GET", worker.proxy(backend), "/dev/x")
        assert LOST == told(answer)
        assert "BACKEND_ANSWER_MALFORMED" == reason(worker, answer)


@pytest.mark.parametrize(
    ("raw", "close", "status", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nT: 1\r\n\r\n",
            False,
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", True, 200, b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", True, 200, b"old"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n", False, 304, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False, 200, b""),
        (b"HTTP/1.1 299 Odd\r\nContent-Length: 1\r\n\r\nx", False, 299, b"x"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK, False, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok", False, 200, b"ok"),
    ],
)
def test_every_framing_of_an_answer(worker, raw, close, status, body):
    with Backend(answering(raw, close=close)) as backend, worker.client(worker.proxy(backend)) as connection:
        for _ in range(2):  # and the client's connection goes on
            connection.request("GET", "/dev/x")
            answer = Answer(connection.getresponse())
            assert (status, body) == (answer.status, answer.body)
            assert answer.headers.get("Link") is None
        assert (2 if close else 1) == backend.connections


def test_head_has_no_body_either_way_and_the_connection_goes_on(worker):
    with Backend() as backend, worker.client(worker.proxy(backend)) as connection:
        for method in ("HEAD", "GET", "HEAD"):
            connection.request(method, "/dev/x")
            answer = Answer(connection.getresponse())
            assert (200, method == "GET") == (answer.status, bool(answer.body))
        assert 1 == backend.connections


@pytest.mark.parametrize(
    "extra", [b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 201 Poison\r\nContent-Length: 0\r\n\r\n", b"junk"]
)
def test_what_a_backend_says_beyond_its_answer_reaches_nobody(worker, extra):
    with Backend(answering(OK + extra)) as backend:
        host = worker.proxy(backend)
        for expected in (1, 2):
            answer = worker.fetch("GET", host, "/dev/x")
            assert (200, b"ok", expected) == (answer.status, answer.body, backend.connections)


def test_pipelined_requests_on_a_poisoned_connection_get_their_own_answers(worker):
    def behave(call):
        body = call.request.target.encode()
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%bHTTP/1.1 201 Poison\r\n" % (len(body), body))

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            for name in "abc":
                connection.sendall(f"GET /dev/{name} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            connection.sendall(f"GET /dev/d HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            said = connection.makefile("rb").read()
        assert [b"/a", b"/b", b"/c", b"/d"] == [part.partition(b"\r\n\r\n")[2] for part in said.split(b"HTTP/1.1 ")[1:]]
        assert b"Poison" not in said


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_come_back_and_one_byte_more_does_not(worker, chunked):
    def behave(call):
        size = int(call.request.headers["x-size"])
        if chunked:
            call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            call.send(b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size)))
        else:
            call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        assert bytes(10_485_760) == worker.fetch("GET", host, "/dev/x", headers={"X-Size": "10485760"}).body
        answer = worker.fetch("GET", host, "/dev/x", headers={"X-Size": "10485761"})
        assert INTERNAL == told(answer)
        assert "BACKEND_ANSWER_TOO_LARGE" == reason(worker, answer)


def test_ten_megabytes_go_out(worker):
    with Backend() as backend:
        answer = worker.fetch("POST", worker.proxy(backend), "/dev/x", bytes(10_485_760))
        assert 10_485_760 == json.loads(answer.body)["size"]


# --- HTTPS backends (7.7) -------------------------------------------------------------------------------------------

NOW = datetime.now(UTC)
CERTIFICATES = {
    "trusted": (lambda worker: worker.backend_authority.issue("localhost"), "localhost", None),
    "chained": (lambda worker: worker.backend_authority.intermediate().issue("localhost"), "localhost", None),
    "untrusted": (
        lambda worker: CertificateAuthority("Nobody").issue("localhost"),
        "localhost",
        "BACKEND_UNTRUSTED_ROOT",
    ),
    "expired": (
        lambda worker: worker.backend_authority.issue("localhost", not_after=NOW - timedelta(hours=1)),
        "localhost",
        "BACKEND_CERT_EXPIRED",
    ),
    "not yet": (
        lambda worker: worker.backend_authority.issue("localhost", not_before=NOW + timedelta(hours=1)),
        "localhost",
        "BACKEND_CERT_EXPIRED",
    ),
    "other name": (lambda worker: worker.backend_authority.issue("other.test"), "localhost", "BACKEND_NAME_MISMATCH"),
    "address": (lambda worker: worker.backend_authority.issue("localhost"), "127.0.0.1", "BACKEND_NAME_MISMATCH"),
}


@pytest.mark.parametrize("case", CERTIFICATES)
def test_the_certificate_of_an_https_backend_is_verified(worker, tmp_path, case):
    issue, name, code = CERTIFICATES[case]
    with Backend(context=server_context(issue(worker), tmp_path)) as backend:
        integration = Integration("HTTP_PROXY", uri=f"https://{name}:{backend.port}/{{proxy}}")
        answer = worker.fetch("GET", worker.serve(integration), "/dev/x")
        if code is None:
            assert 200 == answer.status
            assert f"localhost:{backend.port}" == backend.received[0].headers["host"]
        else:
            assert INTERNAL == told(answer)
            assert (code, []) == (reason(worker, answer), backend.received)


@pytest.mark.parametrize(("goodbye", "expected"), [(True, (200, b"until the end")), (False, LOST[:2])])
def test_an_https_answer_that_ends_with_the_connection_needs_the_backends_goodbye(worker, tmp_path, goodbye, expected):
    def behave(call):
        call.send(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        if goodbye:
            call.socket.unwrap()
        else:
            call.socket.shutdown(socket.SHUT_RDWR)  # as anybody on the way could: no close_notify

    with Backend(behave, context=server_context(worker.backend_authority.issue("localhost"), tmp_path)) as backend:
        integration = Integration("HTTP_PROXY", uri=f"https://localhost:{backend.port}/{{proxy}}")
        answer = worker.fetch("GET", worker.serve(integration), "/dev/x")
        assert expected == (answer.status, answer.body)


def test_plain_http_behind_an_https_uri(worker):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak_plainly():
            with listener.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                connection.recv(1)

        threading.Thread(target=speak_plainly, daemon=True).start()
        uri = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        answer = worker.fetch("GET", worker.serve(Integration("HTTP_PROXY", uri=uri)), "/dev/x")
        assert INTERNAL == told(answer)
        assert "BACKEND_TLS_FAILED" == reason(worker, answer)


def test_calls_in_parallel_have_connections_of_their_own(worker):
    gathered = threading.Barrier(3, timeout=10)

    def behave(call):
        gathered.wait()
        plain(call)

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        statuses = []
        clients = [
            threading.Thread(target=lambda: statuses.append(worker.fetch("GET", host, "/dev/x").status))
            for _ in range(3)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert ([200] * 3, 3) == (statuses, backend.connections)
