"""Token buckets that all nodes draw on (`scripts/buckets.lua`).

A node spends from its own bucket without asking, and afterwards tells how many tokens it has spent; the answer is how
full its own bucket is to be from now on. While it is the only one on a bucket, that is the whole bucket. Of several each
gets a lease: its share of the tokens that are there and that flow in until it comes again, less what the others hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from gatewright.cache.connection import Script, ScriptCall
from gatewright.core.metering.token_bucket import MOST_BURSTS

_SCRIPT: Final = Script.load("buckets")
_MICROSECOND: Final = 1_000


class Spending(NamedTuple):
    """What a node took from a bucket since it last told. Times in nanoseconds."""

    name: int
    interval: int  # in which one token flows in
    capacity: int  # in which an empty bucket fills
    tokens: int


def book(node: str, spendings: Sequence[Spending], *, stands: int, ahead: int) -> ScriptCall:
    """Books them. A lease stands for so long (nanoseconds) when the node does not come again, as it will in `ahead`."""
    arguments: list[str | int | float] = [node, stands // _MICROSECOND, ahead // _MICROSECOND, MOST_BURSTS]
    for each in spendings:
        arguments += (each.interval / _MICROSECOND, each.capacity / _MICROSECOND, each.tokens)
    return ScriptCall(_SCRIPT, [f"b:{each.name:x}" for each in spendings], arguments)


def parse_debts(answer: Any) -> list[int]:
    """What the node's own buckets are to have as debts, in nanoseconds, in the order of the spendings."""
    return [round(float(each) * _MICROSECOND) for each in answer]
