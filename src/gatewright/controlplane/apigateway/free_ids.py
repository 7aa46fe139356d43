"""Identifiers that nothing of their kind has yet.

Six characters are few: once in 43 times two of an API's 10,000 resources draw the same, and the later one would take the
earlier one's place in the store.
"""

from typing import Final

from gatewright.controlplane.call import Call
from gatewright.model.identifiers import make_short_id
from gatewright.model.records import Record

#: 100 that are all taken are no chance.
_DRAWS: Final = 100


def draw_free_id(call: Call, kind: type[Record], *under: str) -> str:
    """Six characters that no record of this kind has there: in the account and region, and in the API if one is named."""
    for _ in range(_DRAWS):
        drawn = make_short_id(call.random_text)
        if call.transaction.get(kind, call.account, call.region, *under, drawn) is None:
            return drawn
    raise RuntimeError(f"{_DRAWS} identifiers drawn for a {kind.KIND} were taken; they are not drawn by chance")


def draw_distinct_ids(call: Call, count: int) -> list[str]:
    """So many of six characters for an API that has none yet."""
    drawn: dict[str, None] = {}
    for _ in range(count + _DRAWS):
        if len(drawn) == count:
            break
        drawn[make_short_id(call.random_text)] = None
    if len(drawn) < count:
        raise RuntimeError(f"{count + _DRAWS} identifiers drawn were only {len(drawn)}; they are not drawn by chance")
    return list(drawn)
