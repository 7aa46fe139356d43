"""The Range of a request (RFC 9110 section 14.2): one range of bytes. What is none is ignored, as several are (GetObject, D)."""

from __future__ import annotations

import re
from typing import NamedTuple

from gatewright.controlplane.s3.faults import fault

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class ByteRange(NamedTuple):
    """Bytes from `first` up to, not including, `end`, of `size` in all."""

    first: int
    end: int
    size: int

    def __str__(self) -> str:
        """As Content-Range has it."""
        return f"bytes {self.first}-{self.end - 1}/{self.size}"


def select_range(header: str | None, size: int) -> ByteRange | None:
    """What is asked of a content of that size, None for all of it; raises InvalidRange when it has no such byte."""
    found = _ONE_RANGE.fullmatch((header or "").strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        selected = ByteRange(max(0, size - int(last)), size, size)
    elif last and int(last) < int(first):
        return None
    else:
        selected = ByteRange(int(first), min(int(last) + 1, size) if last else size, size)
    if selected.first >= selected.end:
        raise fault("InvalidRange", RangeRequested=found[0], ActualObjectSize=size)
    return selected
