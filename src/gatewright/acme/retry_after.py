"""The `Retry-After` header (RFC 9110 section 10.2.3): seconds, or an HTTP date."""

from __future__ import annotations

from email.utils import parsedate_to_datetime


def parse_retry_after(header: str | None, now: float) -> float:
    """How many seconds to wait; 0 for what is absent, past or cannot be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, until.timestamp() - now)
