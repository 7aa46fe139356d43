"""Zones out of records, and the names that are our own."""

import pytest

from gatewright.core.dns.name import parse_name
from gatewright.core.dns.zone import RecordSet
from gatewright.model.compile_zone import (
    compile_service_zone,
    compile_zone,
    is_reserved,
    name_servers,
    put_addresses,
    remove_addresses,
    suffix_of_target,
    targets,
)
from gatewright.model.records import (
    AliasTarget,
    DomainName,
    EndpointConfiguration,
    HostedZone,
    ResourceRecordSet,
    reverse_labels,
)

SUFFIX = "gateway.localhost"


def test_a_hosted_zone_becomes_a_zone():
    hosted = HostedZone("1", "", "Z1", "example.com.", "ref", 0.0, ("ns.example.net",))
    plain = ResourceRecordSet("1", "", "Z1", r"\052.example.com.", "A", 60, ("192.0.2.1",))
    alias = ResourceRecordSet("1", "", "Z1", "example.com.", "A", alias_target=AliasTarget("Z1", "www.example.com."))
    zone = compile_zone(hosted, [plain, alias])
    assert parse_name("example.com") == zone.apex
    assert {
        RecordSet(parse_name("*.example.com"), "A", 60, ("192.0.2.1",)),
        RecordSet(parse_name("example.com"), "A", 0, (), parse_name("www.example.com")),
    } == set(zone)


def test_the_zone_of_our_own_names_has_servers_and_a_wildcard_a_region():
    zone = compile_service_zone(SUFFIX, ["xx-new-1"], ["192.0.2.1"])
    assert {"SOA", "NS"} == set(zone.node(parse_name(SUFFIX)))
    for server in name_servers(SUFFIX):
        assert ("192.0.2.1",) == zone.node(parse_name(server))["A"].values
    for region in ("us-east-1", "eu-central-1", "xx-new-1"):
        assert {"A"} == set(zone.node(parse_name(f"*.execute-api.{region}.{SUFFIX}")))


def test_addresses_come_by_family_and_go_together():
    zone = compile_service_zone(SUFFIX, [], ["192.0.2.1"])
    name = parse_name(f"d1.cloudfront.{SUFFIX}")
    put_addresses(zone, name, ["192.0.2.1", "2001:db8::1", "192.0.2.2"])
    assert {"A": ("192.0.2.1", "192.0.2.2"), "AAAA": ("2001:db8::1",)} == {
        record_type: record_set.values for record_type, record_set in zone.node(name).items()
    }
    remove_addresses(zone, name)
    assert not zone.exists(parse_name(f"cloudfront.{SUFFIX}"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (SUFFIX, True),
        (f"cloudfront.{SUFFIX}", True),
        (f"x.dns.{SUFFIX}", True),
        (f"us-east-1.{SUFFIX}", True),
        (f"execute-api.us-east-1.{SUFFIX}", True),
        (f"www.{SUFFIX}", False),
        ("localhost", False),
        ("example.com", False),
    ],
)
def test_our_own_names_are_reserved(name, expected):
    assert expected == is_reserved(parse_name(name), SUFFIX)


@pytest.mark.parametrize("target", ["d-a.execute-api.us-east-1.old.test", "dabc.cloudfront.old.test"])
def test_a_target_tells_the_suffix_of_its_time(target):
    assert "old.test" == suffix_of_target(target)


def test_a_domain_names_targets_are_those_that_it_has():
    record = DomainName("1", "us-east-1", "www.example.com", EndpointConfiguration(("REGIONAL",)), 0.0)
    assert () == targets(record)


def test_keys_sort_record_sets_as_the_service_lists_them():
    assert "com.example.www." == reverse_labels("www.example.com.")
    assert "." == reverse_labels(".")
