"""Selection by server name: the five reasons, and the loop over patterns as oracle."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.domains.selection import Selection, SelectionReason, select_binding

ENDPOINTS = "*.execute-api.us-east-1.gateway.localhost"
EXACT = {"www.example.com": "www", "example.com": "apex"}
WILDCARDS = {"*.example.com": "star"}


def select(server_name, exact=EXACT, wildcards=WILDCARDS):
    return select_binding(server_name, exact=exact, wildcards=wildcards, default="default", default_name=ENDPOINTS)


@pytest.mark.parametrize(
    ("server_name", "binding", "reason", "matched"),
    [
        ("www.example.com", "www", SelectionReason.EXACT, "www.example.com"),
        ("example.com", "apex", SelectionReason.EXACT, "example.com"),
        ("api.example.com", "star", SelectionReason.WILDCARD, "*.example.com"),
        ("a.b.example.com", "default", SelectionReason.DEFAULT_UNKNOWN_NAME, None),
        ("example.org", "default", SelectionReason.DEFAULT_UNKNOWN_NAME, None),
        ("localhost", "default", SelectionReason.DEFAULT_UNKNOWN_NAME, None),
        (".example.com", "default", SelectionReason.DEFAULT_UNKNOWN_NAME, None),
        ("*.example.com", "default", SelectionReason.DEFAULT_UNKNOWN_NAME, None),
        (None, "default", SelectionReason.DEFAULT_NO_SERVER_NAME, None),
        (
            "abc123.execute-api.us-east-1.gateway.localhost",
            "default",
            SelectionReason.DEFAULT_ENDPOINT_NAME,
            ENDPOINTS,
        ),
    ],
)
def test_exact_beats_wildcard_beats_default_and_the_reason_is_kept(server_name, binding, reason, matched):
    assert Selection(binding, reason, server_name, matched) == select(server_name)


def test_without_the_exact_domain_its_name_gets_the_wildcard():
    assert "star" == select("www.example.com", exact={}).binding


@pytest.mark.parametrize(
    ("server_name", "said"),
    [
        ("www.example.com", "The server name www.example.com is a custom domain name."),
        ("a.example.com", "The server name a.example.com is covered by the custom domain name *.example.com."),
        (None, "The client sent no server name (SNI), so it got the default certificate."),
        (
            "other.test",
            "No custom domain name covers the server name other.test, so it got the default certificate.",
        ),
    ],
)
def test_the_reason_is_a_sentence(server_name, said):
    assert said == select(server_name).explain()


def plain_select(server_name, exact, wildcards):
    """Walk through all patterns."""
    if server_name is None:
        return "default", SelectionReason.DEFAULT_NO_SERVER_NAME
    for name, binding in exact.items():
        if name == server_name:
            return binding, SelectionReason.EXACT
    for pattern, binding in wildcards.items():
        if re.fullmatch(r"[^.*]+" + re.escape(pattern.removeprefix("*")), server_name):
            return binding, SelectionReason.WILDCARD
    if re.fullmatch(r"[^.*]+" + re.escape(ENDPOINTS.removeprefix("*")), server_name):
        return "default", SelectionReason.DEFAULT_ENDPOINT_NAME
    return "default", SelectionReason.DEFAULT_UNKNOWN_NAME


LABELS = st.sampled_from(["a", "b", "www", "example", "com"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
PATTERNS = st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: "*." + ".".join(labels))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.none(), NAMES, NAMES.map(".{}".format), st.sampled_from(["x" + ENDPOINTS[1:], "a.x" + ENDPOINTS[1:]])),
    st.dictionaries(NAMES, st.integers(), max_size=5),
    st.dictionaries(PATTERNS, st.integers(), max_size=5),
)
def test_two_lookups_agree_with_the_loop_over_patterns(server_name, exact, wildcards):
    assert plain_select(server_name, exact, wildcards) == select(server_name, exact, wildcards)[:2]
