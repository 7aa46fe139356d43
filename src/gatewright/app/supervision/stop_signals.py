"""Signals as bytes in a pipe, which the supervisor's loop watches beside everything else.

What this module knows: a handler may run between any two lines, so ours does nothing; Python writes the number into the
wake-up descriptor (`signal.set_wakeup_fd`), and the loop reads it when it has time. SIGCHLD only wakes the loop.
"""

from __future__ import annotations

import os
import signal
from typing import Final, Self

_ASKING: Final = frozenset({signal.SIGTERM, signal.SIGINT})


class StopSignals:
    """What this process was asked to do by signals, once it listens."""

    def __init__(self) -> None:
        self.descriptors = os.pipe()
        for descriptor in self.descriptors:
            os.set_blocking(descriptor, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)

    def fileno(self) -> int:
        """For selectors."""
        return self.descriptors[0]

    def listen(self) -> None:
        """From now on signals are kept until they are taken, and end nothing by themselves."""
        for number in (*_ASKING, signal.SIGCHLD):
            signal.signal(number, _note)
        signal.set_wakeup_fd(self.descriptors[1], warn_on_full_buffer=False)

    def take(self) -> int:
        """How often we were asked to stop since the last time."""
        try:
            numbers = os.read(self.descriptors[0], 512)
        except BlockingIOError:
            return 0
        return sum(number in _ASKING for number in numbers)


def _note(_number: int, _frame: object) -> None:
    """The wake-up descriptor has the signal's number; there is nothing else to do."""
