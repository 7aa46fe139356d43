"""CPU time of a process and all its descendants, all their threads.

A living process has a clock of its own, in nanoseconds (clock_getcpuclockid(3)). The time of descendants that ended and were
waited for has moved into cutime and cstime of the one that waited (proc(5)), which are in ticks, commonly of 10 ms. So the sum
over the living tree does not fall, but for a tick, when a worker is replaced, and is exact in a window in which nobody ends.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessTimes:
    """One line of /proc/PID/stat, as far as it matters here."""

    pid: int
    parent: int
    ticks_of_ended: int


def parse_stat(line: str) -> ProcessTimes:
    """What the text of /proc/PID/stat says."""
    # The name stands in parentheses and may hold spaces and parentheses itself; the last closing one ends it.
    pid, _, rest = line.partition(" (")
    fields = rest.rpartition(") ")[2].split()
    # proc(5): parent is field 4, cutime and cstime are 16 and 17; the state, field 3, is our first.
    return ProcessTimes(int(pid), int(fields[1]), int(fields[13]) + int(fields[14]))


def select_tree(processes: Iterable[ProcessTimes], root: int) -> list[ProcessTimes]:
    """The root and its descendants."""
    by_parent: dict[int, list[ProcessTimes]] = {}
    found = []
    for process in processes:
        by_parent.setdefault(process.parent, []).append(process)
        if process.pid == root:
            found.append(process)
    for process in found:  # grows while it is walked
        found.extend(by_parent.get(process.pid, ()))
    return found


def read_cpu_seconds(root: int) -> float:
    """CPU seconds that the tree of this process has used up to now."""
    tree = select_tree(_read_processes(), root)
    ended = sum(process.ticks_of_ended for process in tree) / TICKS_PER_SECOND
    return ended + sum(read_process_seconds(process.pid) for process in tree)


def read_process_seconds(pid: int) -> float:
    """CPU seconds of one process, without its children; 0 when it has ended."""
    # The kernel makes the number of the clock of the process id: ~pid << 3, and 2 for all time, of user and system.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _read_processes() -> list[ProcessTimes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append(parse_stat(path.read_text(errors="replace")))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
    return found
