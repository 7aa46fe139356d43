"""From samples to rows, ratios and a table."""

import json

import pytest
from bench.load import Load
from bench.report import compute_ratio, make_document, make_rows, render_table
from bench.rounds import Measured, Sample
from bench.scenarios import SCENARIOS


def sample(cpu_us: float, *, requests: int = 1000, failures: int = 0, p99: float | None = None) -> Sample:
    """One turn of one second."""
    load = Load(requests, failures, seconds=1.0, p50=None, p99=p99)
    return Sample(load, cpu_us * requests / 1e6, upstream_connections=1)


def measured(samples, absent=None) -> Measured:
    return Measured(SCENARIOS["small"], samples, absent or {})


def test_cpu_a_request_is_cpu_seconds_over_requests() -> None:
    assert 150.0 == Sample(Load(2000, 0, 1.0), 0.3, 0).cpu_us


def test_a_turn_without_an_answer_has_no_cost() -> None:
    assert None is Sample(Load(0, 5, 1.0), 0.3, 0).cpu_us
    assert [] == make_rows({"nginx": [sample(20), Sample(Load(0, 5, 1.0), 0.3, 0)]})


def test_a_row_has_the_median_and_the_span_of_its_rounds() -> None:
    (row,) = make_rows({"nginx": [sample(20), sample(80), sample(25)]})
    assert pytest.approx((25, 20, 80, 40_000, 1000)) == (
        row.cpu_us,
        row.cpu_us_lowest,
        row.cpu_us_highest,
        row.per_cpu_second,
        row.requests_per_second,
    )


def test_a_ratio_is_taken_round_by_round() -> None:
    # Round 2 met a busy machine, and in round 3 only the reference did: the medians' ratio would be 42 to 80.
    assert 2.0 == compute_ratio([40, 160, 42], [20, 80, 80])


@pytest.mark.parametrize("reference", [None, [], [20, 0]])
def test_there_is_no_ratio_to_nothing(reference) -> None:
    assert None is compute_ratio([40, 40], reference)


def test_rows_have_ratios_to_nginx_and_envoy() -> None:
    rows = make_rows({"gatewright": [sample(60)], "nginx": [sample(30)], "envoy": [sample(90)]})
    ratios = {row.proxy: (row.ratios["nginx"], row.ratios["envoy"]) for row in rows}
    assert pytest.approx((2.0, 2 / 3)) == ratios["gatewright"]
    assert pytest.approx((3.0, 1.0)) == ratios["envoy"]


def test_a_table_without_envoy_says_so_and_shows_no_ratio_to_it() -> None:
    text = render_table(measured({"nginx": [sample(30, p99=2500.0)]}, {"envoy": "envoy is not installed: pip …"}))
    cells = [cell.strip() for cell in text.splitlines()[6].strip("|").split("|")]
    assert ["nginx", "30.0", "30.0–30.0", "33,333", "1.00", "–", "1,000", "–", "2.50", "0", "1"] == cells
    assert text.endswith("envoy is not in the table: envoy is not installed: pip …")


def test_failed_requests_void_a_row_in_words() -> None:
    text = render_table(measured({"nginx": [sample(30, failures=2), sample(30)]}))
    assert "nginx failed 2 requests: its figures stand for nothing." in text
    assert "stand for nothing" not in render_table(measured({"nginx": [sample(30)]}))


def test_every_line_of_a_table_is_equally_wide() -> None:
    text = render_table(measured({"gatewright": [sample(123.4)], "nginx": [sample(5)]}))
    assert 1 == len({len(line) for line in text.splitlines() if line.startswith("|")})


def test_the_document_holds_every_sample_and_is_json() -> None:
    taken = measured({"nginx": [sample(30), sample(40)]}, {"envoy": "why"})
    document = make_document([taken], machine={"cores": "2"}, versions={"nginx": "1"}, options={"rounds": 2})
    (scenario,) = json.loads(json.dumps(document))["scenarios"]
    assert [0.03, 0.04] == [each["cpu_seconds"] for each in scenario["samples"]["nginx"]]
    assert {"envoy": "why"} == scenario["absent"]
