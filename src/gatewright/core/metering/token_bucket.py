"""The token bucket (facts 4.1): `rate` tokens a second flow in, `burst` fit in, a request takes one; it starts full.

The state of a bucket is one integer, the instant at which it will be full again, in nanoseconds since the epoch (the
"theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371): one word, so that whoever is killed while
writing it leaves the old state or the new one. 0, or any instant that has passed, is a full bucket; a bucket nobody asks
of need not be kept. What is missing in a bucket is a time, its debt: so many nanoseconds until it is full.

A state is of one limit, whose name is a part of the bucket's: after a change the bucket of the new limit is asked for,
which is full, and the state of the old one has no part in it.

The instant is an argument, and instants come in any order by a little: a request that read the clock earlier may ask
later. It finds an empty bucket empty, and its earlier instant frees nothing. Only a debt that exceeds the capacity by more
than `CLOCK_SLACK` is of a clock that was set back since: it is cut so that the request has the last token of the bucket.
So a run of the clock begins with one token where it does not begin with a full bucket, and never waits for the instants
of the run before.
"""

from typing import Final, NamedTuple

from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.meter_names import name_of

SECOND: Final = 1_000_000_000

#: More than a request waits between its look at the clock and its metering, and less than those who set clocks care for.
CLOCK_SLACK: Final = SECOND

#: Where nodes share a bucket, so many of them may empty it at one moment, and all of it is paid back.
MOST_BURSTS: Final = 16

#: Bounds what a state can be: 20 years of debt beyond an instant of our century stay within 62 bits.
LONGEST: Final = 20 * 366 * 86_400 * SECOND


class Limit:
    """A rate in tokens a second with a burst, and what both are as times.

    A rate or a burst of 0 lets nothing pass, though a bucket with a burst starts full (a guess: the service does not say,
    and those who configure a rate of 0 want a method closed).
    """

    __slots__ = ("burst", "capacity", "interval", "last", "name", "rate")

    def __init__(self, throttle: Throttle) -> None:
        rate, burst = throttle
        self.rate = rate
        self.burst = burst
        interval, capacity = LONGEST, 0
        if rate > 0.0 and burst > 0:
            if rate * LONGEST > SECOND:  # else the time of one token may be more than a number can say
                interval = min(max(1, round(SECOND / rate)), LONGEST)
            capacity = min(interval * burst, LONGEST)
        self.interval: int = interval  # in which one token flows in
        self.capacity: int = capacity  # in which an empty bucket fills
        self.last: int = max(0, capacity - interval)  # the debt of a bucket that has one token left, if it ever has any
        self.name: int = name_of("limit", str(interval), str(capacity))

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
    debt = max(0, state - now)
    if debt > limit.capacity:
        debt = limit.last if debt > limit.capacity + CLOCK_SLACK else limit.capacity
    allowed = debt + limit.interval <= limit.capacity
    if allowed:
        state = now + debt + limit.interval
    return Decision(allowed, remaining_at(state, now, limit), retry_in_at(state, now, limit), state)
