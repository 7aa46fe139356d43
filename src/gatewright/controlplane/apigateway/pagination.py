"""Pages of a collection: `limit` and `position` of the v1 control plane (facts 1.1).

A position is the key of the last item that was given, in URL-safe base64: the next page begins with the first item
whose key is greater, so that items which came or went in between move no other item to another page.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from gatewright.controlplane.errors import ServiceError, bad_request

T = TypeVar("T")

# D: API reference, every paginated Get: 25 unless told, 500 at most.
DEFAULT_LIMIT = 25
MAXIMUM_LIMIT = 500


def paginate(items: Sequence[T], params: Mapping[str, Any], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page that `params` asks for, in the order of the items' keys, and the position of the next, if any."""
    # Guess: a limit outside 1..500 is brought inside rather than refused; no recorded answer tells.
    limit = min(max(params.get("limit") or DEFAULT_LIMIT, 1), MAXIMUM_LIMIT)
    ordered = sorted(items, key=key)
    position = params.get("position")
    if position:
        last = _parse_position(position)
        ordered = [item for item in ordered if key(item) > last]
    page = ordered[:limit]
    return page, _render_position(key(page[-1])) if len(ordered) > limit else None


def _render_position(key: str) -> str:
    # The slash before it keeps the position of an empty key from being empty.
    return base64.urlsafe_b64encode(f"/{key}".encode()).decode("ascii")


def _parse_position(position: str) -> str:
    try:
        text = base64.b64decode(position, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise _foreign() from error
    if not text.startswith("/"):
        raise _foreign()
    return text[1:]


def _foreign() -> ServiceError:
    # Guess: the service's words for a foreign position are not recorded.
    return bad_request("Invalid position parameter specified")
