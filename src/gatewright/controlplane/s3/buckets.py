"""Buckets: made, found, listed, removed.

Where a bucket is made (CreateBucket, D): us-east-1 makes it wherever the constraint says, the other regions only at home. To
make an own bucket once more is an error everywhere but in us-east-1 (D, "BucketAlreadyOwnedByYou").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.authenticate import REGIONS
from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import canonical_user_id, require_bucket
from gatewright.controlplane.s3.bucket_name import TAKEN_NAMES, is_bucket_name
from gatewright.controlplane.s3.bucket_tags import parse_tags
from gatewright.controlplane.s3.content import delete_content
from gatewright.controlplane.s3.faults import fault, invalid_argument
from gatewright.controlplane.s3.listing_token import parse_token, render_token
from gatewright.controlplane.s3.unserved import refuse_unserved
from gatewright.controlplane.s3.versions import to_instant
from gatewright.model.records import Bucket, MultipartUpload, ObjectVersion, UploadedPart

_FIRST_REGION: Final = "us-east-1"
_MOST_BUCKETS: Final = 10_000  # ListBuckets, MaxBuckets (M)


def create_bucket(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket is there, and the caller's."""
    name = params["Bucket"]
    refuse_unserved(params)
    if not is_bucket_name(name):
        raise fault("InvalidBucketName", BucketName=name)
    configuration = params.get("CreateBucketConfiguration") or {}
    region = _select_region(call.region, configuration.get("LocationConstraint"))
    existing = call.transaction.find(Bucket, name)
    if name in TAKEN_NAMES or (existing and existing[0].account != call.account):
        raise fault("BucketAlreadyExists", BucketName=name)
    if existing:
        if not existing[0].region == region == _FIRST_REGION:
            raise fault("BucketAlreadyOwnedByYou", BucketName=name)
    else:
        tags = parse_tags(configuration.get("Tags", []))
        call.transaction.put(Bucket(call.account, region, name, call.now, tags=tags))
    return {"Location": f"/{name}", "BucketArn": f"arn:aws:s3:::{name}"}


def _select_region(called: str, constraint: str | None) -> str:
    if called == _FIRST_REGION:
        if constraint is None:
            return _FIRST_REGION
        constraint = "eu-west-1" if constraint == "EU" else constraint
        if constraint not in REGIONS or constraint == _FIRST_REGION:
            raise fault("InvalidLocationConstraint", LocationConstraint=constraint)
        return constraint
    if constraint != called:
        raise fault(
            "IllegalLocationConstraintException",
            f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific endpoint "
            "this request was sent to.",
        )
    return called


def head_bucket(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """That the bucket is there and the caller's, and where it is."""
    bucket = require_bucket(call, params)
    return {
        "BucketArn": f"arn:aws:s3:::{bucket.name}",
        "BucketRegion": bucket.region,
        "AccessPointAlias": False,
    }


def get_bucket_location(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the bucket is; us-east-1 is told as nothing."""
    region = require_bucket(call, params).region
    return {"LocationConstraint": None if region == _FIRST_REGION else region}


def list_buckets(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The caller's buckets, by name."""
    most = params.get("MaxBuckets", _MOST_BUCKETS)
    if not 1 <= most <= _MOST_BUCKETS:
        raise invalid_argument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", most)
    prefix, region = params.get("Prefix", ""), params.get("BucketRegion")
    after = parse_token(params.get("ContinuationToken"))
    fitting = [
        bucket
        for bucket in sorted(call.transaction.all(Bucket), key=lambda bucket: bucket.name)
        if bucket.account == call.account
        and bucket.name.startswith(prefix)
        and bucket.name > after
        and region in (None, bucket.region)
    ]
    page = fitting[:most]
    return {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": to_instant(bucket.created_date),
                # S3 tells the region only to those who ask by pages or by region (ListBuckets, D).
                "BucketRegion": bucket.region if {"MaxBuckets", "BucketRegion", "Prefix"} & params.keys() else None,
            }
            for bucket in page
        ],
        "Owner": {"ID": canonical_user_id(call.account)},
        "Prefix": prefix or None,
        "ContinuationToken": render_token(page[-1].name) if len(fitting) > most else None,
    }


def delete_bucket(call: Call, params: Mapping[str, Any]) -> None:
    """The bucket is gone; it held nothing, also no version and no delete marker."""
    bucket = require_bucket(call, params)
    where = (bucket.account, bucket.region, bucket.name)
    if call.transaction.list_under(ObjectVersion, *where, limit=1):
        raise fault(
            "BucketNotEmpty",
            None
            if bucket.versioning is None
            else "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            BucketName=bucket.name,
        )
    for upload in call.transaction.list_under(MultipartUpload, *where):
        for part in call.transaction.list_under(UploadedPart, bucket.account, bucket.region, upload.upload_id):
            delete_content(call.transaction, [part.content])
            call.transaction.delete(part)
        call.transaction.delete(upload)
    call.transaction.delete(bucket)
