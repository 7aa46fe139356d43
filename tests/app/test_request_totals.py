from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gatewright.app.request_totals import RequestTotals
from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.store.metric_spool import SpoolLine
from support.spool import PETS


def counted(*requests, **name):
    counts = RequestCounts()
    for request in requests:
        counts.add(*request)
    return SpoolLine(60, PETS._replace(**name), counts)


def samples(totals):
    """What a Prometheus server reads, by name and labels."""
    registry = CollectorRegistry()
    registry.register(totals)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def requests_of(told, api, stage):
    return {
        dict(labels)["class"]: value
        for (name, *labels), value in told.items()
        if name == "gatewright_stage_requests_total" and {("api", api), ("stage", stage)} <= set(labels)
    }


def test_nothing_counted_is_told_of_no_stage():
    assert {} == samples(RequestTotals())


def test_classes_and_latencies_of_a_stage():
    totals = RequestTotals()
    totals.note(
        [counted((200, 3, 2), (204, 4, None), (302, 127, None)), counted((429, 128, None), (503, 40_000, 29_000))]
    )
    told = samples(totals)
    assert {"2xx": 2, "3xx": 1, "4xx": 1, "5xx": 1} == requests_of(told, "abcdefghij", "dev")

    def below(name, bound):
        return told[f"{name}_bucket", ("api", "abcdefghij"), ("le", bound), ("stage", "dev")]

    latency, integration = "gatewright_stage_latency_seconds", "gatewright_stage_integration_latency_seconds"
    assert [0, 1, 2, 3, 4, 5] == [below(latency, le) for le in ("0.002", "0.004", "0.008", "0.128", "0.256", "+Inf")]
    assert [1, 2, 2] == [below(integration, le) for le in ("0.004", "32.768", "+Inf")]
    assert 40.262 == told[f"{latency}_sum", ("api", "abcdefghij"), ("stage", "dev")]
    assert 2 == told[f"{integration}_count", ("api", "abcdefghij"), ("stage", "dev")]


def test_methods_are_told_with_their_stage():
    totals = RequestTotals()
    totals.note([counted((200, 1, None)), counted((200, 1, None), resource="/pets", method="GET")])
    assert 2 == requests_of(samples(totals), "abcdefghij", "dev")["2xx"]


def test_stages_beyond_the_bound_are_told_together_and_the_first_keep_their_place():
    totals = RequestTotals(most_stages=2)
    for _ in range(2):
        for number in range(5):
            totals.note([counted((200, 1, None), stage=f"s{number}")])
    told = samples(totals)
    assert [2, 2, 6] == [
        requests_of(told, *who)["2xx"] for who in (("abcdefghij", "s0"), ("abcdefghij", "s1"), ("other", "other"))
    ]
    assert {} == requests_of(told, "abcdefghij", "s2")
