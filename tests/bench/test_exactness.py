"""What the bench of limits expects, and reads from h2load's log."""

import argparse

import pytest
from bench.exactness import Limit, parse_limit, read_outcome
from bench.load import LoadFailed


def test_a_throttle_is_offered_twice_its_rate():
    limit = parse_limit("1000/2000")
    assert (2000.0, 32_000.0) == (limit.offered, limit.expect(30))
    assert {"throttle": {"rateLimit": 1000.0, "burstLimit": 2000}} == limit.settings()


def test_a_quota_is_the_same_at_any_rate():
    limit = parse_limit("quota:500")
    assert Limit(quota=500) == limit
    assert 500 == limit.expect(5)
    assert {"quota": {"limit": 500, "period": "MONTH"}} == limit.settings()


@pytest.mark.parametrize("text", ["", "5", "5/", "/5", "quota:", "quota:x", "a/b", "limit:5"])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected RATE/BURST"):
        parse_limit(text)


def test_the_log_has_a_line_a_request():
    outcome = read_outcome("1000000\t200\t50\n1500000\t429\t20\n3000000\t200\t10\n")
    assert ({200: 2, 429: 1}, 2.0, 1.5) == (outcome.statuses, outcome.seconds, outcome.offered)


def test_gateways_are_offered_their_loads_side_by_side():
    both = read_outcome("1000000\t200\t50\n2000000\t429\t20\n") + read_outcome("1500000\t200\t50\n4000000\t200\t20\n")
    assert ({200: 3, 429: 1}, 3.0) == (both.statuses, both.seconds)


def test_a_log_of_nothing_is_no_measurement():
    with pytest.raises(LoadFailed):
        read_outcome("")
