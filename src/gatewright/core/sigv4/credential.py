"""What a client sent to prove who it is: the Authorization header, or the presigned query parameters.

Both forms come out as one `Credential`. Headers are a mapping from lower-case name to the values in order of arrival
(`canonical.collect_headers` makes one from pairs); the query is raw, without its question mark; text is the wire's bytes
decoded as UTF-8 with surrogateescape.

The rules, in the order in which they are refused (facts 5.2 steps 1 to 3; sentences of facts 5.5):

1. shape: an algorithm name, then `key=value` items divided by commas or spaces; every part there; an algorithm we know
2. the date can be read; `host` is among the signed headers
3. the credential has five parts

What the parts mean (is this region ours, is the key known) is the question of `verification`.

Only AWS4-HMAC-SHA256 is known. SigV4A (AWS4-ECDSA-P256-SHA256), which AWS takes for REST APIs, is refused as an
unsupported algorithm.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple

from gatewright.core.sigv4.canonical import ALGORITHM, Headers, first_value, parse_query
from gatewright.core.sigv4.refusal import Cause, SignatureRefused

# SigV4 reference, X-Amz-Expires (D): a presigned URL lives for seven days at most, since the signing key does.
MAX_EXPIRES = 604_800

_ITEM_DIVIDER = re.compile("[, ]+")
_BASIC_FORMAT = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# RFC 9110 5.6.7, IMF-fixdate, and the "-0000" zone that Python's email.utils (so botocore) writes for UTC.
_HTTP_DATE = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) (?:GMT|[+-]0000)",
    re.ASCII,
)

# Order and sentences of the header's parts: facts 5.5. Those of the query's: other implementations (C).
_HEADER_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


class CredentialScope(NamedTuple):
    """What a signing key is good for: one day, one region, one service."""

    date: str
    region: str
    service: str
    terminator: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


class Credential(NamedTuple):
    """A claim that can be verified. A tuple, since one is made for every signed request."""

    access_key_id: str
    scope: CredentialScope
    signed_headers: tuple[str, ...]
    """Lower case and sorted."""
    signature: str
    amz_date: str
    """The date as the client wrote it."""
    session_token: str | None
    expires: int | None
    """Seconds, of a presigned request that gave them."""
    source: Literal["header", "query"]
    signed_at: datetime
    timestamp: str
    """`signed_at` in ISO-8601 basic format, as the string to sign has it."""

    def __repr__(self) -> str:
        token = "none" if self.session_token is None else "hidden"
        return (
            f"<Credential {self.access_key_id}/{self.scope} by {self.source} at {self.timestamp},"
            f" signed headers {';'.join(self.signed_headers)}, session token {token}>"
        )


def parse_credential(headers: Headers, query: str) -> Credential | None:
    """The claim this request makes, None when it makes none; raises `SignatureRefused` for one that cannot be read."""
    authorization = first_value(headers, "authorization")
    # The name is looked for as it is written, never decoded: a client that escapes its hyphens is not presigning.
    presigned = "X-Amz-Algorithm" in query and any(name == "X-Amz-Algorithm" for name, _ in parse_query(query))
    if presigned and authorization:
        raise SignatureRefused(
            Cause.TWO_CREDENTIALS,
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        )
    if presigned:
        return _parse_presigned(query)
    if authorization:
        return _parse_authorization(authorization, headers)
    return None


def require_credential(headers: Headers, query: str) -> Credential:
    """As `parse_credential`, where a request without a claim is refused as well."""
    credential = parse_credential(headers, query)
    if credential is None:
        raise SignatureRefused(Cause.NOTHING_TO_AUTHENTICATE_WITH, "Missing Authentication Token")
    return credential


def _parse_authorization(authorization: str, headers: Headers) -> Credential:
    algorithm, _, rest = authorization.partition(" ")
    if "=" in algorithm:
        # Facts 5.5 know the sentence up to "equal-sign"; the rest follows its neighbour (U).
        raise SignatureRefused(
            Cause.INCOMPLETE,
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign"
            f" (hashed with SHA-256 and encoded with Base64): '{_fingerprint(authorization)}'.",
        )
    parts: dict[str, str] = {}
    for item in _ITEM_DIVIDER.split(rest):
        key, equal_sign, value = item.partition("=")
        if equal_sign:
            parts[key] = value
        elif item:
            raise SignatureRefused(
                Cause.INCOMPLETE,
                "Invalid key=value pair (missing equal-sign) in Authorization header"
                f" (hashed with SHA-256 and encoded with Base64): '{_fingerprint(authorization)}'.",
            )
    date = first_value(headers, "x-amz-date") or first_value(headers, "date")
    missing = [f"Authorization header requires '{part}' parameter. " for part in _HEADER_PARTS if not parts.get(part)]
    if not date:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    if missing:
        raise SignatureRefused(
            Cause.INCOMPLETE,
            f"{''.join(missing)}(Hashed with SHA-256 and encoded with Base64)"
            f" Authorization={_fingerprint(authorization)}",
        )
    _check_algorithm(algorithm)
    signed_at, timestamp = _parse_date(date)
    signed_headers = _parse_signed_headers(parts["SignedHeaders"])
    access_key_id, scope = _parse_credential_parts(parts["Credential"])
    return Credential(
        access_key_id,
        scope,
        signed_headers,
        parts["Signature"],
        date,
        first_value(headers, "x-amz-security-token") or None,
        None,
        "header",
        signed_at,
        timestamp,
    )


def _parse_presigned(query: str) -> Credential:
    parts: dict[str, str] = {}
    for name, value in parse_query(query):
        parts.setdefault(name, value)
    missing = [f"AWS query-string parameters must include '{part}'. " for part in _QUERY_PARTS if not parts.get(part)]
    if missing:
        raise SignatureRefused(Cause.INCOMPLETE, f"{''.join(missing)}Re-examine the query-string parameters.")
    _check_algorithm(parts["X-Amz-Algorithm"])
    signed_at, timestamp = _parse_date(parts["X-Amz-Date"])
    signed_headers = _parse_signed_headers(parts["X-Amz-SignedHeaders"])
    access_key_id, scope = _parse_credential_parts(parts["X-Amz-Credential"])
    expires = parts.get("X-Amz-Expires")
    return Credential(
        access_key_id,
        scope,
        signed_headers,
        parts["X-Amz-Signature"],
        parts["X-Amz-Date"],
        parts.get("X-Amz-Security-Token") or None,
        None if expires is None else _parse_expires(expires),
        "query",
        signed_at,
        timestamp,
    )


def _check_algorithm(algorithm: str) -> None:
    # Facts 5.5 leave this sentence open; this is the newest form that others report (C).
    if algorithm != ALGORITHM:
        raise SignatureRefused(Cause.UNSUPPORTED_ALGORITHM, f"Unsupported AWS 'algorithm': '{algorithm}'.")


def _parse_date(date: str) -> tuple[datetime, str]:
    try:
        if _BASIC_FORMAT.fullmatch(date):
            return datetime.fromisoformat(date), date
        # The SigV4 reference lets the Date header stand in, in its own format; what is signed is the basic format of it.
        if found := _HTTP_DATE.fullmatch(date):
            day, month, year, hour, minute, second = found.groups()
            timestamp = f"{year}{_MONTHS.index(month) + 1:02}{day}T{hour}{minute}{second}Z"
            return datetime.fromisoformat(timestamp), timestamp
    except ValueError:
        pass  # Digits in the right places that name no instant, such as a thirteenth month.
    raise SignatureRefused(
        Cause.INCOMPLETE,
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )


def _parse_signed_headers(text: str) -> tuple[str, ...]:
    names = tuple(sorted(text.lower().split(";")))
    if "host" not in names and ":authority" not in names:
        raise SignatureRefused(
            Cause.HOST_NOT_SIGNED, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    return names


def _parse_credential_parts(text: str) -> tuple[str, CredentialScope]:
    parts = text.split("/")
    if len(parts) != 5:
        raise SignatureRefused(
            Cause.INCOMPLETE,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{text}'",
        )
    return parts[0], CredentialScope(*parts[1:])


def _parse_expires(text: str) -> int:
    # The three sentences are S3's (R); what other services say is not known, so they say the same (U).
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise SignatureRefused(Cause.INCOMPLETE, "X-Amz-Expires should be a number")
    if text.startswith("-"):
        raise SignatureRefused(Cause.INCOMPLETE, "X-Amz-Expires must be non-negative")
    if int(text) > MAX_EXPIRES:
        raise SignatureRefused(
            Cause.INCOMPLETE,
            "X-Amz-Expires must be less than a week (in seconds); that is,"
            f" the given X-Amz-Expires must be less than {MAX_EXPIRES} seconds",
        )
    return int(text)


def _fingerprint(authorization: str) -> str:
    """What AWS quotes in place of the header, which may hold a bearer token."""
    return b64encode(sha256(authorization.encode("utf-8", "surrogateescape")).digest()).decode("ascii")
