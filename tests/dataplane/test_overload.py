"""A worker with more to do than it takes on: who is refused, how quickly, and that the others do not notice."""

import contextlib
import json
import os
import socket
import ssl
import statistics
import threading
import time
from pathlib import Path

import pytest
from h2.connection import H2Connection

from gatewright.core.request_record import explain
from support.worker import Answer, Backend, Worker, plain

pytestmark = pytest.mark.e2e

UNAVAILABLE = (503, b'{"message": "Service Unavailable"}', "ServiceUnavailableException")


@pytest.fixture
def make_worker(tmp_path):
    """Workers with limits of the test's."""
    with contextlib.ExitStack() as stack:

        def make(**how):
            folder = tmp_path / f"w{os.urandom(4).hex()}"
            folder.mkdir()
            worker = Worker(folder, **how)
            stack.callback(worker.stop)
            return worker

        yield make


def told(answer):
    return (answer.status, answer.body, answer.headers["x-amzn-ErrorType"])


def hang(call):
    call.released.wait(20)


def counters(worker):
    """As they are now."""
    worker.publish()
    return worker.feed.counters


def resident(worker):
    """Bytes of memory the worker's process has."""
    return int(Path(f"/proc/{worker.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(worker):
    """Of the processor, so far."""
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request(host, path="/dev/x", *lines, method="GET"):
    head = "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", f"Host: {host}", *lines))
    return f"{head}\r\n".encode()


# --- connections ------------------------------------------------------------------------------------------------------


def is_refused(worker):
    """Whether a further client is sent away at once."""
    with worker.dial() as connection:
        connection.settimeout(5)
        with contextlib.suppress(ConnectionError):
            return connection.recv(1) == b""
        return True


def test_at_the_limit_further_clients_are_refused_and_those_there_are_served(make_worker):
    worker = make_worker(connections=3)
    with Backend() as backend:
        host = worker.proxy(backend)
        with worker.client(host) as first, worker.client(host) as second, worker.handshake(host) as third:
            for client in (first, second):
                client.request("GET", "/dev/x")
                assert 200 == Answer(client.getresponse()).status
            assert [True, True] == [is_refused(worker), is_refused(worker)]
            first.request("GET", "/dev/x")
            assert 200 == Answer(first.getresponse()).status
            assert 2 == counters(worker)["gatewright_connections_refused_total"]
            third.close()
            deadline = time.monotonic() + 5
            while counters(worker)["gatewright_connections"] > 2:
                assert time.monotonic() < deadline
            assert 200 == worker.fetch("GET", host, "/dev/x").status  # there is a place again
    assert 1 == (worker.folder / "worker.log").read_text().count("which is all that this worker serves")


def test_without_files_left_the_worker_neither_spins_nor_forgets_who_is_there(make_worker):
    worker = make_worker(files=64)
    with Backend() as backend:
        host = worker.proxy(backend)
        with worker.client(host) as client, contextlib.ExitStack() as stack:
            client.request("GET", "/dev/x")
            assert 200 == Answer(client.getresponse()).status
            for _ in range(100):
                with contextlib.suppress(OSError):
                    stack.enter_context(worker.dial())
            before = cpu_seconds(worker)
            time.sleep(0.5)
            client.request("GET", "/dev/x")
            assert 200 == Answer(client.getresponse()).status
            assert cpu_seconds(worker) - before < 0.25
        # Those who wait to be accepted are refused one after the other, until there are files again.
        deadline = time.monotonic() + 5
        while True:
            try:
                assert 200 == worker.fetch("GET", host, "/dev/x").status
                break
            except OSError:
                assert time.monotonic() < deadline


