"""A request is taken over HTTP/2 exactly when HTTP/1.1 takes it, and is then the same request, but for a table of differences.

Both versions' real parsers read the same method, target, authority, fields, body and trailers, each as its own bytes.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.http1 import RequestParser
from gatewright.dataplane.http2.received import ReceivedRequest
from support.http2 import Client

CONNECTION_SPECIFIC = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}


class Sent(NamedTuple):
    """What a client wants to say, in whichever version."""

    method: bytes = b"GET"
    target: bytes = b"/x"
    authority: bytes = b"a.b"
    fields: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = None
    trailers: tuple[tuple[bytes, bytes], ...] = ()

    def values(self, name: bytes) -> list[bytes]:
        return [value for at, value in self.fields if at == name]

    @property
    def texts(self) -> list[bytes]:
        return [
            self.method,
            self.target,
            self.authority,
            *(text for pair in self.fields + self.trailers for text in pair),
        ]


class Read(NamedTuple):
    """What of it comes out."""

    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    host: bytes | None


def over_http1(sent: Sent) -> Read | str:
    """The request, or why there is none."""
    fields = [(b"Host", sent.authority), *sent.fields]
    body = sent.body or b""
    if sent.trailers or (sent.body is not None and not sent.values(b"content-length")):
        fields.append((b"Transfer-Encoding", b"chunked"))
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        body = chunk + b"0\r\n" + b"".join(b"%b: %b\r\n" % field for field in sent.trailers) + b"\r\n"
    parser = RequestParser()
    head = b"".join(b"%b: %b\r\n" % field for field in fields)
    parser.feed(b"%b %b HTTP/1.1\r\n%b\r\n%b" % (sent.method, sent.target, head, body))
    if parser.refusal is not None:
        return parser.refusal.reason.code
    if len(parser.requests) != 1:
        return "INCOMPLETE"
    (request,) = parser.requests
    headers = [
        (lower, value) for lower, _, value in request.headers if (lower, value) != (b"transfer-encoding", b"chunked")
    ]
    return Read(request.method, request.path, request.query, headers, request.body, request.header(b"host"))


def over_http2(sent: Sent) -> Read | str:
    """The request, or why there is none."""
    client = Client()
    pseudo = [
        (b":method", sent.method),
        (b":scheme", b"https"),
        (b":authority", sent.authority),
        (b":path", sent.target),
    ]
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, [*pseudo, *sent.fields], end_stream=sent.body is None and not sent.trailers)
    # Without a look at what comes back: a request that was refused at its head is sent to its end, as over HTTP/1.1.
    if sent.body is not None:
        client.h2.send_data(stream_id, sent.body, end_stream=not sent.trailers)
    if sent.trailers:
        client.h2.send_headers(stream_id, sent.trailers, end_stream=True)
    client.pump()
    if not client.received:
        assert client.resets or client.ended_with
        return "RESET"
    (received,) = client.received
    request = received.request
    if not isinstance(received, ReceivedRequest):
        return received.refusal.reason.code
    headers = [(lower, value) for lower, _, value in request.headers]
    return Read(request.method, request.path, request.query, headers, request.body, request.header(b"host"))


def join_cookies(read: Read) -> Read:
    """RFC 9113 section 8.2.3: crumbs that came apart go on as one field, where the first one was."""
    crumbs = b"; ".join(value for name, value in read.headers if name == b"cookie")
    headers: list[tuple[bytes, bytes]] = []
    for name, value in read.headers:
        if name != b"cookie":
            headers.append((name, value))
        elif not any(at == b"cookie" for at, _ in headers):
            headers.append((name, crumbs))
    return read._replace(headers=headers)


class Difference(NamedTuple):
    """What HTTP/2 refuses and HTTP/1.1 need not, why, and one that shows it."""

    why: str
    applies: Callable[[Sent], bool]
    specimen: Sent


def has_name(names: set[bytes]) -> Callable[[Sent], bool]:
    return lambda sent: any(name in names for name, _ in sent.fields + sent.trailers)


STRICTER = {
    "connection": Difference(
        "RFC 9113 section 8.2.2: what concerns a connection of HTTP/1.1 has no place in HTTP/2",
        has_name(CONNECTION_SPECIFIC),
        Sent(fields=((b"connection", b"close"),)),
    ),
    "te": Difference(
        "section 8.2.2: TE says trailers and nothing else",
        lambda sent: any(value.lower() != b"trailers" for value in sent.values(b"te")),
        Sent(fields=((b"te", b"gzip"),)),
    ),
    "capitals": Difference(
        "section 8.2.1: names are in small letters",
        lambda sent: any(name != name.lower() for name, _ in sent.fields + sent.trailers),
        Sent(fields=((b"X-A", b"1"),)),
    ),
    "space": Difference(
        "section 8.2.1: what HTTP/1.1 writes around a value, and takes off again, is no part of it",
        lambda sent: any(text != text.strip(b" \t") for text in [sent.authority, *(v for _, v in sent.fields + sent.trailers)]),
        Sent(fields=((b"x", b" 1\t"),)),
    ),
    "colon": Difference(
        "HTTP/1.1 ends the name at its first colon, and reads another field",
        lambda sent: any(b":" in name for name, _ in sent.fields + sent.trailers),
        Sent(fields=((b"x:y", b"1"),)),
    ),
    "line end": Difference(
        "HTTP/1.1 ends the line there, and reads another message",
        lambda sent: any(b"\r\n" in text for text in sent.texts),
        Sent(fields=((b"x", b"1\r\ny: 2"),)),
    ),
    "length": Difference(
        "section 8.1.1: HTTP/2 knows where the body ends without Content-Length, and so whether that lies; what is too short "
        "over HTTP/1.1 is waited for, and what is too long is the next request",
        lambda sent: any(value.isdigit() and int(value) != len(sent.body or b"") for value in sent.values(b"content-length")),
        Sent(method=b"POST", fields=((b"content-length", b"0"),), body=b"\r\n"),
    ),
    "absolute": Difference(
        "section 8.3.1: HTTP/2 has the host in a field of its own",
        lambda sent: not sent.target.startswith(b"/"),
        Sent(target=b"https://a.b/x"),
    ),
}  # fmt: skip

NAMES = st.sampled_from(
    [b"x", b"x", b"x-a", b"x_a", b"accept", b"cookie", b"cookie", b"expect", b"content-length", b"te", b"trailer", b"host",
     b"authorization", b"x!#$%&'*+-.^`|~9", b"X", b"x y", b"x(", b"x:", b"", b"\xe4", b"x\0", b"x\r\ny", *CONNECTION_SPECIFIC]
)  # fmt: skip
VALUES = st.sampled_from(
    [b"", b"1", b"a=1", b"a.b", b"100-continue", b"100-Continue", b"trailers", b"chunked", b"close", b"a b", b"a\tb", b" a",
     b"a\t", b"\xff", b"\x7f", b"\0", b"a\nb", b"a\rb", b"a\r\nb: c", b'"a, b"', b"x" * 200]
)  # fmt: skip
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=3).map(tuple)
LENGTHS = st.sampled_from(
    [b"0", b"3", b"03", b"00000000000000000003", b"000000000000000000003", b"+3", b"3, 3", b"", b"-0", b"0x3", b"99999999"]
)  # fmt: skip
METHODS = st.sampled_from(
    [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"get", b"TRACE", b"CONNECT", b"BREW", b"", b"G T"]
)  # fmt: skip
PATH_PARTS = st.sampled_from(
    [b"/", b"/", b"a", b".", b"..", b"%2e", b"%2F", b"%", b"%5c", b"\\", b";", b"?", b"?", b"#", b"=", b"&", b"*", b":", b"@",
     b'"', b"<", b"{", b"|", b"^", b"`", b"~", b"[", b" ", b"\t", b"\0", b"\x7f", b"\xff", b"\r\n", b"http://a.b"]
)  # fmt: skip
TARGETS = st.lists(PATH_PARTS, max_size=6).map(lambda parts: b"/" + b"".join(parts)) | PATH_PARTS
HOST_PARTS = st.sampled_from(
    [b"a", b"a.b", b"A", b".", b"..", b"_", b"*", b"%41", b"%", b"-", b"@", b"u@", b":", b":443", b":65535", b":65536", b":0443",
     b":000443", b":x", b"[::1]", b"[::1", b"[::1::2]", b"[v1.a]", b"[", b"]", b"127.0.0.1", b",", b";", b"/", b"?", b"\\", b" ", b"\xff",
     b"\0", b"\r\n"]
)  # fmt: skip
AUTHORITIES = st.lists(HOST_PARTS, max_size=3).map(b"".join)
BODIES = st.sampled_from([None, b"", b"abc", b"a\r\n\r\nb"])


@st.composite
def requests(draw):
    """Something is wrong with one or two parts of it, and mostly with none."""
    parts = draw(st.sets(st.sampled_from(["method", "target", "authority", "fields", "body"]), max_size=2))
    sent = Sent()
    if "method" in parts:
        sent = sent._replace(method=draw(METHODS))
    if "target" in parts:
        sent = sent._replace(target=draw(TARGETS))
    if "authority" in parts:
        sent = sent._replace(authority=draw(AUTHORITIES))
    if "fields" in parts:
        sent = sent._replace(fields=draw(FIELDS))
    if "body" in parts:
        kind = draw(st.sampled_from(["sized", "ended", "trailed"]))
        sent = sent._replace(method=draw(st.sampled_from([b"POST", b"GET", b"HEAD"])), body=draw(BODIES))
        if kind == "sized":
            sent = sent._replace(fields=(*sent.fields, (b"content-length", draw(LENGTHS))))
        elif kind == "trailed" and not sent.values(b"content-length"):
            sent = sent._replace(trailers=draw(FIELDS))
    return sent


@given(requests())
@settings(max_examples=500)
@example(Sent(target=b"/public/../admin"))
@example(Sent(target=b"/public/%2e%2e;/admin"))
@example(Sent(authority=b"a.b:65536"))
@example(Sent(authority=b"."))
@example(Sent(authority=b"[::1::2]:443"))
@example(Sent(authority=b"A.b.:"))
@example(Sent(authority=b"a" * 260))
@example(Sent(authority=b"a" * 261))
@example(Sent(fields=((b"expect", b"100-continue"), (b"expect", b"100-continue")), body=b""))
@example(Sent(fields=((b"content-length", b"0" * 20),)))
@example(Sent(fields=((b"content-length", b"0" * 21),)))
@example(Sent(fields=((b"cookie", b"a=1"), (b"x", b""), (b"cookie", b"b=2"))))
@example(Sent(body=b"abc", trailers=((b"content-length", b"3"),)))
@example(Sent(body=b"abc", trailers=((b"x", b"\0"),)))
def test_a_request_is_read_alike_in_both_versions(sent):
    first, second = over_http1(sent), over_http2(sent)
    if any(difference.applies(sent) for difference in STRICTER.values()):
        assert isinstance(second, str)
    elif len(sent.values(b"host")) == 1 and not isinstance(second, str):
        # RFC 9113 section 8.3.1: what was made of HTTP/1.1 may have the host twice, if it is the same.
        assert isinstance(first, str)
        assert sent.authority.lower() == sent.values(b"host")[0].lower()
    elif isinstance(first, str):
        assert isinstance(second, str), first
    else:
        assert join_cookies(first) == second


@pytest.mark.parametrize("name", STRICTER)
def test_the_table_of_differences_has_nothing_that_is_none(name):
    difference = STRICTER[name]
    assert [name] == [other for other, each in STRICTER.items() if each.applies(difference.specimen)]
    assert isinstance(over_http1(difference.specimen), Read), difference.why
    assert isinstance(over_http2(difference.specimen), str), difference.why


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(Sent(method=b"TRACE"), "REQUEST_MALFORMED", id="TRACE"),
        pytest.param(Sent(method=b"CONNECT", target=b"/"), "REQUEST_MALFORMED", id="CONNECT"),
        pytest.param(Sent(method=b"OPTIONS", target=b"*"), "REQUEST_MALFORMED", id="OPTIONS *"),
        pytest.param(Sent(target=b"/a#b"), "REQUEST_MALFORMED", id="a fragment"),
        pytest.param(Sent(target=b"/../a"), "REQUEST_MALFORMED", id="a dot segment"),
        pytest.param(Sent(target=b"/" * 10_241), "URI_TOO_LONG", id="a long target"),
        pytest.param(Sent(fields=((b"x", b"1" * 10_240),)), "REQUEST_HEADERS_TOO_LARGE", id="large headers"),
        pytest.param(Sent(fields=((b"expect", b"200-ok"),)), "EXPECTATION_UNKNOWN", id="another expectation"),
        pytest.param(
            Sent(method=b"POST", fields=((b"content-length", b"%d" % (MAX_PAYLOAD + 1)),), body=b""),
            "REQUEST_TOO_LARGE",
            id="a large body",
        ),
        pytest.param(
            Sent(body=b"abc", trailers=((b"x", b"1" * 10_240),)), "REQUEST_HEADERS_TOO_LARGE", id="large trailers"
        ),
    ],
)
def test_what_is_refused_with_an_answer_gets_the_same_answer(sent, code):
    assert (code, code) == (over_http1(sent), over_http2(sent))
