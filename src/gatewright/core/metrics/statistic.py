"""Statistics of CloudWatch, by their names: `Sum`, `Average`, `p99.9`.

D: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
Those over a part of the values (`tm90`, `IQM`, `PR(0:300)` and their like) are known and not served.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from gatewright.core.metrics.distribution import Distribution

#: The value of a statistic; the distribution holds at least one value.
Statistic: TypeAlias = Callable[[Distribution], float]

SIMPLE: Mapping[str, Statistic] = MappingProxyType(
    {
        "SampleCount": lambda values: float(values.count),
        "Sum": lambda values: float(values.total),
        "Average": lambda values: values.total / values.count,
        "Minimum": lambda values: float(values.least),
        "Maximum": lambda values: float(values.most),
    }
)

_PERCENTILE = re.compile(r"[pP](?P<percent>100(?:\.0{0,10})?|[0-9]{1,2}(?:\.[0-9]{0,10})?)", re.ASCII)
_OF_A_PART = re.compile(r"(?:TM|WM|TC|TS|PR)(?:[0-9.]+|\([^()]*\))|IQM", re.IGNORECASE)


class StatisticRefused(ValueError):
    """The text says why, as a sentence."""


def parse_statistic(name: str) -> Statistic:
    """The statistic of this name; `StatisticRefused` for any that is not served."""
    simple = SIMPLE.get(name)
    return parse_percentile(name) if simple is None else simple


def parse_percentile(name: str) -> Statistic:
    """The percentile of this name; `StatisticRefused` for anything else."""
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        if _OF_A_PART.fullmatch(name):
            raise StatisticRefused(
                f"The statistic {name} is not served by Gatewright. Ask for {', '.join(SIMPLE)}, or a percentile such as "
                "p99.9."
            )
        raise StatisticRefused(f"The value {name} for parameter Statistics is not supported.")
    percent = float(found["percent"])
    return lambda values: values.percentile(percent)
