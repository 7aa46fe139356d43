"""Signals that this process sends itself; its own handlers are put back."""

import os
import select
import signal

import pytest

from gatewright.app.supervision.stop_signals import StopSignals

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@pytest.fixture
def signals():
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    waking = signal.set_wakeup_fd(-1)
    try:
        with StopSignals() as listening:
            listening.listen()
            yield listening
            signal.set_wakeup_fd(-1)
    finally:
        signal.set_wakeup_fd(waking)
        for number, handler in before.items():
            signal.signal(number, handler)


def can_be_read(signals):
    return bool(select.select([signals], [], [], 0)[0])


def test_each_request_to_stop_counts_once(signals):
    assert (False, 0) == (can_be_read(signals), signals.take())
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)
    assert (True, 2) == (can_be_read(signals), signals.take())
    assert (False, 0) == (can_be_read(signals), signals.take())


def test_the_end_of_a_child_wakes_and_asks_for_nothing(signals):
    os.kill(os.getpid(), signal.SIGCHLD)
    assert (True, 0) == (can_be_read(signals), signals.take())
