"""ListMetrics: which metrics there are, with which dimensions."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.cloudwatch.dimensions import render_dimensions
from gatewright.controlplane.cloudwatch.refusals import invalid_value
from gatewright.core.metrics.metric import METRICS, NAMESPACE
from gatewright.core.metrics.periods import HOUR
from gatewright.store.metric_points import Series, SeriesKey

#: D.
_PAGE: Final = 500
#: D: PT3H, the only value of RecentlyActive, may come with half an hour more.
_RECENTLY: Final = 3 * HOUR

#: A metric's place in the listing.
Place = tuple[SeriesKey, str]


async def list_metrics(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metrics that have points, 500 at a time."""
    series = await asyncio.to_thread(call.metrics.list_series, call.account, call.region)
    after = None if params.get("NextToken") is None else _decode_place(params["NextToken"], call)
    found = (
        (each.key, name) for each in series if _is_wanted(each, params, call.now) for name in _metrics_of(each, params)
    )
    page = list(islice((place for place in found if after is None or place > after), _PAGE + 1))
    listed = [_render(place) for place in page[:_PAGE]]
    return {
        "Metrics": listed,
        "OwningAccounts": [call.account] * len(listed) if params.get("IncludeLinkedAccounts") else None,
        "NextToken": _encode_place(page[_PAGE - 1]) if len(page) > _PAGE else None,
    }


def _is_wanted(series: Series, params: Mapping[str, Any], now: float) -> bool:
    if params.get("OwningAccount", series.key.account) != series.key.account:
        return False
    if params.get("RecentlyActive") is not None and series.newest < now - _RECENTLY:
        return False
    dimensions = {each["Name"]: each["Value"] for each in render_dimensions(series.key)}
    return all(
        wanted["Name"] in dimensions and wanted.get("Value") in (None, dimensions[wanted["Name"]])
        for wanted in params.get("Dimensions", ())
    )


def _metrics_of(series: Series, params: Mapping[str, Any]) -> Iterator[str]:
    if params.get("Namespace", NAMESPACE) != NAMESPACE:
        return
    for name in sorted(METRICS):
        if name == "IntegrationLatency" and not series.calls_backend:
            continue
        if params.get("MetricName", name) == name:
            yield name


def _render(place: Place) -> dict[str, Any]:
    key, name = place
    return {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": render_dimensions(key)}


def _encode_place(place: Place) -> str:
    key, name = place
    return urlsafe_b64encode(json.dumps([*key[2:], name]).encode()).decode()


def _decode_place(token: str, call: Call) -> Place:
    try:
        api_name, stage, resource, method, name = map(str, json.loads(urlsafe_b64decode(token.encode())))
    except (ValueError, TypeError):
        # M: ListMetrics has no other error for it.
        raise invalid_value("The specified NextToken is invalid.") from None
    return SeriesKey(call.account, call.region, api_name, stage, resource, method), name
