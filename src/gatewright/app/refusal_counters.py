"""A counter for each cause that a request is refused for, and for each throttle level, from what the workers count.

A cause that nobody met has its counter too, at zero: who watches for it to rise need not know of its first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatewright.core.reasons import (
    CATALOGUE,
    THROTTLED_ACCOUNT,
    THROTTLED_PLAN,
    THROTTLED_PLAN_METHOD,
    THROTTLED_REGION,
    THROTTLED_STAGE,
)

#: Facts 4.2, in the order in which they are asked. A quota is no throttle, and has its cause's counter.
_LEVELS: Final = {
    "plan": THROTTLED_PLAN,
    "plan_method": THROTTLED_PLAN_METHOD,
    "stage": THROTTLED_STAGE,
    "account": THROTTLED_ACCOUNT,
    "region": THROTTLED_REGION,
}


def _refusals(code: str) -> str:
    """The sample that workers count a cause in (`dataplane.world.World.count_refusal`)."""
    return f'gatewright_refusals_total{{reason="{code}"}}'


def tell_refusals(totals: Mapping[str, int]) -> dict[str, int]:
    """The totals with a counter of every cause and level, by sample name in order."""
    told = {**{_refusals(code): 0 for code in CATALOGUE}, **totals}
    for level, reason in _LEVELS.items():
        told[f'gatewright_throttled_total{{level="{level}"}}'] = told[_refusals(reason.code)]
    return dict(sorted(told.items()))
