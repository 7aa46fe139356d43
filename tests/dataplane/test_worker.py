"""A worker's life: it ends when told or orphaned and finishes what it began; it follows its feed through breaks."""

import json
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from gatewright.model.feed import PublishedChange, Update, encode_frame
from gatewright.model.records import Integration
from support.worker import RUN_WORKER, SECONDS, Answer, Backend

pytestmark = pytest.mark.e2e

NONSENSE = PublishedChange("stage", "1", "us-east-1", ("a", "b"), "not a document")


def slow(call):
    assert call.released.wait(10)
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")


@pytest.mark.parametrize("how", ["SIGTERM", "lifeline"])
def test_a_drain_finishes_requests_in_flight_and_closes_what_is_idle(own_worker, how):
    worker = own_worker
    with Backend(slow) as backend:
        host = worker.proxy(backend)
        with worker.client(host) as busy, worker.handshake(host) as idle, worker.dial() as silent:
            silent.settimeout(SECONDS)
            busy.request("GET", "/dev/x")
            assert backend.arrived.acquire(timeout=SECONDS)
            if how == "SIGTERM":
                worker.process.send_signal(signal.SIGTERM)
            else:
                worker.process.stdin.close()
            assert b"" == idle.recv(1)  # a close_notify, not a reset
            assert b"" == silent.recv(1)
            with pytest.raises(OSError):  # noqa: PT011  refused, or reset while the listener closes
                worker.handshake(host)
            backend.released.set()
            answer = Answer(busy.getresponse())
            assert (200, b"done", "close") == (answer.status, answer.body, answer.headers["Connection"])
        assert 0 == worker.process.wait(SECONDS)
    assert "Traceback" not in (worker.folder / "worker.log").read_text()


def test_a_second_signal_does_not_wait_for_anybody(own_worker):
    worker = own_worker
    with Backend(slow) as backend:
        host = worker.proxy(backend)
        with worker.client(host) as busy, worker.handshake(host) as idle:
            busy.request("GET", "/dev/x")
            assert backend.arrived.acquire(timeout=SECONDS)
            worker.process.send_signal(signal.SIGTERM)
            assert b"" == idle.recv(1)  # the drain has begun
            worker.process.send_signal(signal.SIGTERM)
            assert 0 == worker.process.wait(SECONDS)
            with pytest.raises(OSError):  # noqa: PT011
                assert busy.getresponse().status


def test_a_worker_that_was_never_fed_ends_when_told(tmp_path):
    told = {"feed": f"{tmp_path}/feed", "local": f"{tmp_path}/local", "journal": f"{tmp_path}/j", "upstream_ca": None}
    with socket.socket(socket.AF_UNIX) as feed:
        feed.bind(told["feed"])
        feed.listen()
        with (
            subprocess.Popen(
                [sys.executable, str(RUN_WORKER), json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as process,
            feed.accept()[0] as connection,
        ):
            assert connection.recv(1)  # its hello, which stays without an answer
            process.terminate()
            assert (b"", 0) == (process.stdout.read(), process.wait(SECONDS))


def test_a_worker_serves_what_it_knows_while_the_feed_is_away_and_asks_for_what_it_missed(own_worker):
    worker = own_worker
    with Backend() as backend:
        host = worker.proxy(backend)
        revision = worker.feed.revision
        worker.feed.break_off()
        assert 200 == worker.fetch("GET", host, "/dev/x").status
        assert [0, revision] == [hello.revision for hello in worker.feed.hellos]
        assert 200 == worker.fetch("GET", worker.proxy(backend), "/dev/x").status


def test_rubbish_on_the_feed_breaks_the_connection_and_not_the_worker(own_worker):
    worker = own_worker
    with Backend() as backend:
        host = worker.proxy(backend)
        for rubbish in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{}", encode_frame(Update(9, (NONSENSE,)))):
            count = len(worker.feed.hellos)
            worker.feed.send(rubbish)
            worker.feed.wait(lambda count=count: len(worker.feed.hellos) > count)
            assert 200 == worker.fetch("GET", host, "/dev/x").status
        assert 200 == worker.fetch("GET", worker.proxy(backend), "/dev/x").status


def test_half_of_a_full_update_is_forgotten_when_the_feed_breaks(own_worker):
    worker = own_worker
    with Backend() as backend:
        host = worker.proxy(backend)
        worker.feed.send(encode_frame(Update(90, (), reset=True, more=True)))
        worker.feed.break_off()
        worker.publish()  # an ordinary update must not be taken for the rest of the full one
        assert 200 == worker.fetch("GET", host, "/dev/x").status


def test_an_update_in_parts_goes_live_with_its_last(own_worker):
    worker = own_worker
    host = worker.serve(Integration("MOCK"))
    worker.feed.revision += 1
    first = Update(worker.feed.revision, (), reset=True, more=True)
    default = worker.feed._first[0]
    worker.feed.send(encode_frame(first))
    assert 500 == worker.fetch("GET", host, "/dev/x").status  # the mock has no template: it is still served
    worker.publish(default)
    assert 403 == worker.fetch("GET", host, "/dev/x").status


def test_counters_are_reported(own_worker):
    worker = own_worker
    host = worker.serve(Integration("MOCK"))
    assert 500 == worker.fetch("GET", host, "/dev/x").status
    with worker.dial() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        plain.recv(1_000)
    worker.publish()
    counters = worker.feed.counters
    assert {
        'gatewright_requests_total{status="500"}': 1,
        'gatewright_refusals_total{reason="MOCK_WITHOUT_STATUS"}': 1,
        'gatewright_handshake_failures_total{fault="PLAIN_HTTP"}': 1,
        "gatewright_handshakes_total": 1,
        "gatewright_journal_lines_lost_total": 0,
        "gatewright_log_events_total": 0,
        "gatewright_log_events_lost_total": 0,
        "gatewright_backend_calls": 0,
        'gatewright_body_bytes{of="requests"}': 0,
        'gatewright_body_bytes{of="answers"}': 0,
    } == {name: count for name, count in counters.items() if name != "gatewright_connections"}


def test_a_journal_that_cannot_be_written_costs_lines_and_no_request(own_worker):
    worker = own_worker
    shutil.rmtree(worker.journal)
    host = worker.serve(Integration("MOCK"))
    answer = worker.fetch("GET", host, "/dev/x")
    assert (500, []) == (answer.status, worker.records(answer.headers["x-amzn-RequestId"]))
    worker.publish()
    assert 1 == worker.feed.counters["gatewright_journal_lines_lost_total"]
