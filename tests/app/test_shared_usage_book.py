"""What GetUsage and UpdateUsage go by where nodes share quotas: the sum over all of them."""

import pytest

from gatewright.app.shared_usage_book import SharedUsage
from gatewright.app.usage_book import MeteredUsage, quota_of
from gatewright.cache.shared_quotas import extend
from gatewright.core.metering.charge import Ledger
from gatewright.core.metering.meter_names import name_ledger
from gatewright.dataplane.activity import Turns
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.model.records import QuotaSettings, UsagePlan
from support.nodes import FIRST_DAY, Node, close_nodes, make_nodes, settle
from support.redis import running_redis

PLAN = UsagePlan("000000000000", "us-east-1", "plan", "gold", 0.0, quota=QuotaSettings(100, "WEEK", 10))
UNBOUNDED = UsagePlan("000000000000", "us-east-1", "wide", "wide", 0.0)
DAYS = range(FIRST_DAY - 1, FIRST_DAY + 2)


@pytest.fixture
def redis(tmp_path):
    with running_redis(tmp_path) as running:
        yield running
    close_nodes()


def book_of(node):
    return SharedUsage(MeteredUsage(node.directory), node.connection, node.name, Turns(node.directory))


def ledger_of(plan):
    return Ledger(name_ledger(plan.id, "key"), quota_of(plan))


@pytest.fixture
def nodes(tmp_path, redis):
    """The first one let two requests through on the first day and one the day after, the other one each day one."""
    nodes = make_nodes(tmp_path, redis.place, "a", "b")
    for day, counts in enumerate(((2, 1), (1, 1))):
        for node, count in zip(nodes, counts, strict=True):
            node.seconds = (FIRST_DAY + day) * 86_400.0
            assert count == node.take(ledger_of(PLAN), [], count)
            node.share()
    return nodes


def test_usage_is_that_of_all_nodes_whichever_is_asked(nodes):
    settle(nodes)
    for node in nodes:
        # The first period, of which ten are gone, is that of the first request on any node.
        assert [(0, 90), (3, 87), (2, 85)] == book_of(node).read(PLAN, "key", DAYS)
        assert [(0, 90)] * 3 == book_of(node).read(PLAN, "another key", DAYS)


def test_what_this_node_has_not_told_yet_is_there(nodes):
    first, second = nodes
    settle(nodes)
    assert 1 == first.take(ledger_of(PLAN), [])
    assert (3, 84) == book_of(first).read(PLAN, "key", DAYS)[2]
    assert (2, 85) == book_of(second).read(PLAN, "key", DAYS)[2]


def test_without_a_quota_there_is_no_remaining(nodes):
    for node in nodes:
        assert 4 == node.take(ledger_of(UNBOUNDED), [], 4)
        node.share()
    assert [(0, None), (0, None), (8, None)] == book_of(nodes[0]).read(UNBOUNDED, "key", DAYS)


def test_an_extension_is_had_by_all_nodes_together(nodes):
    book = book_of(nodes[1])
    book.set_remaining(PLAN, "key", 7, (FIRST_DAY + 1) * 86_400.0)
    settle(nodes)
    assert (2, 7) == book_of(nodes[0]).read(PLAN, "key", DAYS)[2]
    admitted = 0
    for _ in range(20):
        for node in nodes:
            admitted += node.take(ledger_of(PLAN), [], 3)
            node.share()
    assert 7 == admitted
    assert (9, 0) == book.read(PLAN, "key", DAYS)[2]


def test_while_the_cache_is_away_a_node_tells_of_itself(nodes, redis):
    first, second = nodes
    redis.kill()
    try:
        for _ in range(2):
            # Three were the other node's, as it last said.
            assert [(0, 87), (1, 86), (1, 85)] == book_of(second).read(PLAN, "key", DAYS)
            second.share()
        book_of(first).set_remaining(PLAN, "key", 5, first.seconds)
        first.share()
        assert 5 == first.take(ledger_of(PLAN), [], 50)
    finally:
        redis.start()


TODAY = (FIRST_DAY + 1) * 86_400.0


def exhaust(nodes):
    """All requests that the nodes let through of the plan, in turn."""
    admitted = 0
    for _ in range(40):
        for node in nodes:
            admitted += node.take(ledger_of(PLAN), [], 3)
            node.share()
    return admitted


def test_what_was_granted_while_the_cache_was_away_is_had_by_all_when_it_is_back(nodes, redis):
    first, second = nodes
    settle(nodes)
    assert 1 == first.take(ledger_of(PLAN), [])
    first.share()  # and it hears what the other one has used
    first.be_impatient()
    redis.hold()
    try:
        first.share()
        book_of(first).set_remaining(PLAN, "key", 7, TODAY)
        first.share()
        assert (2, 7) == book_of(first).read(PLAN, "key", DAYS)[2], "it tells of itself"
    finally:
        redis.release()
    # The server now does what it was told by then; which of that it had done nobody was told.
    settle(nodes)
    settle(nodes)
    assert [(3, 7)] * 2 == [book_of(node).read(PLAN, "key", DAYS)[2] for node in nodes]
    assert 7 == exhaust([second, first])
    assert [(10, 0)] * 2 == [book_of(node).read(PLAN, "key", DAYS)[2] for node in nodes]


def test_what_was_granted_before_there_was_a_cache_is_had_by_all(tmp_path, redis):
    (tmp_path / "a").mkdir()
    prepare_meters(tmp_path / "a")
    alone = MeteredUsage(tmp_path / "a")
    alone.set_remaining(PLAN, "key", 60, TODAY)
    alone.set_remaining(PLAN, "key", 7, TODAY)
    nodes = [Node(tmp_path / name, redis.place) for name in "ab"]
    for node in nodes:
        node.seconds = TODAY
    settle(nodes)
    assert 7 == exhaust(nodes[::-1])
    assert [(7, 0)] * 2 == [book_of(node).read(PLAN, "key", DAYS)[2] for node in nodes]


@pytest.mark.parametrize("first_told", ["left", "more"])
def test_an_extension_is_done_once_however_often_it_is_told(nodes, first_told):
    settle(nodes)
    name, quota = ledger_of(PLAN).name, quota_of(PLAN)
    calls = [
        extend("one", name, quota, FIRST_DAY + 1, remaining=95),
        extend("one", name, quota, FIRST_DAY + 1, more=10),
    ]
    for call in calls if first_told == "left" else calls[::-1]:
        nodes[0].connection.run([call])
        assert (2, 95) == book_of(nodes[0]).read(PLAN, "key", DAYS)[2]


def test_many_extensions_are_what_the_last_one_says(nodes, redis):
    settle(nodes)
    book = book_of(nodes[0])
    for number in range(150):
        book.set_remaining(PLAN, "key", number, TODAY)
    assert (2, 149) == book.read(PLAN, "key", DAYS)[2]
    (period,) = redis.client.scan_iter("*:q:*")
    assert len([field for field in redis.client.hkeys(period) if field.startswith("x")]) <= 66
    settle(nodes)
    assert 149 == exhaust(nodes) + sum(node.take(ledger_of(PLAN), [], 200) for node in nodes)
