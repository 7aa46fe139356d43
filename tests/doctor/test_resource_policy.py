"""Which statements of a resource policy speak of a call."""

import json

import pytest

from gatewright.doctor.resource_policy import find_statements, with_allow, without

ARN = "arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/GET/pets/1"
USER = "arn:aws:iam::123456789012:user/reader"


def speaks(user: str = "anonymous", **statement) -> bool:
    whole = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", **statement}
    kept = {name: value for name, value in whole.items() if value is not None}
    return bool(find_statements(json.dumps({"Statement": kept}), "Allow", user, ARN))


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "execute-api:/*",
        "execute-api:/prod/GET/pets/*",
        "execute-api:/prod/*/pets/?",
        "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/pets/*",
        ["execute-api:/dev/*", "execute-api:/prod/*"],
    ],
)
def test_resources_that_are_meant(resource):
    assert speaks(Resource=resource)


@pytest.mark.parametrize(
    "resource",
    ["execute-api:/dev/*", "execute-api:/prod/POST/*", "execute-api:/prod/GET/pets", "arn:aws:execute-api:us-east-1:*:other/*"],
)  # fmt: skip
def test_resources_that_are_not_meant(resource):
    assert not speaks(Resource=resource)


def test_actions_in_any_case_and_by_pattern():
    assert speaks(Action="execute-api:invoke")
    assert speaks(Action=["execute-api:*"])
    assert not speaks(Action="execute-api:ManageConnections")
    assert not speaks(Action=None, NotAction="execute-api:*")
    assert speaks(Resource=None, NotResource="execute-api:/dev/*")


def test_who_is_meant():
    assert speaks(USER, Principal={"AWS": "*"})
    assert speaks(USER, Principal={"AWS": [USER]})
    assert speaks(USER, Principal={"AWS": "123456789012"})
    assert speaks(USER, Principal={"AWS": "arn:aws:iam::123456789012:root"})
    assert not speaks("anonymous", Principal={"AWS": USER}), "an open method's caller has no name"
    assert not speaks(USER, Principal={"Service": "apigateway.amazonaws.com"})
    session = "arn:aws:sts::123456789012:assumed-role/reader/session"
    assert speaks(session, Principal={"AWS": "arn:aws:iam::123456789012:role/reader"})
    assert not speaks(USER, Principal=None, NotPrincipal={"AWS": USER})


def test_what_is_no_policy_says_nothing():
    for text in (None, "", "[]", "no json", '{"Statement": "x"}'):
        assert () == find_statements(text, "Allow", "anonymous", ARN)


def test_a_statement_more_and_a_statement_fewer():
    one = with_allow(None, "anonymous", ARN)
    assert ["execute-api:/prod/GET/pets/1"] == [each["Resource"] for each in json.loads(one)["Statement"]]
    two = with_allow(one, USER, ARN)
    assert ["*", {"AWS": USER}] == [each["Principal"] for each in json.loads(two)["Statement"]]
    assert [{"AWS": USER}] == [each["Principal"] for each in json.loads(without(two, 0))["Statement"]]
    assert "" == without(one, 0), "a policy without statements is none"
