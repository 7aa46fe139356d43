import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.logs.filter_pattern import PatternUnreadable, parse_filter_pattern

EVENT = {
    "requestId": "9d2c",
    "status": 429,
    "latency": 12.5,
    "path": "/pets/7",
    "agent": None,
    "cached": True,
    "nested": {"ids": [1, 2], "a name": "x"},
}
LINE = '203.0.113.7 - - [21/Nov/2026:01:36:40 +0000] "GET /pets HTTP/1.1" 429 12 9d2c'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR came", True),
        ("ERROR", "an error came", False),
        ("ERROR came", "came ERROR", True),
        ("ERROR went", "an ERROR came", False),
        ('"ERROR came"', "an ERROR came", True),
        ('"came ERROR"', "an ERROR came", False),
        ("ERROR -came", "an ERROR came", False),
        ("ERROR -went", "an ERROR came", True),
        ('-"ERROR came"', "an ERROR came", False),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "an INFO", False),
        ("?ERROR ?WARN INFO", "an INFO", True),
        (r'"say \"no\""', 'say "no"', True),
        ("status: 429", "Method completed with status: 429", True),
    ],
)
def test_terms(pattern, message, matches):
    assert matches is parse_filter_pattern(pattern)(message)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("{ $.status = 429 }", True),
        ("{$.status=429}", True),
        ("{ $.status = 430 }", False),
        ("{ $.status != 429 }", False),
        ("{ $.absent != 429 }", False),
        ("{ $.status >= 400 && $.status < 500 }", True),
        ("{ $.latency > 12.4 }", True),
        ("{ $.latency > 12.5 }", False),
        ('{ $.path = "/pets*" }', True),
        ('{ $.path = "/pets" }', False),
        ("{ $.path = /pets/* }", True),
        ('{ $.status = 500 || ($.path = "*7" && $.status = 4*) }', True),
        ('{ $.status = "429" }', True),
        ("{ $.agent IS NULL }", True),
        ("{ $.status IS NULL }", False),
        ("{ $.cached IS TRUE }", True),
        ("{ $.cached IS FALSE }", False),
        ("{ $.absent NOT EXISTS }", True),
        ("{ $.agent NOT EXISTS }", False),
        ("{ $.nested.ids[1] = 2 }", True),
        ("{ $.nested.ids[2] = 2 }", False),
        ("{ $.nested.ids[*] = 1 }", True),
        ('{ $.nested["a name"] = "x" }', True),
        ("{ $.cached = 1 }", False),
    ],
)
def test_json(pattern, matches):
    assert matches is parse_filter_pattern(pattern)(json.dumps(EVENT))
    assert False is parse_filter_pattern(pattern)("no JSON")


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, caller, user, time, request, status, length, id]", True),
        ("[ip, caller]", False),
        ("[ip, ..., status=4*, length, id]", True),
        ("[ip, ..., status=5*, length, id]", False),
        ("[ip=203.0.113.*, ...]", True),
        ("[..., id=9d2c]", True),
        ("[..., length > 11, id]", True),
        ("[..., length > 12, id]", False),
        ('[ip, caller, user, time, request = "GET*", ...]', True),
        ("[..., status = 429 || status = 500, length, id]", True),
        ("[..., status != 429, length, id]", False),
        ("[..., (length > 100) || (length = 12), id]", True),
    ],
)
def test_fields(pattern, matches):
    assert matches is parse_filter_pattern(pattern)(LINE)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.status = 429",
        "{ }",
        "{ status = 429 }",
        "{ $.status }",
        "{ $.status ~ 429 }",
        "{ $.status < x }",
        "{ ($.status = 429 }",
        "{ $.a IS 3 }",
        "{ $.a = 1 } x",
        "[a, b",
        "[..., ...]",
        "[a < b]",
        'an "open phrase',
    ],
)
def test_what_cannot_be_read_is_said_so(pattern):
    with pytest.raises(PatternUnreadable):
        parse_filter_pattern(pattern)


@given(st.text('{}[]()$."=<>!&|*?- \\\x00a1,', max_size=40), st.text(max_size=20))
@settings(max_examples=300)
def test_any_text_is_a_pattern_or_the_one_declared_error(pattern, message):
    try:
        matches = parse_filter_pattern(pattern)
    except PatternUnreadable:
        return
    assert matches(message) in {True, False}
