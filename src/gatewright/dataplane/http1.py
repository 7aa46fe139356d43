"""HTTP/1.1 from clients: bytes to whole requests, responses to bytes. No sockets here.

llhttp (through httptools) reads the grammar strictly: conflicting lengths, folded headers, bare line ends and
whitespace before a colon end the connection. What it leaves open is decided here: limits, Host, the forms of the
target, transfer codings, upgrades. One interpretation of every message, or none.
"""

from typing import Final

import httptools

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import MAX_PAYLOAD, HeaderField, Request, Response
from gatewright.core.http.target import has_dot_segment
from gatewright.core.reasons import (
    REQUEST_HEADERS_TOO_LARGE,
    REQUEST_MALFORMED,
    REQUEST_TOO_LARGE,
    URI_TOO_LONG,
)

#: Facts 9: the header block, and the URL of a Regional endpoint.
MAX_HEADER_BLOCK: Final = 10_240
MAX_TARGET: Final = 10_240
#: Bytes before the end of the headers that are taken at all: both limits and the start line's other words, so that a
#: header without end cannot grow in the parser.
_MAX_HEAD: Final = MAX_HEADER_BLOCK + MAX_TARGET + 1_024

#: RFC 9110 section 9 and RFC 5789; others get 400 as the service knows no method of that name.
_METHODS: Final = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")}

_PROTOCOLS: Final = {"1.1": "HTTP/1.1", "1.0": "HTTP/1.0"}
#: Headers that decide framing or address: twice is a contradiction, even where both say the same.
_ALONE: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})

