"""Uploads in parts: begun, filled part by part in any order, completed or aborted (S3 user guide, "Uploading objects using
multipart upload", D).

A part's content is a blob of its own; the completed object is the blobs of its parts in order, so that completing moves no
content. The entity tag is the MD5 of the parts' MD5s and their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import md5
from itertools import pairwise
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import canonical_user_id, require_bucket
from gatewright.controlplane.s3.bucket_tags import parse_tag_header
from gatewright.controlplane.s3.byte_range import select_range
from gatewright.controlplane.s3.checksums import (
    COMPOSITE,
    composite_checksum,
    given_checksums,
    render_checksums,
    render_version_checksums,
    select_checksum_type,
)
from gatewright.controlplane.s3.conditions import check_write
from gatewright.controlplane.s3.content import check_size, delete_content, keep_content, read_content
from gatewright.controlplane.s3.copy_object import find_copy_source
from gatewright.controlplane.s3.faults import fault, invalid_argument
from gatewright.controlplane.s3.object_headers import parse_object_headers
from gatewright.controlplane.s3.object_tags import MOST_TAGS
from gatewright.controlplane.s3.put_object import etag_of
from gatewright.controlplane.s3.unserved import ENCRYPTION, refuse_unserved
from gatewright.controlplane.s3.versions import (
    Draft,
    check_key,
    current_object,
    put_version,
    shown_version_id,
    to_instant,
)
from gatewright.core.checksum import checksum_of
from gatewright.model.identifiers import ALNUM
from gatewright.model.records import Bucket, MultipartUpload, UploadedPart

# "Amazon S3 multipart upload limits" (D): 10,000 parts, of at least 5 MiB each but the last.
_MOST_PARTS: Final = 10_000
_SMALLEST_PART: Final = 5 * 1024 * 1024
_UPLOAD_ID_LENGTH: Final = 64


def create_multipart_upload(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """An upload that takes parts."""
    bucket, key = require_bucket(call, params), params["Key"]
    check_key(key)
    refuse_unserved(params)
    algorithm = params.get("ChecksumAlgorithm")
    upload = MultipartUpload(
        bucket.account,
        bucket.region,
        bucket.name,
        key,
        call.random_text(ALNUM, _UPLOAD_ID_LENGTH),
        call.now,
        headers=parse_object_headers(params),
        checksum_algorithm=algorithm,
        checksum_type=select_checksum_type(algorithm, params.get("ChecksumType")),
        tags=parse_tag_header(params.get("Tagging"), most=MOST_TAGS),
    )
    call.transaction.put(upload)
    return {
        "Bucket": bucket.name,
        "Key": key,
        "UploadId": upload.upload_id,
        "ServerSideEncryption": ENCRYPTION,
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.checksum_type,
    }


def upload_part(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The upload has this part, in place of one with the same number."""
    bucket = require_bucket(call, params)
    upload = _require_upload(call, bucket, params)
    refuse_unserved(params)
    part = _put_part(call, upload, params["PartNumber"], params.get("Body", b""), given_checksums(params))
    return {
        "ETag": f'"{part.etag}"',
        **render_checksums(part.checksums),
        "ServerSideEncryption": ENCRYPTION,
    }


