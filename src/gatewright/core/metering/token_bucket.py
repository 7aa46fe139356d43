"""The token bucket (facts 4.1): `rate` tokens a second flow in, `burst` fit in, a request takes one; it starts full.

The state of a bucket is one integer, the instant at which it will be full again, in nanoseconds since the epoch (the
"theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371): one word, so that whoever is killed while
writing it leaves the old state or the new one. 0, or any instant that has passed, is a full bucket; a bucket nobody asks
of need not be kept. What is missing in a bucket is a time, its debt: so many nanoseconds until it is full.

The instant is an argument, and instants come in any order by a little: a request that arrived earlier may ask later.
It finds an empty bucket empty, and its earlier instant frees nothing. Only a debt that exceeds the capacity by more than
`CLOCK_SLACK`, since the clock was set back or the limit made smaller, is cut to that of an empty bucket.
"""

from typing import Final, NamedTuple

from gatewright.core.metering.limits import Throttle

SECOND: Final = 1_000_000_000

#: More than a request waits between its arrival and its metering, and less than people who set clocks care for.
CLOCK_SLACK: Final = SECOND

#: Bounds what a state can be: 20 years of debt beyond an instant of our century stay within 62 bits.
_LONGEST: Final = 20 * 366 * 86_400 * SECOND


class Limit:
    """A rate in tokens a second with a burst, and what both are as times.

    A rate or a burst of 0 lets nothing pass, though a bucket with a burst starts full (a guess: the service does not say,
    and those who configure a rate of 0 want a method closed).
    """

    __slots__ = ("burst", "capacity", "interval", "rate")

    def __init__(self, throttle: Throttle) -> None:
        rate, burst = throttle
        self.rate = rate
        self.burst = burst
        interval, capacity = _LONGEST, 0
        if rate > 0.0 and burst > 0:
            interval = min(max(1, round(SECOND / rate)), _LONGEST)
            capacity = min(interval * burst, _LONGEST)
        self.interval: int = interval  # in which one token flows in
        self.capacity: int = capacity  # in which an empty bucket fills

    def __repr__(self) -> str:
        return f"<Limit {self.rate:.2f} a second, burst {self.burst}>"


class Decision(NamedTuple):
    """What came of asking for one token; `state` is the bucket afterwards, unchanged in sense when it was refused."""

    allowed: bool
    remaining: int  # whole tokens in the bucket afterwards
    retry_in: int  # nanoseconds until there is a token for the next request; 0: there is one
    state: int


def debt_at(state: int, now: int, capacity: int) -> int:
    """What is missing in the bucket, as the time in which it flows in."""
    debt = state - now
    if debt <= 0:
        return 0
    return min(debt, capacity)


def remaining_at(state: int, now: int, limit: Limit) -> int:
    """Whole tokens in the bucket."""
    return (limit.capacity - debt_at(state, now, limit.capacity)) // limit.interval


def retry_in_at(state: int, now: int, limit: Limit) -> int:
    """Nanoseconds until the bucket has a whole token."""
    return max(0, debt_at(state, now, limit.capacity) + limit.interval - limit.capacity)


def spend(limit: Limit, state: int, now: int) -> Decision:
    """Take one token if there is one."""
    debt = debt_at(state, now, limit.capacity)
    allowed = debt + limit.interval <= limit.capacity
    if allowed:
        state = now + debt + limit.interval
    elif state - now > limit.capacity + CLOCK_SLACK:
        state = now + limit.capacity
    return Decision(allowed, remaining_at(state, now, limit), retry_in_at(state, now, limit), state)