# --- calls of backends ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def waiting_calls(worker, host, backend, count):
    """So many calls that the backend has and does not answer."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(worker.client(host)) for _ in range(count)]
        for client in clients:
            client.request("GET", "/dev/x")
            assert backend.arrived.acquire(timeout=10)
        yield clients


def test_a_backend_that_hangs_gets_its_share_and_others_are_served_as_before(make_worker):
    worker = make_worker(calls=20, calls_per_backend=10)
    with Backend(hang) as slow, Backend() as quick:
        slow_host, quick_host = worker.proxy(slow), worker.proxy(quick)
        with waiting_calls(worker, slow_host, slow, 10) as clients:
            refused, served = [], []
            with worker.client(slow_host) as one, worker.client(quick_host) as other:
                for _ in range(100):
                    for client, seconds, expected in ((one, refused, 503), (other, served, 200)):
                        began = time.perf_counter()
                        client.request("GET", "/dev/x")
                        answer = Answer(client.getresponse())
                        seconds.append(time.perf_counter() - began)
                        assert expected == answer.status
                        if expected == 503:
                            assert UNAVAILABLE == told(answer)
                            last = answer
            assert statistics.quantiles(refused, n=100)[97] < 0.1
            assert statistics.quantiles(served, n=100)[97] < 0.1
            (record,) = worker.records(last.headers["x-amzn-RequestId"])
            assert "BACKEND_SATURATED" == record["reason"]["code"]
            assert f"10 calls of the backend {slow.uri}" in "\n".join(explain(record)).replace("'", "")
            assert 10 == counters(worker)["gatewright_backend_calls"]
            slow.released.set()
            for client in clients:
                client.sock.close()
        assert 100 == counters(worker)['gatewright_refusals_total{reason="BACKEND_SATURATED"}']


def test_beyond_all_calls_everybody_is_told_at_once(make_worker):
    worker = make_worker(calls=4, calls_per_backend=3)
    with Backend(hang) as one, Backend(hang) as other:
        one_host, other_host = worker.proxy(one), worker.proxy(other)
        with waiting_calls(worker, one_host, one, 3), waiting_calls(worker, other_host, other, 1):
            answer = worker.fetch("GET", other_host, "/dev/x")
            assert UNAVAILABLE == told(answer)
            (record,) = worker.records(answer.headers["x-amzn-RequestId"])
            assert "GATEWAY_OVERLOADED" == record["reason"]["code"]
            one.released.set()
            other.released.set()


def test_calls_that_end_in_any_way_make_place(make_worker):
    worker = make_worker(calls=2, calls_per_backend=2)
    with Backend(hang) as slow, Backend(lambda call: call.reset()) as rude, Backend(plain) as quick:
        slow_host = worker.proxy(slow, timeout_in_millis=50)
        for host, status in ((slow_host, 504), (worker.proxy(rude), 504), (worker.proxy(quick), 200)):
            assert [status] * 5 == [worker.fetch("GET", host, "/dev/x").status for _ in range(5)]
        with worker.client(slow_host) as leaving:
            leaving.request("GET", "/dev/x")
        unknown = worker.proxy(quick)
        assert 200 == worker.fetch("GET", unknown, "/dev/x").status
        time.sleep(0.1)
        assert 0 == counters(worker)["gatewright_backend_calls"]


# --- memory -----------------------------------------------------------------------------------------------------------

LARGE = 4_000_000


def large(call):
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
    with contextlib.suppress(OSError):
        call.send(bytes(LARGE))


def large_in_chunks(call):
    call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        for _ in range(LARGE // 40_000):
            call.send(b"9C40\r\n" + bytes(40_000) + b"\r\n")
        call.send(b"0\r\n\r\n")


def slow_reader(worker, host):
    """A client with a receive window of a few kilobytes that asks and does not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", worker.port))
    context = ssl.create_default_context(cadata=worker.authority.certificate_pem)
    context.check_hostname = False
    wrapped = context.wrap_socket(connection, server_hostname=host)
    wrapped.sendall(request(host))
    return wrapped


@pytest.mark.parametrize("behave", [large, large_in_chunks])
def test_many_slow_readers_cost_a_bounded_memory_and_the_quick_are_served_again(make_worker, behave):
    worker = make_worker(answer_bytes=32_000_000)
    with Backend(behave) as backend, Backend() as other, contextlib.ExitStack() as stack:
        host, other_host = worker.proxy(backend), worker.proxy(other)
        assert 200 == worker.fetch("GET", host, "/dev/x").status
        before = resident(worker)
        for _ in range(24):  # 96 MB of answers
            stack.enter_context(slow_reader(worker, host))
        most = 0
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            time.sleep(0.1)
            most = max(most, resident(worker) - before)
            if counters(worker).get("gatewright_slow_readers_cut_total", 0) >= 1:
                break
        assert 1 <= counters(worker)["gatewright_slow_readers_cut_total"]
        assert most < 64_000_000
        while worker.fetch("GET", other_host, "/dev/x").status != 200:
            assert time.monotonic() < deadline + 10
            time.sleep(0.1)
        stack.close()
        while counters(worker)['gatewright_body_bytes{of="answers"}']:
            assert time.monotonic() < deadline + 20
            time.sleep(0.1)


