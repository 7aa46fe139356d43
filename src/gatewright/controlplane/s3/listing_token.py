"""Continuation tokens: opaque to clients, the place in the list to us."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from gatewright.controlplane.s3.faults import invalid_argument


def render_token(after: str) -> str:
    """A token for the page behind this key."""
    return urlsafe_b64encode(after.encode()).decode("ascii")


def parse_token(token: str | None) -> str:
    """The key behind which a page begins; empty when there is no token."""
    if token is None:
        return ""
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
