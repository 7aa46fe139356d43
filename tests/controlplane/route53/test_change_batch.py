"""Change batches: what they do, and the sentences with which they are refused."""

import pytest
from botocore.exceptions import ClientError

from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID, regional_hosted_zone_id
from gatewright.model.records import DomainName, EndpointConfiguration
from support.record_sets import alias, change, plain

WWW = plain("www.example.com", "A", "192.0.2.1")
REGIONAL = regional_hosted_zone_id("us-east-1")
TARGET = "d-abcdefghij.execute-api.us-east-1.gateway.localhost"
LONG = "x" * 256


def listed(route53, zone, **params):
    sets = route53.list_resource_record_sets(HostedZoneId=zone, **params)["ResourceRecordSets"]
    return [(each["Name"], each["Type"]) for each in sets if each["Type"] not in ("NS", "SOA")]


def refused(route53, zone, *changes):
    with pytest.raises(ClientError) as raised:
        change(route53, zone, *changes)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_record_sets_are_created_changed_and_deleted(route53, zone):
    change(route53, zone, ("CREATE", WWW), ("UPSERT", plain("x.example.com.", "TXT", '"a" "b"')))
    change(route53, zone, ("UPSERT", plain("WWW.example.com.", "A", "192.0.2.2", "192.0.2.3", ttl=60)))
    assert [("www.example.com.", "A"), ("x.example.com.", "TXT")] == listed(route53, zone)
    got = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName="www.example.com", MaxItems="1")
    values = [{"Value": "192.0.2.2"}, {"Value": "192.0.2.3"}]
    assert [{"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": values}] == got[
        "ResourceRecordSets"
    ]
    assert 4 == route53.get_hosted_zone(Id=zone)["HostedZone"]["ResourceRecordSetCount"]
    # Values are compared in any order.
    change(route53, zone, ("DELETE", plain("www.example.com", "A", "192.0.2.3", "192.0.2.2", ttl=60)))
    assert [("x.example.com.", "TXT")] == listed(route53, zone)
    assert 3 == route53.get_hosted_zone(Id=zone)["HostedZone"]["ResourceRecordSetCount"]


def test_changes_are_made_in_order_and_all_or_none(route53, zone):
    change(route53, zone, ("CREATE", WWW))
    change(route53, zone, ("DELETE", WWW), ("CREATE", plain("www.example.com", "CNAME", "a.example.com")))
    assert [("www.example.com.", "CNAME")] == listed(route53, zone)
    bad = [("CREATE", plain("a.example.com", "A", "192.0.2.1")), ("CREATE", plain("b.example.com", "A", "nonsense"))]
    assert "InvalidChangeBatch" == refused(route53, zone, *bad)[0]
    assert [("www.example.com.", "CNAME")] == listed(route53, zone)
    assert 3 == route53.get_hosted_zone(Id=zone)["HostedZone"]["ResourceRecordSetCount"]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ([("CREATE", WWW)], ["Tried to create resource record set [name='www.example.com.', type='A'] but it already exists"]),
        (
            [("DELETE", plain("x.example.com", "A", "192.0.2.1"))],
            ["Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found"],
        ),
        (
            [("DELETE", {**WWW, "TTL": 1})],
            ["Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values"],
        ),
        (
            [("CREATE", plain("www.example.com", "CNAME", "a.example.com"))],
            ["RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com."],
        ),
        (
            [("CREATE", plain("c.example.com", "CNAME", "a.example.com")), ("CREATE", plain("c.example.com", "A", "192.0.2.1"))],
            ["RRSet of type A with DNS name c.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com."],
        ),
        (
            [("CREATE", plain("example.com", "CNAME", "a.example.com"))],
            ["RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com."],
        ),
        (
            [("CREATE", plain("www.example.org", "A", "192.0.2.1"))],
            ["RRSet with DNS name www.example.org. is not permitted in zone example.com."],
        ),
        (
            [("CREATE", plain("a.example.com", "A", "1.2.3")), ("CREATE", plain("b.example.com", "AAAA", "1.2.3.4"))],
            [
                "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3''",
                "Invalid Resource Record: 'FATAL problem: AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '1.2.3.4''",
            ],
        ),
        (
            [("CREATE", plain("a.example.com", "TXT", "no quotes"))],
            ["Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'no quotes''"],
        ),
        (
            [("CREATE", plain("a.example.com", "TXT", f'"{LONG}"'))],
            [f"Invalid Resource Record: 'FATAL problem: CharacterStringTooLong (Value is too long) encountered with '\"{LONG}\"''"],
        ),
        ([("CREATE", plain("a.example.com", "A", "192.0.2.1", "192.0.2.1"))], ["Duplicate Resource Record: '192.0.2.1'"]),
        (
            [("CREATE", plain("a.example.com", "CNAME", "a..b"))],
            ["Invalid Resource Record: 'FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b''"],
        ),
        (
            [("CREATE", plain("a.example.com", "MX", "mail"))],
            ["Invalid Resource Record: 'FATAL problem: MXRRDATAInvalid (Value is not a valid MX value) encountered with 'mail''"],
        ),
        (
            [("CREATE", plain("a b.example.com", "A", "192.0.2.1"))],
            ["FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with 'a b.example.com'"],
        ),
        (
            [("CREATE", alias("a.example.com", "A", "x.elb.amazonaws.com", "Z35SXDOTRQ7X7K"))],
            [
                "Tried to create an alias that targets x.elb.amazonaws.com., type A in zone Z35SXDOTRQ7X7K, but the alias target name does not lie within the target zone",
                "Tried to create an alias that targets x.elb.amazonaws.com., type A in zone Z35SXDOTRQ7X7K, but that target was not found",
            ],
        ),
        ([("CREATE", alias("a.example.com", "A", "", REGIONAL))], ["FATAL problem: DomainNameEmpty (Domain name is empty) encountered with ''"]),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_in_the_services_words(route53, zone, changes, messages):
    change(route53, zone, ("CREATE", WWW))
    assert ("InvalidChangeBatch", f"[{', '.join(messages)}]") == refused(route53, zone, *changes)


