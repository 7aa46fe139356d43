"""CPU time of a process and all its descendants, from /proc (proc(5)).

A process's own time is in utime and stime; the time of descendants that ended and were waited for has moved into cutime and
cstime of the one that waited. The sum of the four over the living tree therefore never falls when a worker is replaced. The
kernel shows these in clock ticks, commonly 10 ms: a window should hold a second of CPU time for a figure good to 1 %.
"""

from __future__ import annotations

import os
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
    ticks: int


def parse_stat(line: str) -> ProcessTimes:
    """The times in the text of /proc/PID/stat."""
    # The name stands in parentheses and may hold spaces and parentheses itself; the last closing one ends it.
    pid, _, rest = line.partition(" (")
    fields = rest.rpartition(") ")[2].split()
    # proc(5): parent is field 4, utime to cstime are 14 to 17; the state, field 3, is our first.
    return ProcessTimes(int(pid), int(fields[1]), sum(int(field) for field in fields[11:15]))


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
    return sum(process.ticks for process in select_tree(_read_processes(), root)) / TICKS_PER_SECOND


def read_cpu_nanoseconds(root: int) -> int:
    """CPU time that the living processes of this tree have used up to now, by the scheduler's own clock.

    Good for short windows in which no process of the tree ends (/proc/PID/schedstat, in the kernel's sched-stats.rst).
    """
    tree = select_tree(_read_processes(), root)
    return sum(int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) for process in tree)


def _read_processes() -> list[ProcessTimes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append(parse_stat(path.read_text(errors="replace")))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
    return found
