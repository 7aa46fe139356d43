"""What an uploader says of an object, between the parameters of requests, the record, and the answers of GET and HEAD."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from gatewright.controlplane.s3.faults import fault
from gatewright.controlplane.s3.versions import to_instant
from gatewright.model.records import ObjectHeaders

#: Names and values of x-amz-meta-… together (S3 user guide, "User-defined object metadata", D).
_MOST_METADATA: Final = 2048


def parse_object_headers(params: Mapping[str, Any]) -> ObjectHeaders:
    """What PutObject, CopyObject and CreateMultipartUpload are told."""
    metadata = params.get("Metadata", {})
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > _MOST_METADATA:
        raise fault("MetadataTooLarge", Size=size, MaxSizeAllowed=_MOST_METADATA)
    expires: datetime | None = params.get("Expires")
    return ObjectHeaders(
        # An empty header is as good as none.
        content_type=params.get("ContentType") or ObjectHeaders().content_type,
        cache_control=params.get("CacheControl"),
        content_disposition=params.get("ContentDisposition"),
        content_encoding=params.get("ContentEncoding"),
        content_language=params.get("ContentLanguage"),
        expires=None if expires is None else expires.timestamp(),
        website_redirect_location=params.get("WebsiteRedirectLocation"),
        metadata=metadata,
    )


def render_object_headers(headers: ObjectHeaders, params: Mapping[str, Any]) -> dict[str, Any]:
    """What GetObject and HeadObject tell; `response-…` parameters stand in for what was said."""
    expires = None if headers.expires is None else to_instant(headers.expires)
    return {
        "ContentType": params.get("ResponseContentType", headers.content_type),
        "CacheControl": params.get("ResponseCacheControl", headers.cache_control),
        "ContentDisposition": params.get("ResponseContentDisposition", headers.content_disposition),
        "ContentEncoding": params.get("ResponseContentEncoding", headers.content_encoding),
        "ContentLanguage": params.get("ResponseContentLanguage", headers.content_language),
        "Expires": params.get("ResponseExpires", expires),
        "WebsiteRedirectLocation": headers.website_redirect_location,
        "Metadata": headers.metadata,
    }
