"""How many files a process of ours may have open; children inherit it."""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import Final

#: Two connections a request in flight, and the sockets of what is idle: the usual soft limit of 1,024 files is a
#: setting for programs that use select(2). What is asked for at most is Linux' own bound, fs.nr_open.
MAX_FILES: Final = 1_048_576


def raise_file_limit() -> None:
    """As many open files as we are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
