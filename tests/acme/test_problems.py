"""Which problems of a directory end an order."""

import pytest
from acme import messages

from gatewright.acme.problems import OrderDelayed, OrderRefused, judge_problem


def problem(code, detail="words", *subproblems):
    return messages.Error.with_code(code, detail=detail, subproblems=subproblems)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("caa", "CAA_ERROR"),
        ("rejectedIdentifier", "DOMAIN_NOT_ALLOWED"),
        ("unsupportedIdentifier", "INVALID_PUBLIC_DOMAIN"),
        ("badCSR", "OTHER"),
    ],
)
def test_what_asking_again_cannot_mend(code, reason):
    judged = judge_problem(problem(code), name="www.example.com")
    assert isinstance(judged, OrderRefused)
    assert (reason, f"www.example.com: words ({code})") == (judged.reason, str(judged))


@pytest.mark.parametrize("code", ["dns", "connection", "serverInternal", "unauthorized", "rateLimited"])
def test_what_may_be_gone_later(code):
    judged = judge_problem(problem(code), 30.0)
    assert isinstance(judged, OrderDelayed)
    assert (30.0, f"words ({code})") == (judged.retry_after, str(judged))


def test_one_identifier_that_is_refused_ends_the_order():
    judged = judge_problem(problem("malformed", "several", problem("dns"), problem("rejectedIdentifier", "not this")))
    assert isinstance(judged, OrderRefused)
    assert "not this (rejectedIdentifier)" == str(judged)


def test_a_problem_without_words_or_a_known_type():
    assert "no details (no type)" == str(judge_problem(messages.Error()))
