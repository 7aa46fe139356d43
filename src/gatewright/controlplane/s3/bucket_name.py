"""What a general purpose bucket may be called (S3 user guide, "General purpose bucket naming rules", D)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_SHAPE = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_RESERVED_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")

#: The control listener has a page under this name, where a bucket would be in path style.
TAKEN_NAMES: Final = frozenset({"console"})


def is_bucket_name(name: str) -> bool:
    """True when a bucket may have this name."""
    if not _SHAPE.fullmatch(name) or ".." in name:
        return False
    if name.startswith(_RESERVED_PREFIXES) or name.endswith(_RESERVED_SUFFIXES):
        return False
    try:
        ip_address(name)
    except ValueError:
        return True
    return False
