"""What Prometheus reads."""

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from gatewright.controlplane.metrics import Metrics


def samples(metrics):
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def test_calls_are_counted_by_service_operation_and_status_and_timed():
    metrics = Metrics()
    metrics.observe("acm", "ListCertificates", 200, 0.002)
    metrics.observe("acm", "ListCertificates", 200, 0.2)
    metrics.observe("acm", "ListCertificates", 400, 0.001)
    read = samples(metrics)
    called = (("operation", "ListCertificates"), ("service", "acm"))
    assert 2.0 == read["gatewright_control_calls_total", *called, ("status", "200")]
    assert 1.0 == read["gatewright_control_calls_total", *called, ("status", "400")]
    assert 3.0 == read["gatewright_control_call_seconds_count", *called]
    assert 2.0 == read["gatewright_control_call_seconds_bucket", ("le", "0.0025"), *called]


def test_other_parts_add_collectors_of_their_own():
    class Workers:
        def collect(self):
            yield GaugeMetricFamily("gatewright_workers", "How many there are.", value=2)

    assert 2.0 == samples(Metrics(Workers()))["gatewright_workers",]


def test_two_instances_share_nothing():
    one, other = Metrics(), Metrics()
    one.observe("acm", "ListCertificates", 200, 0.1)
    assert {} == samples(other)
