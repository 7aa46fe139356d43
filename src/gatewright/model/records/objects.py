"""Buckets, the versions of their objects, and uploads in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of S3. Its name is its own in the whole installation; account and region say whose and where it is."""

    KIND: ClassVar[str] = "bucket"

    account: str
    region: str
    name: str
    created_date: float
    versioning: str | None = None  # None: never set; then Enabled or Suspended
    tags: Mapping[str, str] = field(default_factory=dict)
    # Settings that are kept for whoever asks, each as the JSON of its members, by the name of its operation's noun.
    configurations: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket name,)."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class ObjectHeaders:
    """What an object's uploader said of it, and every reader is told again."""

    content_type: str = "binary/octet-stream"
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: float | None = None
    website_redirect_location: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blob:
    """A piece of an object's content: its name among the store's blobs, and its length."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object in a bucket, or a delete marker. `account` and `region` are the bucket's.

    `sequence` sorts the versions of a key with the newest first. It is the version id too, except of the version that
    was put while versioning was not enabled, whose version id is `null`.
    """

    KIND: ClassVar[str] = "object_version"

    account: str
    region: str
    bucket: str
    object_key: str
    sequence: str
    version_id: str
    last_modified: float
    is_delete_marker: bool = False
    size: int = 0
    etag: str = ""  # without its quotes
    content: tuple[Blob, ...] = ()
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    checksums: Mapping[str, str] = field(default_factory=dict)  # by algorithm, in base64
    checksum_type: str = "FULL_OBJECT"
    is_multipart: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket, object key, sequence)."""
        return (self.bucket, self.object_key, self.sequence)


@dataclass(frozen=True, slots=True)
class MultipartUpload:
    """An upload that was begun and is neither completed nor aborted. `account` and `region` are the bucket's."""

    KIND: ClassVar[str] = "multipart_upload"

    account: str
    region: str
    bucket: str
    object_key: str
    upload_id: str
    initiated: float
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    checksum_algorithm: str | None = None
    checksum_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(bucket, object key, upload id)."""
        return (self.bucket, self.object_key, self.upload_id)


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part of a multipart upload. `account` and `region` are the bucket's."""

    KIND: ClassVar[str] = "uploaded_part"

    account: str
    region: str
    upload_id: str
    part_number: int
    last_modified: float
    etag: str  # without its quotes
    content: Blob
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(upload id, part number in five digits)."""
        return (self.upload_id, f"{self.part_number:05}")
