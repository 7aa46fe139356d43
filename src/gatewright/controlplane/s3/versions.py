"""The versions of an object: found, put, marked as deleted, removed (S3 user guide, "How S3 Versioning works", D).

What this module keeps to:
- While versioning is not enabled a key has one version called `null`, which the next one replaces; versions that were made
  while it was enabled stay.
- A version's content goes with its record, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.content import delete_content
from gatewright.controlplane.s3.faults import fault, invalid_argument
from gatewright.controlplane.s3.sequence import is_version_id, make_sequence
from gatewright.model.records import Blob, Bucket, ObjectHeaders, ObjectVersion
from gatewright.store.port import Reader, Transaction
from gatewright.wire.timestamp import render_timestamp

NULL = "null"

#: S3 takes keys of so many bytes of UTF-8 (S3 user guide, "Naming Amazon S3 objects").
_LONGEST_KEY = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What becomes a version once it has a sequence."""

    size: int = 0
    etag: str = ""
    content: tuple[Blob, ...] = ()
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str = "FULL_OBJECT"
    is_multipart: bool = False
    is_delete_marker: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


def newest_version(reader: Reader, bucket: Bucket, key: str) -> ObjectVersion | None:
    """The newest version of a key, which may be a delete marker."""
    found = reader.list_under(ObjectVersion, bucket.account, bucket.region, bucket.name, key, limit=1)
    return found[0] if found else None


def current_object(reader: Reader, bucket: Bucket, key: str) -> ObjectVersion | None:
    """What a GET of a key shows: its newest version, unless that is a delete marker."""
    newest = newest_version(reader, bucket, key)
    return None if newest is None or newest.is_delete_marker else newest


def find_version(reader: Reader, bucket: Bucket, key: str, version_id: str) -> ObjectVersion | None:
    """The version of that id, which may be a delete marker."""
    if not is_version_id(version_id):
        raise invalid_argument("Invalid version id specified", "versionId", version_id)
    if version_id != NULL:
        found = reader.get(ObjectVersion, bucket.account, bucket.region, bucket.name, key, version_id)
        # The sequence of the null version is nobody's version id.
        return found if found is not None and found.version_id == version_id else None
    every = reader.list_under(ObjectVersion, bucket.account, bucket.region, bucket.name, key)
    return next((version for version in every if version.version_id == NULL), None)


def require_version(reader: Reader, bucket: Bucket, key: str, version_id: str | None) -> ObjectVersion:
    """The version to be read: that of the id, or the current one; raises what S3 says when there is none to read."""
    if version_id is None:
        newest = newest_version(reader, bucket, key)
        if newest is None:
            raise fault("NoSuchKey", Key=key)
        if newest.is_delete_marker:
            marked = {"x-amz-delete-marker": "true", "x-amz-version-id": newest.version_id}
            raise fault("NoSuchKey", headers=marked, Key=key)
        return newest
    version = find_version(reader, bucket, key, version_id)
    if version is None:
        raise fault("NoSuchVersion", Key=key, VersionId=version_id)
    if version.is_delete_marker:
        headers = {
            "Allow": "DELETE",
            "x-amz-delete-marker": "true",
            "x-amz-version-id": version_id,
            "Last-Modified": render_timestamp(to_instant(version.last_modified), "rfc822"),
        }
        raise fault("MethodNotAllowed", headers=headers, Method="GET", ResourceType="DeleteMarker")
    return version


def put_version(call: Call, bucket: Bucket, key: str, draft: Draft) -> ObjectVersion:
    """The newest version of a key from now on."""
    check_key(key)
    transaction = call.transaction
    newest = newest_version(transaction, bucket, key)
    sequence = make_sequence(call.now, call.random_text, None if newest is None else newest.sequence)
    version_id = sequence
    if bucket.versioning != "Enabled":
        version_id = NULL
        replaced = newest if newest and newest.version_id == NULL else None
        if replaced is None and newest is not None:
            replaced = find_version(transaction, bucket, key, NULL)
        if replaced is not None:
            remove_version(transaction, replaced)
    version = ObjectVersion(
        bucket.account,
        bucket.region,
        bucket.name,
        key,
        sequence,
        version_id,
        call.now,
        is_delete_marker=draft.is_delete_marker,
        size=draft.size,
        etag=draft.etag,
        content=draft.content,
        headers=draft.headers,
        checksums=draft.checksums,
        checksum_type=draft.checksum_type,
        is_multipart=draft.is_multipart,
        tags=draft.tags,
    )
    transaction.put(version)
    return version


def delete_key(call: Call, bucket: Bucket, key: str) -> ObjectVersion | None:
    """The key shows nothing any more; the delete marker that says so, where the bucket has versions."""
    if bucket.versioning is not None:
        return put_version(call, bucket, key, Draft(is_delete_marker=True))
    existing = newest_version(call.transaction, bucket, key)
    if existing is not None:
        remove_version(call.transaction, existing)
    return None


def remove_version(transaction: Transaction, version: ObjectVersion) -> None:
    """The version is gone, and its content."""
    transaction.delete(version)
    delete_content(transaction, version.content)


def shown_version_id(bucket: Bucket, version: ObjectVersion) -> str | None:
    """The version id as answers have it: none in a bucket that never had versions."""
    return None if bucket.versioning is None else version.version_id


def check_key(key: str) -> None:
    """Raises S3's error when no object may have this key."""
    if len(key.encode()) > _LONGEST_KEY:
        raise fault("KeyTooLongError", Size=len(key.encode()), MaxSizeAllowed=_LONGEST_KEY)
    # S3 takes control characters; the store's keys have none, and no list in XML could show them.
    if any(character < " " for character in key):
        raise invalid_argument("A key with control characters cannot be stored by Gatewright.", "key", key)


def to_instant(seconds: float) -> datetime:
    """An instant as S3 tells it: in whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)
