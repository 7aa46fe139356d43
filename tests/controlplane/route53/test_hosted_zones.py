"""Hosted zones, through botocore's client."""

import pytest
from botocore.exceptions import ClientError

from support.control import OTHER_ACCOUNT
from support.record_sets import change, plain


def refused(call, **params):
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def test_a_new_zone_has_name_servers_and_two_record_sets(route53):
    made = route53.create_hosted_zone(
        Name="Example.COM", CallerReference="one", HostedZoneConfig={"Comment": "the first"}
    )
    zone = made["HostedZone"]
    assert {
        "Id": zone["Id"],
        "Name": "example.com.",
        "CallerReference": "one",
        "Config": {"Comment": "the first", "PrivateZone": False},
        "ResourceRecordSetCount": 2,
    } == zone
    assert zone["Id"].startswith("/hostedzone/Z")
    assert f"https://route53.amazonaws.com/2013-04-01{zone['Id']}" == made["Location"]
    assert [f"ns-{number}.dns.gateway.localhost" for number in (1, 2, 3, 4)] == made["DelegationSet"]["NameServers"]
    assert "INSYNC" == made["ChangeInfo"]["Status"]
    got = route53.get_hosted_zone(Id=zone["Id"])
    assert (zone, made["DelegationSet"]) == (got["HostedZone"], got["DelegationSet"])
    sets = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    assert [("NS", 172800, 4), ("SOA", 900, 1)] == [(s["Type"], s["TTL"], len(s["ResourceRecords"])) for s in sets]


def test_the_same_caller_reference_makes_no_second_zone(route53, zone):
    code, status, message = refused(route53.create_hosted_zone, Name="example.org", CallerReference="one")
    assert ("HostedZoneAlreadyExists", 409) == (code, status)
    assert "A hosted zone has already been created with the specified caller reference." == message
    assert route53.create_hosted_zone(Name="example.com", CallerReference="two")["HostedZone"]["Id"] != zone


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Name": "a..b"}, "InvalidDomainName"),
        ({"Name": "."}, "InvalidDomainName"),
        ({"Name": "gateway.localhost"}, "InvalidDomainName"),
        ({"Name": "execute-api.us-east-1.gateway.localhost"}, "InvalidDomainName"),
        ({"Name": "cloudfront.gateway.localhost"}, "InvalidDomainName"),
        ({"VPC": {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}}, "InvalidInput"),
        ({"HostedZoneConfig": {"PrivateZone": True}}, "InvalidInput"),
        ({"DelegationSetId": "N1"}, "NoSuchDelegationSet"),
    ],
)
def test_a_zone_that_cannot_be_is_refused(route53, params, code):
    params = {"Name": "example.com", "CallerReference": "x", **params}
    assert code == refused(route53.create_hosted_zone, **params)[0]
    assert 0 == route53.get_hosted_zone_count()["HostedZoneCount"]


def test_a_zone_beside_our_own_names_may_be(route53):
    assert route53.create_hosted_zone(Name="www.gateway.localhost", CallerReference="x")


def test_another_accounts_zone_is_not_found(harness, zone):
    other = harness.client("route53", account=OTHER_ACCOUNT)
    bare = zone.removeprefix("/hostedzone/")
    assert ("NoSuchHostedZone", 404, f"No hosted zone found with ID: {bare}") == refused(other.get_hosted_zone, Id=zone)
    assert [] == other.list_hosted_zones()["HostedZones"]


def test_zones_are_listed_in_pages(route53):
    made = sorted(
        route53.create_hosted_zone(Name=f"n{n}.example.com", CallerReference=str(n))["HostedZone"]["Id"]
        for n in range(5)
    )
    pages = list(route53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 2}))
    assert [2, 2, 1] == [len(page["HostedZones"]) for page in pages]
    assert made == [zone["Id"] for page in pages for zone in page["HostedZones"]]
    assert 5 == route53.get_hosted_zone_count()["HostedZoneCount"]
    assert [] == route53.list_hosted_zones(HostedZoneType="PrivateHostedZone")["HostedZones"]


