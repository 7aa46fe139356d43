"""One child process of the supervisor: forked, watched until it says `ready`, reaped, and started again.

What this module knows: how to fork safely. The supervisor has one thread and no event loop, signals are blocked around
the fork, and the child puts back every handler before it lets them in. The child gets

- a report pipe, into which it writes one byte when it does its work;
- the lifeline: a pipe whose other end the supervisor alone holds, so that end of file means that it is gone;

and keeps no descriptor that belongs to a sibling.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from gatewright.app.log import set_up_logging
from gatewright.core.failure import describe_failure
from gatewright.store.port import StoreError

logger = logging.getLogger(__name__)

#: A child that ends with this code has said why, and would end so again: the supervisor does not try again.
#: (EX_CONFIG of sysexits.h.)
HOPELESS: Final = 78

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP)

#: Starts in a row that may fail before the supervisor gives up.
MAX_FAILURES: Final = 5

#: Who has lived so long did not die of its start, whatever ended it.
_SETTLED: Final = 5.0

#: The first start again is immediate. Then there is a pause, doubled each time, so that a child that dies of its start
#: leaves the machine to the others; it is short, since a worker that somebody kills is to be back within a second.
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 0.4

#: When the machine has no process to give (fork(2): EAGAIN, ENOMEM), that does not change from one moment to the next.
_NO_PROCESS_PAUSE: Final = 1.0


class Main(Protocol):
    """What a child does; the result is its exit code."""

    def __call__(self, *, report_ready: Callable[[], None], lifeline: int) -> int:
        """Runs until SIGTERM or until end of file on the descriptor `lifeline`."""


@dataclass(slots=True)
class Child:
    """A process that should be running. `pid` is None between an end and the next start."""

    name: str
    main: Main
    owned: frozenset[int] = frozenset()  # descriptors of its own among those that siblings must close
    pid: int | None = None
    is_ready: bool = False
    report: int | None = None  # the end of the report pipe that we read
    started_at: float = 0.0
    failures: int = 0  # starts in a row that came to nothing
    early_ends: int = 0  # in a row, ready or not
    due: float = 0.0  # not to be started again before

    def start(self, now: float, lifeline: tuple[int, int], not_inherited: Sequence[int], log_level: str) -> None:
        """The process runs; in the child this never returns. OSError: the machine has no process to give now."""
        self.due = now + _NO_PROCESS_PAUSE  # should it come to nothing
        reading, writing = os.pipe()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
            if pid == 0:
                _become(self, writing, lifeline, [reading, *(set(not_inherited) - self.owned)], blocked, log_level)
        except OSError:
            os.close(reading)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            os.close(writing)
        os.set_blocking(reading, False)
        self.pid, self.report, self.is_ready, self.started_at = pid, reading, False, now

    def read_report(self) -> bool:
        """True when the child has just said that it is ready."""
        assert self.report is not None
        said = os.read(self.report, 16)
        os.close(self.report)
        self.report = None
        self.is_ready = bool(said)
        return self.is_ready

    def ended(self, status: int, now: float) -> str:
        """Takes note of an end and of when to start again; a sentence for the log."""
        if self.report is not None:
            os.close(self.report)
            self.report = None
        lived = now - self.started_at
        self.failures = 0 if self.is_ready else self.failures + 1
        self.early_ends = 0 if self.is_ready and lived >= _SETTLED else self.early_ends + 1
        pause = min(_FIRST_PAUSE * 2 ** (self.early_ends - 2), _LONGEST_PAUSE) if self.early_ends > 1 else 0.0
        self.due = now + pause
        state = f"after {lived:.1f} s" if self.is_ready else "before it was ready"
        sentence = f"{self.name} (process {self.pid}) {describe_status(status)} {state}"
        self.pid = None
        return sentence

    @property
    def gave_up(self) -> bool:
        """True when another start is not worth trying."""
        return self.failures >= MAX_FAILURES

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal, if there is a process to receive it."""
        if self.pid is not None:
            os.kill(self.pid, number)


def describe_status(status: int) -> str:
    """How a process ended, from its exit code as `os.waitstatus_to_exitcode` gives it."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _become(
    child: Child,
    report: int,
    lifeline: tuple[int, int],
    foreign: Sequence[int],
    blocked: set[int | signal.Signals],
    log_level: str,
) -> None:
    """The rest of a child's life, after the fork."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # A terminal's Ctrl-C reaches the whole group; it is the supervisor's to decide what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for descriptor in (lifeline[1], *foreign):
            os.close(descriptor)
        set_up_logging(child.name, log_level)
        with suppress(OSError):
            # What `ps -o comm` and `top` show (Linux; prctl(2), PR_SET_NAME).
            Path("/proc/self/comm").write_text(f"gw:{child.name}")

        def report_ready() -> None:
            os.write(report, b"r")

        code = child.main(report_ready=report_ready, lifeline=lifeline[0])
    except BaseException as failure:  # noqa: BLE001  whatever it is, this process ends here and not in the supervisor's code
        logger.critical("%s cannot go on: %s", child.name, describe_failure(failure, StoreError))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
