"""The requests of each stage since the control process began, as Prometheus reads them.

What it keeps to:

- At most `MOST_STAGES` stages have labels of their own, those that were called first; the requests of all others are
  told together, as api="other", stage="other". A stage keeps its place while the control process lives.
- A counter never goes down; it begins at nothing with a new control process, as Prometheus expects.
- Latencies are kept as whole milliseconds, rounded down. The buckets' bounds are powers of two, where that makes no
  difference: `le="0.256"` counts exactly the requests that took less than 256 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gatewright.core.metrics.distribution import Distribution
from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.store.metric_spool import SpoolLine

#: Some 40 samples each.
MOST_STAGES: Final = 100
_OTHER: Final = ("other", "other")
#: 1 ms to 33 s: an integration takes 29 s at most (facts 7.2).
_BOUNDS: Final = tuple(1 << exponent for exponent in range(16))


class RequestTotals(Collector):
    """Sums over all workers that ever were, by API id and stage."""

    def __init__(self, *, most_stages: int = MOST_STAGES) -> None:
        self._most_stages = most_stages
        self._stages: dict[tuple[str, str], RequestCounts] = {}

    def note(self, lines: Iterable[SpoolLine]) -> None:
        """What workers have counted besides."""
        for line in lines:
            key = (line.name.api_id, line.name.stage)
            if key not in self._stages and len(self._stages) >= self._most_stages:
                key = _OTHER
            self._stages.setdefault(key, RequestCounts()).merge(line.counts)

    def collect(self) -> Iterator[Metric]:
        """For Prometheus."""
        requests = CounterMetricFamily(
            "gatewright_stage_requests", "Requests of a stage that were answered.", labels=("api", "stage", "class")
        )
        latency = HistogramMetricFamily(
            "gatewright_stage_latency_seconds",
            "From a request's arrival to its answer.",
            labels=("api", "stage"),
        )
        integration = HistogramMetricFamily(
            "gatewright_stage_integration_latency_seconds",
            "From the call of a backend to its answer.",
            labels=("api", "stage"),
        )
        for key, counts in self._stages.items():
            errors = counts.client_errors + counts.server_errors
            successes = counts.latency.count - counts.redirections - errors
            classes = (successes, counts.redirections, counts.client_errors, counts.server_errors)
            for number, count in enumerate(classes, start=2):
                requests.add_metric((*key, f"{number}xx"), count)
            latency.add_metric(key, _buckets_of(counts.latency), counts.latency.total / 1000)
            if counts.integration_latency.count:
                distribution = counts.integration_latency
                integration.add_metric(key, _buckets_of(distribution), distribution.total / 1000)
        yield from (requests, latency, integration)


def _buckets_of(distribution: Distribution) -> list[tuple[str, float]]:
    below: list[tuple[str, float]] = [(str(bound / 1000), float(distribution.count_below(bound))) for bound in _BOUNDS]
    return [*below, ("+Inf", float(distribution.count))]
