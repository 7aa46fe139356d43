"""Quotas (facts 4.4): so many requests a DAY, WEEK or MONTH of UTC; in the first period `offset` of them are gone.

Days are counted since 1970-01-01. A week begins on Monday (a guess: AWS does not say), a month on its first day.
What a key has used is kept by day, and a period's use is the sum of its days: one number a request changes, whatever
the period, and GetUsage has its days.
"""

from datetime import date
from typing import Final, NamedTuple

from gatewright.core.metering.limits import Quota

DAY_NANOSECONDS: Final = 86_400 * 1_000_000_000

_EPOCH: Final = date(1970, 1, 1).toordinal()
#: 1970-01-01 was a Thursday, three days after a Monday.
_SINCE_MONDAY: Final = 3


class Period(NamedTuple):
    """Days since the epoch: the first one, and the first one after."""

    start: int
    end: int

    def __contains__(self, day: object) -> bool:
        return isinstance(day, int) and self.start <= day < self.end


def day_of(now: int) -> int:
    """The day of an instant in nanoseconds."""
    return now // DAY_NANOSECONDS


def day_of_date(when: date) -> int:
    """The number of a calendar day."""
    return when.toordinal() - _EPOCH


def period_of(period: str, day: int) -> Period:
    """The period that a day lies in."""
    if period == "DAY":
        return Period(day, day + 1)
    if period == "WEEK":
        start = day - (day + _SINCE_MONDAY) % 7
        return Period(start, start + 7)
    if period == "MONTH":
        first = date.fromordinal(day + _EPOCH).replace(day=1)
        after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return Period(day_of_date(first), day_of_date(after))
    raise ValueError(f"a quota's period is DAY, WEEK or MONTH, found {period!r}")


def allowance(quota: Quota, *, is_first: bool, granted: int = 0) -> int:
    """How many requests a period lets through; `granted` is what UpdateUsage added in this period, or took."""
    return quota.limit + granted - (quota.offset if is_first else 0)


def first_few(quota: Quota) -> int:
    """Where nodes share quotas: how many requests of a key a node lets through before it has heard of the others.

    They are kept back for every node until it has told what it used, so they must be a small part of the quota: with a
    sixteenth, sixteen nodes have no more than all of it.
    """
    return max(1, min(quota.limit // 16, 1_024))