def upload_part_copy(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The upload has a part with the content, or a range of it, of an object."""
    bucket = require_bucket(call, params)
    upload = _require_upload(call, bucket, params)
    refuse_unserved(params)
    source = find_copy_source(call, params)
    selected = select_range(params.get("CopySourceRange"), source.version.size)
    span = (0, source.version.size) if selected is None else (selected.first, selected.end)
    content = read_content(call.transaction, source.version, *span)
    part = _put_part(call, upload, params["PartNumber"], content, {})
    return {
        "CopyPartResult": {
            "ETag": f'"{part.etag}"',
            "LastModified": to_instant(part.last_modified),
            **render_checksums(part.checksums),
        },
        "CopySourceVersionId": shown_version_id(source.bucket, source.version),
        "ServerSideEncryption": ENCRYPTION,
    }


def complete_multipart_upload(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key shows the parts that are named, in order; the upload and its other parts are gone."""
    bucket, key = require_bucket(call, params), params["Key"]
    upload = _require_upload(call, bucket, params)
    stored = {part.part_number: part for part in _parts(call, upload)}
    parts = _select_parts((params.get("MultipartUpload") or {}).get("Parts", []), stored)
    size = sum(part.content.size for part in parts)
    check_size(size)
    if params.get("MpuObjectSize", size) != size:
        raise fault(
            "InvalidRequest", f"The provided 'x-amz-mp-object-size' header does not match what was computed: {size}."
        )
    check_write(current_object(call.transaction, bucket, key), params, key)
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    version = put_version(
        call,
        bucket,
        key,
        Draft(
            size=size,
            etag=f"{md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}",
            content=tuple(part.content for part in parts),
            headers=upload.headers,
            checksums=_checksums(call, upload, parts, given_checksums(params)),
            checksum_type=upload.checksum_type or COMPOSITE,
            is_multipart=True,
            tags=upload.tags,
        ),
    )
    kept = {part.part_number for part in parts}
    delete_content(call.transaction, [part.content for number, part in stored.items() if number not in kept])
    _forget(call, upload)
    return {
        "Location": f"/{bucket.name}/{key}",
        "Bucket": bucket.name,
        "Key": key,
        "ETag": f'"{version.etag}"',
        **render_version_checksums(version),
        "ServerSideEncryption": ENCRYPTION,
        "VersionId": shown_version_id(bucket, version),
    }


def abort_multipart_upload(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The upload is gone, and the content of its parts."""
    upload = _require_upload(call, require_bucket(call, params), params)
    delete_content(call.transaction, [part.content for part in _parts(call, upload)])
    _forget(call, upload)
    return {}


def list_parts(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parts that an upload has, by number."""
    bucket = require_bucket(call, params)
    upload = _require_upload(call, bucket, params)
    most, marker = min(params.get("MaxParts", 1000), 1000), params.get("PartNumberMarker", 0)
    behind = [part for part in _parts(call, upload) if part.part_number > marker]
    page = behind[: max(0, most)]
    owner = {"ID": canonical_user_id(bucket.account)}
    return {
        "Bucket": bucket.name,
        "Key": upload.object_key,
        "UploadId": upload.upload_id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].part_number if page else 0,
        "MaxParts": most,
        "IsTruncated": len(behind) > len(page),
        "Parts": [
            {
                "PartNumber": part.part_number,
                "LastModified": to_instant(part.last_modified),
                "ETag": f'"{part.etag}"',
                "Size": part.content.size,
                **render_checksums(part.checksums),
            }
            for part in page
        ],
        "Initiator": owner,
        "Owner": owner,
        "StorageClass": "STANDARD",
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.checksum_type,
    }


def list_multipart_uploads(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The uploads of a bucket that are neither completed nor aborted, by key and age."""
    bucket = require_bucket(call, params)
    if params.get("Delimiter"):
        raise fault("NotImplemented", "Gatewright's S3 does not group uploads by a delimiter.")
    prefix, most = params.get("Prefix", ""), min(params.get("MaxUploads", 1000), 1000)
    marker = (params.get("KeyMarker", ""), params.get("UploadIdMarker") or "\U0010ffff")
    where = (bucket.account, bucket.region, bucket.name)
    behind = [
        upload
        for upload in call.transaction.list_under(MultipartUpload, *where)
        if upload.object_key.startswith(prefix) and (upload.object_key, upload.upload_id) > marker
    ]
    page = behind[: max(0, most)]
    more = len(behind) > len(page) > 0
    owner = {"ID": canonical_user_id(bucket.account)}
    return {
        "Bucket": bucket.name,
        "Prefix": prefix,
        "KeyMarker": marker[0],
        "UploadIdMarker": params.get("UploadIdMarker", ""),
        "NextKeyMarker": page[-1].object_key if more else None,
        "NextUploadIdMarker": page[-1].upload_id if more else None,
        "MaxUploads": most,
        "IsTruncated": more,
        "Uploads": [
            {
                "UploadId": upload.upload_id,
                "Key": upload.object_key,
                "Initiated": to_instant(upload.initiated),
                "StorageClass": "STANDARD",
                "Owner": owner,
                "Initiator": owner,
                "ChecksumAlgorithm": upload.checksum_algorithm,
                "ChecksumType": upload.checksum_type,
            }
            for upload in page
        ],
    }


def _require_upload(call: Call, bucket: Bucket, params: Mapping[str, Any]) -> MultipartUpload:
    where = (bucket.account, bucket.region, bucket.name, params["Key"], params["UploadId"])
    upload = call.transaction.get(MultipartUpload, *where)
    if upload is None:
        raise fault("NoSuchUpload", UploadId=params["UploadId"])
    return upload


def _parts(call: Call, upload: MultipartUpload) -> list[UploadedPart]:
    return call.transaction.list_under(UploadedPart, upload.account, upload.region, upload.upload_id)


def _put_part(
    call: Call, upload: MultipartUpload, number: int, content: bytes, checksums: Mapping[str, str]
) -> UploadedPart:
    if not 1 <= number <= _MOST_PARTS:
        raise invalid_argument(
            f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive", "partNumber", number
        )
    check_size(len(content))
    if upload.checksum_algorithm is not None and upload.checksum_algorithm not in checksums:
        if checksums:
            given = next(iter(checksums)).lower()
            raise fault(
                "InvalidRequest",
                f"Checksum Type mismatch occurred, expected checksum Type: {upload.checksum_algorithm.lower()}, "
                f"actual checksum Type: {given}",
            )
        checksums = {upload.checksum_algorithm: checksum_of(upload.checksum_algorithm, content)}
    existing = call.transaction.get(UploadedPart, upload.account, upload.region, upload.upload_id, f"{number:05}")
    if existing is not None:
        delete_content(call.transaction, [existing.content])
    blob = keep_content(call, content)
    part = UploadedPart(
        upload.account, upload.region, upload.upload_id, number, call.now, etag_of(content), blob, checksums
    )
    call.transaction.put(part)
    return part


def _select_parts(named: Sequence[Mapping[str, Any]], stored: Mapping[int, UploadedPart]) -> list[UploadedPart]:
    """The parts that the client names, each of them there as the client knows it."""
    if not named:
        raise fault("MalformedXML")
    numbers = [part.get("PartNumber", 0) for part in named]
    if any(number >= following for number, following in pairwise(numbers)):
        raise fault("InvalidPartOrder")
    selected = []
    for part, number in zip(named, numbers, strict=True):
        found = stored.get(number)
        etag = part.get("ETag", "").strip('"')
        if found is None or etag != found.etag or not given_checksums(part).items() <= found.checksums.items():
            raise fault("InvalidPart", PartNumber=number, ETag=etag)
        selected.append(found)
    for found in selected[:-1]:
        if found.content.size < _SMALLEST_PART:
            raise fault(
                "EntityTooSmall",
                ProposedSize=found.content.size,
                MinSizeAllowed=_SMALLEST_PART,
                PartNumber=found.part_number,
                ETag=found.etag,
            )
    return selected


def _checksums(
    call: Call, upload: MultipartUpload, parts: Sequence[UploadedPart], given: Mapping[str, str]
) -> Mapping[str, str]:
    """The checksum of the whole, which is the one that the client computed, if it did."""
    algorithm = upload.checksum_algorithm
    if algorithm is None:
        return {}
    if upload.checksum_type == COMPOSITE:
        made = composite_checksum(algorithm, [part.checksums[algorithm] for part in parts])
    else:
        pieces = [call.transaction.get_blob(part.content.name) or b"" for part in parts]
        made = checksum_of(algorithm, b"".join(pieces))
    # A client may leave out the number of parts.
    if given.get(algorithm, made) not in (made, made.partition("-")[0]):
        raise fault("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    return {algorithm: made}


def _forget(call: Call, upload: MultipartUpload) -> None:
    """The records of the upload and its parts are gone; what becomes of the content is the caller's."""
    call.transaction.delete_under(UploadedPart, upload.account, upload.region, upload.upload_id)
    call.transaction.delete(upload)
