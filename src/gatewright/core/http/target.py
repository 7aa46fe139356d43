r"""Paths that the next hop could read in another way than we do.

Resources are matched on the path as it was sent, so `/public/../admin` belongs to `/public/{proxy+}`. A backend that
resolves dot segments (RFC 3986 section 5.2.4), as most do, would answer for `/admin`. Such a path is refused, in plain
letters or percent-encoded; also in the spellings that only some backends resolve: `\` for a slash, as browsers and
Windows read it, and a parameter behind the dots, `/..;x/`, as servlet containers cut it off. What the real service does
is not documented (docs/divergences.md).
"""

import re
from typing import Final
from urllib.parse import unquote

_DOT_SEGMENT: Final = re.compile(r"[/\\]\.{1,2}(?:[/\\;]|$)")


def has_dot_segment(path: str) -> bool:
    """True when some segment of the raw path is `.` or `..`, once decoded."""
    decoded = unquote(path) if "%" in path else path
    return ("/." in decoded or "\\." in decoded) and _DOT_SEGMENT.search(decoded) is not None
