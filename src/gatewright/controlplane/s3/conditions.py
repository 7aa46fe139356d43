"""Conditional requests: what If-Match and its kin say about a version (RFC 9110 section 13; GetObject, PutObject, CopyObject, D).

S3 has two rules of its own for reading: If-Match that holds outweighs If-Unmodified-Since that does not, and If-None-Match
that fails outweighs If-Modified-Since that holds (GetObject, "Overriding Response Header Values" and below, D).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.s3.faults import fault
from gatewright.controlplane.s3.versions import to_instant
from gatewright.model.records import ObjectVersion
from gatewright.wire.timestamp import render_timestamp


def check_read(version: ObjectVersion, params: Mapping[str, Any]) -> None:
    """Raises 412 or 304 when the version is not what the reader wants to see."""
    failed = _failed(version, params, "")
    if failed in ("If-Match", "If-Unmodified-Since"):
        raise _precondition_failed(failed)
    if failed is not None:
        raise _not_modified(version)


def check_copy_source(version: ObjectVersion, params: Mapping[str, Any]) -> None:
    """Raises 412 when the source is not what the copier wants to copy."""
    failed = _failed(version, params, "CopySource")
    if failed is not None:
        raise _precondition_failed(f"x-amz-copy-source-{failed}")


def check_write(current: ObjectVersion | None, params: Mapping[str, Any], key: str) -> None:
    """Raises 412 when what is there is not what the writer wants to replace, 404 when that is not there."""
    if (wanted := params.get("IfMatch")) is not None:
        if current is None:
            raise fault("NoSuchKey", Key=key)
        if not _names(wanted, current):
            raise _precondition_failed("If-Match")
    if (unwanted := params.get("IfNoneMatch")) is not None:
        # PutObject, If-None-Match (D): "expects the '*' character".
        if unwanted.strip() != "*":
            raise fault("NotImplemented", Header="If-None-Match")
        if current is not None:
            raise _precondition_failed("If-None-Match")


def _failed(version: ObjectVersion, params: Mapping[str, Any], prefix: str) -> str | None:
    """The header whose condition does not hold."""
    match, none_match = params.get(f"{prefix}IfMatch"), params.get(f"{prefix}IfNoneMatch")
    modified: datetime | None = params.get(f"{prefix}IfModifiedSince")
    unmodified: datetime | None = params.get(f"{prefix}IfUnmodifiedSince")
    changed = to_instant(version.last_modified)
    if match is not None:
        if not _names(match, version):
            return "If-Match"
    elif unmodified is not None and changed > unmodified:
        return "If-Unmodified-Since"
    if none_match is not None:
        return "If-None-Match" if _names(none_match, version) else None
    return "If-Modified-Since" if modified is not None and changed <= modified else None


def _names(header: str, version: ObjectVersion) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
    return "*" in tags or version.etag in tags


def _precondition_failed(condition: str) -> ServiceError:
    return fault("PreconditionFailed", Condition=condition)


def _not_modified(version: ObjectVersion) -> ServiceError:
    changed = render_timestamp(to_instant(version.last_modified), "rfc822")
    return fault("304", headers={"ETag": f'"{version.etag}"', "Last-Modified": changed})
