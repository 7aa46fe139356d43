"""GetMetricData: values of many metrics at once. Metric math and queries of Metrics Insights are not served."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from gatewright.controlplane.call import Call
from gatewright.controlplane.cloudwatch.refusals import bad_token, validation_error
from gatewright.controlplane.cloudwatch.series import read_series
from gatewright.controlplane.cloudwatch.time_range import TimeRange, check_period, read_time_range
from gatewright.core.metrics.statistic import Statistic, StatisticRefused, parse_statistic

#: D.
_MOST_QUERIES: Final = 500
_MOST_POINTS: Final = 100_800
_ID: Final = re.compile(r"[a-z][a-zA-Z0-9_]*", re.ASCII)


class Query(NamedTuple):
    """One query of a call."""

    id: str
    label: str
    metric: Mapping[str, Any]
    period: int
    unit: str | None
    statistic: Statistic


class Place(NamedTuple):
    """Where the next page begins: in this query, behind the point that begins then (None: at its first)."""

    query: int
    begin: int | None


async def get_metric_data(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of each query, the latest first unless told."""
    time_range = read_time_range(params, call.now, validation_error)
    queries = _read_queries(call, params["MetricDataQueries"])
    most = params.get("MaxDatapoints", _MOST_POINTS)
    if not 1 <= most <= _MOST_POINTS:
        raise validation_error(f"The parameter MaxDatapoints must be between 1 and {_MOST_POINTS:,}.")
    place = _decode_place(params["NextToken"], len(queries)) if params.get("NextToken") else Place(0, None)
    ascending = params.get("ScanBy") == "TimestampAscending"
    results, following = await asyncio.to_thread(_answer, call, queries, time_range, place, most, ascending)
    return {
        "MetricDataResults": results,
        "Messages": [],
        "NextToken": None if following is None else _encode_place(following),
    }


def _read_queries(call: Call, given: Sequence[Mapping[str, Any]]) -> Sequence[Query]:
    if len(given) > _MOST_QUERIES:
        raise validation_error(f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.")
    if len({query["Id"] for query in given}) != len(given):
        raise validation_error("The values for parameter id in MetricDataQueries are not unique.")
    queries = [_read_query(call, query) for query in given]
    return [query for query, asked in zip(queries, given, strict=True) if asked.get("ReturnData", True)]


def _read_query(call: Call, given: Mapping[str, Any]) -> Query:
    name, asked = given["Id"], given.get("MetricStat")
    if _ID.fullmatch(name) is None:
        raise validation_error(
            f"The value {name} for parameter Id is not a letter in lower case followed by letters, digits and underscores."
        )
    if (asked is None) == (given.get("Expression") is None):
        raise validation_error(f"The query {name} must have either MetricStat or Expression.")
    if asked is None:
        raise validation_error(
            f"The query {name} has an Expression, and Gatewright serves neither metric math nor Metrics Insights. "
            "Ask for each metric with MetricStat."
        )
    if given.get("AccountId", call.account) != call.account:
        raise validation_error(f"The query {name} is for another account, whose metrics are its own.")
    check_period(asked["Period"], validation_error)
    try:
        statistic = parse_statistic(asked["Stat"])
    except StatisticRefused as refused:
        raise validation_error(str(refused)) from None
    metric = asked["Metric"]
    for member in ("Namespace", "MetricName"):
        if member not in metric:
            raise validation_error(f"The query {name} must have a {member}.")
    return Query(
        name, given.get("Label") or metric["MetricName"], metric, asked["Period"], asked.get("Unit"), statistic
    )


def _answer(
    call: Call, queries: Sequence[Query], time_range: TimeRange, place: Place, most: int, ascending: bool
) -> tuple[list[dict[str, Any]], Place | None]:
    """The results of a page of at most so many points, and where the next begins (None: there is none)."""
    results: list[dict[str, Any]] = []
    for number in range(place.query, len(queries)):
        if most == 0:
            return results, Place(number, None)
        query = queries[number]
        series = read_series(call, query.metric, time_range, query.period, query.unit)
        points = list(series if ascending else reversed(series))
        if number == place.query and place.begin is not None:
            after = place.begin
            points = [point for point in points if (point[0] > after if ascending else point[0] < after)]
        told = points[:most]
        most -= len(told)
        whole = len(told) == len(points)
        results.append(
            {
                "Id": query.id,
                "Label": query.label,
                "Timestamps": [datetime.fromtimestamp(begin, UTC) for begin, _ in told],
                "Values": [query.statistic(values) for _, values in told],
                "StatusCode": "Complete" if whole else "PartialData",
            }
        )
        if not whole:
            return results, Place(number, told[-1][0])
    return results, None


def _encode_place(place: Place) -> str:
    return f"{place.query}/{'' if place.begin is None else place.begin}"


def _decode_place(token: str, queries: int) -> Place:
    number, slash, begin = token.partition("/")
    if not slash or not number.isdecimal() or int(number) >= queries or not (begin == "" or begin.isdecimal()):
        raise bad_token()
    return Place(int(number), int(begin) if begin else None)
