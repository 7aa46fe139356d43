"""What a client may make us do for nothing runs out, and comes back."""

from gatewright.dataplane.http2.patience import CAPACITY, IDLE_FRAME, PER_SECOND, Patience


def spend(patience: Patience, times: int) -> None:
    for _ in range(times):
        patience.spend(IDLE_FRAME)


def test_the_whole_budget_can_be_spent_and_no_more():
    patience = Patience()
    spend(patience, int(CAPACITY))
    assert not patience.exhausted
    spend(patience, 1)
    assert patience.exhausted


def test_time_gives_back_but_never_saves_up():
    patience = Patience()
    patience.pass_time(100.0)
    spend(patience, int(CAPACITY))
    patience.pass_time(101.0)
    spend(patience, int(PER_SECOND))
    assert not patience.exhausted
    patience.pass_time(10_000.0)
    spend(patience, int(CAPACITY) + 1)
    assert patience.exhausted


def test_a_clock_that_jumps_back_gives_nothing():
    patience = Patience()
    patience.pass_time(100.0)
    spend(patience, int(CAPACITY))
    patience.pass_time(50.0)
    spend(patience, 1)
    assert patience.exhausted
