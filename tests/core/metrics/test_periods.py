from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.metrics.periods import DAY, HOUR, RESOLUTIONS, Point, gather, lengths_for, round_start
from gatewright.core.metrics.request_counts import RequestCounts

NOW = 1_700_000_000.0


def counted(number):
    made = RequestCounts()
    for _ in range(number):
        made.add(200, 1, None)
    return made


def test_each_length_divides_the_next_and_is_kept_for_less_long():
    lengths = [resolution.length for resolution in RESOLUTIONS]
    assert [0] * (len(lengths) - 1) == [longer % length for length, longer in pairwise(lengths)]
    assert sorted(RESOLUTIONS, key=lambda resolution: resolution.kept) == list(RESOLUTIONS)


@pytest.mark.parametrize(
    ("period", "lengths"), [(60, (60,)), (300, (60, 300)), (600, (60, 300)), (3600, (60, 300, 3600)), (30, ())]
)
def test_a_query_is_answered_from_points_that_fit_into_its_period(period, lengths):
    assert lengths == lengths_for(period)


@pytest.mark.parametrize(
    ("age", "length"),
    [(0, 60), (-HOUR, 60), (DAY, 60), (DAY + 61, 300), (2 * DAY, 300), (4 * DAY, HOUR), (99 * DAY, HOUR)],
)
def test_a_query_begins_where_a_point_of_its_age_does(age, length):
    begin = round_start(NOW - age + 0.5, NOW)
    assert 0 == begin % length
    assert 0 <= NOW - age + 0.5 - begin < length


@given(
    st.lists(st.tuples(st.integers(0, 500).map(lambda n: n * 60), st.integers(1, 3)), max_size=30),
    st.integers(0, 59).map(lambda n: n * 60),
    st.sampled_from([60, 300, 3600]),
)
def test_every_point_is_in_the_period_that_it_begins_in(given_points, start, period):
    points = [Point(start + offset, 60, counted(number)) for offset, number in given_points]
    found = {begin: counts.latency.count for begin, counts in gather(points, start, period).items()}
    expected = {}
    for offset, number in sorted(given_points):
        begin = start + offset // period * period
        expected[begin] = expected.get(begin, 0) + number
    assert expected == found
    assert list(expected) == list(found)


def test_gathering_leaves_the_points_as_they_are():
    point = Point(0, 60, counted(2))
    gather([point, point], 0, 300)
    assert 2 == point.counts.latency.count
