"""Forms with dotted names."""

import pytest

from gatewright.wire.parse import SerializationError
from support.raw_request import read_as


def test_elements_follow_their_numbers_and_gaps_are_closed():
    body = b"LoadBalancerArns.member.10=c&LoadBalancerArns.member.2=b&LoadBalancerArns.member.1=a"
    assert read_as("elbv2", "DescribeLoadBalancers", body) == {"LoadBalancerArns": ["a", "b", "c"]}


def test_a_bare_name_is_an_empty_list():
    assert read_as("elbv2", "DescribeLoadBalancers", b"LoadBalancerArns=") == {"LoadBalancerArns": []}


def test_unknown_fields_are_ignored():
    assert read_as("iam", "GetUser", b"Action=GetUser&UserName=a&UserName.x.y=1&Nonsense.1=2&..=3&.=4") == {
        "UserName": "a"
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\xff", "not a form of percent-encoded UTF-8 fields"),
        (b"UserName=%FF", "not a form of percent-encoded UTF-8 fields"),
        (b"&".join([b"a=b"] * 20_001), "not a form"),
        (b"UserName.x=1", "A string was expected, but a structure was found."),
        (b"a" + b".a" * 70 + b"=1", "more than 64 parts"),
    ],
)
def test_what_is_no_form_of_the_operation_is_refused(body, message):
    with pytest.raises(SerializationError, match=message):
        read_as("iam", "GetUser", body)


def test_an_entry_of_a_map_needs_key_and_value():
    query = {"service": "cloudwatch", "operation": "PutMetricData", "protocol": "query"}
    entity = "EntityMetricData.member.1.Entity.Attributes.entry.1"
    read = read_as(body=f"{entity}.key=a&{entity}.value=b".encode(), **query)
    assert read == {"EntityMetricData": [{"Entity": {"Attributes": {"a": "b"}}}]}
    with pytest.raises(SerializationError, match=r"An entry of a map lacks its 'key' or 'value'."):
        read_as(body=f"{entity}.key=a".encode(), **query)
