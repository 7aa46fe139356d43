"""The time that an installation goes by: the machine's, or beside it by as much as somebody moved it.

What this module knows: with `--auth lenient`, where nothing is at stake, the runtime directory has a file of one number, the
seconds by which every process of the installation is ahead of the machine. All of them have it mapped, so a move is seen by
the next request of every worker. Without that file nothing can be moved. The file goes with the runtime directory, so a
gateway starts at the machine's time.

Moved are quota periods, the refill of token buckets, validity of certificates and what follows from it, and the instants in
records and logs. Not moved are time limits of connections and calls, and what OpenSSL judges by itself.
"""

from __future__ import annotations

import asyncio
import mmap
from pathlib import Path
from time import time
from typing import Final, Protocol

_BYTES: Final = 8
#: How soon after a move what waits for an instant looks at the time again.
_LOOK_SECONDS: Final = 0.2


class Clock(Protocol):
    """Tells the time, and waits for it."""

    def now(self) -> float:
        """Seconds since the epoch."""

    async def sleep(self, seconds: float) -> None:
        """Until so much time has passed, or the clock was moved."""


class MachineClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time()

    async def sleep(self, seconds: float) -> None:
        """Until so much time has passed."""
        await asyncio.sleep(seconds)


class MovableClock:
    """The machine's time and what the file adds to it."""

    def __init__(self, path: Path) -> None:
        """Raises `FileNotFoundError` where this installation's clock cannot be moved."""
        with path.open("r+b") as file:
            self._ahead = memoryview(mmap.mmap(file.fileno(), _BYTES)).cast("d")

    @classmethod
    def make(cls, path: Path) -> None:
        """The file of an installation whose clock may be moved, at the machine's time."""
        path.write_bytes(bytes(_BYTES))
        path.chmod(0o600)

    @property
    def ahead(self) -> float:
        """Seconds by which it is ahead of the machine, or behind where negative."""
        return self._ahead[0]

    def now(self) -> float:
        """Seconds since the epoch."""
        return time() + self._ahead[0]

    def move(self, ahead: float) -> None:
        """Be ahead of the machine by so many seconds, in every process at once."""
        self._ahead[0] = ahead

    async def sleep(self, seconds: float) -> None:
        """Until so much time has passed, or the clock was moved."""
        ahead, until = self._ahead[0], time() + seconds
        while ahead == self._ahead[0] and (left := until - time()) > 0:  # noqa: ASYNC110  another process moves it
            await asyncio.sleep(min(left, _LOOK_SECONDS))


def open_clock(path: Path) -> Clock:
    """The clock of the installation whose runtime directory has, or has not, that file."""
    try:
        return MovableClock(path)
    except FileNotFoundError:
        return MachineClock()
