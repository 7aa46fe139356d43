"""The processes of a Gatewright, and the memory that each occupies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Megabytes: all resident pages, and with those that are shared divided among their users (proc(5), smaps_rollup)."""

    resident: float
    proportional: float


def find_children(pid: int) -> Mapping[str, int]:
    """The living children of a supervisor by name: `control`, `worker-0`, …"""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue  # it ended between the listing and the reading
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            found[name.removeprefix("gw:")] = int(folder.name)
    return dict(sorted(found.items()))


def find_workers(pid: int) -> list[int]:
    """The workers of a supervisor."""
    return [child for name, child in find_children(pid).items() if name.startswith("worker-")]


def read_memory(pid: int) -> Memory:
    """What the process occupies now."""
    return parse_memory(Path(f"/proc/{pid}/smaps_rollup").read_text())


def parse_memory(text: str) -> Memory:
    """The text of smaps_rollup."""

    def megabytes(name: str) -> float:
        found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
        if found is None:
            raise ValueError(f"expected a line {name} in smaps_rollup, found {text[:200]!r}")
        return int(found[1]) / 1024

    return Memory(megabytes("Rss"), megabytes("Pss"))
