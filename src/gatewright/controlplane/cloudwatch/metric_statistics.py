"""GetMetricStatistics: statistics of one metric, a period at a time."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.cloudwatch.refusals import invalid_combination, invalid_value
from gatewright.controlplane.cloudwatch.series import read_series
from gatewright.controlplane.cloudwatch.time_range import check_period, read_time_range
from gatewright.core.metrics.metric import METRICS
from gatewright.core.metrics.statistic import SIMPLE, StatisticRefused, parse_percentile

#: D.
_MOST_POINTS: Final = 1_440


async def get_metric_statistics(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data points of the periods in which there was any request; in their order, which CloudWatch does not promise."""
    period = params["Period"]
    check_period(period, invalid_value)
    time_range = read_time_range(params, call.now, invalid_value)
    names, percentiles = params.get("Statistics", ()), params.get("ExtendedStatistics", ())
    if not names and not percentiles:
        # Guess: the sentence.
        raise invalid_combination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    try:
        extended = {name: parse_percentile(name) for name in percentiles}
    except StatisticRefused as refused:
        raise invalid_value(str(refused)) from None
    count = ceil((time_range.end - time_range.start) / period)
    if count > _MOST_POINTS:
        raise invalid_combination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of {_MOST_POINTS:,}. You may reduce "
            "the datapoints requested by increasing Period, or decreasing the time range."
        )
    series = await asyncio.to_thread(read_series, call, params, time_range, period, params.get("Unit"))
    points = [
        {
            "Timestamp": datetime.fromtimestamp(begin, UTC),
            "Unit": METRICS[params["MetricName"]].unit,
            "ExtendedStatistics": {name: percentile(values) for name, percentile in extended.items()} or None,
            **{name: SIMPLE[name](values) for name in names},
        }
        for begin, values in series
    ]
    return {"Label": params["MetricName"], "Datapoints": points}
