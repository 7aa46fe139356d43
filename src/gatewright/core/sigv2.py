"""Presigned URLs of S3's older signature, HMAC-SHA1 in the query string (S3 user guide, "Signing and authenticating REST
requests (AWS signature version 2)", D).

S3 has retired it for new buckets, yet it is what `aws s3 presign` and boto3 write to this day when nobody tells them
otherwise, so a URL without it would not open. Only this form is known: in the Authorization header the older signature
is refused. It covers method, resource and end, and neither body nor Host.

    GET
                                    Content-MD5
                                    Content-Type
    1795239184                      the end, in seconds since the epoch
    x-amz-…:…                       each such header, sorted, also those that were moved into the query
    /bucket/a%20key?versionId=…     path as it stood on the wire, with the bucket; sub-resources, sorted, values decoded
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import unquote

from gatewright.core.sigv4.canonical import parse_query
from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.verification import AccessKey

# "Constructing the CanonicalizedResource element" of that page (D), and those of botocore that came later (C).
SUB_RESOURCES: Final = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "defaultObjectAcl",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    }
)


_END = re.compile(r"[0-9]{1,12}", re.ASCII)


class PresignedV2(NamedTuple):
    """A claim in the query string that can be verified."""

    access_key_id: str
    signature: str
    expires: str
    session_token: str | None


def parse_presigned_v2(query: str) -> PresignedV2 | None:
    """The claim this query makes, None when it makes none."""
    if "AWSAccessKeyId=" not in query:
        return None
    parts = dict(reversed(parse_query(query)))
    if not {"AWSAccessKeyId", "Signature", "Expires"} <= parts.keys():
        return None
    token = parts.get("x-amz-security-token") or None
    return PresignedV2(parts["AWSAccessKeyId"], parts["Signature"], parts["Expires"], token)


def verify_presigned_v2(
    claim: PresignedV2,
    *,
    method: str,
    resource: str,
    query: str,
    headers: Mapping[str, str],
    access_key: AccessKey | None,
    now: datetime,
) -> AccessKey:
    """The key that signed this request; raises `SignatureRefused`. `resource` is the raw path, the bucket its first segment."""
    if access_key is None or not _same(access_key.session_token or "", claim.session_token or ""):
        raise SignatureRefused(Cause.UNKNOWN_KEY, "The security token included in the request is invalid.")
    if access_key.expires_at is not None and access_key.expires_at <= now:
        raise SignatureRefused(Cause.SESSION_EXPIRED, "The security token included in the request is expired")
    to_sign = string_to_sign(method, resource, query, headers, claim.expires)
    digest = hmac.digest(access_key.secret.encode(), to_sign.encode("utf-8", "surrogateescape"), "sha1")
    if not _same(b64encode(digest).decode("ascii"), claim.signature):
        raise SignatureRefused(Cause.MISMATCH, f"The String-to-Sign should have been\n'{to_sign}'\n")
    # The signature holds, so the signer wrote this; what is no number never ended or began.
    if not _END.fullmatch(claim.expires) or int(claim.expires) < now.timestamp():
        raise SignatureRefused(Cause.PRESIGNED_EXPIRED, "Request has expired")
    return access_key


def string_to_sign(method: str, resource: str, query: str, headers: Mapping[str, str], expires: str) -> str:
    """What the secret key is put to; header names are lower case."""
    pairs = parse_query(query)
    signed = {**{name.lower(): value for name, value in pairs}, **headers}
    lines = [method, signed.get("content-md5", "").strip(), signed.get("content-type", "").strip(), expires]
    lines += [f"{name}:{signed[name].strip()}" for name in sorted(signed) if name.startswith("x-amz-")]
    # A bucket alone is signed with a slash after it, whether the path has one or not (botocore, `handlers`, C).
    is_bucket = resource.rfind("/") == 0 and resource != "/"
    return "\n".join([*lines, resource + "/" * is_bucket + _sub_resources(query)])


def _sub_resources(query: str) -> str:
    pieces = [piece.partition("=") for piece in query.split("&")]
    named = sorted((piece for piece in pieces if piece[0] in SUB_RESOURCES), key=lambda piece: piece[0])
    return ("?" if named else "") + "&".join(
        f"{name}{equal_sign}{unquote(value, errors='surrogateescape')}" for name, equal_sign, value in named
    )


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode("utf-8", "surrogateescape"), theirs.encode("utf-8", "surrogateescape"))
