"""The thread that writes: in order, without anybody waiting for it, and no reason not to end."""

import os
import threading
import time

import pytest

from gatewright.dataplane.disk import DiskThread
from gatewright.model.records import Integration, IntegrationResponse
from support.interpreted import on_sources

OK = Integration(
    "MOCK",
    request_templates={"application/json": '{"statusCode": 200}'},
    integration_responses={"200": IntegrationResponse("200")},
)


def test_work_is_done_in_order_and_all_of_it_before_the_end():
    disk, done = DiskThread(), []
    for number in range(100):
        disk(lambda number=number: done.append(number))
    assert disk.close()
    assert list(range(100)) == done


def test_work_that_fails_ends_nothing(caplog):
    disk, done = DiskThread(), []
    disk(lambda: 1 / 0)
    disk(lambda: done.append("after"))
    assert disk.close()
    assert ["after"] == done
    assert "What was to be written met a bug" in caplog.text


def test_nobody_waits_for_a_disk_that_does_not_answer():
    disk, released = DiskThread(), threading.Event()
    disk(lambda: released.wait(10))
    began = time.monotonic()
    disk(lambda: None)
    assert not disk.close(patience=0.05)
    assert time.monotonic() - began < 5
    released.set()


@pytest.mark.e2e
@on_sources
def test_requests_are_answered_while_their_logs_cannot_be_written(own_worker):
    """A named pipe that nobody reads is a file whose opening takes for ever."""
    host = own_worker.serve(OK)
    pipe = own_worker.journal / "worker-0-00000001.jsonl"
    os.mkfifo(pipe)
    ids = set()
    for _ in range(5):
        answer = own_worker.fetch("GET", host, "/dev/x")
        ids.add(answer.headers["x-amzn-RequestId"])
        time.sleep(0.06)  # longer than lines wait before they are handed over
    assert 5 == len(ids)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # now the disk answers
    read, deadline = b"", time.monotonic() + 10
    while not all(each.encode() in read for each in ids) and time.monotonic() < deadline:
        try:
            read += os.read(reading, 65_536)
        except BlockingIOError:
            time.sleep(0.01)
    os.close(reading)
    assert all(each.encode() in read for each in ids)
