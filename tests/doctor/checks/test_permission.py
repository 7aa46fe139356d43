"""Whose policy refused: every sentence of facts 6.5, with what is known of caller and API beside it."""

import json

import pytest

from gatewright.doctor.caller import Caller
from gatewright.doctor.check import Found
from gatewright.doctor.checks.permission import PERMISSION_CHECKS, judge_denial
from gatewright.doctor.evidence import Api, Evidence, HttpAnswer
from gatewright.doctor.question import Question

ARN = "arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/GET/pets"
MINE = "arn:aws:iam::123456789012:user/reader"
ROLE = "arn:aws:sts::123456789012:assumed-role/reader/session"
THEIRS = "arn:aws:sts::999999999999:assumed-role/partner/session"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "execute-api:*", "Resource": "execute-api:/prod/*"}
ALLOW = {**DENY, "Effect": "Allow"}


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refused(user: str, why: str = "", *, text: str | None = None, **more) -> Evidence:
    more.setdefault("api", Api("a1b2c3d4e5", stage="prod", stages={"prod": "dep001"}))
    more.setdefault("caller", Caller("123456789012"))
    sentence = f"User: {user} is not authorized to perform: execute-api:Invoke on resource: {ARN}{why}"
    host = more.pop("host", "www.example.com")
    body = json.dumps({"Message": sentence if text is None else text})
    answer = HttpAnswer(403, {"x-amzn-errortype": "AccessDeniedException"}, body)
    return Evidence(Question("x", host=host), "2026-11-21T00:00:00+00:00", http=answer, **more)


def found(evidence: Evidence) -> dict[str, Found]:
    told = {check.code: check.examine(evidence) for check in PERMISSION_CHECKS}
    return {code: each for code, each in told.items() if each is not None}


@pytest.mark.parametrize(
    ("code", "user", "why", "more"),
    [
        ("IDENTITY_POLICY_SILENT", MINE, "", {}),
        ("IDENTITY_POLICY_SILENT", MINE, " because no identity-based policy allows the execute-api:Invoke action", {}),
        ("IDENTITY_POLICY_SILENT", ROLE, "", {"caller": None}),
        ("RESOURCE_POLICY_SILENT", "anonymous", "", {}),
        ("RESOURCE_POLICY_SILENT", MINE, " because no resource-based policy allows the execute-api:Invoke action", {}),
        ("CROSS_ACCOUNT_NEEDS_BOTH", THEIRS, "", {}),
        ("CROSS_ACCOUNT_NEEDS_BOTH", THEIRS, " because no resource-based policy allows the execute-api:Invoke action", {}),
        ("CROSS_ACCOUNT_NEEDS_BOTH", "arn:aws:iam::********1111:user/x", "", {"caller": None}),
        ("IDENTITY_POLICY_DENY", MINE, " with an explicit deny in an identity-based policy", {}),
        ("IDENTITY_POLICY_DENY", MINE, " with an explicit deny in a service control policy", {}),
        ("IDENTITY_POLICY_DENY", MINE, " with an explicit deny", {}),
        ("IDENTITY_POLICY_DENY", MINE, " with an explicit deny",
         {"caller": Caller("123456789012", decision="explicitDeny"), "api": Api("a", policy=policy(DENY))}),
        ("RESOURCE_POLICY_DENY", MINE, " with an explicit deny", {"api": Api("a", policy=policy(ALLOW, DENY))}),
        ("RESOURCE_POLICY_DENY", "anonymous", " with an explicit deny", {}),
        ("RESOURCE_POLICY_DENY", THEIRS, " with an explicit deny in a resource-based policy", {}),
    ],
)  # fmt: skip
def test_each_sentence_has_one_code(code, user, why, more):
    evidence = refused(user, why, **more)
    assert code == judge_denial(evidence).code
    assert {code} == set(found(evidence))


@pytest.mark.parametrize(
    ("user", "why", "more"),
    [
        (MINE, " with an explicit deny in a VPC endpoint policy", {}),
        ("anonymous", " because no VPC endpoint policy allows the execute-api:Invoke action", {}),
        (MINE, " with an explicit deny", {"api": None}),
        (MINE, "", {"text": "User is not authorized to access this resource with an explicit deny"}),
    ],
)
def test_what_is_of_another_kind_or_cannot_be_told_is_none_of_these(user, why, more):
    assert {} == found(refused(user, why, **more))


def test_a_silent_identity_is_mended_for_a_user_and_for_the_role_behind_a_session():
    (user,) = found(refused(MINE))["IDENTITY_POLICY_SILENT"].commands
    assert user.startswith("aws iam put-user-policy --user-name reader ")
    assert "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/pets" in user, "the account unmasked"
    (role,) = found(refused(ROLE))["IDENTITY_POLICY_SILENT"].commands
    assert role.startswith("aws iam put-role-policy --role-name reader ")
    assert () == found(refused("arn:aws:iam::123456789012:root"))["IDENTITY_POLICY_SILENT"].commands


def test_a_policy_that_allows_by_now_was_not_deployed():
    api = Api("a1b2c3d4e5", stage="prod", stages={"prod": "dep001"}, policy=policy(ALLOW))
    told = found(refused("anonymous", api=api))["RESOURCE_POLICY_SILENT"]
    assert ("aws apigateway create-deployment --rest-api-id a1b2c3d4e5 --stage-name prod",) == told.commands


def test_a_condition_that_was_not_met_is_told_and_a_statement_is_added():
    address = {**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    api = Api("a1b2c3d4e5", stage="prod", stages={"prod": "dep001"}, policy=policy(address))
    told = found(refused("anonymous", api=api))["RESOURCE_POLICY_SILENT"]
    assert "under conditions, which were not met" in told.cause
    set_policy, deploy = told.commands
    assert "execute-api:/prod/GET/pets" in set_policy
    assert "192.0.2.0/24" in set_policy, "what was there stays"
    assert "create-deployment" in deploy


def test_the_only_deny_is_taken_away_and_of_two_none():
    api = Api("a1b2c3d4e5", stage="prod", stages={"prod": "dep001"}, policy=policy(ALLOW, DENY))
    set_policy, _ = found(refused("anonymous", " with an explicit deny", api=api))["RESOURCE_POLICY_DENY"].commands
    assert "Deny" not in set_policy
    assert "Allow" in set_policy
    two = Api("a1b2c3d4e5", stage="prod", policy=policy(DENY, {**DENY, "Resource": "*"}))
    assert () == found(refused("anonymous", " with an explicit deny", api=two))["RESOURCE_POLICY_DENY"].commands


def test_across_accounts_aws_gets_commands_for_its_side_and_a_gatewright_words():
    assert () == found(refused(THEIRS))["CROSS_ACCOUNT_NEEDS_BOTH"].commands
    host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    set_policy, deploy = found(refused(THEIRS, host=host))["CROSS_ACCOUNT_NEEDS_BOTH"].commands
    assert "arn:aws:iam::999999999999:role/partner" in set_policy
    assert "create-deployment" in deploy
