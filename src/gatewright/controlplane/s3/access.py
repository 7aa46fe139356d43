"""Which bucket a call is about, and whether its caller may be there.

There are no bucket policies, ACLs or users yet: a bucket is its account's, and everybody else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.faults import fault
from gatewright.model.records import Bucket
from gatewright.store.port import Reader


def find_bucket(reader: Reader, account: str, name: str) -> Bucket:
    """The bucket of that name; raises NoSuchBucket, and AccessDenied when it belongs to another account."""
    found = reader.find(Bucket, name)
    if not found:
        raise fault("NoSuchBucket", BucketName=name)
    if found[0].account != account:
        raise fault("AccessDenied")
    return found[0]


def require_bucket(call: Call, params: Mapping[str, Any]) -> Bucket:
    """The bucket that a call names, which is also the one its caller expects (`ExpectedBucketOwner`)."""
    bucket = find_bucket(call.transaction, call.account, params["Bucket"])
    if params.get("ExpectedBucketOwner") not in (None, bucket.account):
        raise fault("AccessDenied")
    return bucket


def canonical_user_id(account: str) -> str:
    """The id by which S3 knows the owner of an account: 64 hexadecimal digits that are the account's for ever."""
    # S3's own are random; ours hold the number, so that a person can tell whose it is.
    return account.rjust(64, "0")
