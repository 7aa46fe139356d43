"""What a client may make us do for nothing runs out, and comes back."""

import pytest

from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.patience import CAPACITY, IDLE_FRAME, PER_SECOND, Patience


def spend(patience: Patience, times: int) -> None:
    for _ in range(times):
        patience.spend(IDLE_FRAME)


def test_the_whole_budget_can_be_spent_and_no_more():
    patience = Patience()
    spend(patience, int(CAPACITY))
    with pytest.raises(ConnectionRefused) as refusal:
        spend(patience, 1)
    assert "ENHANCE_YOUR_CALM" == refusal.value.code.name


def test_time_gives_back_but_never_saves_up():
    patience = Patience()
    patience.pass_time(100.0)
    spend(patience, int(CAPACITY))
    patience.pass_time(101.0)
    spend(patience, int(PER_SECOND))
    patience.pass_time(10_000.0)
    spend(patience, int(CAPACITY))
    with pytest.raises(ConnectionRefused):
        spend(patience, 1)


def test_a_clock_that_jumps_back_gives_nothing():
    patience = Patience()
    patience.pass_time(100.0)
    spend(patience, int(CAPACITY))
    patience.pass_time(50.0)
    with pytest.raises(ConnectionRefused):
        spend(patience, 1)
