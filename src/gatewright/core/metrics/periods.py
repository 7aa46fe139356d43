"""How long counts are kept in which resolution, and how they are put together for a query.

Counts of a minute are kept for a day, then added up to five minutes, later to an hour, and are gone after 15 days. What a
query gets of them is what CloudWatch gives by its own, longer times (D, GetMetricStatistics): points are there for a period
that is a multiple of their length, and a query begins where a point of its time does.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from gatewright.core.metrics.request_counts import RequestCounts

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR


class Resolution(NamedTuple):
    """Points of `length` seconds are kept until they are `kept` seconds old."""

    length: int
    kept: int


#: The finest first; each length divides the next.
RESOLUTIONS: Final = (Resolution(MINUTE, DAY), Resolution(5 * MINUTE, 3 * DAY), Resolution(HOUR, 15 * DAY))


class Point(NamedTuple):
    """What was counted from `start` on, for `length` seconds."""

    start: int
    length: int
    counts: RequestCounts


def lengths_for(period: int) -> tuple[int, ...]:
    """The lengths of the points that a query of this period is answered from."""
    return tuple(resolution.length for resolution in RESOLUTIONS if period % resolution.length == 0)


def round_start(start: float, now: float) -> int:
    """Where a query begins: where a point begins, of the length that points of that age have."""
    age = now - start
    length = next((each.length for each in RESOLUTIONS if age <= each.kept), RESOLUTIONS[-1].length)
    return int(start // length) * length


def gather(points: Iterable[Point], start: int, period: int) -> Mapping[int, RequestCounts]:
    """The counts of each period from `start` on in which there are any, by its begin, in order."""
    gathered: dict[int, RequestCounts] = {}
    for point in sorted(points, key=lambda point: point.start):
        begin = point.start - (point.start - start) % period
        counts = gathered.get(begin)
        if counts is None:
            counts = gathered[begin] = RequestCounts()
        counts.merge(point.counts)
    return gathered
