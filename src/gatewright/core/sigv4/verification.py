"""Does the signature hold? Returns the access key that made it, or raises with the sentence AWS would send.

The procedure is facts 5.2, whose numbers the code repeats:

3. the credential scope: region, service, terminator, date; all that is wrong is said in one message
4. the clock: within the skew both ways, or within a presigned request's own life
5. the access key: known, its session token the right one, its session not over
6. the signature

Steps 1 and 2 are `credential.parse_credential`'s, step 7 (may this caller?) is IAM's. A scope that is wrong is told before
a key that is unknown. Secrets and tokens are compared in constant time and are never part of a message: where a session
token was signed, the quoted canonical request has `hidden` in its place (AWS quotes it; the string to sign still has the hash
of the true one).

The signing key depends on day, region and service only, so a caller who verifies many requests hands in a
`SigningKeys`, which remembers.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Container
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote, urlencode

from gatewright.core.sigv4.canonical import (
    SignedRequest,
    UriStyle,
    canonical_request,
    parse_query,
    string_to_sign,
)
from gatewright.core.sigv4.credential import Credential
from gatewright.core.sigv4.payload import select_payload_hash
from gatewright.core.sigv4.refusal import Cause, SignatureRefused

TERMINATOR = "aws4_request"
_TOKEN = "x-amz-security-token"  # noqa: S105  a header's name
_MASK = "hidden"

# Facts 5.5: execute-api's own sentences say 5 minutes, those of the other services 15.
EXECUTE_API_SKEW = timedelta(minutes=5)
SERVICE_SKEW = timedelta(minutes=15)

# Facts 5.5. Where AWS cuts the text short (unrouted paths on newer deployments, U), this is what stays.
MISMATCH_SENTENCE = (
    "The request signature we calculated does not match the signature you provided."
    " Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An active access key and whose it is. The secret and the session token never show in a repr."""

    access_key_id: str
    secret: str = field(repr=False)
    account: str
    arn: str
    user_id: str
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


DeriveSigningKey: TypeAlias = Callable[[str, str, str, str], bytes]


def derive_signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key for one day, region and service."""
    key = _hmac_sha256(f"AWS4{secret}".encode(), date)
    for part in (region, service, TERMINATOR):
        key = _hmac_sha256(key, part)
    return key


class SigningKeys:
    """`derive_signing_key` with a bounded memory, which saves four of a verification's five HMACs."""

    # An entry is one access key, day, region and service: 1024 lets a thousand callers stay without deriving again.
    def __init__(self, size: int = 1024) -> None:
        self._derive = lru_cache(maxsize=size)(derive_signing_key)

    def __call__(self, secret: str, date: str, region: str, service: str) -> bytes:
        """What `derive_signing_key` returns."""
        return self._derive(secret, date, region, service)


def verify_signature(
    credential: Credential,
    request: SignedRequest,
    access_key: AccessKey | None,
    *,
    now: datetime,
    expected_service: str,
    valid_regions: Container[str],
    skew: timedelta = SERVICE_SKEW,
    style: UriStyle = UriStyle.NORMALIZED,
    payload_literals: AbstractSet[str] = frozenset(),
    signing_key: DeriveSigningKey = derive_signing_key,
) -> AccessKey:
    """The key that signed this request. `access_key` is what the credential's id names: None for an unknown or inactive one.

    `now` is aware and in UTC. `valid_regions` may be any container, so a rule for regions can be its `__contains__`.
    """
    _check_scope(credential, expected_service, valid_regions)
    _check_clock(credential, now, skew)
    known = _check_key(credential, access_key, now)
    payload_hash = select_payload_hash(credential, request, payload_literals)
    scope = credential.scope
    key = signing_key(known.secret, scope.date, scope.region, scope.service)
    _check_signature(credential, request, payload_hash, style, key)
    return known


