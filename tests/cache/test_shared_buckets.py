"""The script of the buckets, in a real server: one node sees the pure token bucket, several never more than it."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.cache.shared_buckets import Spending, book, parse_debts
from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.token_bucket import SECOND, Limit, debt_at, spend

MILLISECOND = SECOND // 1_000
HOUR = 3_600 * SECOND
SLACK = 300 * MILLISECOND  # that a test may take between two looks at a clock


def tell(connection, node, tokens, *, interval=HOUR, burst=10, stands=60 * SECOND, ahead=0, name=1):
    """The node spent so many; the debt that its own bucket is to have."""
    call = book(node, [Spending(name, interval, burst * interval, tokens)], stands=stands, ahead=ahead)
    return parse_debts(connection.run([call])[0])[0]


def tokens_left(debt, *, interval=HOUR, burst=10):
    """Whole tokens, with what flows in during the test not counted."""
    return round((burst * interval - debt) / interval, 2)


def test_one_node_has_the_whole_bucket(connection):
    assert 10 == tokens_left(tell(connection, "a", 0))
    assert 7 == tokens_left(tell(connection, "a", 3))
    assert 0 == tokens_left(tell(connection, "a", 7))


def test_tokens_flow_in_by_the_clock_of_the_server(connection):
    interval = 20 * MILLISECOND
    first = tell(connection, "a", 10, interval=interval)
    time.sleep(0.1)
    second = tell(connection, "a", 0, interval=interval)
    assert 100 <= (first - second) / MILLISECOND < 400 or second == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spendings=st.lists(st.integers(0, 12), min_size=1, max_size=12), interval_ms=st.integers(200, 3_600_000))
def test_one_node_sees_what_the_pure_token_bucket_says(connection, redis, spendings, interval_ms):
    """What a node spends it has taken from its own bucket, which had the tokens: so the model allows each."""
    redis.client.flushall()
    interval = interval_ms * MILLISECOND
    limit = Limit(Throttle(SECOND / interval, 100))
    state = 0
    for tokens in spendings:
        told = tell(connection, "a", min(tokens, 100), interval=limit.interval, burst=100)
        seconds, micros = redis.client.time()
        now = seconds * SECOND + micros * 1_000
        allowed = 0
        for _ in range(tokens):
            decision = spend(limit, state, now)
            state, allowed = decision.state, allowed + decision.allowed
        if allowed == tokens:
            assert debt_at(state, now, limit.capacity) == pytest.approx(told, abs=SLACK)
        else:
            assert told >= debt_at(state, now, limit.capacity) - SLACK
            return


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visits=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), min_size=3, max_size=30),
    burst=st.integers(3, 60),
)
def test_nodes_that_hold_leases_never_spend_more_than_there_is(connection, redis, visits, burst):
    """Each may spend what it was told, once all are known; and somebody can, as long as a token is left."""
    redis.client.flushall()
    for node in "abc":
        tell(connection, node, 0, burst=burst)
    left = {node: int(tokens_left(tell(connection, node, 0, burst=burst), burst=burst)) for node in "abc"}
    spent = 0
    for node, wish in visits:
        tokens = min(wish, left[node])
        spent += tokens
        left[node] = int(tokens_left(tell(connection, node, tokens, burst=burst), burst=burst))
        assert spent + sum(left.values()) <= burst
    assert (
        spent == burst
        or any(left.values())
        or any(int(tokens_left(tell(connection, node, 0, burst=burst), burst=burst)) for node in "abc")
    )


def test_a_node_that_comes_to_a_bucket_has_its_share_at_once_and_the_first_one_gives_way(connection):
    assert 10 == tokens_left(tell(connection, "a", 0))
    assert 5 == tokens_left(tell(connection, "b", 0))
    assert 5 == tokens_left(tell(connection, "a", 0))
    assert 3 == tokens_left(tell(connection, "a", 2))  # five are b's; three of eight are left, and its share is four
    assert 4 == tokens_left(tell(connection, "b", 0))
    assert 4 == tokens_left(tell(connection, "a", 0))


def test_a_node_keeps_its_lease_while_another_one_has_not_heard_of_it(connection):
    assert 10 == tokens_left(tell(connection, "a", 0))
    assert 5 == tokens_left(tell(connection, "b", 0))
    # Node a, which holds all, does not come: b has what it was given, and no more.
    assert [4, 3, 0, 0] == [tokens_left(tell(connection, "b", spent)) for spent in (1, 1, 3, 0)]
    # Three are left; it is not known that b wants none of them.
    assert 1 == tokens_left(tell(connection, "a", 2))


def test_the_last_token_is_one_nodes_and_not_two_halves(connection):
    tell(connection, "a", 9)
    tell(connection, "b", 0)
    leases = [tokens_left(tell(connection, node, 0)) for node in "ab"]
    assert [0, 1] == sorted(leases)


def test_a_lease_that_is_not_renewed_is_everybodys(connection):
    tell(connection, "a", 0, stands=50 * MILLISECOND)
    assert 5 == tokens_left(tell(connection, "b", 0))
    time.sleep(0.1)
    assert 10 == tokens_left(tell(connection, "b", 0))


def test_what_two_nodes_spent_too_much_is_paid_back(connection):
    tell(connection, "a", 10)
    debt = tell(connection, "b", 10)  # it had a full bucket of its own, and did not know
    assert 20 == round(debt / HOUR, 2)


def test_what_flows_in_until_the_next_visit_is_shared_out(connection):
    interval = HOUR
    for node in "ab":
        tell(connection, node, 5, ahead=4 * interval)
    # Nothing is left, and four tokens flow in until then: two are each one's, at the end of that time.
    debts = [tell(connection, node, 0, ahead=4 * interval) for node in "ab"]
    assert [2, 2] == [tokens_left(debt - 4 * interval) for debt in debts]
    assert [-2, -2] == [tokens_left(debt) for debt in debts]


def test_a_clock_of_the_server_that_was_set_back_changes_no_debt_and_ends_leases(connection, redis):
    """As it would be: what was written bears instants that are yet to come."""
    key, ahead = "gatewright:{test}:b:1", HOUR // 1_000
    tell(connection, "a", 4)
    tell(connection, "b", 3)
    for name, value in redis.client.hgetall(key).items():
        amount, instant = value.split(":")
        shifted = f"{float(amount) + ahead:.3f}" if name == "full" else amount
        redis.client.hset(key, name, f"{shifted}:{float(instant) + ahead:.0f}")
    assert 3 == tokens_left(tell(connection, "a", 0)), "the other's lease, which would stand an hour longer, is gone"
    assert 1 == tokens_left(tell(connection, "b", 0)), "half of three: it draws on the bucket as one that is new to it"
    assert 1 == tokens_left(tell(connection, "a", 1))


def test_a_bucket_that_is_full_again_is_forgotten(connection, redis):
    tell(connection, "a", 1, interval=20 * MILLISECOND, stands=20 * MILLISECOND)
    assert ["gatewright:{test}:b:1"] == redis.client.keys()
    time.sleep(0.2)
    assert [] == redis.client.keys()


def test_many_buckets_in_one_call_are_each_their_own(connection):
    spendings = [Spending(name, HOUR, 10 * HOUR, name % 10) for name in range(1, 500)]
    debts = parse_debts(connection.run([book("a", spendings, stands=SECOND, ahead=0)])[0])
    assert [each.tokens for each in spendings] == [round(debt / HOUR) for debt in debts]


def test_the_finest_and_the_widest_limits_keep_their_numbers(connection):
    fine = tell(connection, "a", 3, interval=100, burst=10**7, name=1)  # ten million a second
    assert 0 <= fine <= 300
    wide = tell(connection, "a", 3, interval=366 * 86_400 * SECOND, burst=5, name=2)
    assert 3 * 366 * 86_400 * SECOND == pytest.approx(wide, rel=1e-9)
