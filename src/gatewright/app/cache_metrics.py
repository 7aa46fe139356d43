"""What is counted of sharing meters with other nodes, as Prometheus reads it."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Final

from gatewright.dataplane.activity import Turns


class Total(IntEnum):
    """Where each number stands in the memory that the processes share."""

    UP = 0
    NODES = 1
    EXCHANGES = 2
    LOSSES = 3
    TOKENS = 4
    LEDGERS = 5
    UNSHARED = 6


_METRICS: Final = (
    (Total.UP, "gatewright_cache_up", "gauge"),
    (Total.NODES, "gatewright_cache_nodes", "gauge"),
    (Total.EXCHANGES, "gatewright_cache_exchanges_total", "counter"),
    (Total.LOSSES, "gatewright_cache_losses_total", "counter"),
    (Total.TOKENS, "gatewright_cache_tokens_total", "counter"),
    (Total.LEDGERS, "gatewright_cache_ledgers_total", "counter"),
    (Total.UNSHARED, "gatewright_cache_fallback_tokens_total", "counter"),
)


def render_cache_metrics(directory: Path) -> bytes:
    """Whether the cache can be used, how many nodes share it, and what was told and what was not."""
    turns = Turns(directory)
    up = int(turns.is_fresh() and turns.total(Total.UP))
    lines = []
    for total, name, kind in _METRICS:
        value = up if total is Total.UP else turns.total(total)
        lines.append(f"# TYPE {name} {kind}\n{name} {value}\n")
    return "".join(lines).encode()
