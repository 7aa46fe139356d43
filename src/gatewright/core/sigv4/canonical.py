"""The request written the one way that signer and verifier must agree on (facts 5.1; SigV4 reference, "Create a signed AWS
API request").

Everything here is a function of what came over the wire: the raw path, the raw query, the header fields, the hash of the
payload. Text is the wire's bytes decoded as UTF-8 with surrogateescape, and is encoded the same way back, so a byte that is
no UTF-8 is signed as the byte it was.

Facts that the signing documents leave out, and what is done about them:

- The path is encoded *again* as it stood on the wire: `/a%20b` is signed as `/a%2520b`. Segments `.`, `..` and empty ones
  go first. A path that ends in `/.` or `/..` loses the slash, as in botocore (RFC 3986 would keep it).
- S3 encodes once and keeps every segment: `my-object//x` and `my-object/x` are two objects. An escaped slash
  stays escaped (botocore signs it so; what S3 does is not known).
- A query is taken apart, decoded, and encoded afresh, so `%7e` and `~` are one. A plus sign is a space, signed as `%20`,
  as other verifiers have it (C). Empty pieces (`a=1&&b=2`) are left out (U).
- A signed header that did not come is written with an empty value (U); it can only match if the signer did the same.
- Runs of white space in a header value become one space, line ends of a folded value included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from hashlib import sha256
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, unquote, unquote_plus

ALGORITHM = "AWS4-HMAC-SHA256"

Headers: TypeAlias = Mapping[str, Sequence[str]]

# RFC 3986 unreserved characters, the only ones that SigV4 leaves as they are. quote() adds letters and digits.
_UNRESERVED = "-_.~"
_PLAIN = r"[A-Za-z0-9\-._~]*"
_PLAIN_QUERY = re.compile(rf"{_PLAIN}(?:={_PLAIN})?(?:&{_PLAIN}(?:={_PLAIN})?)*", re.ASCII)
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)+/?|/", re.ASCII)
_WHITE_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_NEEDS_TRIMMING = re.compile(r"\A[ \t\r\n\f\v]|[ \t\r\n\f\v]\Z|[\t\r\n\f\v]|  ")


class UriStyle(Enum):
    """How a service family writes the path: every service but one, and S3."""

    NORMALIZED = "normalized, encoded on top of the wire's encoding"
    S3 = "as it is, encoded once"


class SignedRequest(NamedTuple):
    """The parts of a request that a signature covers, as they stood on the wire."""

    method: str
    path: str
    query: str
    """Raw, without its question mark."""
    headers: Headers
    body_sha256: str
    """Hex, of the whole body; `payload.EMPTY_SHA256` for none."""

    def __repr__(self) -> str:
        # No values: a header or a parameter may be a session token.
        return f"<SignedRequest {self.method} {self.path!r} with headers {', '.join(self.headers)}>"


def collect_headers(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Header fields by lower-case name, the values of a repeated name in order of arrival."""
    headers: dict[str, list[str]] = {}
    for name, value in fields:
        headers.setdefault(name.lower(), []).append(value)
    return headers


def _encode(text: str) -> str:
    return quote(text, safe=_UNRESERVED, errors="surrogateescape")


def first_value(headers: Headers, name: str) -> str:
    """The first value of a header without the spaces around it; empty when it did not come."""
    values = headers.get(name)
    return values[0].strip(" \t") if values else ""


def parse_query(query: str) -> list[tuple[str, str]]:
    """Decoded names and values in order of arrival."""
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((unquote_plus(name, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape")))
    return pairs


def canonical_uri(path: str, style: UriStyle = UriStyle.NORMALIZED) -> str:
    """The path as it is signed; `path` is raw, as it stood in the request line."""
    if style is UriStyle.S3:
        return "/".join([_encode(unquote(segment, errors="surrogateescape")) for segment in path.split("/")]) or "/"
    # A shortcut for speed: no escapes, no empty or dotted segments, so the slow way below would change nothing.
    if _PLAIN_PATH.fullmatch(path):
        return path
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    trailing_slash = "/" if segments and path.endswith("/") else ""
    return quote("/" + "/".join(segments) + trailing_slash, safe="/" + _UNRESERVED, errors="surrogateescape")


def canonical_query(query: str, *, without: str | None = None) -> str:
    """The query as it is signed: sorted by encoded name, then by encoded value; `without` names a parameter to leave out."""
    if not query:
        return ""
    if _PLAIN_QUERY.fullmatch(query):
        # A shortcut for speed: every character stands for itself, so decoding and encoding would change nothing.
        pairs = [(name, value) for name, _, value in (piece.partition("=") for piece in query.split("&") if piece)]
    else:
        pairs = [(_encode(name), _encode(value)) for name, value in parse_query(query)]
    if without is not None:
        pairs = [(name, value) for name, value in pairs if name != without]
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def canonical_header_value(values: Sequence[str]) -> str:
    """The values of one name, trimmed, inner white space collapsed, joined with commas."""
    if len(values) == 1 and not _NEEDS_TRIMMING.search(values[0]):
        return values[0]
    return ",".join([_WHITE_SPACE.sub(" ", value).strip(" ") for value in values])


def canonical_headers(headers: Headers, signed_headers: Sequence[str]) -> str:
    """One line a signed header, each with its line end."""
    return "".join([f"{name}:{canonical_header_value(headers.get(name, ('',)))}\n" for name in signed_headers])


def canonical_request(
    request: SignedRequest,
    signed_headers: Sequence[str],
    payload_hash: str,
    *,
    style: UriStyle = UriStyle.NORMALIZED,
    without: str | None = None,
) -> str:
    """The six parts of the canonical request. `without` names the query parameter that carries the signature itself."""
    return (
        f"{request.method}\n"
        f"{canonical_uri(request.path, style)}\n"
        f"{canonical_query(request.query, without=without)}\n"
        f"{canonical_headers(request.headers, signed_headers)}\n"
        f"{';'.join(signed_headers)}\n"
        f"{payload_hash}"
    )


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """What the signing key is put to: algorithm, time, scope, and the hash of the canonical request."""
    digest = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
