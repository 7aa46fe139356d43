"""The fields of a request's header block, read as HTTP/1.1 would read them or not at all (RFC 9113 section 8).

h2's own validation is off: it ends the whole connection where the RFC asks for the stream, and costs twice as much. What
passes here is a request that every backend behind us reads as we do: no byte in a name, a value or the target that
HTTP/1.1's grammar gives a meaning of its own.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gatewright.core.domains.hostname import parse_host
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import FRAMING_HEADERS, MAX_PAYLOAD, HeaderField, Request
from gatewright.core.http.target import has_dot_segment
from gatewright.core.reasons import (
    EXPECTATION_UNKNOWN,
    REQUEST_HEADERS_TOO_LARGE,
    REQUEST_MALFORMED,
    REQUEST_TOO_LARGE,
    URI_TOO_LONG,
)
from gatewright.dataplane.http1 import MAX_HEADER_BLOCK, MAX_TARGET

#: The same seven as HTTP/1.1's.
_METHODS: Final = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")}
#: RFC 9113 section 8.3.1; `:protocol` (RFC 8441) is not announced, so it is unknown.
_PSEUDO: Final = frozenset((b":method", b":scheme", b":authority", b":path"))
#: RFC 9113 section 8.2.2.
_CONNECTION_SPECIFIC: Final = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
#: The ordinary fields that mean something to the reading of a request.
_READ_HERE: Final = frozenset((b"cookie", b"host", b"content-length", b"te", b"expect"))
#: RFC 9110 section 5.6.2's tchar without capitals (RFC 9113 section 8.2.1).
_NAME_OCTETS: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
#: RFC 9110 section 5.5: field-vchar, space and tab.
_VALUE_OCTETS: Final = b"\t" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
#: What llhttp takes in a target, and no fragment: the client never sends one (RFC 9110 section 7.1).
_TARGET_OCTETS: Final = bytes(octet for octet in range(0x21, 0x7F) if octet != 0x23)
#: Digits of 10 MB are eight; leading zeros are allowed, a number that takes seconds to read is not.
_LENGTH: Final = re.compile(rb"[0-9]{1,20}")


class MalformedHead(Exception):
    """A malformed request (RFC 9113 section 8.1.1): the stream is reset, the backend never hears of it."""


class RequestHead(NamedTuple):
    """All of a request but its body."""

    method: str
    path: str
    query: str
    headers: list[HeaderField]
    authority: bytes
    content_length: int | None
    expects_continue: bool
    size: int
    last: dict[bytes, bytes]  # as `Request.last`; the headers and this are shared by the requests that repeat them


def measure_fields(fields: Sequence[tuple[bytes, bytes]]) -> int:
    """The size of ordinary fields as HTTP/1.1 writes them, which is what the service limits (facts 9)."""
    return sum(len(name) + len(value) + 4 for name, value in fields if name[:1] != b":")


def check_fields(fields: Sequence[tuple[bytes, bytes]]) -> None:
    """Raise `MalformedHead` unless all of these are ordinary fields that HTTP/1.1 could carry (RFC 9113 section 8.2)."""
    names = [name for name, _ in fields]
    if b"" in names or b"".join(names).translate(None, _NAME_OCTETS):
        raise MalformedHead("A header's name is empty or has a byte that is not allowed in it.")
    # All values at once, each between line ends, which none may have: a quarter of what a look at each would cost.
    values = b"\n".join([b"", *[value for _, value in fields], b""])
    if len(values.translate(None, _VALUE_OCTETS)) != len(fields) + 1:
        raise MalformedHead("A header's value has a control byte.")
    if b"\n " in values or b" \n" in values or b"\n\t" in values or b"\t\n" in values:
        raise MalformedHead("A header's value has space around it.")
    if not _CONNECTION_SPECIFIC.isdisjoint(names):
        raise MalformedHead("It has a header that belongs to a connection of HTTP/1.1.")


def check_trailers(fields: Sequence[tuple[bytes, bytes]]) -> None:
    """Raise `MalformedHead` unless all of these may follow a body, as HTTP/1.1 has it (RFC 9110 section 6.5.1)."""
    check_fields(fields)
    if not FRAMING_HEADERS.isdisjoint([name for name, _ in fields]):
        raise MalformedHead("Its trailers speak of how it is framed.")


def parse_head(fields: Sequence[tuple[bytes, bytes]]) -> RequestHead:
    """The head, or `MalformedHead`, or a `GatewayError` to be answered."""
    pseudo: dict[bytes, bytes] = {}
    begin = 0
    for begin, (name, value) in enumerate(fields):  # noqa: B007  # used after the loop
        if name[:1] != b":":
            break
        if name not in _PSEUDO or name in pseudo:
            raise MalformedHead("It has a pseudo-header that is unknown or came twice.")
        pseudo[name] = value
    else:
        begin = len(fields)
    ordinary = fields[begin:]
    check_fields(ordinary)  # a pseudo-header after an ordinary one is a name with a colon
    method = pseudo.get(b":method")
    if method is None:
        raise MalformedHead("It has no :method.")
    known = _METHODS.get(method)
    if known is None:
        raise _refuse(f"the method {method.decode('latin-1')} is not one an API can have")
    scheme = pseudo.get(b":scheme")
    if scheme is None or scheme.lower() not in {b"https", b"http"}:
        raise MalformedHead("Its :scheme is neither https nor http.")
    path, query = _split_target(pseudo.get(b":path"))
    return _gather(known, path, query, pseudo.get(b":authority"), ordinary)


def describe_refused(fields: Sequence[tuple[bytes, bytes]]) -> Request:
    """What can be told, for the record, of a request that `parse_head` refused; `-` stands for what is not there."""
    pseudo = {name: value for name, value in fields if name in _PSEUDO}
    headers = [(name, name, value) for name, value in fields if name not in _PSEUDO]
    if b":authority" in pseudo:
        headers.append((b"host", b"host", pseudo[b":authority"]))
    path, _, query = pseudo.get(b":path", b"-")[:MAX_TARGET].decode("latin-1").partition("?")
    return Request(pseudo.get(b":method", b"-").decode("latin-1"), path, query, headers, b"")


def _gather(
    method: str, path: str, query: str, authority: bytes | None, fields: Sequence[tuple[bytes, bytes]]
) -> RequestHead:
    """The ordinary fields in the shape that HTTP/1.1 gives: Host first, one Cookie (RFC 9113 sections 8.2.3, 8.3.1)."""
    headers: list[HeaderField] = []
    host: bytes | None = None
    cookies: list[bytes] = []
    cookie_at = 0
    content_length: int | None = None
    expects_continue = False
    for name, value in fields:
        if name not in _READ_HERE:
            headers.append((name, name, value))
        elif name == b"cookie":
            if not cookies:
                cookie_at = len(headers)
                headers.append((name, name, value))
            cookies.append(value)
        elif name == b"host":
            if host is not None:
                raise MalformedHead("It has two Host headers.")
            host = value
        else:
            if name == b"content-length":
                if content_length is not None or not _LENGTH.fullmatch(value):
                    raise MalformedHead("Its Content-Length is no number, or came twice.")
                content_length = int(value)
            elif name == b"te":
                if value.lower() != b"trailers":
                    raise MalformedHead("Its TE is not just trailers.")
            else:
                if expects_continue:
                    raise MalformedHead("It has two Expect headers.")
                if value.lower() != b"100-continue":
                    raise GatewayError(EXPECTATION_UNKNOWN, expected=value.decode("latin-1"))
                expects_continue = True
            headers.append((name, name, value))
    if len(cookies) > 1:
        headers[cookie_at] = (b"cookie", b"cookie", b"; ".join(cookies))
    authority = _agree(authority, host)
    headers.insert(0, (b"host", b"host", authority))
    size = sum([len(name) + len(value) + 4 for _, name, value in headers])
    if size > MAX_HEADER_BLOCK:
        raise GatewayError(REQUEST_HEADERS_TOO_LARGE)
    if content_length is not None and content_length > MAX_PAYLOAD:
        raise GatewayError(REQUEST_TOO_LARGE)
    last = {name: value for name, _, value in headers}
    return RequestHead(method, path, query, headers, authority, content_length, expects_continue, size, last)


def _agree(authority: bytes | None, host: bytes | None) -> bytes:
    """The one host that `:authority` and Host name."""
    if authority is None:
        if host is None:
            raise _refuse("it has neither :authority nor a Host header")
        authority = host
    elif host is not None and host.lower() != authority.lower():
        raise MalformedHead("Its :authority and its Host header name different hosts.")
    if not parse_host(authority):  # without userinfo, which RFC 9113 section 8.3.1 forbids
        raise MalformedHead("Its :authority is not a host with or without a port.")
    return authority


def _split_target(target: bytes | None) -> tuple[str, str]:
    """(path, query) of an origin-form `:path`; asterisk-form has no API behind it."""
    if not target:
        raise MalformedHead("Its :path is missing or empty.")
    if len(target) > MAX_TARGET:
        raise GatewayError(URI_TOO_LONG)
    if target[:1] != b"/" or target.translate(None, _TARGET_OCTETS):
        raise _refuse("its :path is not a path of printable ASCII")
    path, _, query = target.decode("ascii").partition("?")
    if ("." in path or "%" in path) and has_dot_segment(path):
        raise _refuse("its path has a dot segment, which the next hop could resolve")
    return path, query


def _refuse(why: str) -> GatewayError:
    return GatewayError(REQUEST_MALFORMED, why=why)
