"""What an endpoint's policy says of an anonymous call, and which addresses are a VPC's."""

import json

import pytest

from gatewright.doctor.vpc_endpoint import Ruling, is_private_address, rule_on

CALLED = "arn:aws:execute-api:us-east-1:********9012:abcdefghij/dev/GET/pets"
WHOLE_API = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*"


def statement(effect: str = "Allow", **more) -> dict:
    return {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": WHOLE_API, **more}


@pytest.mark.parametrize(
    ("statements", "ruling"),
    [
        ([statement()], Ruling.ALLOW),
        (statement(), Ruling.ALLOW),
        ([statement(Action="*", Resource="*", Principal={"AWS": "*"})], Ruling.ALLOW),
        ([statement(Action=["s3:GetObject", "EXECUTE-API:invoke"])], Ruling.ALLOW),
        ([statement(Resource="arn:aws:execute-api:us-east-1:123456789012:abcdefghij/dev/GET/?ets")], Ruling.ALLOW),
        ([statement(Resource="arn:aws:execute-api:us-east-1:123456789012:zyxwvutsrq/*")], Ruling.SILENT),
        ([statement(Action="s3:GetObject")], Ruling.SILENT),
        ([statement(NotAction="execute-api:*", Action=None)], Ruling.SILENT),
        ([], Ruling.SILENT),
        ([statement(), statement("Deny")], Ruling.DENY),
        ([statement(), statement("Deny", Resource="arn:aws:execute-api:*:*:*/prod/*")], Ruling.ALLOW),
        ([statement(Principal={"AWS": "arn:aws:iam::123456789012:role/shop"})], Ruling.SILENT),
        ([statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})], Ruling.UNKNOWN),
        ([statement(), statement("Deny", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})], Ruling.UNKNOWN),
    ],
)
def test_a_policy_rules_on_who_is_anonymous(statements, ruling):
    assert ruling is rule_on(json.dumps({"Statement": statements}), "anonymous", CALLED)


def test_a_caller_who_signs_is_meant_by_the_role_that_it_has_assumed():
    policy = json.dumps({"Statement": [statement(Principal={"AWS": "arn:aws:iam::123456789012:role/shop"})]})
    assert Ruling.ALLOW is rule_on(policy, "arn:aws:sts::123456789012:assumed-role/shop/session", CALLED)
    assert Ruling.SILENT is rule_on(policy, "arn:aws:iam::123456789012:user/somebody", CALLED)


def test_no_policy_is_the_default_that_allows_all_and_no_json_tells_nothing():
    assert Ruling.ALLOW is rule_on("", "anonymous", CALLED)
    assert Ruling.UNKNOWN is rule_on("{", "anonymous", CALLED)


@pytest.mark.parametrize(
    ("address", "private"),
    [("10.0.3.17", True), ("172.31.0.1", True), ("192.168.1.1", True), ("fd00::1", True), ("127.0.0.1", False),
     ("169.254.169.254", False), ("0.0.0.0", False), ("8.8.8.8", False)],
)  # fmt: skip
def test_loopback_is_not_a_vpc(address, private):
    assert private is is_private_address(address)
