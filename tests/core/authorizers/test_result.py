"""What an authorizer's function may answer, and what it may not (facts 2.7)."""

import json

import pytest

from gatewright.core.authorizers.result import MAX_RESULT, parse_result

POLICY = {"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}
GOOD = {"principalId": "me", "policyDocument": POLICY}


def parsed(document):
    return parse_result(document if isinstance(document, bytes) else json.dumps(document).encode())


def test_values_are_delivered_as_text():
    result = parsed(
        GOOD | {"context": {"s": "x", "i": 3, "f": 1.5, "b": True, "gone": None}, "usageIdentifierKey": "key"}
    )
    assert ("me", "key") == (result.principal_id, result.usage_identifier_key)
    assert {"s": "x", "i": "3", "f": "1.5", "b": "true"} == result.properties


def test_the_least_that_there_must_be():
    result = parsed(GOOD | {"context": None, "principalId": 7})
    assert ("7", {}, None) == (result.principal_id, result.properties, result.usage_identifier_key)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"{", "it is not JSON"),
        (b"[" * 8_000, "it is not JSON"),
        (b'"x"', "it is not an object"),
        (GOOD | {"errorType": "x"}, 'Unrecognized field "errorType" , not marked as ignorable'),
        ({"policyDocument": POLICY}, "it has no principalId"),
        (GOOD | {"principalId": ""}, "it has no principalId"),
        (GOOD | {"principalId": {"a": 1}}, "it has no principalId"),
        ({"principalId": "me"}, "it has no policyDocument"),
        (GOOD | {"policyDocument": "{}"}, "the policy document is not an object"),
        (GOOD | {"context": []}, "context is not an object"),
        (GOOD | {"context": {"a": {}}}, "the value of 'a' in context"),
        (GOOD | {"context": {"a": []}}, "the value of 'a' in context"),
        (GOOD | {"usageIdentifierKey": 5}, "usageIdentifierKey is not a string"),
        (GOOD | {"context": {"a": "x" * MAX_RESULT}}, "8192 is the most"),
    ],
)
def test_what_cannot_be_used_says_why(document, why):
    with pytest.raises(ValueError, match=r".") as caught:
        parsed(document)
    assert why in str(caught.value)
