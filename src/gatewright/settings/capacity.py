"""How much of the machine is used: workers, and the clients of each."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gatewright.settings.refusal import refuse

#: Each worker is a process of some 40 MB; far more of them than any machine has cores is a slip of the finger.
MAX_WORKERS: Final = 256

#: Clients of one worker: some 0.5 GB when all of them are idle over TLS. Others: 512 (nginx's example), 65,536 (its usual
#: setting), as many as the file limit allows (HAProxy). More than this no process can have (Linux' fs.nr_open).
DEFAULT_MAX_CONNECTIONS: Final = 16_384
MAX_MAX_CONNECTIONS: Final = 1_048_576


def available_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """How many cores this process may use: those it may run on, or fewer when a container has a quota of time.

    The quota is cgroup v2's `cpu.max`: microseconds of CPU in so many of the clock, or `max`.
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    cores = (len(affinity(0)) if affinity is not None else os.cpu_count()) or 1
    try:
        quota, period = map(int, (cgroup / "cpu.max").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return cores  # no cgroup v2 here, or no quota
    return max(1, min(cores, -(-quota // period)))


def parse_workers(text: str | None) -> int:
    """How many data-plane workers; the cores available to this process unless said."""
    if not text:
        return min(available_cores(), MAX_WORKERS)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_WORKERS):
        refuse("--workers", f"expected a number from 1 to {MAX_WORKERS}, found {text!r}", "leave it out for all cores")
    return int(text)


def parse_max_connections(text: str | None) -> int:
    """How many clients one worker serves at a time; fewer where the file limit does not allow for them."""
    if not text:
        return DEFAULT_MAX_CONNECTIONS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_MAX_CONNECTIONS):
        refuse(
            "--max-connections",
            f"expected a number from 1 to {MAX_MAX_CONNECTIONS}, found {text!r}",
            f"the default is {DEFAULT_MAX_CONNECTIONS}",
        )
    return int(text)
