"""How a data directory passes from a supervisor that was killed to the next.

What this module knows: a lock that was inherited by a fork is held until the last of its holders ends (flock(2)). The
children of a killed supervisor hold it for another moment, which is waited for; a supervisor that lives is not.
"""

from __future__ import annotations

import os
import time
from typing import Final

from gatewright.store.lock import DataDirectory, DirectoryLock
from gatewright.store.port import StoreLocked

#: How long the children of a killed supervisor may take to end, when nothing is in flight: they take one second.
HEIR_PATIENCE: Final = 5.0


def take_directory(directory: DataDirectory) -> DirectoryLock:
    """The directory's lock; `StoreLocked` when somebody serves the directory."""
    deadline = time.monotonic() + HEIR_PATIENCE
    while True:
        try:
            return directory.lock()
        except StoreLocked:
            if time.monotonic() > deadline or _holder_lives(directory):
                raise
        time.sleep(0.05)


def _holder_lives(directory: DataDirectory) -> bool:
    try:
        os.kill(int(directory.lock_file.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True
