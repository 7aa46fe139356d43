"""IAM's patterns, against the plain version: a regular expression."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.iam.wildcards import matches_wildcards


def plainly(pattern: str, text: str) -> bool:
    source = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.fullmatch(source, text, re.DOTALL) is not None


@given(st.text("ab/*?", max_size=8), st.text("ab/*", max_size=10))
@settings(max_examples=300)
def test_it_agrees_with_the_plain_version(pattern, text):
    assert plainly(pattern, text) == matches_wildcards(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("arn:aws:execute-api:*:*:a/dev/GET/*", "arn:aws:execute-api:r:1:a/dev/GET/x/y", True),
        ("arn:aws:execute-api:*:*:a/dev/GET/?", "arn:aws:execute-api:r:1:a/dev/GET/xy", False),
        ("a", "A", False),
        ("*", "", True),
        ("", "", True),
        ("?", "", False),
    ],
)
def test_specimens(pattern, text, matches):
    assert matches == matches_wildcards(pattern, text)


def test_a_pattern_of_many_stars_costs_no_more_than_its_length_times_the_texts():
    assert not matches_wildcards("*a" * 200 + "b", "a" * 1_600)
