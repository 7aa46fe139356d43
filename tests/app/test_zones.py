"""The DNS follows the store: what is committed is answered, whoever committed it and however much."""

import asyncio
from dataclasses import replace

import pytest

from gatewright.app.zones import ZoneKeeper
from gatewright.core.dns.name import parse_name
from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID
from gatewright.model.records import DomainName, EndpointConfiguration
from support.control import OTHER_ACCOUNT, START, SUFFIX, ControlHarness
from support.record_sets import alias, change, plain

ADDRESSES = ("127.0.0.1", "::1")


@pytest.fixture
def harness(tmp_path):
    harness = ControlHarness(tmp_path)
    yield harness
    harness.store.close()


@pytest.fixture
def keeper(harness):
    keeper = ZoneKeeper(harness.store, SUFFIX, "us-east-1", ADDRESSES)

    async def follow(revision):
        keeper.follow()

    object.__setattr__(harness.context, "published", follow)
    return keeper


@pytest.fixture
def route53(harness):
    return harness.client("route53")


def ask(keeper, name, record_type="A"):
    answer = keeper.answer(parse_name(name), record_type)
    return answer.rcode.name, [value for each in answer.answer for value in each.values]


def make_zone(client, name="example.com", reference="one"):
    return client.create_hosted_zone(Name=name, CallerReference=reference)["HostedZone"]["Id"]


def test_a_change_is_answered_when_it_is_published_and_after_a_restart(harness, keeper, route53):
    assert ("REFUSED", []) == ask(keeper, "www.example.com")
    zone = make_zone(route53)
    assert ("NXDOMAIN", []) == ask(keeper, "www.example.com")
    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    assert ("NOERROR", ["192.0.2.1"]) == ask(keeper, "www.example.com")
    change(route53, zone, ("UPSERT", plain("www.example.com", "A", "192.0.2.2")))
    assert ("NOERROR", ["192.0.2.2"]) == ask(keeper, "www.example.com")
    again = ZoneKeeper(harness.store, SUFFIX, "us-east-1", ADDRESSES)
    assert ("NOERROR", ["192.0.2.2"]) == ask(again, "www.example.com")
    change(route53, zone, ("DELETE", plain("www.example.com", "A", "192.0.2.2")))
    assert ("NXDOMAIN", []) == ask(keeper, "www.example.com")
    route53.delete_hosted_zone(Id=zone)
    assert ("REFUSED", []) == ask(keeper, "www.example.com")


def test_of_zones_with_one_name_the_oldest_is_answered_for(harness, keeper, route53):
    first = make_zone(route53)
    harness.advance(1)
    other = harness.client("route53", account=OTHER_ACCOUNT)
    second = make_zone(other)
    change(other, second, ("CREATE", plain("www.example.com", "A", "192.0.2.2")))
    assert ("NXDOMAIN", []) == ask(keeper, "www.example.com")
    route53.delete_hosted_zone(Id=first)
    assert ("NOERROR", ["192.0.2.2"]) == ask(keeper, "www.example.com")
    other.update_hosted_zone_comment(Id=second, Comment="the same records")
    assert ("NOERROR", ["192.0.2.2"]) == ask(keeper, "www.example.com")


def domain_name(name="www.example.com", **members):
    return DomainName("000000000000", "us-east-1", name, EndpointConfiguration(("REGIONAL",)), START, **members)


def put(harness, keeper, *records, delete=()):
    with harness.store.transaction() as transaction:
        for record in records:
            transaction.put(record)
        for record in delete:
            transaction.delete(record)
    keeper.follow()


def test_default_endpoints_and_regional_targets_are_where_the_listener_is(harness, keeper):
    for name in ("abcdefghij.execute-api.us-east-1", "d-abcdefghij.execute-api.eu-west-1", "ns-1.dns"):
        assert ("NOERROR", ["127.0.0.1"]) == ask(keeper, f"{name}.{SUFFIX}")
        assert ("NOERROR", ["::1"]) == ask(keeper, f"{name}.{SUFFIX}", "AAAA")
    assert ("NXDOMAIN", []) == ask(keeper, f"abcdefghij.execute-api.nowhere-1.{SUFFIX}")
    assert 4 == len(ask(keeper, SUFFIX, "NS")[1])


def test_distributions_are_there_as_long_as_their_domain_name(harness, keeper, route53):
    target = f"dabcdefghijklm.cloudfront.{SUFFIX}"
    record = domain_name(distribution_domain_name=target)
    assert ("NXDOMAIN", []) == ask(keeper, target)
    put(harness, keeper, record)
    assert ("NOERROR", ["127.0.0.1"]) == ask(keeper, target)
    change(route53, make_zone(route53), ("CREATE", alias("example.com", "A", target, EDGE_HOSTED_ZONE_ID)))
    assert ("NOERROR", ["127.0.0.1"]) == ask(keeper, "example.com")
    put(harness, keeper, replace(record, distribution_domain_name=None))
    assert ("NXDOMAIN", []) == ask(keeper, target)
    # The alias has nothing to stand for.
    assert ("NOERROR", []) == ask(keeper, "example.com")
    put(harness, keeper, record)
    put(harness, keeper, delete=[record])
    assert ("NXDOMAIN", []) == ask(keeper, target)


def test_targets_of_an_earlier_suffix_and_of_a_new_region_answer_too(harness, keeper):
    put(harness, keeper, domain_name(regional_domain_name="d-abcdefghij.execute-api.xx-new-1.old.test"))
    assert ("NOERROR", ["127.0.0.1"]) == ask(keeper, "d-abcdefghij.execute-api.xx-new-1.old.test")
    assert ("NXDOMAIN", []) == ask(keeper, "x.old.test")


def test_many_changes_at_once_are_followed_in_any_order(harness, keeper, route53):
    object.__setattr__(harness.context, "published", quiet)
    zone = make_zone(route53)
    for number in range(20):
        change(route53, zone, ("CREATE", plain(f"n{number}.example.com", "A", f"192.0.2.{number}")))
    change(route53, zone, ("DELETE", plain("n0.example.com", "A", "192.0.2.0")))
    second = make_zone(route53, "example.org", "two")
    route53.delete_hosted_zone(Id=second)
    assert ("REFUSED", []) == ask(keeper, "n1.example.com")
    keeper.follow()
    assert ("NXDOMAIN", []) == ask(keeper, "n0.example.com")
    assert ("NOERROR", ["192.0.2.19"]) == ask(keeper, "n19.example.com")
    assert ("REFUSED", []) == ask(keeper, "example.org")


async def quiet(revision):
    pass


def test_what_another_process_commits_is_seen_at_the_next_look(harness, keeper, route53, monkeypatch):
    monkeypatch.setattr("gatewright.app.zones.POLL_SECONDS", 0.01)
    object.__setattr__(harness.context, "published", quiet)
    make_zone(route53)

    async def look():
        looking = asyncio.create_task(keeper.watch())
        async with asyncio.timeout(5):
            while ask(keeper, "example.com", "SOA")[0] == "REFUSED":  # noqa: ASYNC110  there is no event to wait for
                await asyncio.sleep(0.01)
        looking.cancel()

    asyncio.run(look())
    assert "NOERROR" == ask(keeper, "example.com", "SOA")[0]
