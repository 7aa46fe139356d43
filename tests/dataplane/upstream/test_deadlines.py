"""Deadlines against a clock that the test moves: the oracle is one timer a call."""

from hypothesis import given
from hypothesis import strategies as st

from gatewright.dataplane.upstream.deadlines import TICK_SECONDS, Deadlines


class Loop:
    """An event loop's clock and timers, moved by hand."""

    def __init__(self):
        self.time = 100.0
        self.timers = []

    def now(self):
        return self.time

    def call_later(self, delay, callback):
        self.timers.append((self.time + delay, callback))

    def advance(self, until):
        while self.timers and min(self.timers, key=lambda timer: timer[0])[0] <= until:
            timer = min(self.timers, key=lambda timer: timer[0])
            self.timers.remove(timer)
            self.time = timer[0]
            timer[1]()
        self.time = until


class Call:
    def __init__(self, loop):
        self.loop = loop
        self.expired_at = None

    def expire(self):
        assert self.expired_at is None
        self.expired_at = self.loop.time


@given(
    st.lists(
        st.tuples(
            st.floats(0, 0.2),  # pause before the call
            st.sampled_from([50, 100, 29_000]),  # its timeout
            st.none() | st.floats(0, 0.3),  # how long after its beginning it ends
        ),
        max_size=30,
    )
)
def test_a_call_expires_at_its_deadline_or_a_tick_later_unless_it_ended_before(calls):
    loop = Loop()
    deadlines = Deadlines(loop.now, loop.call_later)
    begun = []
    for pause, timeout, ends_after in calls:
        loop.advance(loop.time + pause)
        call = Call(loop)
        deadlines.add(call, timeout)
        begun.append((call, loop.time, timeout, ends_after))
        if ends_after is not None:
            loop.call_later(ends_after, lambda call=call, timeout=timeout: deadlines.discard(call, timeout))
    loop.advance(loop.time + 60)
    for call, began, timeout, ends_after in begun:
        deadline = began + timeout / 1000
        if ends_after is not None and began + ends_after < deadline:
            assert call.expired_at is None
        elif ends_after is None or began + ends_after > deadline + 2 * TICK_SECONDS:
            assert deadline - 1e-9 <= call.expired_at <= deadline + 2 * TICK_SECONDS


def test_no_timer_runs_while_there_is_nothing_to_wait_for():
    loop = Loop()
    deadlines = Deadlines(loop.now, loop.call_later)
    call = Call(loop)
    deadlines.add(call, 50)
    deadlines.discard(call, 50)
    loop.advance(loop.time + 1)
    assert [] == loop.timers
    deadlines.add(call, 50)
    loop.advance(loop.time + 1)
    assert call.expired_at is not None
    assert [] == loop.timers


def test_ending_a_call_that_nobody_waits_for_changes_nothing():
    loop = Loop()
    Deadlines(loop.now, loop.call_later).discard(Call(loop), 50)
    assert [] == loop.timers
