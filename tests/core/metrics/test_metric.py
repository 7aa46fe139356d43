from gatewright.core.metrics.metric import METRICS
from gatewright.core.metrics.request_counts import RequestCounts


def counts():
    made = RequestCounts()
    for status, latency, integration in [
        (200, 10, 7),
        (302, 20, None),
        (404, 30, None),
        (429, 40, None),
        (502, 50, 45),
    ]:
        made.add(status, latency, integration)
    return made


def test_what_each_metric_has_of_the_same_requests():
    told = {name: metric.read(counts()) for name, metric in METRICS.items()}
    assert {
        "4XXError": (5, 2, 0, 1),
        "5XXError": (5, 1, 0, 1),
        "Count": (5, 5, 1, 1),
        "IntegrationLatency": (2, 52, 7, 45),
        "Latency": (5, 150, 10, 50),
    } == {name: (values.count, values.total, values.least, values.most) for name, values in told.items()}


def test_an_error_metric_where_all_requests_were_errors_is_one_throughout():
    made = RequestCounts()
    made.add(500, 1, None)
    values = METRICS["5XXError"].read(made)
    assert (1, 1, 1, 1) == (values.count, values.total, values.least, values.most)


def test_units_are_those_of_the_service():
    assert {"Count", "Milliseconds"} == {metric.unit for metric in METRICS.values()}
    assert "Milliseconds" == METRICS["Latency"].unit
