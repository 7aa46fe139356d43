"""GetObject, HeadObject and GetObjectAttributes: what is kept of a version, and its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.byte_range import ByteRange, select_range
from gatewright.controlplane.s3.checksums import render_version_checksums
from gatewright.controlplane.s3.conditions import check_read
from gatewright.controlplane.s3.content import read_content
from gatewright.controlplane.s3.faults import fault
from gatewright.controlplane.s3.object_headers import render_object_headers
from gatewright.controlplane.s3.unserved import ENCRYPTION
from gatewright.controlplane.s3.versions import require_version, shown_version_id, to_instant
from gatewright.model.records import Bucket, ObjectVersion


def get_object(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content, or the range of it that is asked for."""
    bucket, version, selected = _select(call, params)
    if selected is None:
        body = read_content(call.transaction, version)
    else:
        body = read_content(call.transaction, version, selected.first, selected.end)
    return {**_describe(bucket, version, selected, params), "Body": body}


def head_object(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What GetObject would say besides the content."""
    bucket, version, selected = _select(call, params)
    return _describe(bucket, version, selected, params)


def get_object_attributes(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of a version's attributes that are asked for."""
    bucket = require_bucket(call, params)
    version = require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    attributes = {
        "ETag": version.etag,
        "Checksum": render_version_checksums(version) or None,
        "ObjectParts": {"TotalPartsCount": len(version.content)} if version.is_multipart else None,
        "StorageClass": "STANDARD",
        "ObjectSize": version.size,
    }
    return {
        "LastModified": to_instant(version.last_modified),
        "VersionId": shown_version_id(bucket, version),
        **{name: attributes[name] for name in params["ObjectAttributes"] if name in attributes},
    }


def _select(call: Call, params: Mapping[str, Any]) -> tuple[Bucket, ObjectVersion, ByteRange | None]:
    bucket = require_bucket(call, params)
    if "PartNumber" in params:
        raise fault("NotImplemented", "Gatewright's S3 gives no single parts of an object; a Range gives any bytes.")
    version = require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    check_read(version, params)
    return bucket, version, select_range(params.get("Range"), version.size)


def _describe(
    bucket: Bucket, version: ObjectVersion, selected: ByteRange | None, params: Mapping[str, Any]
) -> dict[str, Any]:
    # A checksum is of the whole content, so a range has none (GetObject, ChecksumMode, D).
    tells_checksums = params.get("ChecksumMode") == "ENABLED" and selected is None
    return {
        "AcceptRanges": "bytes",
        "LastModified": to_instant(version.last_modified),
        "ContentLength": version.size if selected is None else selected.end - selected.first,
        "ContentRange": None if selected is None else str(selected),
        "ETag": f'"{version.etag}"',
        "VersionId": shown_version_id(bucket, version),
        "ServerSideEncryption": ENCRYPTION,
        "TagCount": len(version.tags) or None,
        **(render_version_checksums(version) if tells_checksums else {}),
        **render_object_headers(version.headers, params),
    }
