"""A failure of the control plane as the log may have it (see `gatewright.core.failure`)."""

from __future__ import annotations

from gatewright.core import failure as core
from gatewright.store.port import StoreError


def describe_failure(failure: BaseException) -> str:
    """The frames and kinds of an exception; what the store says of itself, it says to the operator."""
    return core.describe_failure(failure, StoreError)
