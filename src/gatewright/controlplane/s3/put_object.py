"""PutObject: a body becomes the newest version of a key."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.bucket_tags import parse_tag_header
from gatewright.controlplane.s3.checksums import given_checksums, render_version_checksums
from gatewright.controlplane.s3.conditions import check_write
from gatewright.controlplane.s3.content import check_size, keep_content
from gatewright.controlplane.s3.object_headers import parse_object_headers
from gatewright.controlplane.s3.object_tags import MOST_TAGS
from gatewright.controlplane.s3.unserved import ENCRYPTION, refuse_unserved
from gatewright.controlplane.s3.versions import Draft, current_object, put_version, shown_version_id


def put_object(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key shows the body from now on."""
    bucket, key = require_bucket(call, params), params["Key"]
    refuse_unserved(params)
    body: bytes = params.get("Body", b"")
    check_size(len(body))
    check_write(current_object(call.transaction, bucket, key), params, key)
    draft = Draft(
        size=len(body),
        etag=etag_of(body),
        content=(keep_content(call, body),) if body else (),
        headers=parse_object_headers(params),
        checksums=given_checksums(params),
        tags=parse_tag_header(params.get("Tagging"), most=MOST_TAGS),
    )
    version = put_version(call, bucket, key, draft)
    return {
        "ETag": f'"{version.etag}"',
        **render_version_checksums(version),
        "ServerSideEncryption": ENCRYPTION,
        "VersionId": shown_version_id(bucket, version),
    }


def etag_of(content: bytes) -> str:
    """The entity tag of an object that came in one piece, without its quotes: the MD5 (S3 API reference, "Object", D)."""
    return md5(content, usedforsecurity=False).hexdigest()
