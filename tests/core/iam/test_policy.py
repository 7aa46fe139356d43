"""Documents: what they say of a call, and what is no document."""

import pytest

from gatewright.core.iam.policy import Verdict, parse_policy

ACTION, ARN = "execute-api:Invoke", "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/dev/GET/pets"


def statement(effect="Allow", action=ACTION, resource=ARN, **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def verdict_of(*statements, action=ACTION, resource=ARN, known=None):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return parse_policy(document).evaluate(action, resource, known or {})


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], Verdict.IMPLICIT_DENY),
        ([statement()], Verdict.ALLOWED),
        ([statement(), statement("Deny")], Verdict.EXPLICIT_DENY),
        ([statement("Deny"), statement()], Verdict.EXPLICIT_DENY),
        ([statement("Deny", resource=ARN + "/x")], Verdict.IMPLICIT_DENY),
        ([statement(action="execute-api:*")], Verdict.ALLOWED),
        ([statement(action="EXECUTE-API:invoke")], Verdict.ALLOWED),
        ([statement(action=["s3:*", "*"])], Verdict.ALLOWED),
        ([statement(action="s3:*")], Verdict.IMPLICIT_DENY),
        ([statement(resource="arn:aws:execute-api:*:*:abcdefghij/dev/*")], Verdict.ALLOWED),
        ([statement(resource=["x", "*"])], Verdict.ALLOWED),
        ([statement(resource=ARN.upper())], Verdict.IMPLICIT_DENY),
        ([{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "x"}], Verdict.ALLOWED),
        ([{"Effect": "Allow", "NotAction": "execute-api:*", "Resource": "*"}], Verdict.IMPLICIT_DENY),
    ],
)
def test_what_a_policy_says(statements, verdict):
    assert verdict == verdict_of(*statements)


def test_a_single_statement_needs_no_list():
    assert Verdict.ALLOWED == parse_policy({"Statement": statement()}).evaluate(ACTION, ARN, {})


@pytest.mark.parametrize(
    ("address", "secure", "verdict"),
    [
        ("10.0.0.1", "true", Verdict.ALLOWED),
        ("10.0.0.1", "false", Verdict.IMPLICIT_DENY),
        ("11.0.0.1", "true", Verdict.IMPLICIT_DENY),
    ],
)
def test_all_conditions_must_hold(address, secure, verdict):
    conditions = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": True}}
    known = {"aws:sourceip": address, "aws:securetransport": secure}
    assert verdict == verdict_of(statement(Condition=conditions), known=known)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{}", "not an object"),
        ({"Statements": []}, "has the member 'Statements'"),
        ({"Version": "2012-10-17"}, "no list of statements"),
        ({"Statement": "x"}, "no list of statements"),
        ({"Statement": ["x"]}, "a statement is not an object"),
        ({"Statement": [statement(effect="allow")]}, "Effect is 'allow'"),
        ({"Statement": [statement(Surplus=1)]}, "has the member 'Surplus'"),
        ({"Statement": [statement(Principal="*")]}, "names a principal"),
        ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "either Action or NotAction"),
        ({"Statement": [statement(NotResource="*")]}, "either Resource or NotResource"),
        ({"Statement": [statement(action={"a": 1})]}, "Action holds something else"),
        ({"Statement": [statement(Condition="x")]}, "Condition is not an object"),
        ({"Statement": [statement(Condition={"Bool": "x"})]}, "Condition is not an object"),
        ({"Statement": [statement(Condition={"Magic": {"k": "v"}})]}, "'Magic' is not known"),
        ({"Statement": [statement(resource="x" * 513)]}, "more than 512 characters"),
    ],
)
def test_what_is_not_understood_makes_the_whole_unusable(document, why):
    with pytest.raises(ValueError, match=r".") as caught:
        parse_policy(document, max_resource=512)
    assert why in str(caught.value)


def test_the_repr_counts():
    assert "<Policy of 1 statements>" == repr(parse_policy({"Statement": statement()}))
