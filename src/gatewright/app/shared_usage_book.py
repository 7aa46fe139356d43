"""The usage book of several nodes: what they told the cache, and this node's own counts where it told nothing yet."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gatewright.app.extensions import make_id
from gatewright.app.usage_book import MeteredUsage, quota_of
from gatewright.cache.connection import CacheAway, CacheConnection
from gatewright.cache.shared_quotas import extend, name_days, name_period, sum_extensions
from gatewright.controlplane.usage import UsageBook
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.meter_names import name_ledger
from gatewright.core.metering.quota import allowance, day_of, period_of
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.activity import Turns
from gatewright.model.records import UsagePlan

logger = logging.getLogger(__name__)


class SharedUsage(UsageBook):
    """Reads the sum of all nodes, and extends for all. While the cache is away, this node's own."""

    def __init__(self, own: MeteredUsage, connection: CacheConnection, node: str, turns: Turns) -> None:
        self._own = own
        self._turns = turns
        self._connection = connection
        self._node = node

    def read(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """For each of the days what the key used, and what it had left at the day's end."""
        own = self._own.read_alone(plan, key_id, days)
        if not self._turns.is_fresh():
            return own  # nobody waits for a cache that is known to be away, and a page of keys would for each
        name, quota = name_ledger(plan.id, key_id), quota_of(plan)
        starts = [] if quota is None else sorted({period_of(quota.period, day).start for day in days})
        periods = [] if quota is None else [name_period(name, period_of(quota.period, start)) for start in starts]
        try:
            told, *extended = self._connection.read_hashes([name_days(name), *periods])
        except CacheAway as away:
            logger.warning("Usage is told without that of other nodes: %s", away)
            return own
        used = _sum_days(told)
        for day, (mine, _) in zip(days, own, strict=True):
            # This node's own is in memory; what it told may be a moment old.
            used[day] = used.get(day, 0) - int(told.get(f"{day}:{self._node}", 0)) + mine
        if quota is None:
            return [(used[day], None) for day in days]
        extra = {start: sum_extensions(fields) for start, fields in zip(starts, extended, strict=True)}
        first = int(told.get("first", days.stop))
        return [(used[day], _left(quota, day, used, extra, first)) for day in days]

    def set_remaining(self, plan: UsagePlan, key_id: str, remaining: int, now: float) -> None:
        """In the present period the key has so many requests left, on all nodes together."""
        quota = quota_of(plan)
        assert quota is not None, "the operation asks only for plans with one"
        operation, day = make_id(), day_of(int(now * SECOND))
        call = extend(operation, name_ledger(plan.id, key_id), quota, day, remaining=remaining)
        try:
            self._connection.run([call])
        except CacheAway as away:
            # Whether it was done there nobody knows; it is one and the same extension, which is told again.
            logger.warning("Usage is extended on this node only, until the cache is back: %s", away)
            self._own.set_remaining(plan, key_id, remaining, now, operation)


def _sum_days(told: dict[str, str]) -> dict[int, int]:
    used: dict[int, int] = {}
    for field, count in told.items():
        day, colon, _ = field.partition(":")
        if colon:
            used[int(day)] = used.get(int(day), 0) + int(count)
    return used


def _left(quota: Quota, day: int, used: dict[int, int], extra: dict[int, int], first: int) -> int:
    period = period_of(quota.period, day)
    allowed = allowance(quota, is_first=first >= period.start, granted=extra[period.start])
    return max(0, allowed - sum(used.get(each, 0) for each in range(period.start, day + 1)))
