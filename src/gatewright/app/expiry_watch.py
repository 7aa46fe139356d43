"""Ends of certificates and truststore entries, as metrics and in the log; off unless `--announce-expiry on`.

    gatewright_expiry_timestamp_seconds{kind, account, region, domain_name, name}

A line is logged when an end comes within 45, 30, 7 days or one, and when it is there; after a start, once for each that is
within reach; and at once for what is imported, issued or set while its end is within reach.

All ends are looked at from time to time, since time brings them nearer; after a change, those alone that it touched, which
may be one of 10,000.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gatewright.controlplane.expiry import (
    Expiry,
    Identity,
    Told,
    find_expiries,
    find_expiries_of,
    find_touched,
    newly_due,
)
from gatewright.controlplane.failure import describe_failure
from gatewright.store.port import Store

logger = logging.getLogger(__name__)

#: How soon after a change somebody looks; it may be another process's.
POLL_SECONDS: Final = 0.5

_LABELS = ("kind", "account", "region", "domain_name", "name")


class ExpiryWatch(Collector):
    """What the last look found."""

    def __init__(self) -> None:
        self._found: Sequence[Expiry] = ()
        self._told: dict[Identity, Told] = {}
        self._revision = 0  # 0: nobody has looked yet
        self._one = Lock()  # looks are made in threads, and by two tasks

    def look(self, store: Store, now: float) -> None:
        """The metrics are those of this instant, and the log has what there is to say."""
        with self._one, store.read() as reader:
            found = find_expiries(reader)
            self._told = self._tell(found, now)
            self._found, self._revision = found, reader.revision

    def follow(self, store: Store, now: float) -> None:
        """The same of what changed since the last look; the rest is as it was."""
        changes = store.changes_since(self._revision)
        if not changes.complete:
            self.look(store, now)
            return
        with self._one, store.read() as reader:
            touched = find_touched(reader, changes.changes)
            if touched:
                found = find_expiries_of(reader, touched)
                self._told |= self._tell(found, now)
                self._found = [*(each for each in self._found if each.source not in touched), *found]
            self._revision = changes.revision

    async def keep_following(self, store: Store, now: Callable[[], float]) -> None:
        """Looks at what changes, until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                if self._revision and store.revision() != self._revision:
                    await asyncio.to_thread(self.follow, store, now())
            except Exception as failure:  # noqa: BLE001  whatever it is, looking goes on
                told = describe_failure(failure)
                logger.error("Looking for ends of certificates failed; trying again: %s", told)  # noqa: TRY400  `told` has it all

    def _tell(self, found: Sequence[Expiry], now: float) -> dict[Identity, Told]:
        """The log has what is new; what has been said of all of them."""
        for expiry in newly_due(found, self._told, now):
            logger.warning("%s", expiry.explain(now))
        return {each.identity: each.told(now) for each in found}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """For Prometheus, which subtracts `time()`."""
        family = GaugeMetricFamily(
            "gatewright_expiry_timestamp_seconds",
            "When a certificate or an entry of a truststore ends, in seconds since the epoch.",
            labels=_LABELS,
        )
        for each in self._found:
            family.add_metric([each.kind, each.account, each.region, each.domain_name, each.name], each.not_after)
        yield family
