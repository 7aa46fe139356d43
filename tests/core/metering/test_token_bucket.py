"""The bucket against the plain stepwise one, which counts tokens."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.token_bucket import CLOCK_SLACK, LONGEST, SECOND, Limit, remaining_at, spend

T0 = 1_800_000_000 * SECOND


class Plain:
    """A number of tokens that grows with time."""

    def __init__(self, rate, burst, now):
        self.rate, self.burst, self.tokens, self.at = Fraction(rate), burst, Fraction(burst), now

    def spend(self, now):
        self.tokens = min(Fraction(self.burst), self.tokens + self.rate * (now - self.at) / SECOND)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


# Rates whose interval is a whole number of nanoseconds: there the two are the same to the token.
@given(
    st.sampled_from([0.5, 1, 2, 5, 10, 1_000, 10_000]),
    st.integers(1, 20),
    st.lists(st.integers(0, 3 * SECOND), max_size=60),
)
@settings(max_examples=60)
def test_it_lets_through_what_the_stepwise_bucket_does(rate, burst, pauses):
    limit, plain, state, now = Limit(Throttle(rate, burst)), Plain(rate, burst, T0), 0, T0
    for pause in pauses:
        now += pause
        decision = spend(limit, state, now)
        state = decision.state
        assert plain.spend(now) == decision.allowed
        assert plain.tokens // 1 == decision.remaining


@given(st.floats(0.1, 1e6), st.integers(1, 1_000), st.integers(1, 4))
@settings(max_examples=40)
def test_never_more_than_the_burst_and_what_flows_in(rate, burst, seconds):
    limit, state, admitted = Limit(Throttle(rate, burst)), 0, 0
    step = max(1, seconds * SECOND // 2_000)
    for now in range(T0, T0 + seconds * SECOND, step):
        decision = spend(limit, state, now)
        state, admitted = decision.state, admitted + decision.allowed
    assert admitted <= (rate * seconds + burst) * 1.001 + 1


def test_a_bucket_starts_full():
    limit, state, allowed = Limit(Throttle(5, 10)), 0, []
    for _ in range(11):
        decision = spend(limit, state, T0)
        state = decision.state
        allowed.append(decision.allowed)
    assert [True] * 10 + [False] == allowed


def test_a_refusal_says_when_to_come_again():
    limit = Limit(Throttle(5, 1))
    refused = spend(limit, spend(limit, 0, T0).state, T0)
    assert (False, 0, SECOND // 5) == refused[:3]
    assert spend(limit, refused.state, T0 + refused.retry_in).allowed


def test_a_clock_that_was_set_back_leaves_the_present_request_a_token_and_no_second_one():
    limit, before = Limit(Throttle(5, 10)), T0 - 3_600 * SECOND
    first = spend(limit, spend(limit, 0, T0).state, before)
    second = spend(limit, first.state, before)
    assert (True, 0) == first[:2]
    assert (False, 0, SECOND // 5) == second[:3]
    assert 10 == remaining_at(second.state, before + 2 * SECOND, limit)


def test_a_closed_bucket_stays_closed_when_the_clock_is_set_back():
    assert not spend(Limit(Throttle(0, 10)), T0, T0 - 3_600 * SECOND).allowed
    assert not spend(Limit(Throttle(10, 0)), T0, T0 - 3_600 * SECOND).allowed


def test_a_request_that_read_the_clock_a_moment_before_the_others_frees_nothing():
    limit, state = Limit(Throttle(5, 10)), 0
    for _ in range(10):
        state = spend(limit, state, T0).state
    late = spend(limit, state, T0 - CLOCK_SLACK)
    assert (False, 0) == late[:2]
    assert not spend(limit, late.state, T0).allowed


# What happens to a bucket: time passes, or the clock is set back by less or by more than tells it from a late request.
_STEPS = st.one_of(
    st.tuples(st.just("passes"), st.integers(0, 4 * SECOND)),
    st.tuples(st.just("set back"), st.integers(1, 3_600 * SECOND)),
    st.tuples(st.just("asks"), st.integers(1, 30)),
)


@given(st.sampled_from([0.5, 1, 5, 10, 1_000]), st.integers(1, 12), st.lists(_STEPS, max_size=40))
@settings(max_examples=80)
def test_in_each_run_of_the_clock_never_more_than_the_burst_and_what_flows_in(rate, burst, steps):
    """And the first request of a run is refused only where a bucket without the setting back would have refused it soon."""
    limit, state, now, admitted, began = Limit(Throttle(rate, burst)), 0, T0, 0, T0
    for kind, amount in steps:
        if kind == "passes":
            now += amount
        elif kind == "set back":
            now -= amount
            admitted, began = 0, now
            told = spend(limit, state, now)
            assert told.allowed or state - now <= limit.capacity + CLOCK_SLACK
        else:
            for _ in range(amount):
                decision = spend(limit, state, now)
                state, admitted = decision.state, admitted + decision.allowed
                assert admitted <= rate * (now - began) / SECOND + burst
                assert decision.retry_in <= limit.interval


def test_limits_have_the_names_of_what_they_allow():
    same, other = Limit(Throttle(5, 10)), [Limit(Throttle(5, 11)), Limit(Throttle(6, 10)), Limit(Throttle(0, 10))]
    assert same.name == Limit(Throttle(5.0, 10)).name
    assert 4 == len({each.name for each in [same, *other]})


@pytest.mark.parametrize("rate", [1e-8, 1e-9, 1e-300, 5e-324])
def test_a_rate_that_brings_no_token_in_our_time_still_is_one(rate):
    limit = Limit(Throttle(rate, 3))
    assert 10**17 <= limit.interval <= LONGEST
    assert spend(limit, 0, T0).allowed


def test_a_rate_or_burst_of_nothing_lets_nothing_through():
    assert not spend(Limit(Throttle(0, 10)), 0, T0).allowed
    assert not spend(Limit(Throttle(10, 0)), 0, T0).allowed
