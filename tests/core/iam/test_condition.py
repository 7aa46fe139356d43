"""Condition operators, each with what it takes and what it does not."""

import pytest

from gatewright.core.iam.condition import parse_condition

CASES = [
    ("StringEquals", "a", ["a", "b"], True),
    ("StringEquals", "a", ["A"], False),
    ("StringNotEquals", "a", ["a", "b"], False),
    ("StringNotEquals", "c", ["a", "b"], True),
    ("StringEqualsIgnoreCase", "a", ["A"], True),
    ("StringNotEqualsIgnoreCase", "a", ["A"], False),
    ("StringLike", "curl/8", ["curl/*"], True),
    ("StringNotLike", "curl/8", ["curl/*"], False),
    ("NumericEquals", "3", ["3.0"], True),
    ("NumericNotEquals", "3", ["3.0"], False),
    ("NumericLessThan", "2", ["3"], True),
    ("NumericLessThanEquals", "3", ["3"], True),
    ("NumericGreaterThan", "3", ["3"], False),
    ("NumericGreaterThanEquals", "3", ["3"], True),
    ("NumericEquals", "three", ["3"], False),
    ("DateEquals", "1795225000", ["2026-11-21T01:36:40Z"], True),
    ("DateNotEquals", "1795225000", ["2026-11-21T01:36:40+00:00"], False),
    ("DateLessThan", "1795225000", ["2026-11-22"], True),
    ("DateLessThanEquals", "1795225000", ["1795225000"], True),
    ("DateGreaterThan", "1795225000", ["2026-11-22T00:00:00Z"], False),
    ("DateGreaterThanEquals", "1795225000", ["2026-11-20T00:00:00Z"], True),
    ("DateLessThan", "1795225000", ["soon"], False),
    ("Bool", "true", ["True"], True),
    ("IpAddress", "203.0.113.7", ["203.0.113.0/24"], True),
    ("IpAddress", "203.0.113.7", ["2001:db8::/32", "nonsense"], False),
    ("NotIpAddress", "203.0.113.7", ["203.0.113.7"], False),
    ("ArnLike", "arn:aws:iam::1:user/a", ["arn:aws:iam::*:user/*"], True),
    ("ArnEquals", "arn:aws:iam::1:user/a", ["arn:*:user/a"], False),
    ("ArnNotLike", "arn:aws:iam::1:user/a", ["arn:aws:iam::*:user/*"], False),
    ("ArnNotEquals", "no arn", ["arn:aws:iam::*:user/*"], True),
    ("Null", "a", ["true"], False),
    ("Null", "a", ["false"], True),
]


@pytest.mark.parametrize(("operator", "actual", "values", "holds"), CASES)
def test_an_operator(operator, actual, values, holds):
    assert holds == parse_condition(operator, "aws:Key", values).holds({"aws:key": actual})


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringEqualsIfExists", True),
        ("StringNotEquals", True),
        ("IpAddress", False),
        ("NotIpAddress", True),
        ("BoolIfExists", True),
    ],
)
def test_of_a_key_that_the_call_has_not(operator, holds):
    assert holds == parse_condition(operator, "aws:Key", ["true"]).holds({})


def test_null_asks_whether_the_key_is_there():
    assert parse_condition("Null", "aws:Key", ["true"]).holds({})
    assert not parse_condition("Null", "aws:Key", ["false"]).holds({})


@pytest.mark.parametrize(
    "operator", ["ForAllValues:StringEquals", "ForAnyValue:StringLike", "BinaryEquals", "stringequals", "NullIfExists"]
)
def test_what_is_not_understood_is_refused(operator):
    with pytest.raises(ValueError, match="is not known"):
        parse_condition(operator, "aws:Key", ["a"])
