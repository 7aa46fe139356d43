"""The usage book of the control plane, from the memory that the workers count in (`controlplane/usage.py`)."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from gatewright.app.clock import Clock
from gatewright.app.extensions import Extension, Extensions, make_id
from gatewright.controlplane.usage import UsageBook
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.meter_names import name_ledger
from gatewright.core.metering.quota import day_of
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.model.records import UsagePlan

logger = logging.getLogger(__name__)


class MeteredUsage(UsageBook):
    """Reads and extends what is counted. One thread at a time: the memory's own lock is one of processes."""

    def __init__(self, directory: Path) -> None:
        self._meters = SharedMeters(directory)
        self._extensions = Extensions(directory)
        self._one = Lock()

    def read(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """For each of the days what the key used, and what it had left at the day's end."""
        with self._one:
            return self._meters.read_usage(name_ledger(plan.id, key_id), quota_of(plan), days)

    def read_alone(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """As `read` where nodes share quotas: left by what this node knows, and not of what it was leased."""
        with self._one:
            return self._meters.read_usage(name_ledger(plan.id, key_id), quota_of(plan), days, alone=True)

    def set_remaining(
        self, plan: UsagePlan, key_id: str, remaining: int, now: float, operation: str | None = None
    ) -> None:
        """In the present period the key has so many requests left. What that added is noted, for nodes that share quotas.

        `operation`: the id by which others may know of it already; None: there are no others, at present.
        """
        quota, name, instant = quota_of(plan), name_ledger(plan.id, key_id), int(now * SECOND)
        assert quota is not None, "the operation asks only for plans with one"
        with self._one:
            added = self._meters.set_remaining(name, quota, remaining, instant)
            try:
                if operation is None:
                    self._extensions.merge(Extension(make_id(), name, quota, day_of(instant), added))
                else:
                    self._extensions.note(Extension(operation, name, quota, day_of(instant), added))
            except OSError as error:
                logger.warning("Other nodes will not know that usage was extended: %s", error)

    def copy_to(self, directory: Path) -> None:
        """The counts as they are, in an empty directory."""
        with self._one:
            self._meters.copy_to(directory)


class LaggingUsage(UsageBook):
    """What had been counted at the last look; looks are as far apart as the service's reports lag behind (facts 4.4).

    What the workers go by is not delayed: nor is an extension, which just shows later.
    """

    def __init__(self, counted: MeteredUsage, report: Path) -> None:
        self._counted = counted
        self._report = report
        self._seen = self.look()

    def look(self) -> MeteredUsage:
        """Report from now on what has been counted by now."""
        # Into another directory: who is reading the present report keeps it.
        made = Path(tempfile.mkdtemp(prefix=f"{self._report.name}-", dir=self._report.parent))
        self._counted.copy_to(made)
        prepare_meters(made)
        shutil.rmtree(self._report, ignore_errors=True)
        made.rename(self._report)
        self._seen = MeteredUsage(self._report)
        return self._seen

    async def follow(self, clock: Clock, seconds: float) -> None:
        """Look again and again, until cancelled."""
        while True:
            await clock.sleep(seconds)
            await asyncio.to_thread(self.look)

    def read(self, plan: UsagePlan, key_id: str, days: range) -> Sequence[tuple[int, int | None]]:
        """For each of the days what the key had used at the last look, and what it had left at the day's end."""
        return self._seen.read(plan, key_id, days)

    def set_remaining(self, plan: UsagePlan, key_id: str, remaining: int, now: float) -> None:
        """In the present period the key has so many requests left, at once."""
        self._counted.set_remaining(plan, key_id, remaining, now)


def quota_of(plan: UsagePlan) -> Quota | None:
    """The plan's quota, if it has one."""
    return None if plan.quota is None else Quota(plan.quota.limit, plan.quota.offset, plan.quota.period)
