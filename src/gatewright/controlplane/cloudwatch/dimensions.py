"""The dimensions of a metric, and the series that they name (facts 8.4).

There are three combinations. As everywhere in CloudWatch, a query names all dimensions of a metric or finds nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gatewright.store.metric_points import SeriesKey

_API = frozenset({"ApiName"})
_STAGE = frozenset({"ApiName", "Stage"})
_METHOD = frozenset({"ApiName", "Method", "Resource", "Stage"})


def find_series(account: str, region: str, dimensions: Sequence[Mapping[str, str]]) -> SeriesKey | None:
    """The series with exactly these dimensions; None: no series has such."""
    values = {dimension["Name"]: dimension["Value"] for dimension in dimensions}
    if len(values) != len(dimensions) or values.keys() not in (_API, _STAGE, _METHOD):
        return None
    return SeriesKey(
        account,
        region,
        values["ApiName"],
        values.get("Stage", ""),
        values.get("Resource", ""),
        values.get("Method", ""),
    )


def render_dimensions(key: SeriesKey) -> list[dict[str, Any]]:
    """The dimensions of a series, by name in order."""
    values = {"ApiName": key.api_name, "Method": key.method, "Resource": key.resource, "Stage": key.stage}
    return [{"Name": name, "Value": value} for name, value in values.items() if value]
