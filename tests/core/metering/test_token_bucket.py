"""The bucket against the plain stepwise one, which counts tokens."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.token_bucket import SECOND, Limit, remaining_at, spend

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


def test_a_clock_that_was_set_back_leaves_the_bucket_empty_at_most():
    limit = Limit(Throttle(5, 10))
    state = spend(limit, spend(limit, 0, T0).state, T0 - 3_600 * SECOND).state
    assert 0 == remaining_at(state, T0 - 3_600 * SECOND, limit)
    assert 10 == remaining_at(state, T0 - 3_598 * SECOND, limit)


def test_a_rate_or_burst_of_nothing_lets_nothing_through():
    assert not spend(Limit(Throttle(0, 10)), 0, T0).allowed
    assert not spend(Limit(Throttle(10, 0)), 0, T0).allowed
