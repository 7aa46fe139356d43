"""Pages of a collection: `limit` and `position` of the v1 control plane (facts 1.1).

A position is the key of the last item that was given, in URL-safe base64: the next page begins with the first item
whose key is greater, so that items which came or went in between move no other item to another page. Where the store
has the items in their order already, `page_under` reads no more of them than it gives.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.model.records import Record

T = TypeVar("T")
R = TypeVar("R", bound=Record)

# D: API reference, every paginated Get: 25 unless told, 500 at most.
DEFAULT_LIMIT = 25
MAXIMUM_LIMIT = 500


def paginate(items: Sequence[T], params: Mapping[str, Any], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page that `params` asks for, in the order of the items' keys, and the position of the next, if any."""
    ordered = sorted(items, key=key)
    last = _last_given(params)
    return cut_page(ordered if last is None else [item for item in ordered if key(item) > last], params, key)


def page_under(
    call: Call,
    kind: type[R],
    params: Mapping[str, Any],
    *prefix: str,
    separator: str | None = None,
    descending: bool = False,
) -> tuple[list[R], str | None]:
    """`paginate` for the caller's records of a kind whose keys are `prefix` and one segment, in the order of the keys.

    With `separator`, a character that no segment holds, the keys are `prefix` and any number of segments. `descending`:
    in the opposite order.
    """
    last = _last_given(params)
    # That no segment is left reads as one that is empty; no other key comes between the two.
    behind = () if last is None else (last,) if separator is None else last.split(separator)
    found = call.transaction.list_under(
        kind,
        call.account,
        call.region,
        *prefix,
        after=None if last is None else (*prefix, *behind),
        limit=page_limit(params) + 1,  # one beyond the page tells whether there is another
        descending=descending,
    )
    return cut_page(found, params, lambda record: (separator or "").join(record.key[len(prefix) :]))


def cut_page(ahead: list[T], params: Mapping[str, Any], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page out of what lies ahead of its position, of which it takes one item more to know of another page."""
    limit = page_limit(params)
    page = ahead[:limit]
    return page, _render_position(key(page[-1])) if len(ahead) > limit else None


def page_limit(params: Mapping[str, Any]) -> int:
    """How many items a page has at most."""
    # Guess: a limit outside 1..500 is brought inside rather than refused; no recorded answer tells of
    # more than that -1 is no error (R: GetApiKeys).
    return min(max(params.get("limit") or DEFAULT_LIMIT, 1), MAXIMUM_LIMIT)


def _last_given(params: Mapping[str, Any]) -> str | None:
    """The key of the last item of the page before; None for the first page."""
    position = params.get("position")
    return _parse_position(position) if position else None


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