@pytest.mark.parametrize(
    ("record_type", "message"),
    [
        ("SOA", "A HostedZone must contain exactly one SOA record."),
        ("NS", "A HostedZone must contain at least one NS record for the zone itself."),
    ],
)
def test_the_records_of_the_apex_stay(route53, zone, record_type, message):
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    apex = next(each for each in sets if each["Type"] == record_type)
    assert ("InvalidChangeBatch", f"[{message}]") == refused(route53, zone, ("DELETE", apex))


@pytest.mark.parametrize(
    ("record_set", "found"),
    [
        ({"Name": "a.example.com", "Type": "A"}, "none"),
        ({**WWW, "Name": "a.example.com", "TTL": None}, "none"),
        ({**alias("a.example.com", "A", TARGET, REGIONAL), "TTL": 60}, "more than one"),
    ],
)
def test_a_record_set_has_values_or_an_alias(route53, zone, record_set, found):
    record_set = {name: value for name, value in record_set.items() if value is not None}
    message = (
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        f"TrafficPolicyInstanceId], but found {found} in Change with [Action=CREATE, Name=a.example.com, Type=A, "
        "SetIdentifier=null]"
    )
    assert ("InvalidInput", message) == refused(route53, zone, ("CREATE", record_set))


@pytest.mark.parametrize(
    "member", [{"SetIdentifier": "a", "Weight": 1}, {"HealthCheckId": "x"}, {"MultiValueAnswer": True}]
)
def test_other_routing_policies_are_refused_by_name(route53, zone, member):
    code, message = refused(route53, zone, ("CREATE", {**WWW, **member}))
    assert "InvalidInput" == code
    assert message.startswith(", ".join(member) + ": routing policies other than simple")


def test_an_alias_to_a_regional_target_or_to_a_record_of_the_zone_is_kept(route53, zone):
    change(
        route53,
        zone,
        ("CREATE", alias("example.com", "A", TARGET, REGIONAL)),
        ("CREATE", WWW),
        ("CREATE", alias("same.example.com", "A", "www.example.com", zone.removeprefix("/hostedzone/"))),
    )
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert {"HostedZoneId": REGIONAL, "DNSName": TARGET + ".", "EvaluateTargetHealth": False} == sets[0]["AliasTarget"]
    assert "TTL" not in sets[0]


@pytest.mark.parametrize(
    ("record_type", "target", "target_zone"),
    [
        ("A", "nowhere.example.com", None),
        ("A", "self.example.com", None),
        ("A", "www.example.org", None),
        ("A", "dabcdefghijklm.cloudfront.gateway.localhost", EDGE_HOSTED_ZONE_ID),
        ("A", TARGET.replace("us-east-1", "eu-west-1"), REGIONAL),
        ("TXT", TARGET, REGIONAL),
    ],
)
def test_an_alias_to_what_is_not_there_is_refused(route53, zone, record_type, target, target_zone):
    record = alias("self.example.com", record_type, target, target_zone or zone.removeprefix("/hostedzone/"))
    assert "InvalidChangeBatch" == refused(route53, zone, ("CREATE", record))[0]


