"""The children of the supervisor, together: started when they are due, heard when they are ready, reaped when they end.

What is to be made of an end is the supervisor's to say.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Self

from gatewright.app.supervision.child import Child

logger = logging.getLogger(__name__)


class Children:
    """Processes that should be running. The selector tells when one of them has something to say."""

    def __init__(
        self, children: Sequence[Child], selector: selectors.BaseSelector, not_inherited: Sequence[int], log_level: str
    ) -> None:
        self._children = children
        self._selector = selector
        self._not_inherited = not_inherited  # descriptors of ours that no child keeps, but for its own
        self._log_level = log_level
        self._lifeline = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._lifeline:
            os.close(descriptor)

    @property
    def are_ready(self) -> bool:
        """True when all do their work."""
        return all(child.is_ready for child in self._children)

    @property
    def have_ended(self) -> bool:
        """True when no process is left."""
        return all(child.pid is None for child in self._children)

    @property
    def next_due(self) -> float | None:
        """When the next is to be started; None: all are running."""
        return min((child.due for child in self._children if child.pid is None), default=None)

    def due(self, now: float) -> list[Child]:
        """Those that are to be started."""
        return [child for child in self._children if child.pid is None and child.due <= now]

    def start(self, child: Child) -> None:
        """The process runs; in the child this never returns. OSError: the machine has no process to give now."""
        foreign = [*self._not_inherited, *(other.report for other in self._children if other.report is not None)]
        child.start(time.monotonic(), self._lifeline, foreign, self._log_level)
        assert child.report is not None
        self._selector.register(child.report, selectors.EVENT_READ, child)

    def hear(self, child: Child) -> None:
        """Takes what the child reports: that it is ready, or, by an end of file, that it is gone."""
        assert child.report is not None
        self._selector.unregister(child.report)
        child.read_report()
        logger.debug("%s is %s", child.name, "ready" if child.is_ready else "gone")

    def reap(self) -> Iterator[tuple[Child, int, str]]:
        """Those that have ended, each with its exit code and a sentence for the log."""
        for child in self._children:
            if child.pid is None:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                yield child, code, self._bury(child, code)

    def signal(self, number: signal.Signals) -> None:
        """All that run receive the signal."""
        for child in self._children:
            child.signal(number)

    def _bury(self, child: Child, code: int) -> str:
        if child.report is not None:
            # It may have said that it is ready, and then died, before we listened.
            self._selector.unregister(child.report)
            child.read_report()
        return child.ended(code, time.monotonic())
