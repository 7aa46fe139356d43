"""ListObjects, ListObjectsV2 and ListObjectVersions: keys in the order of their bytes, rolled up at a delimiter.

A page is gathered by one walk over the versions of a bucket. The walk reads them by the hundred; when a key rolls up into
a common prefix it goes on behind all keys that share it. So a page costs what it shows, save for versions that are not the
newest, which the lists of objects pass over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import canonical_user_id, require_bucket
from gatewright.controlplane.s3.faults import invalid_argument
from gatewright.controlplane.s3.listing_token import parse_token, render_token
from gatewright.controlplane.s3.sequence import AFTER_ALL
from gatewright.controlplane.s3.versions import NULL, find_version, to_instant
from gatewright.model.records import Bucket, ObjectVersion
from gatewright.store.port import Reader

_MOST_KEYS: Final = 1000  # MaxKeys of all three (D)
_AT_A_TIME: Final = 200
_LAST_CHARACTER: Final = "\U0010ffff"
_LONGEST_KEY: Final = 1_024  # in bytes of UTF-8 (S3 user guide, "Naming Amazon S3 objects")

#: A place between keys of records: the walk begins behind it.
_Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """One line of a list: a version, or a common prefix; and whether the version is its key's newest."""

    name: str
    version: ObjectVersion | None = None
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which keys a list shows and how it groups them."""

    prefix: str
    delimiter: str

    def common_prefix(self, key: str) -> str | None:
        """What the key rolls up into."""
        if not self.delimiter:
            return None
        at = key.find(self.delimiter, len(self.prefix))
        return None if at < 0 else key[: at + len(self.delimiter)]

    def place_behind(self, bucket: Bucket, marker: str) -> _Place:
        """Where the walk begins behind a marker, which stands for all its keys when it is a common prefix."""
        is_common = marker.startswith(self.prefix) and self.common_prefix(marker) == marker
        place = _behind_prefix(bucket, marker) if is_common else (bucket.name, marker, AFTER_ALL)
        return max(place, (bucket.name, self.prefix))


def list_objects(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket's objects behind a marker."""
    bucket, shown = require_bucket(call, params), _filter_of(params)
    most, encode = _max_keys(params), _encoder(params)
    marker = params.get("Marker", "")
    page, more = _objects(call.transaction, bucket, shown, shown.place_behind(bucket, marker), most)
    return {
        **_echo(bucket, params, encode),
        **_lines(page, encode, owner=bucket.account),
        "Marker": encode(marker),
        # Only a list with a delimiter needs to be told; others go on behind their last key (ListObjects, D).
        "NextMarker": encode(page[-1].name) if more and shown.delimiter else None,
        "MaxKeys": most,
        "IsTruncated": more,
    }


