"""Strict HTTP/1.1 as raw bytes: for each thing that two servers could read differently, a specimen and its good twin.

A specimen (`support.http1_specimens`) is refused whole, whatever the reads; its twin is one request.
"""

import pytest

from gatewright.dataplane.http1 import RequestParser
from support.http1_specimens import CHUNKED, END, GET, POST, TWINS, trailer


def parse(data, step):
    parser = RequestParser()
    for start in range(0, len(data), step):
        parser.feed(data[start : start + step])
    return parser


@pytest.mark.parametrize("step", [1 << 20, 1, 3])
@pytest.mark.parametrize("case", TWINS)
def test_what_could_be_read_in_two_ways_is_no_request_and_its_twin_is_one(case, step):
    bad, good = TWINS[case]
    refused = parse(bad + GET + b"\r\n", step)
    assert [] == refused.requests
    assert refused.refusal is not None
    assert "REQUEST_MALFORMED" == refused.refusal.reason.code
    assert refused.refusal.facts["why"]
    accepted = parse(good, step)
    assert (None, 1) == (accepted.refusal, len(accepted.requests))


@pytest.mark.parametrize("case", TWINS)
def test_a_twin_leaves_nothing_behind_that_changes_the_next_request(case):
    good = TWINS[case][1]
    following = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    for step in (1 << 20, 1):
        parser = parse(good + following, step)
        assert parser.refusal is None
        first, *rest = parser.requests
        assert (["/next"] if first.keep_alive else []) == [request.path for request in rest]


@pytest.mark.parametrize("value", [b"a-miracle", b"100-continue, a-miracle", b"100-continue;x", b""])
def test_an_expectation_that_nobody_knows_is_refused_as_one(value):
    for step in (1 << 20, 1):
        refused = parse(POST + b"Expect: " + value + b"\r\nContent-Length: 1\r\n\r\nx", step)
        assert (417, "EXPECTATION_UNKNOWN") == (refused.refusal.reason.status, refused.refusal.reason.code)
        assert ([], False) == (refused.requests, refused.wants_continue)


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\n",  # no Host
        b"POST  / HTTP/1.1\r\nHost: a\r\n",
        b"PROPFIND / HTTP/1.1\r\nHost: a\r\n",
        b"POST /../x HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n",
    ],
)
def test_nobody_is_asked_for_the_body_of_a_request_that_is_refused(head):
    parser = parse(head + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", 1 << 20)
    assert ("REQUEST_MALFORMED", False) == (parser.refusal.reason.code, parser.wants_continue)


@pytest.mark.parametrize("tail", [b"Content-Length: 0\r\n\r\n", b"\r\n"])
def test_leave_is_not_given_for_a_body_that_is_not_there(tail):
    parser = parse(POST + b"Expect: 100-continue\r\n" + tail, 1 << 20)
    assert (1, False) == (len(parser.requests), parser.wants_continue)


KEPT = {
    b"HTTP/1.1": True,
    b"HTTP/1.1\r\nConnection: keep-alive": True,
    b"HTTP/1.1\r\nConnection: close": False,
    b"HTTP/1.1\r\nConnection: CLOSE": False,
    b"HTTP/1.1\r\nConnection: x,\tClose": False,
    b"HTTP/1.1\r\nConnection: keep-alive, close": False,
    b"HTTP/1.1\r\nConnection: x\r\nConnection: close": False,
    b"HTTP/1.1\r\nConnection: closed": True,
    b"HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket": False,
    b"HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk": False,
    b"HTTP/1.1\r\nUpgrade: websocket": True,
    b"HTTP/1.1\r\nConnection: Upgrade": True,
    b"HTTP/1.0": False,
    b"HTTP/1.0\r\nConnection: keep-alive": True,
    b"HTTP/1.0\r\nConnection: Keep-Alive, x": True,
    b"HTTP/1.0\r\nConnection: keep-alive, close": False,
    b"HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive": False,
    b"HTTP/1.0\r\nProxy-Connection: keep-alive": False,  # RFC 9112 appendix C.2.2
}


@pytest.mark.parametrize("head", KEPT)
@pytest.mark.parametrize("step", [1 << 20, 1])
def test_which_request_is_the_last_and_that_none_is_read_behind_it(head, step):
    first = b"GET /1 " + head + b"\r\nHost: a\r\n\r\n"
    parser = parse(first + b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n" + b"rubbish\r\n\r\n", step)
    kept = KEPT[head]
    assert (["/1", "/2"] if kept else ["/1"]) == [request.path for request in parser.requests]
    assert kept == parser.requests[0].keep_alive
    assert kept == (parser.refusal is not None)  # what follows the last request is not even judged


@pytest.mark.parametrize("step", [1 << 20, 1])
def test_trailers_are_dropped_and_say_nothing_about_the_request(step):
    data = trailer(b"Host: b\r\nExpect: x\r\nAuthorization: y\r\nX: z")
    (request,) = parse(data, step).requests
    assert [b"host", b"transfer-encoding"] == [lower for lower, _, _ in request.headers]
    assert (b"a", None) == (request.header(b"host"), request.header(b"x"))


@pytest.mark.parametrize("step", [1 << 20, 997])
def test_trailers_have_the_limit_of_a_header_block(step):
    fits, too_many = (CHUNKED + b"0\r\n" + b"Trailer: 123456\r\n" * count + b"\r\n" for count in (600, 610))
    assert 1 == len(parse(fits, step).requests)
    assert "REQUEST_HEADERS_TOO_LARGE" == parse(too_many, step).refusal.reason.code


def test_the_host_of_an_absolute_target_is_the_host_where_http_1_0_sends_none():
    (request,) = parse(b"GET http://a:81/x?y HTTP/1.0\r\n\r\n", 1 << 20).requests
    assert ("/x", "y", b"a:81") == (request.path, request.query, request.header(b"host"))
    assert [(b"host", b"Host", b"a:81")] == request.headers


def chunked_of(body, size=4_096):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + END


@pytest.mark.parametrize("step", [1 << 20, 1, 4_099])
def test_empty_lines_within_a_body_do_not_end_it(step):
    body = b"\r\n\r\n" * 1_000 + b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n" + b"0\r\n\r\n" * 5
    following = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    for data in (POST + b"Content-Length: %d\r\n\r\n" % len(body) + body, chunked_of(body[2_500:])):
        parser = parse(data + following, step)
        assert (None, [body[-1_000:], b""]) == (parser.refusal, [request.body[-1_000:] for request in parser.requests])
        assert "/next" == parser.requests[1].path


@pytest.mark.parametrize("step", [1 << 20, 1, 4_099])
def test_a_chunked_body_of_very_many_empty_lines_is_read_and_is_the_connections_last(step):
    body = b"\r\n\r\n" * 3_000
    parser = parse(chunked_of(body) + b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n", step)
    (request,) = parser.requests
    assert (None, body, False) == (parser.refusal, request.body, request.keep_alive)
