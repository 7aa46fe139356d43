"""Tag sets, of buckets and of objects: their rules (S3 user guide, "Object tags" and "Using cost allocation tags", D)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.access import require_bucket
from gatewright.controlplane.s3.faults import fault

_MOST_OF_A_BUCKET: Final = 50
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256


def parse_tags(tag_set: Sequence[Mapping[str, str]], *, most: int = _MOST_OF_A_BUCKET) -> dict[str, str]:
    """The tags of a request by key; raises S3's error for those that cannot be."""
    tags: dict[str, str] = {}
    for tag in tag_set:
        key, value = tag["Key"], tag["Value"]
        if key in tags:
            raise fault("InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key)
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise fault("InvalidTag", "The TagKey you have provided is invalid", TagKey=key)
        if len(value) > _LONGEST_VALUE:
            raise fault("InvalidTag", "The TagValue you have provided is invalid", TagKey=key, TagValue=value)
        if key.lower().startswith("aws:"):
            raise fault("InvalidTag", "System tags cannot be added/updated by requester", TagKey=key)
        tags[key] = value
    if len(tags) > most:
        raise fault("InvalidTag", f"A tag set cannot have more than {most} tags: {len(tags)} were given.")
    return tags


def parse_tag_header(text: str | None, *, most: int) -> dict[str, str]:
    """The tags of `x-amz-tagging`, which is written like a query string."""
    pairs = parse_qsl(text or "", keep_blank_values=True)
    return parse_tags([{"Key": key, "Value": value} for key, value in pairs], most=most)


def render_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """A TagSet."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def get_bucket_tagging(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bucket's tags; that there are none is an error."""
    bucket = require_bucket(call, params)
    if not bucket.tags:
        raise fault("NoSuchTagSet", BucketName=bucket.name)
    return {"TagSet": render_tags(bucket.tags)}


def put_bucket_tagging(call: Call, params: Mapping[str, Any]) -> None:
    """The bucket has these tags and no others."""
    bucket = require_bucket(call, params)
    call.transaction.put(replace(bucket, tags=parse_tags((params.get("Tagging") or {}).get("TagSet", []))))


def delete_bucket_tagging(call: Call, params: Mapping[str, Any]) -> None:
    """The bucket has no tags."""
    call.transaction.put(replace(require_bucket(call, params), tags={}))