_REASON_PHRASES: Final = {
    200: b"OK", 201: b"Created", 202: b"Accepted", 204: b"No Content", 301: b"Moved Permanently", 302: b"Found",
    304: b"Not Modified", 400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden", 404: b"Not Found",
    405: b"Method Not Allowed", 409: b"Conflict", 413: b"Request Too Long", 414: b"URI Too Long",
    415: b"Unsupported Media Type", 429: b"Too Many Requests", 431: b"Request Header Fields Too Large",
    500: b"Internal Server Error", 502: b"Bad Gateway", 503: b"Service Unavailable", 504: b"Gateway Timeout",
}  # fmt: skip
_STATUS_LINES: Final = {
    status: b"HTTP/1.1 %d %b\r\n" % (status, _REASON_PHRASES.get(status, b"")) for status in range(100, 1000)
}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class RequestParser:
    """Feeds on bytes; finished requests gather in `requests`, oldest first.

    When the bytes cannot go on to be requests, `refusal` is set and nothing more is taken: the requests before it are
    answered, then the refusal, then the connection ends. `wants_continue` turns True when a client waits for leave to
    send its body; whoever gives it sets it back.
    """

    __slots__ = (
        "_begun", "_body", "_body_size", "_chunks", "_head_done", "_head_size", "_header_size", "_headers", "_last",
        "_over", "_parser", "_url", "refusal", "requests", "wants_continue",
    )  # fmt: skip

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refusal: GatewayError | None = None
        self.wants_continue = False
        self._parser = httptools.HttpRequestParser(self)
        self._over = False
        self.on_message_begin()
        self._begun = False
        self._head_size = 0

    @property
    def idle(self) -> bool:
        """True between requests: nothing of a next one has arrived."""
        return not self._begun

    @property
    def in_head(self) -> bool:
        """True while the head of a request has begun to arrive and is not whole."""
        return self._begun and not self._head_done

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        if self.refusal is not None or self._over:
            return
        if not self._head_done:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request is whole and was told not to keep the connection; what follows could be another protocol's.
            self._over = True
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self.refusal = cause if isinstance(cause, GatewayError) else _malformed(str(cause))
        except httptools.HttpParserError as error:
            self.refusal = _malformed(str(error) or type(error).__name__)
        else:
            if not self._head_done and self._head_size > _MAX_HEAD:
                self.refusal = GatewayError(REQUEST_HEADERS_TOO_LARGE)

    def unfinished(self) -> Request:
        """What was read of the request that was refused, for the record: as far as it came, `-` where it did not."""
        if not (self._begun and self._url):
            return Request("-", "-", "", [], b"", keep_alive=False)
        path, _, query = self._url[:MAX_TARGET].decode("latin-1").partition("?")
        method = self._parser.get_method().decode("latin-1")
        return Request(method, path, query, self._headers, b"", keep_alive=False)

    # --- httptools' callbacks -----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request line begins."""
        self._begun = True
        self._url = b""
        self._headers: list[HeaderField] = []
        self._last: dict[bytes, bytes] = {}
        self._header_size = 0
        self._body = b""
        self._chunks: bytearray | None = None
        self._body_size = 0
        self._head_done = False

    def on_url(self, url: bytes) -> None:
        """The target, or a part of it."""
        self._url += url
        if len(self._url) > MAX_TARGET:
            raise GatewayError(URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._header_size += len(name) + len(value) + 4
        if self._header_size > MAX_HEADER_BLOCK:
            raise GatewayError(REQUEST_HEADERS_TOO_LARGE)
        if self._head_done:
            return  # a trailer: read for its size and dropped (RFC 9110 section 6.5.1)
        lower = name.lower()
        value = value.rstrip(b" \t")
        self._headers.append((lower, name, value))
        if lower in _ALONE and lower in self._last:
            raise _malformed(f"it has two {name.decode('latin-1')} headers")
        self._last[lower] = value

    def on_headers_complete(self) -> None:
        """The header block is whole."""
        self._head_done = True
        find = self._last.get
        body = False
        length = find(b"content-length")
        if length is not None:
            size = int(length)
            if size > MAX_PAYLOAD:
                raise GatewayError(REQUEST_TOO_LARGE)
            body = size > 0
        coding = find(b"transfer-encoding")
        if coding is not None:
            # RFC 9112 section 6.1: a coding we do not undo would reach the backend unannounced, and HTTP/1.0 knows none.
            if coding.lower() != b"chunked" or self._parser.get_http_version() != "1.1":
                raise _malformed("its Transfer-Encoding is not just chunked")
            body = True
        if body and self._parser.should_upgrade():
            raise _malformed("it wants another protocol after its body, and the two cannot be told apart")
        expected = find(b"expect")
        if expected is None:
            return
        if expected.lower() != b"100-continue":
            raise _malformed("it expects what no server of HTTP/1.1 knows")
        self.wants_continue = self._parser.get_http_version() == "1.1"

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_size += len(body)
        if self._body_size > MAX_PAYLOAD:
            raise GatewayError(REQUEST_TOO_LARGE)
        # One growing buffer rather than a list: a body of one-byte chunks would cost forty times its size.
        if self._chunks is not None:
            self._chunks += body
        elif self._body:
            self._chunks = bytearray(self._body)
            self._chunks += body
        else:
            self._body = body

    def on_message_complete(self) -> None:
        """The request is whole."""
        parser = self._parser
        version = parser.get_http_version()
        if version not in _PROTOCOLS:
            raise _malformed(f"it is HTTP/{version}")
        method = _METHODS.get(parser.get_method())
        if method is None:
            raise _malformed(f"the method {parser.get_method().decode('latin-1')} is not one an API can have")
        if b"host" not in self._last and version == "1.1":
            raise _malformed("it has no Host header")
        path, query = self._target()
        body = self._body if self._chunks is None else bytes(self._chunks)
        self.requests.append(
            Request(
                method,
                path,
                query,
                self._headers,
                body,
                keep_alive=parser.should_keep_alive() and not (b"upgrade" in self._last and parser.should_upgrade()),
                protocol=_PROTOCOLS[version],
                last=self._last,
            )
        )
        self._begun = self._head_done = False
        self._head_size = 0
        self.wants_continue = False

    def _target(self) -> tuple[str, str]:
        """(path, query) of an origin-form or absolute-form target (RFC 9112 section 3.2)."""
        try:
            target = self._url.decode("ascii")
        except UnicodeDecodeError:
            raise _malformed("its target has bytes that are not ASCII") from None
        if not target.startswith("/"):
            scheme, separator, rest = target.partition("://")
            if not separator or scheme.lower() not in {"http", "https"}:
                raise _malformed("its target is neither a path nor an absolute http address")
            path_start = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
            authority, rest = rest[:path_start], rest[path_start:]
            # RFC 9112 section 3.2.2: the authority replaces Host; should they differ, one hop would read it so, the next not.
            host = self._last.get(b"host")
            if host is not None and authority.lower().encode() != host.lower():
                raise _malformed("its target and its Host header name different hosts")
            target = rest if rest.startswith("/") else f"/{rest}"
        target = target.partition("#")[0]
        path, _, query = target.partition("?")
        if has_dot_segment(path):
            raise _malformed("its path has a dot segment, which the next hop could resolve")
        return path, query


def _malformed(why: str) -> GatewayError:
    return GatewayError(REQUEST_MALFORMED, why=why)


def render_response(response: Response, *, head_only: bool, keep_alive: bool, date: bytes) -> bytes:
    """The bytes of a whole response. `head_only`: the answer to HEAD, which has no body.

    204 and 304 have no body and no length (RFC 9110 sections 8.6 and 15.4.5); neither has an answer to HEAD whose body's
    length is not known here, because the backend left the body out (section 9.3.2).
    """
    status = response.status
    out = [_STATUS_LINES[status]]
    out += [b"%b: %b\r\n" % field for field in response.headers]
    body = response.body
    if status in {204, 304} or (head_only and not body):
        body = b""
        length = b""
    else:
        length = b"Content-Length: %d\r\n" % len(body)
    out.append(b"%bConnection: %b\r\nDate: %b\r\n\r\n" % (length, b"keep-alive" if keep_alive else b"close", date))
    if body and not head_only:
        out.append(body)
    return b"".join(out)
