"""A VPC's endpoint between client and gateway, beside what the specimens show."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.doctor.evidence import Evidence, HttpAnswer
from gatewright.doctor.examine import examine
from gatewright.doctor.vpc_endpoint import VpcEndpoint
from gatewright.model.codec import decode_document

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "doctor"


def specimen(name: str) -> Evidence:
    return decode_document(Evidence, json.loads((GOLDEN / f"{name}.json").read_text()))


PRIVATE_DNS = specimen("PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN.failing")
DENIED = specimen("VPC_ENDPOINT_POLICY_DENY.failing")


def codes(evidence: Evidence) -> list[str]:
    return [each.code for each in examine(evidence).findings]


def private(evidence: Evidence) -> Evidence:
    return replace(evidence, domains=tuple(replace(each, endpoint_types=("PRIVATE",)) for each in evidence.domains))


def without_private_dns(evidence: Evidence) -> Evidence:
    return replace(evidence, vpc_endpoints=tuple(replace(each, private_dns=False) for each in evidence.vpc_endpoints))


@pytest.mark.parametrize(
    "change",
    [
        private,
        without_private_dns,
        lambda evidence: replace(evidence, vpc_endpoints=None),
        lambda evidence: replace(evidence, http=HttpAnswer(200)),
    ],
)
def test_private_dns_that_is_not_the_cause_is_not_blamed(change):
    assert "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN" not in codes(change(PRIVATE_DNS))


def test_each_endpoint_that_catches_the_name_is_named_with_its_command():
    two = (*PRIVATE_DNS.vpc_endpoints, VpcEndpoint("vpce-2", "vpc-2", private_dns=True))
    finding = examine(replace(PRIVATE_DNS, vpc_endpoints=two)).findings[0]
    assert [each.id for each in two] == [command.split()[4] for command in finding.remedy.commands]


def with_policy(*statements: dict) -> Evidence:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return replace(DENIED, vpc_endpoints=(replace(DENIED.vpc_endpoints[0], policy=text),))


EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def test_a_denial_is_told_and_no_statement_beside_it_would_help():
    finding = examine(with_policy(EVERYBODY, {**EVERYBODY, "Effect": "Deny"})).findings[0]
    assert ("VPC_ENDPOINT_POLICY_DENY", ()) == (finding.code, finding.remedy.commands)
    assert "the statement that denies has to go" in finding.remedy.text


def test_the_policy_that_is_printed_allows_the_api_and_keeps_what_was_there():
    finding = examine(DENIED).findings[0]
    document = json.loads(finding.remedy.commands[0].partition("--policy-document '")[2].removesuffix("'"))
    before = json.loads(DENIED.vpc_endpoints[0].policy)
    assert before["Statement"] == document["Statement"][:-1]
    healed = replace(DENIED, vpc_endpoints=(replace(DENIED.vpc_endpoints[0], policy=json.dumps(document)),))
    assert "VPC_ENDPOINT_POLICY_DENY" not in codes(healed)


def test_a_caller_who_signed_is_allowed_by_its_role():
    body = DENIED.http.body.replace("anonymous", "arn:aws:sts::123456789012:assumed-role/shop/session")
    finding = next(
        each for each in examine(replace(DENIED, http=replace(DENIED.http, body=body))).findings
        if each.code == "VPC_ENDPOINT_POLICY_DENY"
    )  # fmt: skip
    assert '{"AWS": "arn:aws:iam::123456789012:role/shop"}' in finding.remedy.commands[0]


@pytest.mark.parametrize(
    "evidence",
    [
        with_policy(EVERYBODY),
        with_policy({**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
        replace(DENIED, vpc_endpoints=(VpcEndpoint("vpce-another", "vpc-1", policy="{}"),)),
        replace(DENIED, http=HttpAnswer(403, {}, '{"message":"Forbidden"}')),
        replace(DENIED, vpc_endpoints=()),
    ],
)
def test_a_policy_that_may_allow_the_call_is_not_blamed(evidence):
    assert "VPC_ENDPOINT_POLICY_DENY" not in codes(evidence)
