"""Ends of certificates and truststore entries, as metrics and in the log; off unless `--announce-expiry on`.

    gatewright_expiry_timestamp_seconds{kind, account, region, domain_name, name}

A line is logged when an end comes within 45, 30, 7 days or one, and when it is there; after a start, once for each that is
within reach.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gatewright.controlplane.expiry import Expiry, find_expiries, newly_due
from gatewright.store.port import Store

logger = logging.getLogger(__name__)

_LABELS = ("kind", "account", "region", "domain_name", "name")


class ExpiryWatch(Collector):
    """What the last look found."""

    def __init__(self) -> None:
        self._found: Sequence[Expiry] = ()
        self._looked_at: float | None = None

    def look(self, store: Store, now: float) -> None:
        """The metrics are those of this instant, and the log has what there is to say."""
        with store.read() as reader:
            found = find_expiries(reader)
        for expiry in newly_due(found, self._looked_at, now):
            logger.warning("%s", expiry.explain(now))
        self._found, self._looked_at = found, now

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
