"""ACME's challenges: where their TXT records go, and that they come and go one by one."""

from dataclasses import replace

import pytest

from gatewright.controlplane.route53.challenges import (
    NoPlaceForChallenge,
    is_published,
    put_challenge,
    remove_challenge,
)
from gatewright.model.records import Challenge, DnsUpdate
from support.control import ACCOUNT, OTHER_ACCOUNT
from support.record_sets import change, plain


@pytest.fixture
def put(harness):
    return lambda *args, **more: within(harness, put_challenge, *args, **more)


@pytest.fixture
def remove(harness):
    return lambda *args, **more: within(harness, remove_challenge, *args, **more)


def within(harness, operation, name, value, *, account=ACCOUNT, dns_updates=False):
    installation = replace(harness.context.installation, dns_updates=dns_updates)
    with harness.store.transaction() as transaction:
        return operation(transaction, installation, account, name, value)


def values(route53, zone):
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {each["Name"]: [v["Value"] for v in each["ResourceRecords"]] for each in sets if each["Type"] == "TXT"}


def count(route53, zone):
    return route53.get_hosted_zone(Id=zone)["HostedZone"]["ResourceRecordSetCount"]


def test_a_name_and_its_wildcard_have_one_record_between_them(route53, zone, put, remove):
    assert "_acme-challenge.example.com." == put("example.com", "one")
    assert "_acme-challenge.example.com." == put("*.example.com", "two")
    put("example.com", "two")
    assert {"_acme-challenge.example.com.": ['"one"', '"two"']} == values(route53, zone)
    assert 3 == count(route53, zone)
    remove("example.com", "one")
    remove("example.com", "never was")
    assert {"_acme-challenge.example.com.": ['"two"']} == values(route53, zone)
    remove("*.example.com", "two")
    remove("*.example.com", "two")
    assert {} == values(route53, zone)
    assert 2 == count(route53, zone)


def test_the_nearest_zone_of_the_account_has_it(route53, zone, put):
    nearer = route53.create_hosted_zone(Name="sub.example.com", CallerReference="two")["HostedZone"]["Id"]
    put("www.sub.example.com", "x")
    assert {} == values(route53, zone)
    assert ["_acme-challenge.www.sub.example.com."] == list(values(route53, nearer))


def test_values_of_the_user_stay(route53, zone, put, remove):
    change(route53, zone, ("CREATE", plain("_acme-challenge.example.com", "TXT", '"mine"')))
    put("example.com", "x")
    remove("example.com", "x")
    assert {"_acme-challenge.example.com.": ['"mine"']} == values(route53, zone)


def test_a_zone_that_is_not_answered_for_is_no_place(harness, zone, put):
    other = harness.client("route53", account=OTHER_ACCOUNT)
    harness.advance(1)
    other.create_hosted_zone(Name="example.com", CallerReference="later")
    with pytest.raises(
        NoPlaceForChallenge, match=r"example.com is in no hosted zone of account 111111111111, and no DNS"
    ):
        put("example.com", "x", account=OTHER_ACCOUNT)


@pytest.mark.parametrize(
    "record_set",
    [
        plain("_acme-challenge.www.example.com", "CNAME", "elsewhere.example.net"),
        plain("www.example.com", "NS", "ns.example.net"),
        plain("_acme-challenge.www.example.com", "NS", "ns.example.net"),
    ],
)
def test_a_name_that_leads_elsewhere_is_no_place(route53, zone, put, record_set):
    change(route53, zone, ("CREATE", record_set))
    with pytest.raises(NoPlaceForChallenge, match="which leads elsewhere"):
        put("www.example.com", "x")
    put("api.example.com", "x")


def test_without_a_zone_the_server_elsewhere_has_it(harness, put, remove):
    put("example.com", "one", dns_updates=True)
    put("*.example.com", "two", dns_updates=True)
    with harness.store.read() as reader:
        assert ('"one"', '"two"') == reader.get(Challenge, ACCOUNT, "", "_acme-challenge.example.com.").values
        assert not is_published(reader, ACCOUNT, "example.com")
        assert is_published(reader, ACCOUNT, "example.org")
        assert ["_acme-challenge.example.com."] == [each.name for each in reader.all(DnsUpdate)]
    remove("example.com", "one", dns_updates=True)
    remove("*.example.com", "two", dns_updates=True)
    with harness.store.read() as reader:
        assert [] == list(reader.all(Challenge))


def test_changes_of_record_sets_wait_to_be_told_only_where_somebody_is_told(harness, route53, zone):
    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    with harness.store.read() as reader:
        assert [] == list(reader.all(DnsUpdate))
