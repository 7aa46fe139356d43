"""The spool in which workers hand over what they counted, as the control process reads it.

What this module knows: a worker appends lines `[minute, name, counts]` to `{worker}-{sequence}.jsonl`, begins a new file
when one is full and at its own start, and removes its oldest beyond a number (`dataplane.request_metrics`). How far each
file was read is kept by whoever keeps the counts, so that every line counts once. A line that is not whole is not there
yet, and one that cannot be read is passed over and said.
"""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from gatewright.core.metrics.request_counts import RequestCounts, decode_counts
from gatewright.core.metrics.stage_metrics import SeriesName

_LOG = logging.getLogger(__name__)

#: Read at one time: a backlog of many megabytes is taken in parts.
_READ_BYTES: Final = 4 * 1024 * 1024


class SpoolLine(NamedTuple):
    """What a worker counted of one series in a part of a minute."""

    minute: int
    name: SeriesName
    counts: RequestCounts


@dataclass(frozen=True, slots=True)
class SpoolPart:
    """Lines that are new, and how far each of the files that are there is read with them. `more`: this is not all."""

    lines: list[SpoolLine] = field(default_factory=list)
    read: Mapping[str, int] = field(default_factory=dict)
    more: bool = False


def read_spool(folder: Path, read_before: Mapping[str, int]) -> SpoolPart:
    """What was written since, or as much of it as is taken at one time."""
    lines: list[SpoolLine] = []
    read: dict[str, int] = {}
    room = _READ_BYTES
    for path in sorted(folder.glob("*.jsonl")):
        begin = read_before.get(path.name, 0)
        block = _read_lines(path, begin, room)
        if block is None:
            continue
        room -= len(block)
        read[path.name] = begin + len(block)
        lines += [line for text in block.splitlines() if (line := _parse(path, text)) is not None]
    return SpoolPart(lines, read, more=room < _READ_BYTES // 2)


def _read_lines(path: Path, begin: int, room: int) -> bytes | None:
    """Whole lines from `begin` on; None: the file is gone."""
    try:
        with path.open("rb") as file:
            file.seek(begin)
            block = file.read(room) if room > 0 else b""
    except FileNotFoundError:
        return None
    return block[: block.rfind(b"\n") + 1]


def _parse(path: Path, text: bytes) -> SpoolLine | None:
    try:
        minute, name, counts = json.loads(text)
        return SpoolLine(int(minute), SeriesName(*name), decode_counts(counts))
    except (ValueError, TypeError) as error:
        _LOG.error("A line of %s cannot be read and is passed over: %s", path, error)
        return None


def clear_spool(folder: Path, read: Mapping[str, int]) -> None:
    """Files that are read to their end, and have a successor of the same worker, are gone."""
    paths = sorted(folder.glob("*.jsonl"))
    for path, successor in pairwise(paths):
        if path.stem.rpartition("-")[0] == successor.stem.rpartition("-")[0]:
            with suppress(OSError):  # it stays then, and is read no more
                if read.get(path.name) == path.stat().st_size:
                    path.unlink()
