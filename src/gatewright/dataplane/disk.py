"""Where a worker's logs are written: in a thread of its own, so that a disk which does not answer keeps no request waiting.

A `write` goes to the kernel's memory and seldom takes longer than a few microseconds. But when that memory is full of what
the disk has not taken yet, or the disk is another machine's, it takes seconds, and the event loop must not wait for it.
Those who hand over work bound what may wait here, and count what they leave out (`dataplane/journal.py`).
"""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeAlias

_LOG = logging.getLogger(__name__)

#: Does work now or soon, one piece after the other.
Disk: TypeAlias = Callable[[Callable[[], None]], None]

#: What a worker that ends gives the disk for what is still to be written; its supervisor waits longer.
PATIENCE_SECONDS: Final = 5.0


def do_now(work: Callable[[], None]) -> None:
    """The disk of those who have no event loop to keep free."""
    work()


class DiskThread:
    """A `Disk` that works in a thread. The process may end while the thread waits for the disk."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    def __call__(self, work: Callable[[], None]) -> None:
        """The work will be done, after what was handed over before it."""
        self._work.put(work)

    def close(self, patience: float = PATIENCE_SECONDS) -> bool:
        """No more comes. True when all is done; False when the disk did not answer in that time."""
        self._work.put(None)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001  a bug of ours costs what was to be written, not all that comes later
                _LOG.exception("What was to be written met a bug")