def _check_scope(credential: Credential, expected_service: str, valid_regions: Container[str]) -> None:
    """Step 3."""
    scope = credential.scope
    date = credential.timestamp[:8]
    if (
        scope.region in valid_regions
        and scope.service == expected_service
        and scope.terminator == TERMINATOR
        and scope.date == date
    ):
        return
    # Facts 5.5: each sentence ends with a period and a space, the last one too.
    wrong = []
    if scope.region not in valid_regions:
        wrong.append(f"Credential should be scoped to a valid region, not '{scope.region}'. ")
    if scope.service != expected_service:
        wrong.append(f"Credential should be scoped to correct service: '{expected_service}'. ")
    if scope.terminator != TERMINATOR:
        wrong.append(f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{scope.terminator}'. ")
    if scope.date != date:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{scope.date}' != '{date}', from '{credential.timestamp}'. "
        )
    raise SignatureRefused(Cause.WRONG_SCOPE, "".join(wrong))


def _check_clock(credential: Credential, now: datetime, skew: timedelta) -> None:
    """Step 4."""
    age = now - credential.signed_at
    life = skew if credential.expires is None else timedelta(seconds=credential.expires)
    if age > life:
        raise SignatureRefused(
            Cause.TOO_OLD if credential.expires is None else Cause.PRESIGNED_EXPIRED,
            f"Signature expired: {credential.timestamp} is now earlier than {_basic_format(now - life)}"
            f" ({_basic_format(now)} - {_length(life)})",
        )
    if -age > skew:
        raise SignatureRefused(
            Cause.NOT_YET_CURRENT,
            f"Signature not yet current: {credential.timestamp} is still later than {_basic_format(now + skew)}"
            f" ({_basic_format(now)} + {_length(skew)})",
        )


def _check_key(credential: Credential, access_key: AccessKey | None, now: datetime) -> AccessKey:
    """Step 5."""
    if (
        access_key is None
        or access_key.access_key_id != credential.access_key_id
        or not _same(access_key.session_token or "", credential.session_token or "")
    ):
        raise SignatureRefused(Cause.UNKNOWN_KEY, "The security token included in the request is invalid.")
    if access_key.expires_at is not None and access_key.expires_at <= now:
        raise SignatureRefused(Cause.SESSION_EXPIRED, "The security token included in the request is expired")
    return access_key


def _check_signature(
    credential: Credential, request: SignedRequest, payload_hash: str, style: UriStyle, key: bytes
) -> None:
    """Step 6."""
    canonical = _canonical(credential, request, payload_hash, style)
    to_sign = string_to_sign(credential.timestamp, str(credential.scope), canonical)
    if not _same(_hmac_sha256(key, to_sign).hex(), credential.signature):
        raise SignatureRefused(
            Cause.MISMATCH, lambda: _render_mismatch(credential, request, payload_hash, style, to_sign)
        )


def _canonical(credential: Credential, request: SignedRequest, payload_hash: str, style: UriStyle) -> str:
    return canonical_request(
        request,
        credential.signed_headers,
        payload_hash,
        style=style,
        without="X-Amz-Signature" if credential.source == "query" else None,
    )


def _render_mismatch(
    credential: Credential, request: SignedRequest, payload_hash: str, style: UriStyle, to_sign: str
) -> str:
    """Facts 5.5, as recorded from execute-api."""
    canonical = _canonical(credential, _mask_session_token(request), payload_hash, style)
    return (
        f"{MISMATCH_SENTENCE}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{to_sign}'\n"
    )


def _mask_session_token(request: SignedRequest) -> SignedRequest:
    headers, query = request.headers, request.query
    if _TOKEN in headers:
        headers = {**headers, _TOKEN: [_MASK]}
    pairs = parse_query(query)
    if any(name.lower() == _TOKEN for name, _ in pairs):
        masked = [(name, _MASK if name.lower() == _TOKEN else value) for name, value in pairs]
        query = urlencode(masked, quote_via=quote, errors="surrogateescape")
    return request._replace(headers=headers, query=query)


def _hmac_sha256(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")


def _same(ours: str, theirs: str) -> bool:
    """Equality that takes the same time wherever the first difference is."""
    return hmac.compare_digest(ours.encode("utf-8", "surrogateescape"), theirs.encode("utf-8", "surrogateescape"))


def _basic_format(instant: datetime) -> str:
    return instant.strftime("%Y%m%dT%H%M%SZ")


def _length(span: timedelta) -> str:
    # Facts 5.5 show whole minutes; how AWS writes a presigned life of other lengths is not known (U).
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes * 60 + seconds} sec." if seconds else f"{minutes} min."
