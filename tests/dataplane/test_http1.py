"""HTTP/1.1 from clients: which bytes are requests, which are refused, and that nothing else ever happens."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.http.message import Response
from gatewright.dataplane.http1 import MAX_HEADER_BLOCK, MAX_TARGET, RequestParser, render_response

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"


def parse(data, step=None):
    parser = RequestParser()
    for start in range(0, len(data), step or max(len(data), 1)):
        parser.feed(data[start : start + (step or len(data))])
    return parser


def seen(parser):
    """What a parser found, as values."""
    requests = [(r.method, r.path, r.query, r.headers, r.body, r.keep_alive, r.protocol) for r in parser.requests]
    refusal = parser.refusal
    return requests, None if refusal is None else (refusal.reason.code, dict(refusal.facts))


ACCEPTED = {
    "the plainest": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ("GET", "/", "", b"", True)),
    "query": (b"GET /a%20b?c=d?e HTTP/1.1\r\nHost: a\r\n\r\n", ("GET", "/a%20b", "c=d?e", b"", True)),
    "close": (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ("GET", "/", "", b"", False)),
    "HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", ("GET", "/", "", b"", False)),
    "HTTP/1.0 kept": (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", ("GET", "/", "", b"", True)),
    "body": (HEAD + b"Content-Length: 3\r\n\r\nabc", ("POST", "/", "", b"abc", True)),
    "chunks": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nTrailer: t\r\n\r\n",
        ("POST", "/", "", b"abc", True),
    ),
    "capital Chunked": (HEAD + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", ("POST", "/", "", b"", True)),
    "many chunks": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 9 + b"0\r\n\r\n",
        ("POST", "/", "", b"x" * 9, True),
    ),
    "absolute form": (b"GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n", ("GET", "/b", "c", b"", True)),
    "absolute form, no path": (b"GET https://A HTTP/1.1\r\nHost: a\r\n\r\n", ("GET", "/", "", b"", True)),
    "absolute form, query with a slash": (
        b"GET http://a?b/c HTTP/1.1\r\nHost: a\r\n\r\n",
        ("GET", "/", "b/c", b"", True),
    ),
    "absolute form, HTTP/1.0": (b"GET http://a/b HTTP/1.0\r\n\r\n", ("GET", "/b", "", b"", False)),
    "empty lines before": (b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ("GET", "/", "", b"", True)),
    "an upgrade that is not taken": (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
        ("GET", "/", "", b"", False),
    ),
    "an upgrade that Proxy-Connection asks for": (
        b"GET / HTTP/1.1\r\nHost: a\r\nProxy-Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        ("GET", "/", "", b"", False),
    ),
    "an upgrade that nobody asks for": (
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        ("GET", "/", "", b"", True),
    ),
    "continue": (HEAD + b"Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", ("POST", "/", "", b"x", True)),
    "bytes beyond ASCII in a value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n", ("GET", "/", "", b"", True)),
}


ONE_HEAD = [data for data, _ in ACCEPTED.values()] + [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n",
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"Content-Length: 40\r\n\r\n",
    HEAD + b"Expect: 100-continue\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nLong: " + b"x" * 2_000 + b"\r\n\r\n",
    b"\r\n\r\n",
    b"\r\n\r",
]


@given(st.lists(st.sampled_from(ONE_HEAD), max_size=3).flatmap(lambda few: st.lists(st.sampled_from(few or ONE_HEAD))))
@settings(max_examples=150)
def test_heads_that_a_client_sends_again_are_read_as_they_were(reads):
    parser = RequestParser()
    taken = []
    for data in reads:
        parser.feed(data)
        taken += parser.requests
        parser.requests.clear()
    parser.requests = taken
    plain = parse(b"".join(reads), 1_000_000)
    assert (seen(plain), plain.part, plain.wants_continue) == (seen(parser), parser.part, parser.wants_continue)


def test_the_third_of_equal_heads_is_recalled():
    parser = RequestParser()
    for _ in range(3):
        parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    first, second, third = parser.requests
    assert first.headers is not second.headers
    assert second.headers is third.headers
    assert second is not third


@pytest.mark.parametrize("lines", [b"\r\n\r\n", b"\r\n\r"])
def test_empty_lines_that_come_twice_are_not_taken_for_a_request(lines):
    parser = RequestParser()
    for _ in range(3):
        parser.feed(lines)
        assert [] == parser.requests
        parser.feed((b"\r\n\r\n"[len(lines) :]) + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ["/"] == [request.path for request in parser.requests]
        parser.requests.clear()
    assert (None, True) == (parser.refusal, parser.idle)


@pytest.mark.parametrize("step", [None, 1, 7])
@pytest.mark.parametrize("case", ACCEPTED)
def test_these_are_requests(case, step):
    data, expected = ACCEPTED[case]
    parser = parse(data, step)
    (request,) = parser.requests
    assert expected == (request.method, request.path, request.query, request.body, request.keep_alive)
    assert (None, True, False) == (parser.refusal, parser.idle, parser.in_head)


def test_headers_keep_order_spelling_and_repetition():
    (request,) = parse(b"GET / HTTP/1.1\r\nHost: a\r\nX-b:  1 \t\r\nx-B:\r\nC: 2\r\n\r\n", 1).requests
    assert [
        (b"host", b"Host", b"a"),
        (b"x-b", b"X-b", b"1"),
        (b"x-b", b"x-B", b""),
        (b"c", b"C", b"2"),
    ] == request.headers


MALFORMED = {
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "two lengths in one": HEAD + b"Content-Length: 1, 1\r\n\r\nx",
    "signed length": HEAD + b"Content-Length: +1\r\n\r\nx",
    "empty length": HEAD + b"Content-Length:\r\n\r\n",
    "length beyond counting": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "length and chunks": HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding besides chunked": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunk without CR": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
    "chunk size with a space": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n",
    "chunk longer than it says": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "line ends without CR": b"GET / HTTP/1.1\nHost: a\n\n",
    "one without CR": b"GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
    "CR in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n",
    "NUL in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "RTSP": b"DESCRIBE rtsp://a/ RTSP/1.0\r\n\r\n",
    "a method of lower case": b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method that APIs cannot have": b"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT": b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "another scheme": b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "two different hosts": b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes beyond ASCII in the target": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "an upgrade after a body": HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nxx",
    "an upgrade after chunks": HEAD
    + b"Connection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an upgrade after a body, by Proxy-Connection": HEAD
    + b"Proxy-Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nxx",
    "rubbish": b"\x16\x03\x01\x02",
}


@pytest.mark.parametrize("step", [None, 1])
@pytest.mark.parametrize("case", MALFORMED)
def test_these_are_refused(case, step):
    parser = parse(MALFORMED[case], step)
    assert [] == parser.requests
    assert parser.refusal is not None
    assert "REQUEST_MALFORMED" == parser.refusal.reason.code
    assert parser.refusal.facts["why"]


def header_block(size):
    """A request whose header block, as it is counted (name, colon and space, value, line end), has `size` bytes."""
    rest = size - len(b"Host: a\r\n") - len(b"X: \r\n")
    return b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * rest + b"\r\n\r\n"


@pytest.mark.parametrize("step", [None, 1_000])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (header_block(MAX_HEADER_BLOCK), None),
        (header_block(MAX_HEADER_BLOCK + 1), "REQUEST_HEADERS_TOO_LARGE"),
        (b"GET /" + b"x" * (MAX_TARGET - 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n", None),
        (b"GET /" + b"x" * MAX_TARGET + b" HTTP/1.1\r\nHost: a\r\n\r\n", "URI_TOO_LONG"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 30_000, "REQUEST_HEADERS_TOO_LARGE"),  # no end in sight
        (b"GET / HTTP/1.1\r\nX" + b"x" * 30_000, "REQUEST_HEADERS_TOO_LARGE"),
        (b"\r\n" * 15_000, "REQUEST_HEADERS_TOO_LARGE"),
        (HEAD + b"Content-Length: 10485761\r\n\r\n", "REQUEST_TOO_LARGE"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\na00001\r\n" + bytes(10_485_761), "REQUEST_TOO_LARGE"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: t\r\n" * 3_000, "REQUEST_HEADERS_TOO_LARGE"),
    ],
)
def test_limits(data, code, step):
    parser = parse(data, step if len(data) < 100_000 else None)
    assert (code is None, code) == (
        len(parser.requests) == 1,
        parser.refusal.reason.code if parser.refusal else None,
    )


def test_ten_megabytes_are_taken():
    (request,) = parse(HEAD + b"Content-Length: 10485760\r\n\r\n" + bytes(10_485_760), 65_536).requests
    assert 10_485_760 == len(request.body)


def test_requests_before_a_refusal_are_kept_and_nothing_after_it_is_read():
    good = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
    parser = parse(good + b"rubbish\r\n\r\n" + good)
    parser.feed(good)
    assert ["/1"] == [request.path for request in parser.requests]
    assert "REQUEST_MALFORMED" == parser.refusal.reason.code


def test_a_client_that_waits_for_leave_is_seen_waiting():
    parser = parse(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert (True, [], False) == (parser.wants_continue, parser.requests, parser.idle)
    parser.wants_continue = False
    parser.feed(b"ab")
    assert (False, b"ab") == (parser.wants_continue, parser.requests[0].body)
    assert not parse(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").wants_continue
    refused = parse(HEAD + b"Expect: 100-continue\r\nContent-Length: 10485761\r\n\r\n")
    assert (False, "REQUEST_TOO_LARGE") == (refused.wants_continue, refused.refusal.reason.code)


def test_a_parser_knows_whether_something_has_begun():
    parser = RequestParser()
    states = [(parser.idle, parser.in_head)]
    for part in (b"GE", b"T / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n", b"\r\n", b"x", b"GET / "):
        parser.feed(part)
        states.append((parser.idle, parser.in_head))
    assert [(True, False), (False, True), (False, True), (False, False), (True, False), (False, True)] == states


PIECES = st.sampled_from(
    [b"GET / HTTP/1.1\r\n", b"POST /x HTTP/1.1\r\n", b"Host: a\r\n", b"Content-Length: 3\r\n", b"\r\n", b"abc", b"0\r\n\r\n",
     b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n", b"X: \xff\r\n", b" ", b"\n"]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=8), max_size=14).map(b"".join), st.lists(st.integers(1, 40), max_size=6))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_requests_or_one_refusal_whatever_the_boundaries(data, cuts):
    whole, pieces = parse(data), RequestParser()
    start = 0
    for size in [*cuts, len(data)]:
        pieces.feed(data[start : start + size])
        start += size
    one, other = seen(whole), seen(pieces)
    assert one[0] == other[0]
    assert (one[1] and one[1][0]) == (other[1] and other[1][0])


@pytest.mark.parametrize(
    ("response", "head_only", "keep_alive", "expected"),
    [
        (Response(200, [(b"A", b"1")], b"ok"), False, True, b"HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 2\r\nConnection: keep-alive\r\nDate: D\r\n\r\nok"),
        (Response(200, [], b"ok"), True, False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\nDate: D\r\n\r\n"),
        (Response(200, [], b""), True, True, b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nDate: D\r\n\r\n"),
        (Response(200, [], b""), False, True, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\nDate: D\r\n\r\n"),
        (Response(204, [], b"x"), False, True, b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\nDate: D\r\n\r\n"),
        (Response(304, [], b"x"), False, True, b"HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\nDate: D\r\n\r\n"),
        (Response(299, [], b""), False, True, b"HTTP/1.1 299 \r\nContent-Length: 0\r\nConnection: keep-alive\r\nDate: D\r\n\r\n"),
    ],
)  # fmt: skip
def test_how_a_response_is_written(response, head_only, keep_alive, expected):
    assert expected == render_response(response, head_only=head_only, keep_alive=keep_alive, date=b"D")


@pytest.mark.parametrize("step", [None, 1, 1_000, 5_000, 65_536])
@pytest.mark.parametrize("size", [65_536, 65_537, 150_000])
def test_a_large_body_ends_where_it_says_and_the_next_request_follows(size, step):
    body = bytes(range(256)) * (size // 256) + b"\r\n\r\n"[: size % 256]
    body += b"y" * (size - len(body))
    data = HEAD + b"Content-Length: %d\r\n\r\n" % size + body + b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    parser = parse(data, step)
    assert (None, 2) == (parser.refusal, len(parser.requests))
    assert body == parser.requests[0].body
    assert ("GET", "/next", b"") == (parser.requests[1].method, parser.requests[1].path, parser.requests[1].body)
    assert parser.idle


def test_a_large_body_is_left_in_the_parts_in_which_it_came():
    parser = RequestParser()
    parser.feed(HEAD + b"Content-Length: 140010\r\n\r\n")
    first, second = bytes(65_536), b"y" * 74_464
    for part in (first, b"tiny", b"tiny", b"!!", second):
        parser.feed(part)
    (request,) = parser.requests
    assert 140_010 == request.size
    assert [first, b"tinytiny!!", second] == list(request.content.parts)
    assert request.content.parts[0] is first


def test_after_a_large_body_of_the_last_request_nothing_is_read():
    data = HEAD + b"Connection: close\r\nContent-Length: 70000\r\n\r\n" + bytes(70_000)
    parser = parse(data + b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [("POST", False)] == [(each.method, each.keep_alive) for each in parser.requests]
    assert parser.refusal is None


def test_a_large_body_that_comes_byte_by_byte_costs_little_more_than_itself():
    parser = RequestParser()
    parser.feed(HEAD + b"Content-Length: 100000\r\n\r\n")
    tracemalloc.start()
    for _ in range(99_000):
        parser.feed(b"x")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 500_000  # a list of the bytes would take eight times that
    assert 99_000 == parser.arriving
