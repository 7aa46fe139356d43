"""What the control plane counts, and the text in which Prometheus reads it.

Each instance has a registry of its own: two control planes in one process (tests) do not share counters. Collectors of
other parts (the data plane's workers, the process itself) are registered from outside.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# From a read (about a millisecond) to a deployment of a large API; API Gateway's own SDK default is to give up at 60 s.
_LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """Calls of the control plane by service, operation and status, and how long they took."""

    def __init__(self, *collectors: Collector) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "gatewright_control_calls",
            "Calls of the control plane that were answered.",
            ["service", "operation", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "gatewright_control_call_seconds",
            "How long the control plane took to answer a call.",
            ["service", "operation"],
            buckets=_LATENCY_BUCKETS,
            registry=self._registry,
        )
        for collector in collectors:
            self._registry.register(collector)

    def observe(self, service: str, operation: str, status: int, seconds: float) -> None:
        """One call was answered; the names come from the service models, so their number is bounded."""
        self._calls.labels(service, operation, str(status)).inc()
        self._seconds.labels(service, operation).observe(seconds)

    def render(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self._registry)
