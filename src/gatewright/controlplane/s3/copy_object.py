"""CopyObject: what one key shows, or one of its versions, becomes the newest version of another key.

The copy is one piece however its source was uploaded, so its entity tag and checksum are of its whole content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import find_bucket, require_bucket
from gatewright.controlplane.s3.bucket_tags import parse_tag_header
from gatewright.controlplane.s3.checksums import FULL_OBJECT, render_checksums, select_checksum_type
from gatewright.controlplane.s3.conditions import check_copy_source, check_write
from gatewright.controlplane.s3.content import keep_content, read_content
from gatewright.controlplane.s3.faults import fault, invalid_argument
from gatewright.controlplane.s3.object_headers import parse_object_headers
from gatewright.controlplane.s3.object_tags import MOST_TAGS
from gatewright.controlplane.s3.put_object import etag_of
from gatewright.controlplane.s3.unserved import ENCRYPTION, refuse_unserved
from gatewright.controlplane.s3.versions import (
    Draft,
    current_object,
    put_version,
    require_version,
    shown_version_id,
    to_instant,
)
from gatewright.core.checksum import checksum_of
from gatewright.model.records import Bucket, ObjectVersion


class CopySource(NamedTuple):
    """What `x-amz-copy-source` names."""

    bucket: Bucket
    version: ObjectVersion


def find_copy_source(call: Call, params: Mapping[str, Any]) -> CopySource:
    """The version to copy, which the caller may read and which meets the caller's conditions."""
    text: str = params["CopySource"]
    path, _, query = text.partition("?")
    name, slash, key = unquote(path).removeprefix("/").partition("/")
    if not slash or not key:
        raise invalid_argument("Invalid copy source: expected a bucket, a slash and a key.", "x-amz-copy-source", text)
    version_id = unquote(query.removeprefix("versionId=")) if query.startswith("versionId=") else None
    bucket = find_bucket(call.transaction, call.account, name)
    if params.get("ExpectedSourceBucketOwner") not in (None, bucket.account):
        raise fault("AccessDenied")
    version = require_version(call.transaction, bucket, key, version_id)
    check_copy_source(version, params)
    return CopySource(bucket, version)


def copy_object(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key shows the content of the source from now on."""
    bucket, key = require_bucket(call, params), params["Key"]
    refuse_unserved(params)
    source = find_copy_source(call, params)
    is_replacing = params.get("MetadataDirective") == "REPLACE"
    current = current_object(call.transaction, bucket, key)
    if current == source.version and not is_replacing and "WebsiteRedirectLocation" not in params:
        raise fault(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        )
    check_write(current, params, key)
    content = read_content(call.transaction, source.version)
    version = put_version(
        call,
        bucket,
        key,
        Draft(
            size=len(content),
            etag=etag_of(content),
            content=(keep_content(call, content),) if content else (),
            headers=parse_object_headers(params) if is_replacing else source.version.headers,
            checksums=_checksums(source.version, params.get("ChecksumAlgorithm"), content),
            tags=parse_tag_header(params.get("Tagging"), most=MOST_TAGS)
            if params.get("TaggingDirective") == "REPLACE"
            else source.version.tags,
        ),
    )
    return {
        "CopyObjectResult": {
            "ETag": f'"{version.etag}"',
            "LastModified": to_instant(version.last_modified),
            **render_checksums(version.checksums),
            "ChecksumType": version.checksum_type if version.checksums else None,
        },
        "CopySourceVersionId": shown_version_id(source.bucket, source.version),
        "VersionId": shown_version_id(bucket, version),
        "ServerSideEncryption": ENCRYPTION,
    }


def _checksums(source: ObjectVersion, wanted: str | None, content: bytes) -> Mapping[str, str]:
    select_checksum_type(wanted, None)  # refuses an algorithm that is not known
    if wanted is None and source.checksum_type == FULL_OBJECT:
        return source.checksums
    return {name: checksum_of(name, content) for name in ([wanted] if wanted else source.checksums)}
