"""An object for another service of the control plane: what an `s3://bucket/key` means to the account that names it."""

from __future__ import annotations

from typing import NamedTuple

from gatewright.controlplane.s3.access import find_bucket
from gatewright.controlplane.s3.content import read_content
from gatewright.controlplane.s3.versions import require_version, shown_version_id
from gatewright.store.port import Reader


class ReadObject(NamedTuple):
    """A version of an object, whole. `version_id` is None in a bucket that never had versions."""

    content: bytes
    version_id: str | None
    etag: str
    """Without its quotes."""


class ObjectTooLarge(Exception):
    """The object is larger than whoever asked for it can use; none of it was read."""


def read_object(
    reader: Reader,
    account: str,
    bucket: str,
    key: str,
    version_id: str | None = None,
    *,
    largest: int | None = None,
) -> ReadObject:
    """The current version, or that of the id, as `account` may read it; `reader` may be a call's transaction.

    Raises the `ServiceError` that S3 would answer: NoSuchBucket, AccessDenied (another account's bucket), NoSuchKey,
    NoSuchVersion, InvalidArgument (no version id at all), MethodNotAllowed (a delete marker); and `ObjectTooLarge` for one
    that is larger than `largest`.
    """
    found = find_bucket(reader, account, bucket)
    version = require_version(reader, found, key, version_id)
    if largest is not None and version.size > largest:
        raise ObjectTooLarge
    return ReadObject(read_content(reader, version), shown_version_id(found, version), version.etag)
