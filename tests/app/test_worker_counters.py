from gatewright.app.worker_counters import WorkerCounters, render_samples


def test_totals_are_summed_over_workers():
    counters = WorkerCounters()
    counters.note(0, 100, {"gatewright_requests_total": 3})
    counters.note(1, 101, {"gatewright_requests_total": 4})
    counters.note(0, 100, {"gatewright_requests_total": 5})
    assert {"gatewright_requests_total": 9} == counters.totals()


def test_a_restarted_worker_takes_no_counts_with_it_but_its_gauges():
    counters = WorkerCounters()
    counters.note(0, 100, {"gatewright_requests_total": 3, "gatewright_connections": 7})
    counters.note(0, 200, {"gatewright_requests_total": 1, "gatewright_connections": 2})
    counters.note(0, 300, {"gatewright_requests_total": 1, "gatewright_connections": 0})
    assert {"gatewright_connections": 0, "gatewright_requests_total": 5} == counters.totals()


def test_a_worker_that_has_left_holds_nothing_and_comes_back_with_the_same_counts():
    counters = WorkerCounters()
    counters.note(0, 100, {"gatewright_requests_total": 3, "gatewright_connections": 7})
    counters.forget_gauges(0, 100)
    assert {"gatewright_requests_total": 3} == counters.totals()
    counters.note(0, 100, {"gatewright_requests_total": 4, "gatewright_connections": 1})
    assert {"gatewright_connections": 1, "gatewright_requests_total": 4} == counters.totals()


def test_the_exposition_is_what_prometheus_reads():
    from prometheus_client.parser import text_string_to_metric_families

    counters = WorkerCounters()
    samples = {'a_total{status="200"}': 2, 'a_total{status="403"}': 1, "b": 5}
    counters.note(0, 100, samples)
    families = {f.name: f for f in text_string_to_metric_families(render_samples(counters.totals()).decode())}
    assert {"a": "counter", "b": "gauge"} == {name: family.type for name, family in families.items()}
    assert [({"status": "200"}, 2.0), ({"status": "403"}, 1.0)] == [(s.labels, s.value) for s in families["a"].samples]


def test_nothing_counted_is_nothing_told():
    assert b"" == render_samples(WorkerCounters().totals())
