"""Which payload hash goes into the canonical request.

A client may say it in `x-amz-content-sha256` (S3's SDKs put the same into the query of a presigned URL), or leave it to be
taken from the body. What it says is one of three things: the digest of the body, a literal that leaves the body out of
the signature, or nonsense. The rule kept here: a body is never taken as signed unless it hashes to what was signed.

S3 refuses a digest that is not the body's with 400 XAmzContentSHA256Mismatch (R). What the other services do is not
known; here they refuse as well, with S3's sentence and a signature error's name (U). Literals are taken only where the
caller names them: S3 documents them (D), for execute-api nothing is confirmed (facts 5.1, U).
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from hmac import compare_digest

from gatewright.core.sigv4.canonical import SignedRequest, first_value, parse_query
from gatewright.core.sigv4.credential import Credential
from gatewright.core.sigv4.refusal import Cause, SignatureRefused

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

# S3 API reference, "Authenticating Requests: Using the Authorization Header" (D). The SigV4A pair is left out with SigV4A.
S3_PAYLOAD_LITERALS = frozenset(
    {
        UNSIGNED_PAYLOAD,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)

_DIGEST = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def select_payload_hash(
    credential: Credential, request: SignedRequest, literals: AbstractSet[str] = frozenset()
) -> str:
    """The hash to be signed, which is the body's own or an accepted literal; raises `SignatureRefused` for any other."""
    said = _said(credential, request)
    if said is None:
        # S3 API reference, "Using Query Parameters" (D): a presigned URL is made before the body is known.
        return (
            UNSIGNED_PAYLOAD if credential.source == "query" and UNSIGNED_PAYLOAD in literals else request.body_sha256
        )
    if said in literals:
        return said
    if not _DIGEST.fullmatch(said):
        choices = ", ".join(sorted(literals, reverse=True))
        raise SignatureRefused(
            Cause.PAYLOAD_HASH_UNACCEPTABLE,
            f"x-amz-content-sha256 must be {choices}, or a valid sha256 value."
            if choices
            else "x-amz-content-sha256 must be a valid sha256 value.",
        )
    if not compare_digest(said.lower(), request.body_sha256):
        raise SignatureRefused(
            Cause.PAYLOAD_DIFFERS, "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    return said


def _said(credential: Credential, request: SignedRequest) -> str | None:
    in_header = first_value(request.headers, "x-amz-content-sha256")
    if in_header:
        return in_header
    if credential.source == "query" and "X-Amz-Content-Sha256" in request.query:
        return dict(parse_query(request.query)).get("X-Amz-Content-Sha256")
    return None
