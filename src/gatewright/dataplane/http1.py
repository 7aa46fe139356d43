"""HTTP/1.1 from clients: bytes to whole requests, responses to bytes. No sockets here.

llhttp (through httptools) reads the grammar strictly: conflicting lengths, folded headers, bare line ends and
whitespace before a colon end the connection. What it leaves open is decided here: the request line's own spelling,
limits, Host, the forms of the target, transfer codings, how much framing a chunked body may have, which request is the
connection's last, upgrades. One interpretation of every message, or none; and the same one wherever the reads part it.

llhttp is handed its bytes in pieces that end where a message can end: after an empty line, or with the last byte of a
body whose length is known. So a head is known byte for byte when it is judged, and so is the framing of a chunked body.
A large body of known length is not handed to it at all: there is nothing in it to read, and it would be copied.
"""

import re
from typing import Any, Final

import httptools

from gatewright.core.decimals import decimal_bytes
from gatewright.core.domains.hostname import parse_host
from gatewright.core.errors import GatewayError
from gatewright.core.http.content import Parts
from gatewright.core.http.message import FRAMING_HEADERS, MAX_PAYLOAD, HeaderField, Request, Response
from gatewright.core.http.target import has_dot_segment
from gatewright.core.reasons import (
    EXPECTATION_UNKNOWN,
    REQUEST_HEADERS_TOO_LARGE,
    REQUEST_MALFORMED,
    REQUEST_TOO_LARGE,
    URI_TOO_LONG,
)

#: Facts 9: the header block, and the URL of a Regional endpoint.
MAX_HEADER_BLOCK: Final = 10_240
MAX_TARGET: Final = 10_240
#: Bytes of a head beside its headers and its target: the request line's other words, and empty lines before it.
_MAX_REST_OF_HEAD: Final = 1_024

#: RFC 9110 section 9 and RFC 5789; others get 400 as the service knows no method of that name.
_METHODS: Final = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")}

_PROTOCOLS: Final = {b"1.1": "HTTP/1.1", b"1.0": "HTTP/1.0"}
#: RFC 9112 section 3, with the empty lines before it that section 2.2 lets a server skip. llhttp would also take several
#: spaces, line ends of one byte before the line, and RTSP's name in place of HTTP's.
_REQUEST_LINE: Final = re.compile(rb"(?:\r\n)*[A-Z-]+ [^ \r\n]+ HTTP/([0-9]\.[0-9])\r\n")
_END_OF_LINE: Final = b" HTTP/1.1\r\n"
_BLANK_LINE: Final = b"\r\n\r\n"
#: A length of 10 MB has eight digits; leading zeros are legal (RFC 9110 section 8.6) and need not be many.
_MAX_LENGTH_DIGITS: Final = 20
#: What chunk sizes, extensions and trailers may cost beside the body. A body of one-byte chunks has five bytes of framing
#: for each byte; Go and Node bound extensions at 16 kB as well (CVE-2023-39326, CVE-2024-22019).
_FREE_FRAMING: Final = 16_384
_FRAMING_PER_BYTE: Final = 8
#: Empty lines within one chunked body after each of which the message may end. A body with more is still read, but its
#: end cannot be told from the next request's beginning for certain, so that there is no next one.
_MAX_BLANK_LINES: Final = 1_000
#: A body of known length beyond this goes past llhttp, for which the parser pays with a new one for the next request.
_LARGE: Final = 65_536
#: Parts of such a body below this are gathered in one buffer: a list of bytes costs forty times what is in it.
_SMALL_PART: Final = 4_096
#: Heads that are remembered, one a connection: some 8 kB at worst. Those of an API's clients seldom have more.
_MAX_KNOWN: Final = 1_024
_MAX_KNOWN_HEADERS: Final = 32
#: Headers that decide framing or address: twice is a contradiction, even where both say the same.
_ALONE: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})

