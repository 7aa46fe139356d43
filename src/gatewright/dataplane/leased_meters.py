"""Meters of a node that shares them with others: the other form of `ports.Meters` (docs/decisions/0007).

A request meets this node's own buckets and ledgers (`dataplane/meters.py`), and nothing else. What it used is noted (`dataplane/activity.py`) for the process that tells the other nodes of it, and that sets the
node's buckets and quotas to what it may use (`app/lease_exchange.py`). When that process cannot, its last word stands:
buckets fill at their own rate, as those of a node alone; a quota that its lease does not let through any more is looked
at once more as if this node were alone, with what the others were last known to have used.

When that process can, and the lease of a quota is used up, the quota is in doubt unless it is known to be used up itself:
the one case in which a request waits (`dataplane/doubts.py`), and is noted in each turn, so that more is asked for.
"""

from collections.abc import Sequence
from pathlib import Path

from gatewright.core.metering.charge import Bucket, Ledger, Shortage
from gatewright.core.metering.quota import DAY_NANOSECONDS, day_of
from gatewright.core.metering.token_bucket import MOST_BURSTS, SECOND
from gatewright.dataplane.activity import Activity, Turns
from gatewright.dataplane.meters import SharedMeters


class LeasedMeters:
    """The meters in a directory, for the worker of that number."""

    def __init__(self, directory: Path, number: int) -> None:
        self._own = SharedMeters(directory, MOST_BURSTS)
        self._turns = Turns(directory)
        self._activity = Activity(directory, number, self._turns)
        self._day_ends = 0

    def take(self, ledger: Ledger | None, buckets: Sequence[Bucket], now: int) -> Shortage | None:
        """One request at the instant `now` (nanoseconds since the epoch): None lets it through, and it is counted."""
        if now >= self._day_ends:
            self._begin_day(now)
        if ledger is not None and self._activity.note(ledger) and ledger.quota is not None and self._turns.is_fresh():
            self._own.open_lease(ledger, now)
        shortage = self._own.take(ledger, buckets, now)
        if shortage is not None and shortage.bucket is None and ledger is not None:
            shortage = self._look_closer(ledger, buckets, now, shortage)
        if shortage is None:
            self._activity.spend(buckets)
        elif shortage.bucket is not None:
            self._activity.want(shortage.bucket)
        return shortage

    def _begin_day(self, now: int) -> None:
        """With it a period may begin, of which nothing is leased yet: who comes next in this turn is looked at as the first."""
        self._day_ends = (day_of(now) + 1) * DAY_NANOSECONDS
        self._activity.forget()

    def _look_closer(self, ledger: Ledger, buckets: Sequence[Bucket], now: int, shortage: Shortage) -> Shortage | None:
        """What it means that the ledger lets nothing through."""
        if not self._turns.is_fresh():
            self._own.fall_back(ledger, now)
            return self._own.take(ledger, buckets, now)
        if self._own.is_used_up(ledger, now):
            return shortage
        return Shortage(None, 0, SECOND, in_doubt=True)
