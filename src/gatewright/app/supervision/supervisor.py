"""`gatewright serve`: the process that owns the addresses and keeps one control process and N workers alive; with `--cache`
also the one that shares their meters with other nodes.

    refuse what cannot work → take the data directory → listen → fork → watch → drain

What it keeps to:

- No event loop, no thread and no database connection: nothing here could go wrong by a fork. What workers need is
  imported once, before they are forked, so that they share its memory; what the control process needs is not.
- Listening sockets and the feed's socket are opened here and outlive every child.
- A dead child is put back. When it cannot be (five starts in a row, or it says that there is no use), everything ends.
- SIGTERM or SIGINT drains: children finish their requests, then exit code 0. A second one ends everything at once.
"""

from __future__ import annotations

import gc
import logging
import os
import selectors
import signal
import time
from contextlib import ExitStack
from typing import Final

from gatewright.app.clock import MovableClock
from gatewright.app.log import set_up_logging
from gatewright.app.node_identity import join_nodes
from gatewright.app.runtime_directory import RuntimeDirectory, RuntimeDirectoryRefused
from gatewright.app.serving import forget_serving
from gatewright.app.supervision.announcement import announce
from gatewright.app.supervision.assignments import Assignments
from gatewright.app.supervision.child import HOPELESS, Child
from gatewright.app.supervision.children import Children
from gatewright.app.supervision.file_limit import raise_file_limit
from gatewright.app.supervision.listeners import ListenerRefused, listen_unix
from gatewright.app.supervision.planes import Planes, real_planes
from gatewright.app.supervision.public_sockets import PublicSockets
from gatewright.app.supervision.stop_signals import StopSignals
from gatewright.app.supervision.succession import take_directory
from gatewright.settings.installation import Settings
from gatewright.store.lock import DataDirectory
from gatewright.store.port import StoreError

logger = logging.getLogger(__name__)

#: Children end what is in flight after 30 s themselves (no integration takes longer than 29 s, facts 7.2); whoever is
#: there after this is stuck.
DRAIN_SECONDS: Final = 31.0


def serve(settings: Settings, planes: Planes | None = None) -> int:
    """Runs the installation until it is told to stop; the exit code."""
    set_up_logging("supervisor", settings.log_level)
    os.umask(0o077)  # whatever we write is for our user alone
    raise_file_limit()
    try:
        with ExitStack() as stack:
            directory = DataDirectory.open(settings.data_dir)
            stack.enter_context(take_directory(directory))
            stack.callback(forget_serving, directory.path)
            return _Supervisor(settings, directory, planes or real_planes(), stack).run()
    except (StoreError, ListenerRefused, RuntimeDirectoryRefused) as refused:
        logger.error("%s", refused)  # noqa: TRY400  a sentence for the operator, not a failure of ours
        return 1


class _Supervisor:
    """The loop that watches the children, and what is made of what it sees."""

    def __init__(self, settings: Settings, directory: DataDirectory, planes: Planes, stack: ExitStack) -> None:
        self._settings = settings
        self._directory = directory
        self._stopping_since: float | None = None
        self._announced = False
        self._exit_code = 0

        node = join_nodes(directory.meters, shares=settings.cache is not None)
        self._selector = stack.enter_context(selectors.DefaultSelector())
        self._sockets = stack.enter_context(PublicSockets.open(settings))
        runtime = RuntimeDirectory.make(directory.path)
        stack.callback(runtime.remove)
        if settings.lenient:
            MovableClock.make(runtime.clock)
        feed = stack.enter_context(listen_unix(runtime.feed))
        self._signals = stack.enter_context(StopSignals())
        self._assignments = Assignments(settings, directory, runtime, self._sockets, feed, planes, node)
        not_inherited = [
            *(listener.fileno() for listener in (*self._sockets, feed)),
            *self._signals.descriptors,
            self._selector.fileno(),
        ]  # fmt: skip
        self._control, *others = self._assignments.make_children()
        self._children = stack.enter_context(
            Children([self._control, *others], self._selector, not_inherited, settings.log_level)
        )

    def run(self) -> int:
        """Starts everything and stays until everything has ended."""
        self._signals.listen()
        self._selector.register(self._signals, selectors.EVENT_READ)
        if self._settings.lenient:
            logger.warning("--auth lenient: no signature is verified, anybody on this machine may change everything")
        # The control process goes first: it imports and opens the store on one core while we import on another.
        self._start(self._control)
        self._assignments.load_worker()
        gc.collect()
        gc.freeze()  # a collection in a worker would otherwise write to, and so copy, all that it shares with us
        while True:
            now = time.monotonic()
            if self._stopping_since is None:
                self._start_due(now)
            for key, _ in self._selector.select(self._patience(now)):
                if isinstance(key.data, Child):
                    self._hear(key.data)
                else:
                    for _ in range(self._signals.take()):
                        self._stop_as_asked()
            for child, code, sentence in self._children.reap():
                self._judge_end(child, code, sentence)
            if self._stopping_since is not None:
                if self._children.have_ended:
                    break
                if time.monotonic() - self._stopping_since > DRAIN_SECONDS:
                    logger.warning("Not everything ended within %g s; ending it now.", DRAIN_SECONDS)
                    self._children.signal(signal.SIGKILL)
        return self._exit_code

    def _patience(self, now: float) -> float | None:
        """How long to sleep when nothing happens."""
        if self._stopping_since is not None:
            if self._children.have_ended:
                return 0.0
            return max(0.05, self._stopping_since + DRAIN_SECONDS - now)
        due = self._children.next_due
        return None if due is None else max(0.0, due - now)

    # -- starting ------------------------------------------------------------------------------------------------

    def _start_due(self, now: float) -> None:
        for child in self._children.due(now):
            if self._stopping_since is None:  # as it is until one of them cannot be started
                self._start(child)

    def _start(self, child: Child) -> None:
        try:
            self._children.start(child)
        except OSError as error:
            if not self._announced:
                self._give_up("%s cannot be started: %s. Ending.", child.name, error.strerror)
            else:
                # The others serve meanwhile, and what the machine lacks now it may have soon.
                logger.error("%s cannot be started: %s; trying again", child.name, error.strerror)  # noqa: TRY400

    def _hear(self, child: Child) -> None:
        self._children.hear(child)
        if not self._announced and self._children.are_ready:
            self._announced = True
            announce(self._settings, self._sockets, self._directory.path)

    # -- ending --------------------------------------------------------------------------------------------------

    def _judge_end(self, child: Child, code: int, sentence: str) -> None:
        if self._stopping_since is not None:
            logger.debug("%s", sentence)
        elif code == HOPELESS:
            self._give_up("%s, which is for good: see its message above. Ending.", sentence)
        elif child.gave_up:
            self._give_up("%s, %d times in a row: see its messages above. Ending.", sentence, child.failures)
        else:
            logger.warning("%s; starting it again", sentence)

    def _give_up(self, message: str, *values: object) -> None:
        logger.critical(message, *values)
        self._exit_code = 1
        self._stop()

    def _stop_as_asked(self) -> None:
        if self._stopping_since is None:
            logger.info("Stopping: requests in flight may finish.")
            self._stop()
        else:
            logger.warning("Asked twice to stop; ending everything at once.")
            self._exit_code = 1
            self._children.signal(signal.SIGKILL)

    def _stop(self) -> None:
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
            forget_serving(self._directory.path)
            self._children.signal(signal.SIGTERM)
            # When the children close theirs too, new clients are refused at once and do not wait for the drain.
            self._sockets.close()
