"""DeleteObject and DeleteObjects. To delete what is not there is no error (DeleteObject, D)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.faults import fault
from gatewright.controlplane.s3.versions import (
    current_object,
    delete_key,
    find_version,
    remove_version,
    shown_version_id,
)
from gatewright.model.records import Bucket, ObjectVersion

_MOST_KEYS: Final = 1000  # DeleteObjects (D)


def delete_object(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key shows nothing any more, or one version of it is gone."""
    bucket, key = require_bucket(call, params), params["Key"]
    _check_condition(current_object(call.transaction, bucket, key), params.get("IfMatch"), key)
    if (version_id := params.get("VersionId")) is not None:
        removed = _remove(call, bucket, key, version_id)
        return {"VersionId": version_id, "DeleteMarker": (removed is not None and removed.is_delete_marker) or None}
    marker = delete_key(call, bucket, key)
    if marker is None:
        return {}
    return {"VersionId": shown_version_id(bucket, marker), "DeleteMarker": True}


def delete_objects(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each key is treated as DeleteObject would; an error of one leaves the others deleted."""
    bucket = require_bucket(call, params)
    wanted = (params.get("Delete") or {}).get("Objects", [])
    if not 1 <= len(wanted) <= _MOST_KEYS:
        raise fault("MalformedXML")
    deleted, errors = [], []
    for item in wanted:
        try:
            deleted.append(_delete_one(call, bucket, item))
        except ServiceError as error:
            errors.append(
                {
                    "Key": item["Key"],
                    "VersionId": item.get("VersionId"),
                    "Code": error.code,
                    "Message": error.message,
                }
            )
    return {"Deleted": [] if params["Delete"].get("Quiet") else deleted, "Errors": errors}


def _delete_one(call: Call, bucket: Bucket, item: Mapping[str, Any]) -> Mapping[str, Any]:
    key, version_id = item["Key"], item.get("VersionId")
    _check_condition(current_object(call.transaction, bucket, key), item.get("ETag"), key)
    if version_id is not None:
        removed = _remove(call, bucket, key, version_id)
        was_marker = removed is not None and removed.is_delete_marker
        return {
            "Key": key,
            "VersionId": version_id,
            "DeleteMarker": was_marker or None,
            "DeleteMarkerVersionId": version_id if was_marker else None,
        }
    marker = delete_key(call, bucket, key)
    if marker is None:
        return {"Key": key}
    return {"Key": key, "DeleteMarker": True, "DeleteMarkerVersionId": shown_version_id(bucket, marker)}


def _remove(call: Call, bucket: Bucket, key: str, version_id: str) -> ObjectVersion | None:
    version = find_version(call.transaction, bucket, key, version_id)
    if version is not None:
        remove_version(call.transaction, version)
    return version


def _check_condition(current: ObjectVersion | None, etag: str | None, key: str) -> None:
    if etag is None:
        return
    if current is None:
        raise fault("NoSuchKey", Key=key)
    if etag.strip() != "*" and etag.strip().strip('"') != current.etag:
        raise fault("PreconditionFailed", Condition="If-Match")
