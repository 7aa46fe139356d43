"""The values of one metric, a period at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.cloudwatch.dimensions import find_series
from gatewright.controlplane.cloudwatch.time_range import TimeRange
from gatewright.core.metrics.distribution import Distribution
from gatewright.core.metrics.metric import METRICS, NAMESPACE
from gatewright.core.metrics.periods import gather, lengths_for


def read_series(
    call: Call, metric: Mapping[str, Any], time_range: TimeRange, period: int, unit: str | None
) -> Sequence[tuple[int, Distribution]]:
    """The values of each period in which there are any, by its begin, in order.

    `metric` has Namespace, MetricName and Dimensions. What nobody counts has no values, whatever it is; and none are in
    another unit than the metric's own (D: units are not converted).
    """
    known = METRICS.get(metric.get("MetricName", "")) if metric.get("Namespace") == NAMESPACE else None
    key = find_series(call.account, call.region, metric.get("Dimensions", ()))
    lengths = lengths_for(period)
    if known is None or key is None or not lengths or unit not in (None, known.unit):
        return ()
    points = call.metrics.find_points(key, time_range.start, time_range.end, lengths)
    values = ((begin, known.read(counts)) for begin, counts in gather(points, time_range.start, period).items())
    return [(begin, distribution) for begin, distribution in values if distribution.count]