def test_zones_are_listed_by_name_with_its_labels_reversed(route53):
    names = ["b.com.", "a.b.com.", "a.com.", "z.a.com.", "x.org."]
    for name in names:
        route53.create_hosted_zone(Name=name, CallerReference=name)
    everything = route53.list_hosted_zones_by_name()
    assert ["a.com.", "z.a.com.", "b.com.", "a.b.com.", "x.org."] == [z["Name"] for z in everything["HostedZones"]]
    page = route53.list_hosted_zones_by_name(DNSName="b.com", MaxItems="1")
    assert ["b.com."] == [z["Name"] for z in page["HostedZones"]]
    assert ("a.b.com.", True, "1") == (page["NextDNSName"], page["IsTruncated"], page["MaxItems"])
    page = route53.list_hosted_zones_by_name(DNSName=page["NextDNSName"], HostedZoneId=page["NextHostedZoneId"])
    assert ["a.b.com.", "x.org."] == [z["Name"] for z in page["HostedZones"]]
    assert "InvalidInput" == refused(route53.list_hosted_zones_by_name, HostedZoneId="Z1")[0]
    assert "InvalidInput" == refused(route53.list_hosted_zones_by_name, MaxItems="none")[0]


def test_a_zone_with_records_is_not_deleted(route53, zone):
    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    assert (
        "HostedZoneNotEmpty",
        400,
        "The specified hosted zone contains non-required resource record sets  and so cannot be deleted.",
    ) == refused(route53.delete_hosted_zone, Id=zone)
    change(route53, zone, ("DELETE", plain("www.example.com", "A", "192.0.2.1")))
    assert "INSYNC" == route53.delete_hosted_zone(Id=zone)["ChangeInfo"]["Status"]
    assert "NoSuchHostedZone" == refused(route53.delete_hosted_zone, Id=zone)[0]


def test_a_comment_is_changed(route53, zone):
    assert "new" == route53.update_hosted_zone_comment(Id=zone, Comment="new")["HostedZone"]["Config"]["Comment"]
    assert {"PrivateZone": False} == route53.update_hosted_zone_comment(Id=zone)["HostedZone"]["Config"]


def test_tags_are_added_replaced_and_removed(route53, zone):
    bare = zone.removeprefix("/hostedzone/")
    which = {"ResourceType": "hostedzone", "ResourceId": bare}
    route53.change_tags_for_resource(**which, AddTags=[{"Key": "team", "Value": "a"}, {"Key": "old", "Value": "x"}])
    route53.change_tags_for_resource(**which, AddTags=[{"Key": "team", "Value": "b"}], RemoveTagKeys=["old"])
    tags = {**which, "Tags": [{"Key": "team", "Value": "b"}]}
    assert tags == route53.list_tags_for_resource(**which)["ResourceTagSet"]
    several = route53.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[bare])
    assert [tags] == several["ResourceTagSets"]
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    for start in range(0, 50, 10):
        call = {**which, "AddTags": many[start : start + 10]}
        if start < 40:
            route53.change_tags_for_resource(**call)
    assert "InvalidInput" == refused(route53.change_tags_for_resource, **call)[0]
    health = {"ResourceType": "healthcheck", "ResourceId": "x"}
    assert "NoSuchHealthCheck" == refused(route53.list_tags_for_resource, **health)[0]


def test_a_change_is_in_force_when_it_is_answered(route53, zone):
    made = change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    got = route53.get_change(Id=made["Id"])["ChangeInfo"]
    assert ("INSYNC", made["SubmittedAt"]) == (got["Status"], got["SubmittedAt"])
    route53.get_waiter("resource_record_sets_changed").wait(Id=made["Id"])


@pytest.mark.parametrize("change_id", ["C1", "X" * 21, "C" + "a" * 20])
def test_a_change_that_never_was_is_not_found(route53, change_id):
    assert ("NoSuchChange", 404) == refused(route53.get_change, Id=change_id)[:2]
