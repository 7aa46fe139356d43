"""A request's header block is read as HTTP/1.1 would read it, or not at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.http1 import RequestParser
from gatewright.dataplane.http2.head import MalformedHead, describe_refused, parse_head

HEAD = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"api.example.com"),
    (b":path", b"/orders?limit=1"),
]


def with_pseudo(name: bytes, value: bytes | None) -> list[tuple[bytes, bytes]]:
    """HEAD with one pseudo-header replaced, or left out."""
    return [(at, value if at == name else old) for at, old in HEAD if at != name or value is not None]


def test_a_head_becomes_what_http_1_1_would_have_sent():
    head = parse_head([*HEAD, (b"accept", b"*/*"), (b"content-length", b"12"), (b"expect", b"100-Continue")])
    assert ("GET", "/orders", "limit=1") == (head.method, head.path, head.query)
    assert [
        (b"host", b"host", b"api.example.com"),
        (b"accept", b"accept", b"*/*"),
        (b"content-length", b"content-length", b"12"),
        (b"expect", b"expect", b"100-Continue"),
    ] == head.headers
    assert (b"api.example.com", 12, True) == (head.authority, head.content_length, head.expects_continue)


def test_cookie_crumbs_are_joined_where_the_first_one_was():
    head = parse_head([*HEAD, (b"cookie", b"a=1"), (b"accept", b"*/*"), (b"cookie", b"b=2"), (b"cookie", b"c=3")])
    assert [b"host", b"cookie", b"accept"] == [field[0] for field in head.headers]
    assert b"a=1; b=2; c=3" == head.headers[1][2]


def test_host_stands_in_for_an_absent_authority():
    head = parse_head([*with_pseudo(b":authority", None), (b"accept", b"*/*"), (b"host", b"api.example.com:8443")])
    assert b"api.example.com:8443" == head.authority
    assert [(b"host", b"host", b"api.example.com:8443"), (b"accept", b"accept", b"*/*")] == head.headers


def test_host_may_repeat_the_authority():
    head = parse_head([*HEAD, (b"host", b"API.example.com")])
    assert [(b"host", b"host", b"api.example.com")] == head.headers


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([], id="no fields at all"),
        pytest.param(with_pseudo(b":method", None), id="no :method"),
        pytest.param(with_pseudo(b":scheme", None), id="no :scheme"),
        pytest.param(with_pseudo(b":scheme", b"ftp"), id="another scheme"),
        pytest.param(with_pseudo(b":path", None), id="no :path"),
        pytest.param(with_pseudo(b":path", b""), id="an empty :path"),
        pytest.param(with_pseudo(b":authority", b""), id="an empty :authority"),
        pytest.param(with_pseudo(b":authority", b"user@api.example.com"), id="userinfo"),
        pytest.param(with_pseudo(b":authority", b"api.example.com/x"), id="a path in :authority"),
        pytest.param(with_pseudo(b":authority", b"api example.com"), id="a space in :authority"),
        pytest.param(with_pseudo(b":authority", b"api.example.com\r\nx: y"), id="a line end in :authority"),
        pytest.param(with_pseudo(b":authority", b"api.example.com:80:80"), id="two ports"),
        pytest.param(with_pseudo(b":authority", b"api.example.com:https"), id="a port that is no number"),
        pytest.param(with_pseudo(b":authority", b"api.example.com:65536"), id="a port that is none"),
        pytest.param(with_pseudo(b":authority", b"."), id="no name before the dot"),
        pytest.param(with_pseudo(b":authority", b"[::1::2]"), id="brackets around no address"),
        pytest.param(with_pseudo(b":authority", b"[v1.a]"), id="an address of the future"),
        pytest.param([*HEAD, (b"expect", b"100-continue"), (b"expect", b"100-continue")], id="two Expects"),
        pytest.param([*HEAD, (b"host", b"other.example.com")], id="Host and :authority differ"),
        pytest.param([*HEAD, (b"host", b"api.example.com"), (b"host", b"api.example.com")], id="two Hosts"),
        pytest.param([*HEAD, (b":path", b"/other")], id="a pseudo-header twice"),
        pytest.param([*HEAD, (b":protocol", b"websocket")], id="extended CONNECT"),
        pytest.param([*HEAD, (b":status", b"200")], id="a response's pseudo-header"),
        pytest.param([*HEAD[:3], (b"accept", b"*/*"), HEAD[3]], id="a pseudo-header after an ordinary one"),
        pytest.param([*HEAD, (b"", b"x")], id="a name of no length"),
        pytest.param([*HEAD, (b"", b"")], id="a field of no length"),
        pytest.param([*HEAD, (b"Accept", b"*/*")], id="a capital in a name"),
        pytest.param([*HEAD, (b"x y", b"1")], id="a space in a name"),
        pytest.param([*HEAD, (b"x:y", b"1")], id="a colon in a name"),
        pytest.param([*HEAD, (b"x\r\ny", b"1")], id="a line end in a name"),
        pytest.param([*HEAD, (b"x\x00", b"1")], id="NUL in a name"),
        pytest.param([*HEAD, ("ä".encode(), b"1")], id="a name that is not ASCII"),
        pytest.param([*HEAD, (b"x", b"1\r\ny: 2")], id="a line end in a value"),
        pytest.param([*HEAD, (b"x", b"1\ny: 2")], id="LF in a value"),
        pytest.param([*HEAD, (b"x", b"1\ry: 2")], id="CR in a value"),
        pytest.param([*HEAD, (b"x", b"1\x002")], id="NUL in a value"),
        pytest.param([*HEAD, (b"x", b"1\x7f")], id="DEL in a value"),
        pytest.param([*HEAD, (b"x", b" 1")], id="a space before a value"),
        pytest.param([*HEAD, (b"x", b"1\t")], id="a tab after a value"),
        pytest.param([*HEAD, (b"connection", b"close")], id="Connection"),
        pytest.param([*HEAD, (b"keep-alive", b"timeout=5")], id="Keep-Alive"),
        pytest.param([*HEAD, (b"proxy-connection", b"close")], id="Proxy-Connection"),
        pytest.param([*HEAD, (b"transfer-encoding", b"chunked")], id="Transfer-Encoding"),
        pytest.param([*HEAD, (b"upgrade", b"websocket")], id="Upgrade"),
        pytest.param([*HEAD, (b"te", b"gzip")], id="TE other than trailers"),
        pytest.param([*HEAD, (b"content-length", b"1"), (b"content-length", b"1")], id="two Content-Lengths"),
        pytest.param([*HEAD, (b"content-length", b"+1")], id="Content-Length with a sign"),
        pytest.param([*HEAD, (b"content-length", b"")], id="an empty Content-Length"),
        pytest.param([*HEAD, (b"content-length", b"1,1")], id="a list as Content-Length"),
        pytest.param([*HEAD, (b"content-length", b"9" * 5_000)], id="a Content-Length that takes long to read"),
    ],
)
def test_a_malformed_head_is_no_request(fields):
    with pytest.raises(MalformedHead):
        parse_head(fields)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param(with_pseudo(b":method", b"TRACE"), "REQUEST_MALFORMED", id="an eighth method"),
        pytest.param(with_pseudo(b":method", b"get"), "REQUEST_MALFORMED", id="a method in small letters"),
        pytest.param(
            [(b":method", b"CONNECT"), (b":authority", b"api.example.com")], "REQUEST_MALFORMED", id="CONNECT"
        ),
        pytest.param(with_pseudo(b":authority", None), "REQUEST_MALFORMED", id="neither :authority nor Host"),
        pytest.param(with_pseudo(b":path", b"*"), "REQUEST_MALFORMED", id="asterisk-form"),
        pytest.param(with_pseudo(b":path", b"orders"), "REQUEST_MALFORMED", id="a path without its slash"),
        pytest.param(with_pseudo(b":path", b"https://a.b/"), "REQUEST_MALFORMED", id="absolute-form"),
        pytest.param(with_pseudo(b":path", b"/a b"), "REQUEST_MALFORMED", id="a space in the target"),
        pytest.param(with_pseudo(b":path", b"/a HTTP/1.1\r\nx: y\r\n\r\n"), "REQUEST_MALFORMED", id="a request in it"),
        pytest.param(with_pseudo(b":path", b"/a#b"), "REQUEST_MALFORMED", id="a fragment"),
        pytest.param(with_pseudo(b":path", b"/public/../admin"), "REQUEST_MALFORMED", id="a dot segment"),
        pytest.param(with_pseudo(b":path", b"/public/%2e%2E"), "REQUEST_MALFORMED", id="an encoded dot segment"),
        pytest.param(with_pseudo(b":path", "/ä".encode()), "REQUEST_MALFORMED", id="a target that is not ASCII"),
        pytest.param(with_pseudo(b":path", b"/" * 10_241), "URI_TOO_LONG", id="a long target"),
        pytest.param([*HEAD, (b"expect", b"200-ok")], "EXPECTATION_UNKNOWN", id="another expectation"),
        pytest.param([*HEAD, (b"x", b"1" * 10_240)], "REQUEST_HEADERS_TOO_LARGE", id="a large header"),
        pytest.param([*HEAD, *[(b"x", b"")] * 2_048], "REQUEST_HEADERS_TOO_LARGE", id="many small headers"),
        pytest.param([*HEAD, (b"content-length", b"%d" % (MAX_PAYLOAD + 1))], "REQUEST_TOO_LARGE", id="a large body"),
    ],
)
def test_a_request_that_is_well_formed_but_not_ours_gets_an_answer(fields, code):
    with pytest.raises(GatewayError) as refusal:
        parse_head(fields)
    assert code == refusal.value.reason.code


def test_headers_of_exactly_the_limit_pass_as_in_http_1_1():
    room = 10_240 - len(b"host") - len(b"api.example.com") - 4 - len(b"x") - 4
    parse_head([*HEAD, (b"x", b"1" * room)])
    with pytest.raises(GatewayError):
        parse_head([*HEAD, (b"x", b"1" * (room + 1))])


TEXT = st.one_of(st.binary(max_size=6), st.sampled_from([b"\r\n", b"a", b"x-y", b" ", b"a: b", b"chunked", b"#", b"/"]))
NAME = st.one_of(
    TEXT, st.sampled_from([b"content-length", b"host", b"te", b"expect", b"cookie", b"transfer-encoding", b"a"])
)


@given(
    method=st.sampled_from([b"GET", b"POST", b"HEAD", b"GET\r\n", b"get"]),
    path=st.lists(TEXT, max_size=3).map(lambda parts: b"/" + b"".join(parts)),
    authority=st.one_of(st.sampled_from([b"a.b", b"a.b:8443", b"[::1]:80", b"u@a.b"]), TEXT),
    fields=st.lists(
        st.tuples(NAME, st.one_of(TEXT, st.sampled_from([b"0", b"trailers", b"100-continue"]))), max_size=4
    ),
)
@example(method=b"GET", path=b"/", authority=b"a.b", fields=[(b"a", b"\x80\xff\t1")])
@example(method=b"GET", path=b"/.", authority=b"a.b", fields=[])
@example(method=b"GET", path=b'/"<>\\^`{|}~', authority=b"a.b", fields=[])
def test_what_passes_is_read_by_an_http_1_1_server_as_the_same_request(method, path, authority, fields):
    """llhttp is the oracle: the head is written out plainly and read back."""
    try:
        head = parse_head(
            [(b":method", method), (b":scheme", b"https"), (b":authority", authority), (b":path", path), *fields]
        )
    except (MalformedHead, GatewayError):
        return
    if head.content_length:
        return  # its body would have to follow
    parser = RequestParser()
    written = b"%b %b HTTP/1.1\r\n" % (method, path)
    written += b"".join(b"%b: %b\r\n" % (name, value) for name, _, value in head.headers)
    parser.feed(written + b"\r\n")
    assert parser.refusal is None, parser.refusal
    (request,) = parser.requests
    assert (request.method, request.path, request.query) == (head.method, head.path, head.query)
    assert request.headers == head.headers


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            [(b":method", b"BREW"), (b":path", b"/pot?x=1"), (b":authority", b"a.test")],
            ("BREW", "/pot", "x=1", b"a.test"),
        ),
        ([(b":path", b"/\xff"), (b"x", b"1")], ("-", "/\xff", "", None)),
        ([(b":path", b"/" + b"x" * 20_000), (b"host", b"b.test")], ("-", "/" + "x" * 10_239, "", b"b.test")),
        ([], ("-", "-", "", None)),
    ],
)
def test_of_a_refused_request_the_record_keeps_what_there_is(fields, told):
    request = describe_refused(fields)
    assert told == (request.method, request.path, request.query, request.header(b"host"))