def test_many_streams_of_one_connection_cost_a_bounded_memory_too(make_worker):
    worker = make_worker(answer_bytes=32_000_000)
    with Backend(large) as backend:
        host = worker.proxy(backend)
        context = ssl.create_default_context(cadata=worker.authority.certificate_pem)
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        with worker.handshake(host, context=context) as connection:
            client = H2Connection()
            client.initiate_connection()
            before = resident(worker)
            for number in range(100):  # 400 MB of answers, of which the windows let out 64 kB
                client.send_headers(
                    2 * number + 1,
                    [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", "/dev/x")],
                    end_stream=True,
                )
            connection.sendall(client.data_to_send())
            most = 0
            for _ in range(15):
                time.sleep(0.1)
                most = max(most, resident(worker) - before)
            assert 16_000_000 < counters(worker)['gatewright_body_bytes{of="answers"}'] <= 32_000_000
            assert most < 80_000_000
        deadline = time.monotonic() + 10
        while counters(worker)['gatewright_body_bytes{of="answers"}']:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_bodies_beyond_the_memory_for_them_are_refused_while_others_go_on(make_worker):
    worker = make_worker(request_bytes=1_500_000)
    with Backend() as backend:
        host = worker.proxy(backend)
        with worker.handshake(host) as first, worker.handshake(host) as second:
            first.sendall(request(host, "/dev/x", "Content-Length: 1000001", "Connection: close", method="POST"))
            first.sendall(bytes(1_000_000))
            while counters(worker)['gatewright_body_bytes{of="requests"}'] < 1_000_000:
                time.sleep(0.02)
            second.sendall(request(host, "/dev/x", "Content-Length: 1000000", method="POST") + bytes(900_000))
            said = second.makefile("rb").read()
            assert said.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert said.endswith(UNAVAILABLE[1])
            assert 200 == worker.fetch("POST", host, "/dev/x", bytes(60_000)).status  # a small one needs none
            first.sendall(b"x")
            answer = first.makefile("rb").read()
            assert 1_000_001 == json.loads(answer.partition(b"\r\n\r\n")[2])["size"]
        with worker.handshake(host) as leaving:
            leaving.sendall(request(host, "/dev/x", "Content-Length: 1000000", method="POST") + bytes(900_000))
        deadline = time.monotonic() + 10
        while counters(worker)['gatewright_body_bytes{of="requests"}']:
            assert time.monotonic() < deadline
            time.sleep(0.02)


# --- offered load -----------------------------------------------------------------------------------------------------


def test_offered_twice_what_a_backend_can_the_admitted_are_quick_and_the_rest_is_told_so(make_worker):
    """10 places at 50 ms each are 200 a second; 20 clients that never pause offer at least twice that."""
    worker = make_worker(calls=20, calls_per_backend=10)

    def behave(call):
        time.sleep(0.05)
        plain(call)

    times = {200: [], 503: []}
    with Backend(behave) as backend:
        host = worker.proxy(backend)
        until = time.monotonic() + 2

        def visit():
            with worker.client(host) as client:
                while time.monotonic() < until:
                    began = time.perf_counter()
                    client.request("GET", "/dev/x")
                    status = Answer(client.getresponse()).status
                    times[status].append(time.perf_counter() - began)
                    if status == 503:
                        time.sleep(0.02)

        visitors = [threading.Thread(target=visit) for _ in range(20)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
    assert len(times[200]) > 200
    assert len(times[503]) > 200
    assert statistics.quantiles(times[200], n=100)[98] < 0.05 + 0.15
    assert statistics.median(times[503]) < 0.02