_REASON_PHRASES: Final = {
    200: b"OK", 201: b"Created", 202: b"Accepted", 204: b"No Content", 301: b"Moved Permanently", 302: b"Found",
    304: b"Not Modified", 400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden", 404: b"Not Found",
    405: b"Method Not Allowed", 409: b"Conflict", 413: b"Request Too Long", 414: b"URI Too Long",
    415: b"Unsupported Media Type", 417: b"Expectation Failed", 429: b"Too Many Requests", 431: b"Request Header Fields Too Large",
    500: b"Internal Server Error", 502: b"Bad Gateway", 503: b"Service Unavailable", 504: b"Gateway Timeout",
}  # fmt: skip
_STATUS_LINES: Final = {
    status: b"HTTP/1.1 %d %b\r\n" % (status, _REASON_PHRASES.get(status, b"")) for status in range(200, 600)
}
_BODILESS: Final = frozenset({204, 304})
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class RequestParser:
    """Feeds on bytes; finished requests gather in `requests`, oldest first.

    When the bytes cannot go on to be requests, `refusal` is set and nothing more is taken: the requests before it are
    answered, then the refusal, then the connection ends. `wants_continue` turns True when a client waits for leave to
    send its body; whoever gives it sets it back.
    """

    __slots__ = (
        "_begun", "_blank_lines", "_body", "_body_size", "_chunked", "_chunks", "_framed", "_head", "_head_done",
        "_headers", "_keep_alive", "_known", "_known_head", "_large", "_last", "_left", "_method", "_over", "_parser", "_parts", "_path", "_protocol",
        "_query", "_tail", "_trailer_size", "_url", "refusal", "requests", "wants_continue",
    )  # fmt: skip

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refusal: GatewayError | None = None
        self.wants_continue = False
        self._parser: Any = httptools.HttpRequestParser(self)
        self._over = False
        self._head = b""  # the present head's bytes, as far as they came, with the empty lines before it
        self._left = 0  # bytes still to come of a body whose length is known
        self._parts: list[bytes | bytearray] | None = None  # those of a large one, so far
        self._large: Parts | None = None  # and all of them, for a moment
        self._chunked = False
        self._tail = b""  # the last three bytes of a chunked body so far
        self._known_head = b""  # the last head that was a whole request
        self._known: Request | None = None  # that request, if the same head may come again
        self.on_message_begin()
        self._begun = False

    @property
    def idle(self) -> bool:
        """True between requests: nothing of a next one has arrived."""
        return not self._begun

    @property
    def in_head(self) -> bool:
        """True while the head of a request has begun to arrive and is not whole."""
        return self._begun and not self._head_done

    @property
    def part(self) -> int:
        """Where the next byte belongs: 0 between requests, 1 in a head, 2 in a body."""
        return self._begun + self._head_done

    @property
    def arriving(self) -> int:
        """Bytes of the body that is on its way."""
        return self._body_size if self._begun else 0

    def end(self) -> None:
        """Nothing more is fed: llhttp's parser and this one, which know each other, are let go without the collector."""
        self._parser = None

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        if self._begun or self._head or data.find(_BLANK_LINE) != len(data) - 4:
            at = 0
            while at < len(data) and self.refusal is None and not self._over:
                end = self._piece_end(data, at)
                # (Compiled, a slice of all of it would be a copy: of each byte of a large body.)
                self._take(data if end - at == len(data) else data[at:end])
                at = end
        elif self.refusal is None and not self._over:
            # One whole head, as nearly every read is.
            if data == self._known_head:
                self._recall(data)
            else:
                self._take(data)
                self._known_head, self._known = data if len(data) <= _MAX_KNOWN else b"", None

    def _recall(self, head: bytes) -> None:
        """The head came before, as those of a client do that asks the same again and again: it is the same request.

        (A shortcut: 1.5 µs less. The same bytes between two requests are always read the same, and leave the parser where it
        was. It is kept of a head that comes twice, not of each.)
        """
        known = self._known
        if known is not None:
            self.requests.append(
                Request(
                    known.method,
                    known.path,
                    known.query,
                    known.headers,
                    b"",
                    protocol=known.protocol,
                    last=known.last,
                )
            )
            return
        before = len(self.requests)
        self._take(head)
        # (Empty lines between two requests, which may come twice as well, are none.)
        whole = len(self.requests) > before and self.idle and self.refusal is None and not self._over
        if whole and len(self._headers) <= _MAX_KNOWN_HEADERS:
            self._known = self.requests[-1]

    def _piece_end(self, data: bytes, at: int) -> int:
        """How far llhttp may read from `at`: to where the message could end, or to the end of what arrived."""
        if self._left:
            return min(at + self._left, len(data))
        before = self._head[-3:]
        if self._chunked:
            if self._blank_lines > _MAX_BLANK_LINES:
                return len(data)
            before = self._tail
        found = (before + data[at : at + 3]).find(_BLANK_LINE)
        if found >= 0:
            return at + found + 4 - len(before)
        found = data.find(_BLANK_LINE, at)
        return len(data) if found < 0 else found + 4

    def _take(self, piece: bytes) -> None:
        """Hand a piece to llhttp."""
        if self._left:
            self._left -= len(piece)
            if self._parts is not None:
                self._take_part(self._parts, piece)
                return
        elif self._chunked:
            self._framed += len(piece)
            self._tail = (self._tail + piece[-3:])[-3:]
            self._blank_lines += self._tail == b"\n\r\n"
        else:
            self._head = self._head + piece if self._head else piece
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # The request is whole and was told not to keep the connection; what follows could be another protocol's.
            self._over = True
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, GatewayError) else _malformed(str(cause)))
        except httptools.HttpParserError as error:
            self._refuse(_malformed(str(error) or type(error).__name__))
        else:
            if self._head and self._is_head_too_large():  # also while a header without end grows
                self._refuse(GatewayError(REQUEST_HEADERS_TOO_LARGE))
            elif self._chunked and self._has_too_much_framing():
                self._refuse(_too_much_framing())

    def _take_part(self, parts: list[bytes | bytearray], piece: bytes) -> None:
        """A part of a large body, past llhttp."""
        self._body_size += len(piece)
        last = parts[-1] if parts else None
        if len(piece) >= _SMALL_PART:
            parts.append(piece)
        elif isinstance(last, bytearray):
            last += piece
        else:
            parts.append(bytearray(piece))
        if not self._left:
            self._parts = None
            self._large = Parts([part if isinstance(part, bytes) else bytes(part) for part in parts])
            self.on_message_complete()
            self._parser = httptools.HttpRequestParser(self)  # the old one still waits for the body

    def _refuse(self, refusal: GatewayError) -> None:
        if not self._over:  # else nobody asked for what was wrong
            self.refusal = refusal

    def _is_head_too_large(self) -> bool:
        return len(self._head) > MAX_HEADER_BLOCK + len(self._url) + _MAX_REST_OF_HEAD

    def _has_too_much_framing(self) -> bool:
        return self._framed - self._body_size > _FREE_FRAMING + _FRAMING_PER_BYTE * self._body_size

    def unfinished(self) -> Request:
        """What was read of the request that was refused, for the record: as far as it came, `-` where it did not."""
        if not (self._begun and self._url):
            # Whoever asked with HEAD reads no body behind the refusal either.
            head_only = self._head.lstrip(b"\r\n").startswith(b"HEAD ")
            return Request("HEAD" if head_only else "-", "-", "", [], b"", keep_alive=False)
        path, _, query = self._url[:MAX_TARGET].decode("latin-1").partition("?")
        method = self._parser.get_method().decode("latin-1")
        return Request(method, path, query, self._headers, b"", keep_alive=False)

    # --- httptools' callbacks -----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request line begins."""
        if self._over:
            raise _malformed("it follows the last request of its connection")
        self._begun = True
        self._url = b""
        self._headers: list[HeaderField] = []
        self._last: dict[bytes, bytes] = {}
        self._body: bytes = b""
        self._chunks: bytearray | None = None
        self._body_size: int = 0
        self._head_done = False

    def on_url(self, url: bytes) -> None:
        """The target, or a part of it."""
        self._url += url
        if len(self._url) > MAX_TARGET:
            raise GatewayError(URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        if self._head_done:  # a trailer: read for its size and dropped (RFC 9110 section 6.5.1)
            self._trailer_size += len(name) + len(value) + 4
            if self._trailer_size > MAX_HEADER_BLOCK:
                raise GatewayError(REQUEST_HEADERS_TOO_LARGE)
            if name.lower() in FRAMING_HEADERS:
                raise _malformed("its trailers speak of how it is framed")
            return
        lower = name.lower()
        value = value.rstrip(b" \t")
        self._headers.append((lower, name, value))
        if lower in _ALONE and lower in self._last:
            raise _malformed(f"it has two {name.decode('latin-1')} headers")
        self._last[lower] = value

    def on_headers_complete(self) -> None:
        """The header block is whole: everything about the request is judged now, before its body is let in."""
        self._head_done = True
        parser, last = self._parser, self._last
        name = parser.get_method()
        # The shortcut for HTTP/1.1 and single spaces; `_read_line` is the plain version.
        line_end = len(name) + 1 + len(self._url)
        if self._head.startswith(_END_OF_LINE, line_end):
            self._protocol = "HTTP/1.1"
            line_end += len(_END_OF_LINE)
        else:
            self._protocol, line_end = self._read_line()
        if len(self._head) - line_end - 2 > MAX_HEADER_BLOCK:
            raise GatewayError(REQUEST_HEADERS_TOO_LARGE)
        method = _METHODS.get(name)
        if method is None:
            raise _malformed(f"the method {name.decode('latin-1')} is not one an API can have")
        self._method = method
        host = last.get(b"host")
        if host is not None:
            if not parse_host(host):
                raise _malformed("its Host header does not name a host")
        elif self._protocol == "HTTP/1.1":
            raise _malformed("it has no Host header")
        self._path, self._query = self._target()
        length, coding = last.get(b"content-length"), last.get(b"transfer-encoding")
        body = (length is not None or coding is not None) and self._frame(length, coding)
        kept = self._protocol == "HTTP/1.1" if b"connection" not in last else self._is_kept()
        # (llhttp takes Proxy-Connection for a Connection.)
        upgrade = b"upgrade" in last and parser.should_upgrade()
        if body and upgrade:
            raise _malformed("it wants another protocol after its body, and the two cannot be told apart")
        self._keep_alive = kept and not upgrade
        expected = last.get(b"expect")
        if expected is not None:
            # RFC 9110 section 10.1.1: HTTP/1.0 has no way to be told to continue.
            if expected.lower() != b"100-continue":
                raise GatewayError(EXPECTATION_UNKNOWN, expected=expected.decode("latin-1"))
            self.wants_continue = body and self._protocol == "HTTP/1.1"
        self._head = b""

    def _read_line(self) -> tuple[str, int]:
        """The request line's protocol, and where the line ends; raises where it is none."""
        version = self._parser.get_http_version()
        if version.encode() not in _PROTOCOLS:
            raise _malformed(f"it is HTTP/{version}")
        line = _REQUEST_LINE.match(self._head)
        if line is None:
            raise _malformed("its first line is not a method, a target and HTTP's version, each one space apart")
        if self._is_head_too_large():
            raise GatewayError(REQUEST_HEADERS_TOO_LARGE)
        return _PROTOCOLS[line[1]], line.end()

    def _frame(self, length: bytes | None, coding: bytes | None) -> bool:
        """Learn how the body is delimited (RFC 9112 section 6.3); True when there is one."""
        if length is not None:
            if len(length) > _MAX_LENGTH_DIGITS:
                raise _malformed("its Content-Length has more digits than any length")
            size = int(length)
            if size > MAX_PAYLOAD:
                raise GatewayError(REQUEST_TOO_LARGE)
            self._left = size
            if size > _LARGE:
                self._parts = []
            return size > 0
        assert coding is not None
        # RFC 9112 section 6.1: a coding we do not undo would reach the backend unannounced, and HTTP/1.0 knows none.
        if coding.lower() != b"chunked" or self._protocol != "HTTP/1.1":
            raise _malformed("its Transfer-Encoding is not just chunked")
        self._chunked = True
        self._framed = self._blank_lines = self._trailer_size = 0
        self._tail = b""
        return True

    def _is_kept(self) -> bool:
        """What the Connection header says of the connection; `close` wins (RFC 9112 section 9.3)."""
        said = b",".join(value for lower, _, value in self._headers if lower == b"connection")
        options = {option.strip(b" \t").lower() for option in said.split(b",")}
        return b"close" not in options and (self._protocol == "HTTP/1.1" or b"keep-alive" in options)

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
        keep_alive = self._keep_alive and self._parser.should_keep_alive()
        if self._chunked:
            if self._has_too_much_framing():
                raise _too_much_framing()
            keep_alive = keep_alive and self._blank_lines <= _MAX_BLANK_LINES
            self._chunked = False
        self._over = not keep_alive
        self.requests.append(
            Request(
                self._method,
                self._path,
                self._query,
                self._headers,
                self._take_content(),
                keep_alive=keep_alive,
                protocol=self._protocol,
                last=self._last,
            )
        )
        self._begun = self._head_done = False
        self.wants_continue = False

    def _take_content(self) -> bytes | Parts:
        if self._large is not None:
            large, self._large = self._large, None
            return large
        return self._body if self._chunks is None else bytes(self._chunks)

    def _target(self) -> tuple[str, str]:
        """(path, query) of an origin-form or absolute-form target (RFC 9112 section 3.2)."""
        try:
            target = self._url.decode("ascii")
        except UnicodeDecodeError:
            raise _malformed("its target has bytes that are not ASCII") from None
        if "#" in target:
            raise _malformed("its target has a fragment, which some would take for a part of the path")
        if not target.startswith("/"):
            target = self._path_of_absolute(target)
        path, _, query = target.partition("?")
        if ("." in path or "%" in path) and has_dot_segment(path):
            raise _malformed("its path has a dot segment, which the next hop could resolve")
        return path, query

    def _path_of_absolute(self, target: str) -> str:
        """The origin form of an absolute target, whose authority is the Host."""
        scheme, separator, rest = target.partition("://")
        if not separator or scheme.lower() not in {"http", "https"}:
            raise _malformed("its target is neither a path nor an absolute http address")
        path_start = min((at for mark in "/?" if (at := rest.find(mark)) >= 0), default=len(rest))
        authority, rest = rest[:path_start].encode(), rest[path_start:]
        # RFC 9112 section 3.2.2: the authority replaces Host; should they differ, one hop would read it so, the next not.
        host = self._last.get(b"host")
        if host is None:  # HTTP/1.0
            if not parse_host(authority):
                raise _malformed("its target does not name a host")
            self._headers.append((b"host", b"Host", authority))
            self._last[b"host"] = authority
        elif authority.lower() != host.lower():
            raise _malformed("its target and its Host header name different hosts")
        return rest if rest.startswith("/") else f"/{rest}"


def _too_much_framing() -> GatewayError:
    return _malformed("its chunks have more framing than content")


def _malformed(why: str) -> GatewayError:
    return GatewayError(REQUEST_MALFORMED, why=why)


def render_head(response: Response, *, head_only: bool, keep_alive: bool, date: bytes) -> bytes:
    """The bytes of a response up to its body. `head_only`: it answers HEAD.

    204 and 304 have no length (RFC 9110 sections 8.6 and 15.4.5); neither has an answer to HEAD whose body's length is
    not known here, because the backend left the body out (section 9.3.2).
    """
    status = response.status
    out = [_STATUS_LINES[status]]
    # (Each pair by its names: compiled, a third of what `%` costs with a tuple that nobody looks into.)
    out += [b"%b: %b\r\n" % (name, value) for name, value in response.headers]
    size = response.size
    if status not in _BODILESS and not (head_only and not size):
        out.append(b"Content-Length: %b\r\n" % decimal_bytes(size))
    out.append(b"Connection: %b\r\nDate: %b\r\n\r\n" % (b"keep-alive" if keep_alive else b"close", date))
    return b"".join(out)


def content_of(response: Response, *, head_only: bool) -> bytes | Parts:
    """The content as it is sent: none to HEAD, and none with 204 and 304."""
    return b"" if head_only or response.status in _BODILESS else response.content


def render_response(response: Response, *, head_only: bool, keep_alive: bool, date: bytes) -> bytes:
    """The bytes of a whole response. `head_only`: it answers HEAD."""
    head = render_head(response, head_only=head_only, keep_alive=keep_alive, date=date)
    content = content_of(response, head_only=head_only)
    return head + (content.join() if isinstance(content, Parts) else content)
