from bisect import bisect_left
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.metrics.distribution import (
    MOST,
    RELATIVE_ERROR,
    Distribution,
    bucket_of,
    decode_distribution,
    distribution_of,
    span_of,
)

values = st.one_of(st.integers(0, 300), st.integers(0, 40_000), st.integers(0, MOST))
lists = st.lists(values, min_size=1, max_size=60)


def seen(all_values):
    made = Distribution()
    for value in all_values:
        made.add(value)
    return made


def nearest_rank(all_values, percent):
    """The plain version, from the values themselves."""
    return sorted(all_values)[max(1, ceil(len(all_values) * percent / 100)) - 1]


@given(values)
def test_a_value_is_in_its_bucket(value):
    least, most = span_of(bucket_of(value))
    assert least <= value <= most
    assert most - least <= 2 * RELATIVE_ERROR * least


def test_the_buckets_follow_on_one_another():
    spans = [span_of(bucket) for bucket in range(bucket_of(MOST) + 1)]
    assert 0 == spans[0][0]
    assert MOST == spans[-1][1]
    assert [end + 1 for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]


@given(lists, st.one_of(st.integers(0, 100), st.sampled_from([50, 90, 99, 99.9, 99.99])))
def test_a_percentile_is_as_near_as_is_said(all_values, percent):
    expected = nearest_rank(all_values, percent)
    found = seen(all_values).percentile(percent)
    assert abs(expected - found) <= expected * RELATIVE_ERROR


@given(st.lists(st.integers(0, 127), min_size=1, max_size=60), st.integers(0, 100))
def test_percentiles_of_short_latencies_are_exact(all_values, percent):
    assert nearest_rank(all_values, percent) == seen(all_values).percentile(percent)


@pytest.mark.parametrize(
    ("count", "percent", "rank"), [(1000, 99.9, 999), (10, 90, 9), (3, 50, 2), (10_000, 99.99, 9_999)]
)
def test_a_percent_that_binary_fractions_only_approach_keeps_its_rank(count, percent, rank):
    halves = distribution_of([(1, rank), (2, count - rank)])
    assert 1 == halves.percentile(percent)


@given(lists, lists)
def test_two_merged_are_the_distribution_of_all(some, others):
    merged = seen(some)
    merged.merge(seen(others))
    assert seen(some + others).encode()[:4] == merged.encode()[:4]
    assert seen(some + others).buckets == merged.buckets


@given(lists)
def test_merging_nothing_changes_nothing_and_into_nothing_is_the_same(some):
    kept, made = seen(some), Distribution()
    kept.merge(Distribution())
    made.merge(seen(some))
    assert seen(some).encode() == kept.encode()
    assert [len(some), sum(some), min(some), max(some)] == made.encode()[:4]


@given(st.lists(values, max_size=60))
def test_what_is_encoded_is_decoded(some):
    assert seen(some).encode() == decode_distribution(seen(some).encode()).encode()


@pytest.mark.parametrize("encoded", [[], [1, 2, 3], [1, 2, 3, 4, [1]], [1, 2, 3, 4, None]])
def test_anything_else_is_told(encoded):
    with pytest.raises((ValueError, TypeError)):
        decode_distribution(encoded)


@given(st.lists(values, max_size=60), st.integers(0, 15))
def test_a_count_below_a_power_of_two_is_exact(some, exponent):
    bound = 1 << exponent
    assert bisect_left(sorted(some), bound) == seen(some).count_below(bound)


def test_what_no_clock_should_say_is_taken_for_the_nearest_that_it_may():
    assert [2, MOST, 0, MOST] == seen([-5, MOST + 1]).encode()[:4]


@given(st.dictionaries(values, st.integers(1, 5), min_size=1, max_size=8))
def test_values_may_be_given_with_how_often_they_were_there(counted):
    spelled_out = [value for value, count in counted.items() for _ in range(count)]
    made = distribution_of([*counted.items(), (7, 0)])
    assert seen(spelled_out).encode()[:4] == made.encode()[:4]
    assert seen(spelled_out).buckets == made.buckets


def test_it_says_what_it_is():
    assert "<Distribution of 2 from 3 to 5>" == repr(seen([5, 3]))
