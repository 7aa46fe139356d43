"""A backend's bytes: which are an answer, which are refused, and after which the connection is used again."""

import pytest

from gatewright.core.integration.http import BackendResponse
from support.answer_specimens import ANSWER_TWINS, CHUNKED, EMPTY, END, OK
from support.http1_stage import answer_of, answers_of, judge_answer


def in_steps(data, step):
    return [data[start : start + step] for start in range(0, len(data), step)]


@pytest.mark.parametrize("step", [16_384, 1, 7])
@pytest.mark.parametrize("case", ANSWER_TWINS)
def test_what_could_be_read_in_two_ways_is_no_answer_and_its_twin_is_one(case, step):
    bad, good = ANSWER_TWINS[case]
    refused = answer_of(in_steps(bad, step))
    assert (None, False, False) == (refused.answer, refused.reused, refused.open)
    assert ("BACKEND_ANSWER_MALFORMED", 504) == (refused.error.reason.code, refused.error.reason.status)
    assert refused.error.facts["why"]
    taken = answer_of(in_steps(good, step))
    assert isinstance(taken.answer, BackendResponse), taken.error
    judge_answer(good, taken)
    assert (True, True) == (taken.reused, taken.open)


#: What is taken, and the connection is not used again.
LAST = {
    "close": ("GET", OK + b"Connection: close\r\nContent-Length: 1\r\n\r\nx", b"x"),
    "close among others": ("GET", OK + b"Connection: x, Close\r\nContent-Length: 1\r\n\r\nx", b"x"),
    "close in an interim answer": ("GET", b"HTTP/1.1 103 Go\r\nConnection: close\r\n\r\n" + OK + EMPTY, b""),
    "HTTP/1.0": ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x"),
    "HTTP/1.0 that would stay": ("GET", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", b"x"),
    "another answer behind it": ("GET", OK + b"Content-Length: 1\r\n\r\nx" + OK + EMPTY, b"x"),
    "half an answer behind it": ("GET", OK + b"Content-Length: 1\r\n\r\nxHTTP/1.", b"x"),
    "rubbish behind it": ("GET", OK + b"Content-Length: 1\r\n\r\nxyz", b"x"),
    "rubbish behind chunks": ("GET", CHUNKED + END + b"0", b""),
    "204 that announces a body": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", b""),
    "204 that announces chunks": ("GET", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
    "204 with a body": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", b""),
    "304 with a body": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok", b""),
    "HEAD with a body": ("HEAD", OK + b"Content-Length: 2\r\n\r\nok", b""),
    "HEAD with a body of line ends": ("HEAD", OK + b"Content-Length: 4\r\n\r\n\r\n\r\n", b""),
    "HEAD with chunks": ("HEAD", CHUNKED + END, b""),
    "HEAD with another answer": ("HEAD", OK + EMPTY + OK + EMPTY, b""),
}  # fmt: skip


@pytest.mark.parametrize("case", LAST)
def test_after_these_answers_the_connection_is_not_used_again(case):
    method, data, body = LAST[case]
    outcome = answer_of([data], method)
    assert (None, body, False, False) == (outcome.error, outcome.answer.body, outcome.reused, outcome.open)


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        ("HEAD", OK + b"Content-Length: 9\r\n\r\n"),
        ("HEAD", CHUNKED),
    ],
)
def test_answers_without_a_body_leave_the_connection_usable(method, data):
    outcome = answer_of([data], method)
    assert (b"", True) == (outcome.answer.body, outcome.reused)
    judge_answer(data, outcome)


@pytest.mark.parametrize(("method", "status"), [("HEAD", b"200"), ("GET", b"204"), ("GET", b"304")])
def test_an_unknown_coding_is_refused_where_there_is_no_body_too(method, status):
    data = b"HTTP/1.1 %b X\r\nTransfer-Encoding: %b\r\n\r\n"
    refused = answer_of([data % (status, b"gzip, chunked")], method)
    assert "BACKEND_ANSWER_MALFORMED" == refused.error.reason.code
    assert int(status) == answer_of([data % (status, b"chunked")], method).answer.status


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 103 Go\r\n\r\n"])
def test_half_a_beginning_is_not_forgotten(before):
    refused = answer_of([before + b"HTTP", OK + EMPTY])
    assert "BACKEND_ANSWER_MALFORMED" == refused.error.reason.code
    assert 200 == answer_of([before + b"HTTP", OK[4:] + EMPTY]).answer.status


UNTIL_THE_END = OK + b"X: y\r\n\r\nuntil the end"


def test_an_answer_without_length_ends_with_the_backends_word_and_not_with_a_lost_connection():
    said = answer_of([UNTIL_THE_END], ended=True)
    assert (b"until the end", False) == (said.answer.body, said.reused)
    cut = answer_of([UNTIL_THE_END], cut=True)
    assert (None, "BACKEND_CONNECTION_LOST") == (cut.answer, cut.error.reason.code)


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 5\r\n\r\nfour",
        CHUNKED + b"5\r\nfour",
        CHUNKED + b"4\r\nfour\r\n",
        CHUNKED + b"4\r\nfour\r\n0\r\n",
        OK + b"X: y\r\n",
        b"HTTP/1.1 2",
        b"HTTP",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"",
    ],
)
@pytest.mark.parametrize("step", [16_384, 1])
def test_half_an_answer_is_none_however_it_ends(data, step):
    for how in ({"ended": True}, {"cut": True}):
        outcome = answer_of(in_steps(data, step), **how)
        assert (None, "BACKEND_CONNECTION_LOST") == (outcome.answer, outcome.error.reason.code)


_TWO = OK + b"Content-Length: 2\r\n\r\n"
_TEXT = OK + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
#: Calls and reads that a connection may see one after the other; several begin with the same head.
FOLLOWING = [
    ("GET", [_TWO + b"ok"]),
    ("GET", [_TWO + b"no"]),
    ("GET", [_TWO, b"ok"]),
    ("GET", [_TWO + b"o", b"k"]),
    ("GET", [_TWO[:9], _TWO[9:] + b"ok"]),
    ("HEAD", [_TWO]),
    ("HEAD", [_TWO + b"ok"]),
    ("GET", [_TEXT + b"ok"]),
    ("GET", [OK + EMPTY]),
    ("GET", [CHUNKED + b"2\r\nok\r\n" + END]),
    ("GET", [b"HTTP/1.1 103 Go\r\n\r\n" + _TWO + b"ok"]),
    ("GET", [b"HTTP/1.1 103 Go\r\nConnection: close\r\n\r\n" + _TWO + b"ok"]),
    ("GET", [_TWO + b"okay"]),
    ("GET", [OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok"]),
]


@pytest.mark.parametrize("first", FOLLOWING)
@pytest.mark.parametrize("second", FOLLOWING)
def test_answers_with_a_head_that_came_before_are_read_as_they_were(first, second):
    calls = [first, second, first, second, second]
    expected = []
    for method, reads in calls:
        outcome = answer_of(reads, method)
        answer = outcome.answer
        expected.append((answer.status, list(answer.headers), bytes(answer.body)))
        if not outcome.reused:
            break
    assert expected == answers_of(calls)


def test_the_second_of_equal_heads_is_recalled():
    connection_answers = answers_of([("GET", [_TWO + b"ok"])] * 2)
    first, second = (headers for _, headers, _ in connection_answers)
    assert all(mine is its for mine, its in zip(first, second, strict=True))
