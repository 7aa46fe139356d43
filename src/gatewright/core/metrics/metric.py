"""The metrics of REST APIs as CloudWatch has them (facts 8.4), each read off the counts of a span of time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gatewright.core.metrics.distribution import Distribution, distribution_of
from gatewright.core.metrics.request_counts import RequestCounts

NAMESPACE = "AWS/ApiGateway"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name and unit, and its values."""

    name: str
    unit: str
    read: Callable[[RequestCounts], Distribution]


def _flags(counts: RequestCounts, count: int) -> Distribution:
    """D: the average of an error metric is its rate, so each request is a value: 1 for an error, 0 for any other."""
    return distribution_of(((0, counts.latency.count - count), (1, count)))


# D: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
# CacheHitCount and CacheMissCount have no values: nothing is cached.
METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("4XXError", "Count", lambda counts: _flags(counts, counts.client_errors)),
            Metric("5XXError", "Count", lambda counts: _flags(counts, counts.server_errors)),
            Metric("Count", "Count", lambda counts: distribution_of(((1, counts.latency.count),))),
            Metric("IntegrationLatency", "Milliseconds", lambda counts: counts.integration_latency),
            Metric("Latency", "Milliseconds", lambda counts: counts.latency),
        )
    }
)
