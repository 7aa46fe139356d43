"""Pages of a list: at most MaxResults items, and a NextToken that names the last one."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from gatewright.controlplane.acmpca.refusals import invalid_next_token

T = TypeVar("T")

# M: MaxResults goes to 1,000. Guess: that many are given when it is absent.
_DEFAULT_MAX_RESULTS = 1_000


def paginate(items: Sequence[T], params: Mapping[str, Any], key: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """One page of the items, ordered by key, and the token of the next page when there is one."""
    ordered = sorted(items, key=key)
    if "NextToken" in params:
        last = _parse_token(params["NextToken"])
        ordered = [item for item in ordered if key(item) > last]
    limit = params.get("MaxResults", _DEFAULT_MAX_RESULTS)
    page = ordered[:limit]
    return page, _render_token(key(page[-1])) if len(ordered) > limit else None


def _render_token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode("ascii")


def _parse_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise invalid_next_token() from None
