"""One client connection over a real worker: order, limits, leave to continue, and ends that are heard."""

import os
import socket
import threading
import time

import pytest

from gatewright.core.request_record import explain
from support.worker import Answer, Backend, plain

pytestmark = pytest.mark.e2e

TOO_LARGE = b"HTTP content length exceeded 10485760 bytes."


def request(host, path="/dev/x", *lines, method="GET"):
    head = "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", f"Host: {host}", *lines))
    return f"{head}\r\n".encode()


def echo(call):
    """The target, as the body; `/slow` waits to be released."""
    if "slow" in call.request.target:
        assert call.released.wait(10)
    body = call.request.target.encode()
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def mirror(call):
    """The body as it came."""
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(call.request.body) + call.request.body)


def bodies(said):
    return [part.partition(b"\r\n\r\n")[2] for part in said.split(b"HTTP/1.1 ")[1:]]


def test_pipelined_requests_are_answered_in_their_order(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        paths = ["/dev/slow", *(f"/dev/{number}" for number in range(20))]
        stream = b"".join(request(host, path) for path in paths) + request(host, "/dev/last", "Connection: close")
        with worker.handshake(host) as connection:
            connection.sendall(stream)
            assert backend.arrived.acquire(timeout=10)
            backend.released.set()
            said = connection.makefile("rb").read()
        assert [path.removeprefix("/dev").encode() for path in [*paths, "/dev/last"]] == bodies(said)
        assert 1 == backend.connections


def test_a_flood_behind_a_slow_request_waits_at_the_client(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(request(host, "/dev/slow"))
            assert backend.arrived.acquire(timeout=10)
            connection.settimeout(0.5)
            block = request(host, "/dev/n", "X: " + "x" * 8_000) * 64
            with pytest.raises(TimeoutError):  # the buffers of two sockets take some, and nobody takes the rest
                connection.sendall(block * (32 * 1024 * 1024 // len(block)))
            backend.released.set()


def test_a_refusal_follows_the_answers_before_it(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(request(host, "/dev/1") + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
            said = connection.makefile("rb").read()
        assert [b"/1", b'{"message":"Bad Request"}'] == bodies(said)
        assert b"x-amzn-ErrorType: BadRequestException\r\n" in said
        assert b"Connection: close\r\n" in said


def test_large_bodies_pass_both_ways_as_they_are_on_one_connection(worker):
    with Backend(mirror) as backend:
        host = worker.proxy(backend)
        with worker.client(host) as connection:
            for size in (70_000, 262_145, 3_000_001, 10_485_760, 5):
                body = os.urandom(size)
                connection.request("POST", "/dev/x", body)
                assert body == connection.getresponse().read(), size
        assert 1 == backend.connections


def test_large_answers_keep_their_order_for_a_client_that_reads_slowly(worker):
    marks = [bytes([number]) * 1_500_000 for number in range(4)]

    def behave(call):
        body = marks[int(call.request.target[-1])]
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            lines = [(), (), (), ("Connection: close",)]
            stream = b"".join(request(host, f"/dev/{number}", *more) for number, more in enumerate(lines))
            connection.sendall(stream)
            said = bytearray()
            while part := connection.recv(65_536):
                said += part
                time.sleep(0.001)
        assert marks == bodies(bytes(said))


@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_a_body_that_is_announced_too_large_is_refused_and_the_refusal_is_heard(worker, expect):
    host = "any.test"
    with worker.handshake(host) as connection:
        connection.sendall(request(host, "/x", "Content-Length: 10485761", *expect, method="POST"))
        if not expect:  # a client that sends all the same, and only then looks
            connection.sendall(bytes(2_000_000))
        said = connection.makefile("rb").read()
    assert said.startswith(b"HTTP/1.1 413 Request Too Long\r\n")
    assert [TOO_LARGE] == bodies(said)


def test_a_body_that_grows_too_large_in_chunks_is_refused(worker):
    with worker.handshake("any.test") as connection:
        connection.sendall(request("any.test", "/x", "Transfer-Encoding: chunked", method="POST"))
        connection.sendall(b"a00001\r\n" + bytes(10_485_761))
        assert [TOO_LARGE] == bodies(connection.makefile("rb").read())


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("any.test", "/" + "x" * 10_241), b"414 URI Too Long"),
        (request("any.test", "/", "X: " + "x" * 10_241), b"431 Request Header Fields Too Large"),
        (request("any.test", "/", method="PROPFIND"), b"400 Bad Request"),
    ],
)
def test_limits_of_the_head(worker, data, status):
    with worker.handshake("any.test") as connection:
        connection.sendall(data)
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 " + status + b"\r\n")


@pytest.mark.parametrize(
    ("data", "code", "method", "path"),
    [
        (request("any.test", "/big?q=1", "Content-Length: 10485761", method="PUT"), "REQUEST_TOO_LARGE", "PUT", "/big"),
        (request("any.test", "/cookies", "X: " + "x" * 10_241), "REQUEST_HEADERS_TOO_LARGE", "GET", "/cookies"),
        (b"rubbish\r\n\r\n", "REQUEST_MALFORMED", "-", "-"),
    ],
)
def test_a_refusal_can_be_explained_too(worker, data, code, method, path):
    with worker.handshake("any.test") as connection:
        connection.sendall(data)
        said = connection.makefile("rb").read().decode()
    (record,) = worker.records(said.partition("x-amzn-RequestId: ")[2].partition("\r\n")[0])
    assert (code, method, path, "any.test") == (
        record["reason"]["code"],
        record["httpMethod"],
        record["path"],
        record["serverName"],
    )
    assert f"refused      {code}" in explain(record)


def test_a_client_is_given_leave_to_send_its_body(worker):
    with Backend() as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection, connection.makefile("rb") as stream:
            for _ in range(2):
                connection.sendall(request(host, "/dev/x", "Content-Length: 3", "Expect: 100-continue", method="POST"))
                assert b"HTTP/1.1 100 Continue\r\n" == stream.readline()
                assert b"\r\n" == stream.readline()
                connection.sendall(b"abc")
                assert b"HTTP/1.1 200 OK\r\n" == stream.readline()
                length = 0
                while (line := stream.readline()) != b"\r\n":
                    if line.startswith(b"Content-Length:"):
                        length = int(line.split(b":")[1])
                stream.read(length)
        assert [b"abc", b"abc"] == [received.body for received in backend.received]


def test_leave_waits_until_the_requests_before_are_answered(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(
                request(host, "/dev/slow")
                + request(
                    host, "/dev/b", "Content-Length: 1", "Expect: 100-continue", "Connection: close", method="POST"
                )
            )
            assert backend.arrived.acquire(timeout=10)
            backend.released.set()
            stream = connection.makefile("rb")
            said = b""
            while not said.endswith(b"100 Continue\r\n\r\n"):
                said += stream.readline()
            connection.sendall(b"x")
            said += stream.read()
        assert [b"/slow", b"", b"/b"] == bodies(said)


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 1_000_000])
def test_bodies_of_every_size_go_both_ways(worker, size):
    def behave(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(call.request.body) + call.request.body)

    body = bytes(range(256)) * (size // 256) + bytes(range(size % 256))
    with Backend(behave) as backend:
        assert body == worker.fetch("POST", worker.proxy(backend), "/dev/x", body).body


def test_a_client_that_reads_slowly_gets_everything(worker):
    body = bytes(4_000_000)

    def behave(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with Backend(behave) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(request(host) * 4 + request(host, "/dev/x", "Connection: close"))
            assert backend.arrived.acquire(timeout=10)  # the first answer is on its way, and nobody reads yet
            said = connection.makefile("rb").read()
        assert [body] * 5 == bodies(said)


def test_a_client_that_leaves_costs_nobody_else_anything(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(request(host, "/dev/slow"))
            assert backend.arrived.acquire(timeout=10)
            connection.shutdown(socket.SHUT_RDWR)
        backend.released.set()
        assert b"/fine" == worker.fetch("GET", host, "/dev/fine").body


def test_http_1_0_is_answered_and_closed(worker):
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as connection:
            connection.sendall(f"GET /dev/old HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            assert [b"/old"] == bodies(connection.makefile("rb").read())


def test_the_plain_entry_serves_the_same_pipeline_and_keeps_its_own_header(worker):
    with Backend() as backend, socket.socket(socket.AF_UNIX) as connection:
        host = worker.proxy(backend)
        connection.settimeout(10)
        connection.connect(worker.local_path)
        connection.sendall(request(host, "/dev/x", "X-Gatewright-Peer: 192.0.2.9:4000", "Connection: close"))
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 OK\r\n")
        headers = backend.received[0].headers
        assert ("192.0.2.9", "http", False) == (
            headers["x-forwarded-for"],
            headers["x-forwarded-proto"],
            "x-gatewright-peer" in headers,
        )


def test_many_clients_at_once(worker):
    with Backend(plain) as backend:
        host = worker.proxy(backend)
        statuses = []

        def visit():
            with worker.client(host) as connection:
                for _ in range(5):
                    connection.request("GET", "/dev/x")
                    statuses.append(Answer(connection.getresponse()).status)

        visitors = [threading.Thread(target=visit) for _ in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert [200] * 40 == statuses
        assert backend.connections <= 8
