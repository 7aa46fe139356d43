"""The comparison of few with many: its options, and its ratios."""

import pytest
from bench.scale import _compare, parse_options, select_troubles


def test_all_parts_are_measured_unless_some_are_named():
    assert ["domains", "resources", "start", "change"] == parse_options([]).parts
    assert ["change"] == parse_options(["change", "--changes", "3"]).parts
    with pytest.raises(SystemExit):
        parse_options(["handshake"])


def test_the_ratio_is_the_median_of_those_of_the_rounds():
    # The second round was disturbed on both sides; its ratio is as good as the others.
    line = _compare("request", {"one": [10.0, 100.0, 10.0], "many": [11.0, 120.0, 13.0]})
    assert "- request: 10.0 µs (one), 13.0 µs (many); × 1.200, the median of 3 rounds" == line


def test_what_a_gateway_counted_that_went_wrong_is_told_and_nothing_else():
    counted = [
        "# TYPE gatewright_requests_total counter",
        'gatewright_requests_total{worker="0",status="200"} 81144.0',
        'gatewright_requests_total{worker="0",status="503"} 8.0',
        'gatewright_refusals_total{worker="0",reason="GATEWAY_OVERLOADED"} 8.0',
        'gatewright_connections_refused_total{worker="0"} 0.0',
        "gatewright_backend_calls 32.0",
    ]
    assert [counted[2], counted[3]] == select_troubles("\n".join(counted))
