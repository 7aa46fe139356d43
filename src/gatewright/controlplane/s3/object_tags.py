"""The tags of an object's versions; ten at most (S3 user guide, "Categorizing your objects using tags", D)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.bucket_tags import parse_tags, render_tags
from gatewright.controlplane.s3.versions import require_version, shown_version_id

MOST_TAGS: Final = 10


def get_object_tagging(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version's tags."""
    bucket = require_bucket(call, params)
    version = require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    return {"VersionId": shown_version_id(bucket, version), "TagSet": render_tags(version.tags)}


def put_object_tagging(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version has these tags and no others."""
    return _replace(call, params, parse_tags((params.get("Tagging") or {}).get("TagSet", []), most=MOST_TAGS))


def delete_object_tagging(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version has no tags."""
    return _replace(call, params, {})


def _replace(call: Call, params: Mapping[str, Any], tags: Mapping[str, str]) -> Mapping[str, Any]:
    bucket = require_bucket(call, params)
    version = require_version(call.transaction, bucket, params["Key"], params.get("VersionId"))
    call.transaction.put(replace(version, tags=tags))
    return {"VersionId": shown_version_id(bucket, version)}
