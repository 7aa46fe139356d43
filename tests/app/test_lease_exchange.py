"""Nodes that share buckets and quotas: never more than the limit, and all of it; and each by itself without the cache."""

import logging
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.app.cache_metrics import Total, render_cache_metrics
from gatewright.core.metering.quota import first_few
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.activity import Turns
from support.nodes import FIRST_DAY, NEVER, Node, bucket, close_nodes, ledger, make_nodes, settle
from support.redis import running_redis

DAY = 86_400.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def redis(server):
    server.client.flushall()
    return server


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A test on a busy machine is slower than nodes are."""
    monkeypatch.setattr("gatewright.app.lease_exchange._SHORTEST_LEASE", 60 * SECOND)
    monkeypatch.setattr("gatewright.app.lease_exchange._FRESH", 60 * SECOND)
    yield
    close_nodes()


def exhaust(nodes, quota, rounds=60, each=600):
    """Requests at all nodes in turn, for as long as any is let through; how many were."""
    admitted, silent = 0, 0
    for _ in range(rounds):
        before = admitted
        for node in nodes:
            admitted += node.take(quota, [], each)
            node.share()
        silent = silent + 1 if admitted == before else 0
        if silent == 4:
            break
    return admitted


# -- buckets ---------------------------------------------------------------------------------------------------------


def test_a_node_alone_on_a_bucket_has_all_of_it(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "a", "b")
    tokens = bucket(10)
    assert 10 == first.take(None, [tokens], 20)
    settle([first, second])
    assert 0 == first.take(None, [tokens], 20)


def test_what_one_node_spent_is_spent_on_the_other(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    spent = []
    for _ in range(8):
        for node in nodes:
            spent.append(node.take(None, [bucket(10)]))
            node.share()
    assert [1] * 10 + [0] * 6 == spent


def test_two_nodes_that_did_not_know_of_each_other_pay_back_what_they_spent_too_much(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    assert [10, 10] == [node.take(None, [bucket(10)], 30) for node in nodes]  # the stated bound: a burst once more
    for node in [*nodes, *nodes]:
        assert 0 == node.take(None, [bucket(10)])
        node.share()
    for node in nodes:
        node.seconds += 10 / NEVER  # by its own clock ten tokens have flown in, and are owed
        assert 0 == node.take(None, [bucket(10)], 30)
        node.seconds += 1 / NEVER
        assert 1 == node.take(None, [bucket(10)], 30)


def test_a_changed_limit_begins_with_a_full_bucket_on_all_nodes(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    for burst in (10, 14):
        spent = []
        for _ in range(10):
            for node in nodes:
                spent.append(node.take(None, [bucket(burst)]))
                node.share()
        assert [1] * burst + [0] * (20 - burst) == spent
    assert 2 == len([key for key in redis.client.scan_iter() if ":b:" in key])


def test_a_node_whose_clock_was_set_back_has_what_the_others_leave_it(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    assert 4 == nodes[0].take(None, [bucket(10)], 4)
    settle(nodes)
    nodes[0].seconds -= 5 * 10 / NEVER
    assert 1 >= nodes[0].take(None, [bucket(10)], 20)
    settle(nodes)
    admitted = sum(nodes[0].take(None, [bucket(10)], 20) for _ in range(3) if not nodes[0].share())
    assert 6 >= admitted >= 5


def test_a_bucket_of_a_closed_method_is_not_told(tmp_path, redis):
    (node,) = make_nodes(tmp_path, redis.place, "a")
    assert 0 == node.take(None, [bucket(5, rate=0)], 3)
    node.share()
    assert [] == [key for key in redis.client.scan_iter() if ":b:" in key]


# -- quotas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 500, 10_000])
def test_a_quota_is_let_through_by_all_nodes_together_to_the_request(tmp_path, redis, limit):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    # A quota of one request, and two nodes that have not heard of each other's key: each lets through its first one.
    assert max(limit, 2) == exhaust(nodes, ledger(limit))


def test_what_an_idle_node_holds_is_given_back_before_the_end(tmp_path, redis):
    first, second, third = make_nodes(tmp_path, redis.place, "a", "b", "c")
    quota = ledger(500)
    assert 1 == second.take(quota, [])
    second.share()
    admitted = 1
    for _ in range(40):
        admitted += first.take(quota, [], 20)
        for node in (first, second, third):
            node.share()
    assert 500 == admitted
    assert 0 == second.take(quota, [], 5) + third.take(quota, [], 5)


def test_what_a_busy_node_holds_is_had_by_another_within_some_exchanges(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "a", "b")
    quota = ledger(500)
    assert 1 == second.take(quota, [])
    second.share()
    for _ in range(30):
        assert 1 == first.take(quota, [])
        first.share()
    while second.take(quota, [], 500):
        second.share()
    left = 500 - first.usage(quota) - second.usage(quota)
    assert 50 < left, "the first node holds this"
    for _ in range(4):
        first.take(quota, [])
        if second.take(quota, []):
            break
        first.share()
        second.share()
    else:
        pytest.fail("the second node had none of it")
    admitted = first.usage(quota) + second.usage(quota)
    assert 500 == admitted + exhaust([first, second], quota, each=1, rounds=200)


@pytest.mark.parametrize(("count", "rate"), [(2, 0.5), (16, 0.1), (16, 10)])
def test_at_the_end_of_a_quota_a_request_in_doubt_waits_for_a_few_exchanges(tmp_path, redis, count, rate):
    """So many nodes, each with so many requests between two exchanges; those in doubt are tried again until they are sure."""
    chance = random.Random(count)
    nodes = make_nodes(tmp_path, redis.place, *(f"node{number}" for number in range(count)))
    quota, turn, admitted, refused, longest = ledger(500), 0, 0, 0, 0
    waiting = {node: [] for node in nodes}  # the turns in which each request came
    while refused < 50:
        turn += 1
        for node in chance.sample(nodes, count):
            came = waiting[node]
            came += [turn] * (int(rate) + (chance.random() < rate % 1))
            active = bool(came)
            while came:
                shortage = node.meters.take(quota, [], int(node.seconds * SECOND))
                if shortage is not None and shortage.in_doubt:
                    break
                longest = max(longest, turn - came.pop(0))
                refused += shortage is not None
                admitted += shortage is None
                assert refused == 0 or admitted == 500
            if active or (turn + nodes.index(node)) % 5 == 0:  # idle nodes come more rarely
                node.share()
    assert longest <= 20, "exchanges, at some ten milliseconds each"


def test_a_first_request_is_not_refused_and_neither_are_the_next_ones(tmp_path, redis):
    first, _ = make_nodes(tmp_path, redis.place, "a", "b")
    quota = ledger(64_000)
    few = first_few(quota.quota)
    assert few == first.take(quota, [], 5_000)
    first.share()
    assert 5_000 == first.take(quota, [], 5_000)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(5, 300),
    offset=st.integers(0, 2),
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.booleans()), max_size=25),
)
def test_never_more_than_the_quota_and_in_the_end_all_of_it(tmp_path_factory, redis, limit, offset, moves):
    """Requests and exchanges at three nodes in any order; the third joins when it is first met."""
    redis.client.flushall()
    folder = tmp_path_factory.mktemp("nodes")
    nodes = make_nodes(folder, redis.place, "a", "b")
    quota, admitted = ledger(limit, "MONTH", offset), 0
    for number, requests, shares in moves:
        if number == 2 and len(nodes) == 2:
            nodes += [Node(folder / "c", redis.place)]
            nodes[2].share()
        node = nodes[number]
        admitted += node.take(quota, [], requests)
        assert admitted <= limit - offset
        if shares:
            node.share()
    admitted += exhaust(nodes, quota)
    assert limit - offset == admitted
    assert admitted == sum(node.usage(quota) for node in nodes)
    close_nodes()


def test_a_new_period_begins_on_all_nodes(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    assert 100 == exhaust(nodes, ledger(100, offset=0))
    for node in nodes:
        node.seconds += DAY
    assert 100 == exhaust(nodes, ledger(100))


def test_the_offset_is_of_the_first_period_of_the_key_and_not_of_each_node(tmp_path, redis):
    (first,) = make_nodes(tmp_path, redis.place, "a")
    assert 90 == exhaust([first], ledger(100, offset=10))
    second = Node(tmp_path / "b", redis.place)
    for node in (first, second):
        node.seconds += DAY
    settle([first, second])
    assert 100 == exhaust([first, second], ledger(100, offset=10))


def test_a_node_that_meets_a_key_in_a_later_period_than_another_one_refuses_nothing_for_the_offset(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "first", "second")
    quota = ledger(100, offset=70)
    assert 1 == first.take(quota, ())
    settle([first, second])
    for node in (first, second):
        node.seconds += DAY
    settle([first, second])
    now, let_through = int(second.seconds * SECOND), 0
    for _ in range(1_000):
        shortage = second.meters.take(quota, (), now)
        if shortage is None:
            let_through += 1
        elif shortage.in_doubt:
            settle([first, second])
        else:
            break
    assert 100 == let_through
    second.take(quota, ())
    assert 100 == second.usage(quota)


def test_a_node_that_falls_back_reckons_with_the_offset_once(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "first", "second")
    quota = ledger(100, offset=70)
    assert 1 == first.take(quota, ())
    settle([first, second])
    for node in (first, second):
        node.seconds += DAY
    assert 1 == second.take(quota, ())
    settle([first, second])
    second.exchange.leave()  # nothing is told any more, and no lease holds
    assert 99 == second.take(quota, (), 200)


def test_a_node_that_starts_again_counts_on(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "a", "b")
    admitted = first.take(ledger(500), [], 100)
    first.share()
    admitted += first.take(ledger(500), [], 50)
    again = Node(tmp_path / "a", redis.place)  # the other was killed before it told of the fifty
    assert first.name == again.name
    assert 500 == admitted + exhaust([again, second], ledger(500))


def test_a_node_that_leaves_gives_back_what_it_holds(tmp_path, redis):
    first, second = make_nodes(tmp_path, redis.place, "a", "b")
    admitted = second.take(ledger(500), [], 5)
    second.share()
    admitted += second.take(ledger(500), [], 5)
    second.exchange.leave()
    assert 500 == admitted + exhaust([first], ledger(500))


def test_a_node_that_is_gone_lives_no_longer_because_the_servers_clock_was_set_back(tmp_path, redis):
    (node,) = make_nodes(tmp_path, redis.place, "a")
    seconds, micros = redis.client.time()
    now = (seconds - 1_700_000_000) * 1_000_000 + micros
    redis.client.zadd("gatewright:{test}:nodes", {"b, an hour ago": now + 3_610_000_000})
    node.share()
    ends = redis.client.zrange("gatewright:{test}:nodes", 0, -1, withscores=True)
    assert {"b, an hour ago", node.name} == {name for name, _ in ends}
    assert all(end < now + 20_000_000 for _, end in ends)


def test_usage_without_a_quota_is_told_too(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    for node in nodes:
        assert 30 == node.take(ledger(None), [], 30)
    settle(nodes)
    (key,) = [key for key in redis.client.scan_iter() if ":d:" in key]
    days = redis.client.hgetall(key)
    assert {f"{FIRST_DAY}:{node.name}": "30" for node in nodes} | {"first": str(FIRST_DAY)} == days


def test_a_server_that_lost_its_memory_is_told_all_again(tmp_path, redis):
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    quota = ledger(500)
    admitted = 0
    for node in nodes:
        admitted += node.take(quota, [], 5)
        node.share()
        admitted += node.take(quota, [], 50)
    exhaust(nodes, ledger(10, name="so that there were news"))
    redis.client.flushall()
    settle(nodes)
    assert 500 == admitted + exhaust(nodes, quota)


# -- without the cache -----------------------------------------------------------------------------------------------


def test_without_a_cache_at_the_start_a_node_meters_by_itself(tmp_path, redis, caplog):
    redis.kill()
    node = Node(tmp_path / "a", redis.place, patience=0.2)
    with caplog.at_level(logging.INFO):
        node.share()
        assert 500 == node.take(ledger(500), [], 600)
        assert 10 == node.take(None, [bucket(10)], 20)
        node.share()
    redis.start()
    assert 1 == len(caplog.records)
    assert "This node meters by itself" in caplog.text
    assert b"gatewright_cache_up 0\n" in render_cache_metrics(node.directory)
    assert b"gatewright_cache_fallback_tokens_total 10\n" in render_cache_metrics(node.directory)


@pytest.mark.parametrize("how", ["killed", "held"])
def test_a_cache_that_goes_away_and_comes_back(tmp_path, redis, how, caplog):
    nodes = [Node(tmp_path / name, redis.place, patience=0.2) for name in "ab"]
    settle(nodes)
    quota = ledger(10_000)
    for node in nodes:
        assert 100 == node.take(quota, [], 100)
        node.share()
        assert b"gatewright_cache_up 1\n" in render_cache_metrics(node.directory)
    redis.kill() if how == "killed" else redis.hold()
    with caplog.at_level(logging.INFO):
        for node in nodes:
            for _ in range(3):
                node.share()
            # What the other was known to have used is not forgotten; what it uses now nobody knows.
            assert 4_000 == node.take(quota, [bucket(4_000)], 4_000)
            assert 0 == node.take(quota, [bucket(4_000)], 10)
            node.share()
            assert b"gatewright_cache_up 0\n" in render_cache_metrics(node.directory)
            assert 1 == Turns(node.directory).total(Total.LOSSES)
        redis.start() if how == "killed" else redis.release()
        settle(nodes)
    said = [record.getMessage() for record in caplog.records]
    assert [2, 2] == [sum(word in each for each in said) for word in ("cannot be used", "is back after")], said
    # All that was counted meanwhile is told: of 10,000 requests 8,200 are gone.
    assert 1_800 == exhaust(nodes, quota)
    assert b"gatewright_cache_up 1\n" in render_cache_metrics(nodes[0].directory)


def test_an_exchange_that_stopped_is_noticed_by_the_workers_themselves(tmp_path, redis):
    (node,) = make_nodes(tmp_path, redis.place, "a")
    quota = ledger(6_400)
    assert first_few(quota.quota) == node.take(quota, [], 500)
    Turns(node.directory).keep_fresh(1)  # the last exchange was long ago
    assert 6_400 - first_few(quota.quota) == node.take(quota, [], 10_000)
