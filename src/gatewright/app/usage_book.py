"""The usage book of the control plane, from the memory that the workers count in (`controlplane/usage.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from gatewright.controlplane.usage import UsageBook
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.meter_names import name_ledger
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.meters import SharedMeters
from gatewright.model.records import UsagePlan


class MeteredUsage(UsageBook):
    """Reads and extends what is counted. One thread at a time: the memory's own lock is one of processes."""

    def __init__(self, directory: Path) -> None:
        self._meters = SharedMeters(directory)
        self._one = Lock()

    def read(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """For each of the days what the key used, and what it had left at the day's end."""
        with self._one:
            return self._meters.read_usage(name_ledger(plan.id, key_id), _quota_of(plan), days)

    def set_remaining(self, plan: UsagePlan, key_id: str, remaining: int, now: float) -> None:
        """In the present period the key has so many requests left."""
        quota = _quota_of(plan)
        assert quota is not None, "the operation asks only for plans with one"
        with self._one:
            self._meters.set_remaining(name_ledger(plan.id, key_id), quota, remaining, int(now * SECOND))


def _quota_of(plan: UsagePlan) -> Quota | None:
    return None if plan.quota is None else Quota(plan.quota.limit, plan.quota.offset, plan.quota.period)
