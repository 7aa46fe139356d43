"""When a child that ended is started again; no process is started here."""

import errno
import os
import signal
from pathlib import Path

import pytest

from gatewright.app.supervision.child import MAX_FAILURES, Child, describe_status

ENDS = [
    (0, "ended with exit code 0"),
    (3, "ended with exit code 3"),
    (-signal.SIGKILL, "was ended by SIGKILL"),
    (-99, "was ended by signal 99"),
]


@pytest.mark.parametrize(("status", "expected"), ENDS)
def test_the_way_a_process_ended_is_told(status, expected):
    assert expected == describe_status(status)


def live(child, *, until, ready):
    """The child is started at 0 and ends; how long it is to stay away."""
    child.pid, child.started_at, child.is_ready = 4711, 0.0, ready
    child.ended(-signal.SIGKILL, until)
    return round(child.due - until, 3)


def test_a_child_that_worked_is_started_again_at_once():
    child = Child("worker-0", lambda **_: 0)
    assert [0.0, 0.0, 0.0] == [live(child, until=60.0, ready=True) for _ in range(3)]


def test_a_child_that_keeps_dying_is_started_again_after_growing_pauses_and_never_given_up():
    child = Child("worker-0", lambda **_: 0)
    assert [0.0, 0.1, 0.2, 0.4, 0.4, 0.4] == [live(child, until=1.0, ready=True) for _ in range(6)]
    assert not child.gave_up
    assert 0.0 == live(child, until=60.0, ready=True)


def test_a_child_that_cannot_start_is_given_up():
    child = Child("worker-0", lambda **_: 0)
    for _ in range(MAX_FAILURES - 1):
        live(child, until=0.1, ready=False)
        assert not child.gave_up
    live(child, until=0.1, ready=False)
    assert child.gave_up


def test_a_start_that_succeeds_forgives_those_that_did_not():
    child = Child("worker-0", lambda **_: 0)
    for _ in range(MAX_FAILURES - 1):
        live(child, until=0.1, ready=False)
    live(child, until=0.1, ready=True)
    live(child, until=0.1, ready=False)
    assert not child.gave_up


def test_a_machine_without_a_process_to_give_costs_a_pause_and_no_descriptor(monkeypatch):
    def fork():
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    child = Child("worker-0", lambda **_: 0)
    lifeline = os.pipe()
    before = sorted(Path("/proc/self/fd").iterdir())
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    monkeypatch.setattr(os, "fork", fork)
    with pytest.raises(BlockingIOError):
        child.start(100.0, lifeline, [], "info")
    assert (None, 101.0) == (child.pid, child.due)
    assert before == sorted(Path("/proc/self/fd").iterdir())
    assert masked == signal.pthread_sigmask(signal.SIG_BLOCK, ())
    for descriptor in lifeline:
        os.close(descriptor)


def test_an_end_is_told_with_who_and_when():
    child = Child("worker-3", lambda **_: 0, pid=4711, started_at=10.0, is_ready=True)
    assert "worker-3 (process 4711) was ended by SIGKILL after 2.5 s" == child.ended(-signal.SIGKILL, 12.5)