@pytest.mark.parametrize(
    "record_set",
    [
        plain("a.example.com", "CAA", '0 issue "letsencrypt.org"'),
        plain("a.example.com", "MX", "10 mail.example.com"),
        plain("a.example.com", "SRV", "1 2 443 www.example.com."),
        plain("*.example.com", "TXT", r'"\052 and \"quotes\""'),
        plain("sub.example.com", "NS", "ns.example.net"),
        plain("a.example.com", "HTTPS", "1 . alpn=h2"),
        plain("_dmarc.example.com", "TXT", '"v=DMARC1"'),
    ],
)
def test_records_of_many_types_are_kept_as_they_were_given(route53, zone, record_set):
    change(route53, zone, ("CREATE", record_set))
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert {**record_set, "Name": sets[-1]["Name"]} == sets[-1]
    change(route53, zone, ("DELETE", record_set))


def test_a_wildcard_is_shown_in_octal(route53, zone):
    change(route53, zone, ("CREATE", plain("*.example.com", "A", "192.0.2.1")))
    assert [(r"\052.example.com.", "A")] == listed(route53, zone)


def test_record_sets_are_listed_by_reversed_name_then_type_in_pages(route53, zone):
    names = ["b.example.com.", "a.b.example.com.", "a.example.com.", "a-1.example.com.", "0.example.com."]
    for name in names:
        change(route53, zone, ("CREATE", plain(name, "TXT", '"x"')), ("CREATE", plain(name, "A", "192.0.2.1")))
    # D: labels reversed, with the trailing dot, which counts in the order: a hyphen stands before it.
    order = ["0.example.com.", "a-1.example.com.", "a.example.com.", "b.example.com.", "a.b.example.com."]
    expected = [(name, record_type) for name in order for record_type in ("A", "TXT")]
    assert expected == listed(route53, zone)
    pages = list(
        route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 5})
    )
    assert [5, 5, 2] == [len(page["ResourceRecordSets"]) for page in pages]
    assert expected == [(s["Name"], s["Type"]) for page in pages for s in page["ResourceRecordSets"]][2:]
    page = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName="a.example.com", StartRecordType="AAAA")
    assert ("a.example.com.", "TXT") == tuple(page["ResourceRecordSets"][0][each] for each in ("Name", "Type"))


def test_a_start_type_needs_a_start_name(route53, zone):
    with pytest.raises(ClientError, match="InvalidInput"):
        route53.list_resource_record_sets(HostedZoneId=zone, StartRecordType="A")


def test_a_batch_has_so_many_values(route53, zone):
    many = [("CREATE", plain(f"n{n}.example.com", "A", *[f"10.0.{i}.{n}" for i in range(101)])) for n in range(10)]
    assert ("InvalidChangeBatch", "[Number of records limit of 1000 exceeded.]") == refused(route53, zone, *many)
    long = [("CREATE", plain(f"n{n}.example.com", "TXT", '"x"' * 400)) for n in range(30)]
    assert ("InvalidChangeBatch", "[Number of characters limit of 32000 exceeded.]") == refused(route53, zone, *long)


def test_an_answer_is_tried(route53, zone):
    change(
        route53,
        zone,
        ("CREATE", alias("example.com", "A", TARGET, REGIONAL)),
        ("CREATE", plain("*.example.com", "CNAME", "www.example.com")),
        ("CREATE", WWW),
    )

    def tried(name, record_type):
        answer = route53.test_dns_answer(HostedZoneId=zone, RecordName=name, RecordType=record_type)
        assert ("UDP", "ns-1.dns.gateway.localhost") == (answer["Protocol"], answer["Nameserver"])
        return answer["ResponseCode"], answer["RecordData"]

    assert ("NOERROR", ["127.0.0.1"]) == tried("example.com", "A")
    assert ("NOERROR", ["www.example.com"]) == tried("x.example.com", "A")
    assert ("NOERROR", []) == tried("www.example.com", "AAAA")
    change(route53, zone, ("DELETE", plain("*.example.com", "CNAME", "www.example.com")))
    assert ("NXDOMAIN", []) == tried("x.example.com", "A")
    with pytest.raises(ClientError, match="InvalidInput"):
        tried("www.example.org", "A")


def test_an_alias_to_a_distribution_is_tried_as_it_is_now(harness, route53, zone):
    target = "dabcdefghijklm.cloudfront.gateway.localhost"
    record = DomainName(
        "000000000000", "us-east-1", "www.example.com", EndpointConfiguration(("EDGE",)), 0.0,
        distribution_domain_name=target,
    )  # fmt: skip
    with harness.store.transaction() as transaction:
        transaction.put(record)
    change(route53, zone, ("CREATE", alias("www.example.com", "A", target, EDGE_HOSTED_ZONE_ID)))

    def tried():
        answer = route53.test_dns_answer(HostedZoneId=zone, RecordName="www.example.com", RecordType="A")
        return answer["ResponseCode"], answer["RecordData"]

    assert ("NOERROR", ["127.0.0.1"]) == tried()
    with harness.store.transaction() as transaction:
        transaction.delete(record)
    assert ("NOERROR", []) == tried()
