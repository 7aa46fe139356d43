"""From when to when, and how long the periods are, that a query of metrics asks for."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gatewright.controlplane.cloudwatch.refusals import Refuse
from gatewright.core.metrics.periods import MINUTE, round_start

#: D: periods of high resolution. There are no points of less than a minute here: such a query finds nothing.
_SUB_MINUTE: Final = frozenset({1, 5, 10, 20, 30})


class TimeRange(NamedTuple):
    """Seconds since the epoch; `start` is where a point begins, `end` is not in the range."""

    start: int
    end: float


def read_time_range(params: Mapping[str, Any], now: float, refuse: Refuse) -> TimeRange:
    """The range between StartTime and EndTime."""
    start, end = params["StartTime"].timestamp(), params["EndTime"].timestamp()
    if start == end:
        raise refuse("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise refuse("The parameter StartTime must be less than the parameter EndTime.")
    return TimeRange(round_start(start, now), end)


def check_period(period: int, refuse: Refuse) -> None:
    """D: a multiple of 60, or one of those of high resolution."""
    if period % MINUTE != 0 and period not in _SUB_MINUTE:
        raise refuse("The parameter Period must be a value in the set [ 1, 5, 10, 20, 30 ], or a multiple of 60.")