def list_objects_v2(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket's objects behind a token, or behind a key."""
    bucket, shown = require_bucket(call, params), _filter_of(params)
    most, encode = _max_keys(params), _encoder(params)
    token = params.get("ContinuationToken")
    start = params.get("StartAfter", "")
    behind = parse_token(token) if token is not None else start
    page, more = _objects(call.transaction, bucket, shown, shown.place_behind(bucket, behind), most)
    return {
        **_echo(bucket, params, encode),
        **_lines(page, encode, owner=bucket.account if params.get("FetchOwner") else None),
        "ContinuationToken": token,
        "NextContinuationToken": render_token(page[-1].name) if more else None,
        "StartAfter": encode(start) or None,
        "KeyCount": len(page),
        "MaxKeys": most,
        "IsTruncated": more,
    }


def list_object_versions(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All versions and delete markers, those of a key with the newest first."""
    bucket, shown = require_bucket(call, params), _filter_of(params)
    most, encode = _max_keys(params), _encoder(params)
    marker, version_marker = params.get("KeyMarker", ""), params.get("VersionIdMarker")
    if version_marker is not None and not marker:
        raise invalid_argument(
            "A version-id marker cannot be specified without a key marker.", "version-id-marker", version_marker
        )
    page, more = _versions(call.transaction, bucket, shown, marker, version_marker, most)
    shown_versions = [(found, found.version) for found in page if found.version is not None]
    last = page[-1] if more else None
    return {
        **_echo(bucket, params, encode),
        "Versions": [
            {
                **_object_line(version, encode),
                "VersionId": version.version_id,
                "IsLatest": found.is_latest,
                "Owner": {"ID": canonical_user_id(bucket.account)},
            }
            for found, version in shown_versions
            if not version.is_delete_marker
        ],
        "DeleteMarkers": [
            {
                "Key": encode(version.object_key),
                "VersionId": version.version_id,
                "IsLatest": found.is_latest,
                "LastModified": to_instant(version.last_modified),
                "Owner": {"ID": canonical_user_id(bucket.account)},
            }
            for found, version in shown_versions
            if version.is_delete_marker
        ],
        "CommonPrefixes": [{"Prefix": encode(found.name)} for found in page if found.version is None],
        "KeyMarker": encode(marker),
        "VersionIdMarker": version_marker or "",
        "NextKeyMarker": None if last is None else encode(last.name),
        "NextVersionIdMarker": last.version.version_id if last is not None and last.version is not None else None,
        "MaxKeys": most,
        "IsTruncated": more,
    }


# --- the walk ---


def _behind_prefix(bucket: Bucket, prefix: str) -> _Place:
    """Behind all keys that begin with a prefix: at the least text that is greater than all of them."""
    rest = prefix.rstrip(_LAST_CHARACTER)
    if not rest:
        return (bucket.name, prefix + _LAST_CHARACTER * _LONGEST_KEY)
    following = ord(rest[-1]) + 1
    return (bucket.name, rest[:-1] + chr(0xE000 if following == 0xD800 else following))  # surrogates are no text


def _objects(reader: Reader, bucket: Bucket, shown: _Filter, after: _Place, most: int) -> tuple[list[_Found], bool]:
    """The lines of a page of objects, and whether there are more."""
    lines = (
        found
        for found in _walk(reader, bucket, shown, after, None, only_newest=True)
        if found.version is None or not found.version.is_delete_marker
    )
    return _take(lines, most)


def _versions(
    reader: Reader, bucket: Bucket, shown: _Filter, marker: str, version_marker: str | None, most: int
) -> tuple[list[_Found], bool]:
    """The lines of a page of versions, and whether there are more."""
    after: _Place = (bucket.name, shown.prefix)
    newest_seen = None
    if version_marker is not None and marker >= shown.prefix:
        version = find_version(reader, bucket, marker, version_marker)
        sequence = version_marker if version_marker != NULL else AFTER_ALL
        after, newest_seen = (bucket.name, marker, version.sequence if version else sequence), marker
    elif marker:
        after = shown.place_behind(bucket, marker)
    return _take(_walk(reader, bucket, shown, after, newest_seen, only_newest=False), most)


def _take(lines: Iterator[_Found], most: int) -> tuple[list[_Found], bool]:
    if most == 0:
        return [], False
    page: list[_Found] = []
    for found in lines:
        if len(page) == most:
            return page, True
        page.append(found)
    return page, False


def _walk(
    reader: Reader, bucket: Bucket, shown: _Filter, after: _Place, newest_seen: str | None, *, only_newest: bool
) -> Iterator[_Found]:
    """The lines behind a place. `newest_seen` is the key whose newest version lies before it."""
    last_key, last_common = newest_seen, None
    while True:
        where = (bucket.account, bucket.region, bucket.name)
        some = reader.list_under(ObjectVersion, *where, after=after, limit=_AT_A_TIME)
        for version in some:
            key = version.object_key
            if not key.startswith(shown.prefix):
                return
            after = version.key
            is_latest, last_key = key != last_key, key
            if only_newest and not is_latest:
                continue
            common = shown.common_prefix(key)
            if common is None:
                yield _Found(key, version, is_latest)
            # A prefix stands for objects: one under which there are delete markers only is not there.
            elif common != last_common and not (only_newest and version.is_delete_marker):
                yield _Found(common)
                last_common = common
                after = _behind_prefix(bucket, common)
                break
        else:
            if len(some) < _AT_A_TIME:
                return


# --- parameters and answers ---


def _filter_of(params: Mapping[str, Any]) -> _Filter:
    return _Filter(params.get("Prefix", ""), params.get("Delimiter", ""))


def _max_keys(params: Mapping[str, Any]) -> int:
    asked: int = params.get("MaxKeys", _MOST_KEYS)
    if asked < 0:
        raise invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", asked)
    return min(asked, _MOST_KEYS)


class _Encoder:
    """Writes keys as `encoding-type=url` wants them, or as they are."""

    def __init__(self, *, quotes: bool) -> None:
        self._quotes = quotes

    def __call__(self, text: str) -> str:
        return quote(text, safe="/") if self._quotes else text


def _encoder(params: Mapping[str, Any]) -> _Encoder:
    return _Encoder(quotes=params.get("EncodingType") == "url")


def _echo(bucket: Bucket, params: Mapping[str, Any], encode: _Encoder) -> dict[str, Any]:
    return {
        "Name": bucket.name,
        "Prefix": encode(params.get("Prefix", "")),
        "Delimiter": encode(params.get("Delimiter", "")) or None,
        "EncodingType": params.get("EncodingType"),
    }


def _lines(page: list[_Found], encode: _Encoder, *, owner: str | None) -> dict[str, Any]:
    owned = {} if owner is None else {"Owner": {"ID": canonical_user_id(owner)}}
    return {
        "Contents": [{**_object_line(found.version, encode), **owned} for found in page if found.version is not None],
        "CommonPrefixes": [{"Prefix": encode(found.name)} for found in page if found.version is None],
    }


def _object_line(version: ObjectVersion, encode: _Encoder) -> dict[str, Any]:
    return {
        "Key": encode(version.object_key),
        "LastModified": to_instant(version.last_modified),
        "ETag": f'"{version.etag}"',
        "ChecksumAlgorithm": list(version.checksums) or None,
        "ChecksumType": version.checksum_type if version.checksums else None,
        "Size": version.size,
        "StorageClass": "STANDARD",
    }
