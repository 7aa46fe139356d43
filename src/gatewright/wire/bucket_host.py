"""Which bucket the Host of a request names: S3's virtual-hosted style, where the path holds the key alone.

| Host | bucket |
|---|---|
| `assets.s3.us-east-1.gateway.localhost`, `assets.s3.amazonaws.com` | what stands before the label `s3` |
| `assets.gateway.localhost`, `assets.localhost` | what an SDK puts before the endpoint URL's own host |
| `s3.us-east-1.gateway.localhost`, `gateway.localhost`, `localhost`, an address | none: the path begins with the bucket |

An SDK puts the bucket in front of whatever host its endpoint URL has. Which hosts those are is known for the installation's
own suffix and for localhost; for any other name only the label `s3` tells. A label `s3` counts from the right: a bucket's
name may hold one.
"""

import re
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from gatewright.wire.http import HttpRequest

# `s3-us-west-2` is how the older endpoints spell the region (S3 user guide, "Virtual hosting of buckets").
_SERVICE_LABEL = re.compile(r"s3(?:-[a-z]{2}(?:-[a-z]+)+-[0-9])?", re.ASCII)


def bucket_of_host(host: str, suffix: str) -> str | None:
    """The bucket in a Host header, for an installation whose endpoints end in `suffix`; None when it names none."""
    name = _read_name(host)
    if name is None:
        return None
    labels = name.split(".")
    at = _find_service_label(labels)
    if at is not None:
        return ".".join(labels[:at]) or None
    for own in (suffix.lower(), "localhost"):
        if name == own:
            return None
        if name.endswith(f".{own}"):
            return name.removesuffix(f".{own}")
    return None


def is_host_of_s3(host: str) -> bool:
    """Whether the Host header says by its label that S3 is called, with or without a bucket before it."""
    name = _read_name(host)
    return name is not None and _find_service_label(name.split(".")) is not None


def _read_name(host: str) -> str | None:
    """The name in a Host header, in lower case; None for an address and for what is no name."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return None
    return None if not name.isascii() or _is_address(name) else name


def _find_service_label(labels: list[str]) -> int | None:
    at = next((index for index in reversed(range(len(labels))) if _SERVICE_LABEL.fullmatch(labels[index])), None)
    # The last label is a machine's own name or a top-level domain, not the service's.
    return None if at == len(labels) - 1 else at


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def with_bucket_in_path(request: HttpRequest, suffix: str) -> HttpRequest:
    """The virtual-hosted style as the path style, which is what the model's templates have."""
    bucket = bucket_of_host(request.headers.get("host", ""), suffix)
    return request if bucket is None else replace(request, path=f"/{bucket}{request.path}")
