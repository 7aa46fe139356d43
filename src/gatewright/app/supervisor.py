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
import resource
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from gatewright.app.child import HOPELESS, Child
from gatewright.app.clock import MovableClock, open_clock
from gatewright.app.listeners import (
    ListenerRefused,
    bound_address,
    listen,
    listen_dns,
    listen_shared,
    listen_unix,
)
from gatewright.app.log import set_up_logging
from gatewright.app.node_identity import leave_others, open_node
from gatewright.app.runtime_directory import RuntimeDirectory, RuntimeDirectoryRefused
from gatewright.app.serving import Serving, forget_serving
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.settings.address import Address
from gatewright.settings.installation import Settings
from gatewright.store.lock import DataDirectory, DirectoryLock
from gatewright.store.port import StoreError, StoreLocked

if TYPE_CHECKING:
    from gatewright.app.control import ControlSettings
    from gatewright.dataplane.worker import WorkerSettings

logger = logging.getLogger(__name__)

#: Children end what is in flight after 30 s themselves (no integration takes longer than 29 s, facts 7.2); whoever is
#: there after this is stuck.
DRAIN_SECONDS: Final = 31.0

#: How long the children of a killed supervisor may take to end, when nothing is in flight: they take one second.
HEIR_PATIENCE: Final = 5.0

#: Two connections a request in flight, and the sockets of what is idle: the usual soft limit of 1,024 files is a
#: setting for programs that use select(2). What is asked for at most is Linux' own bound, fs.nr_open.
MAX_FILES: Final = 1_048_576


#: For datagrams and for streams.
DnsSockets: TypeAlias = tuple[socket.socket, socket.socket]


class RunWorker(Protocol):
    """See `gatewright.dataplane.worker.run_worker`."""

    def __call__(
        self,
        settings: WorkerSettings,
        https_socket: socket.socket,
        *,
        report_ready: Callable[[], None],
        lifeline: int,
    ) -> int:
        """Serves until SIGTERM or the end of the lifeline; the exit code."""


class RunControl(Protocol):
    """See `gatewright.app.control.run_control`."""

    def __call__(
        self,
        settings: ControlSettings,
        control_socket: socket.socket,
        feed_socket: socket.socket,
        *,
        report_ready: Callable[[], None],
        lifeline: int,
    ) -> int:
        """Serves until SIGTERM or the end of the lifeline; the exit code."""


@dataclass(frozen=True, slots=True)
class Planes:
    """What the children do. `load_worker` is called once in the supervisor, `load_control` in each control process."""

    load_control: Callable[[], RunControl]
    load_worker: Callable[[], RunWorker]


def real_planes() -> Planes:
    """The planes of the product."""

    def load_control() -> RunControl:
        from gatewright.app.control import run_control  # noqa: PLC0415  only in the control process

        return run_control

    def load_worker() -> RunWorker:
        from gatewright.dataplane.ticket_keys import TicketKeys  # noqa: PLC0415  after the control process was forked
        from gatewright.dataplane.worker import run_worker  # noqa: PLC0415  likewise

        # Made here, once, so that all workers have the same, also those that take the place of others.
        return partial(run_worker, ticket_keys=TicketKeys())

    return Planes(load_control, load_worker)


def serve(settings: Settings, planes: Planes | None = None) -> int:
    """Runs the installation until it is told to stop; the exit code."""
    set_up_logging("supervisor", settings.log_level)
    os.umask(0o077)  # whatever we write is for our user alone
    _raise_file_limit()
    try:
        with ExitStack() as stack:
            directory = DataDirectory.open(settings.data_dir)
            stack.enter_context(_take(directory))
            stack.callback(forget_serving, directory.path)
            return _Supervisor(settings, directory, planes or real_planes(), stack).run()
    except (StoreError, ListenerRefused, RuntimeDirectoryRefused) as refused:
        logger.error("%s", refused)  # noqa: TRY400  a sentence for the operator, not a failure of ours
        return 1


def _take(directory: DataDirectory) -> DirectoryLock:
    """The directory's lock. The children of a supervisor that was killed hold it for another moment: that is waited for."""
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


def _raise_file_limit() -> None:
    """As many open files as we are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Supervisor:
    """The children, and the loop that watches them."""

    def __init__(self, settings: Settings, directory: DataDirectory, planes: Planes, stack: ExitStack) -> None:
        self._settings = settings
        self._directory = directory
        prepare_meters(directory.meters)
        self._node = self._join_nodes()
        self._stopping_since: float | None = None
        self._announced = False
        self._exit_code = 0
        self._selector = stack.enter_context(selectors.DefaultSelector())

        https = listen_shared("--https", settings.https, settings.workers)
        control = listen("--control", settings.control)
        dns = _listen_dns(settings)
        runtime = RuntimeDirectory.make(directory.path)
        stack.callback(runtime.remove)
        if settings.lenient:
            MovableClock.make(runtime.clock)
        feed = listen_unix(runtime.feed)
        self._listeners = (*https, control, *(dns or ()))
        for listener in (*self._listeners, feed):
            stack.enter_context(listener)
        self._https_address = bound_address(https[0], settings.https)
        self._control_address = bound_address(control, settings.control)
        self._dns_address = (
            bound_address(dns[0], settings.dns) if dns is not None and settings.dns is not None else None
        )

        self._lifeline = os.pipe()
        self._wake_up = os.pipe()
        for descriptor in (*self._lifeline, *self._wake_up):
            stack.callback(os.close, descriptor)
        for descriptor in self._wake_up:
            os.set_blocking(descriptor, False)
        self._not_inherited = [
            *(listener.fileno() for listener in (*self._listeners, feed)),
            *self._wake_up,
            self._selector.fileno(),
        ]  # fmt: skip

        self._control = Child(
            "control",
            partial(_run_control, planes, self._control_settings(runtime, dns), control, feed),
            frozenset(listener.fileno() for listener in (control, *(dns or ()), feed)),
        )
        self._load_worker = planes.load_worker
        self._workers = [
            Child(
                f"worker-{number}", partial(self._run_worker, number, listener, runtime), frozenset({listener.fileno()})
            )
            for number, listener in enumerate(https)
        ]
        self._run_worker_main: RunWorker | None = None
        self._sharing = (
            [] if self._node is None else [Child("leases", partial(self._run_exchange, self._node, runtime))]
        )

    @property
    def _children(self) -> Sequence[Child]:
        return (self._control, *self._workers, *self._sharing)

    def run(self) -> int:
        """Starts everything and stays until everything has ended."""
        self._listen_to_signals()
        if self._settings.lenient:
            logger.warning("--auth lenient: no signature is verified, anybody on this machine may change everything")
        # The control process goes first: it imports and opens the store on one core while we import on another.
        self._start(self._control)
        self._run_worker_main = self._load_worker()
        gc.collect()
        gc.freeze()  # a collection in a worker would otherwise write to, and so copy, all that it shares with us
        while True:
            now = time.monotonic()
            self._start_due(now)
            for key, _ in self._selector.select(self._patience(now)):
                if isinstance(key.data, Child):
                    self._hear(key.data)
                else:
                    self._take_signals()
            self._reap()
            if self._stopping_since is not None:
                if all(child.pid is None for child in self._children):
                    break
                if time.monotonic() - self._stopping_since > DRAIN_SECONDS:
                    logger.warning("Not everything ended within %g s; ending it now.", DRAIN_SECONDS)
                    self._kill()
        return self._exit_code

    # -- children ------------------------------------------------------------------------------------------------

    def _run_worker(
        self,
        number: int,
        listener: socket.socket,
        runtime: RuntimeDirectory,
        *,
        report_ready: Callable[[], None],
        lifeline: int,
    ) -> int:
        from gatewright.core.metering.limits import Throttle  # noqa: PLC0415  imported by `load_worker` already
        from gatewright.core.sigv4.signing import SigningCredentials  # noqa: PLC0415  likewise
        from gatewright.dataplane.capacity import fit_limits  # noqa: PLC0415  imported by `load_worker` already
        from gatewright.dataplane.worker import WorkerSettings  # noqa: PLC0415  imported by `load_worker` already
        from gatewright.model.snapshot import InstallationNames  # noqa: PLC0415  likewise

        assert self._run_worker_main is not None, "workers are started after it was loaded"
        upstream_ca, functions = self._settings.upstream_ca, self._settings.functions
        credentials = None
        if functions is not None and functions.access_key_id is not None:
            credentials = SigningCredentials(
                functions.access_key_id, functions.secret_access_key or "", functions.session_token
            )
        settings = WorkerSettings(
            number=number,
            feed_path=runtime.feed,
            local_path=runtime.worker(number),
            journal_directory=self._directory.logs / "requests",
            clients_directory=self._directory.logs / "clients",
            groups_directory=self._directory.log_groups,
            names=InstallationNames(self._settings.suffix, self._settings.region),
            upstream_ca=None if upstream_ca is None else str(upstream_ca),
            https_port=self._https_address.port,
            meters_directory=self._directory.meters,
            shares_meters=self._settings.cache is not None,
            metrics_directory=self._directory.metric_spool,
            account_throttle=Throttle(self._settings.account_throttle.rate, self._settings.account_throttle.burst),
            tells_retry=self._settings.tells_retry,
            invoke_url=None if functions is None else functions.url,
            invoke_credentials=credentials,
            now=open_clock(runtime.clock).now,
            limits=fit_limits(resource.getrlimit(resource.RLIMIT_NOFILE)[0], self._settings.max_connections),
        )
        return self._run_worker_main(settings, listener, report_ready=report_ready, lifeline=lifeline)

    def _join_nodes(self) -> str | None:
        """The name by which others know this node; None: it meters by itself."""
        meters = self._directory.meters
        if self._settings.cache is None:
            leave_others(meters)
            return None
        node = open_node(meters)
        prepare_meters(meters)  # of a copy nothing is left
        return node

    def _run_exchange(
        self, node: str, runtime: RuntimeDirectory, *, report_ready: Callable[[], None], lifeline: int
    ) -> int:
        from gatewright.app.lease_exchange import ExchangeSettings, run_exchange  # noqa: PLC0415  only in its process
        from gatewright.cache.connection import CachePlace  # noqa: PLC0415  likewise

        cache = self._settings.cache
        assert cache is not None, "without one nothing is shared"
        settings = ExchangeSettings(
            place=CachePlace(cache.url, cache.shown, cache.prefix),
            directory=self._directory.meters,
            node=node,
            workers=self._settings.workers,
            now=open_clock(runtime.clock).now,
        )
        return run_exchange(settings, report_ready=report_ready, lifeline=lifeline)

    def _control_settings(self, runtime: RuntimeDirectory, dns: DnsSockets | None) -> Callable[[], ControlSettings]:
        def make() -> ControlSettings:
            from gatewright.app.control import ControlSettings  # noqa: PLC0415  only in the control process

            return ControlSettings(
                settings=self._settings,
                directory=self._directory,
                runtime=runtime,
                dns_sockets=dns,
                node=self._node,
            )

        return make

    def _start_due(self, now: float) -> None:
        for child in self._children:
            if child.pid is None and self._stopping_since is None and child.due <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        foreign = [*self._not_inherited, *(other.report for other in self._children if other.report is not None)]
        try:
            child.start(time.monotonic(), self._lifeline, foreign, self._settings.log_level)
        except OSError as error:
            if not self._announced:
                self._give_up("%s cannot be started: %s. Ending.", child.name, error.strerror)
            else:
                # The others serve meanwhile, and what the machine lacks now it may have soon.
                logger.error("%s cannot be started: %s; trying again", child.name, error.strerror)  # noqa: TRY400
            return
        assert child.report is not None
        self._selector.register(child.report, selectors.EVENT_READ, child)

    def _hear(self, child: Child) -> None:
        assert child.report is not None
        self._selector.unregister(child.report)
        child.read_report()
        logger.debug("%s is %s", child.name, "ready" if child.is_ready else "gone")
        if not self._announced and all(each.is_ready for each in self._children):
            self._announce()

    def _reap(self) -> None:
        for child in self._children:
            if child.pid is None:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._bury(child, os.waitstatus_to_exitcode(status))

    def _bury(self, child: Child, status: int) -> None:
        if child.report is not None:
            # It may have said that it is ready, and then died, before we listened.
            self._selector.unregister(child.report)
            child.read_report()
        sentence = child.ended(status, time.monotonic())
        if self._stopping_since is not None:
            logger.debug("%s", sentence)
        elif status == HOPELESS:
            self._give_up("%s, which is for good: see its message above. Ending.", sentence)
        elif child.gave_up:
            self._give_up("%s, %d times in a row: see its messages above. Ending.", sentence, child.failures)
        else:
            logger.warning("%s; starting it again", sentence)

    def _give_up(self, message: str, *values: object) -> None:
        logger.critical(message, *values)
        self._exit_code = 1
        self._stop()

    # -- signals -------------------------------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, _note)
        signal.set_wakeup_fd(self._wake_up[1], warn_on_full_buffer=False)
        self._selector.register(self._wake_up[0], selectors.EVENT_READ)

    def _take_signals(self) -> None:
        with suppress(BlockingIOError):
            for number in os.read(self._wake_up[0], 512):
                if number in (signal.SIGTERM, signal.SIGINT):
                    if self._stopping_since is None:
                        logger.info("Stopping: requests in flight may finish.")
                        self._stop()
                    else:
                        logger.warning("Asked twice to stop; ending everything at once.")
                        self._exit_code = 1
                        self._kill()

    def _stop(self) -> None:
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
            forget_serving(self._directory.path)
            for child in self._children:
                child.signal(signal.SIGTERM)
            # When the children close theirs too, new clients are refused at once and do not wait for the drain.
            for listener in self._listeners:
                listener.close()

    def _kill(self) -> None:
        for child in self._children:
            child.signal(signal.SIGKILL)

    def _patience(self, now: float) -> float | None:
        """How long to sleep when nothing happens."""
        if self._stopping_since is not None:
            if all(child.pid is None for child in self._children):
                return 0.0
            return max(0.05, self._stopping_since + DRAIN_SECONDS - now)
        waiting = [child.due for child in self._children if child.pid is None]
        return max(0.0, min(waiting) - now) if waiting else None

    # -- the outside ---------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        """Says once that every listener accepts."""
        self._announced = True
        settings = self._settings
        serving = Serving(
            pid=os.getpid(),
            control=f"http://{_reachable(self._control_address)}",
            https=f"https://{_reachable(self._https_address)}",
            suffix=settings.suffix,
            region=settings.region,
            account=settings.account_id,
            dns=None if self._dns_address is None else _reachable(self._dns_address),
        )
        serving.write(self._directory.path)
        with suppress(OSError):  # nobody need listen
            print(  # noqa: T201  the one line that scripts wait for
                f"ready control={serving.control} https={serving.https} dns={serving.dns or 'off'} "
                f"workers={settings.workers} "
                f"suffix={settings.suffix} region={settings.region} auth={'lenient' if settings.lenient else 'enforce'} "
                f"pid={serving.pid}",
                flush=True,
            )


def _listen_dns(settings: Settings) -> DnsSockets | None:
    """The sockets of the DNS, for datagrams and for streams. Who has the default address already may keep it."""
    if settings.dns is None:
        return None
    try:
        return listen_dns("--dns", settings.dns)
    except ListenerRefused as refused:
        if settings.dns_is_chosen:
            raise
        logger.warning("%s Going on without the built-in DNS.", refused)
        return None


def _run_control(
    planes: Planes,
    make_settings: Callable[[], ControlSettings],
    control: socket.socket,
    feed: socket.socket,
    *,
    report_ready: Callable[[], None],
    lifeline: int,
) -> int:
    run_control = planes.load_control()
    return run_control(make_settings(), control, feed, report_ready=report_ready, lifeline=lifeline)


def _reachable(address: Address) -> str:
    """The address for a URL: who listens everywhere is reached on loopback from here."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound
    return str(Address(everywhere.get(address.host, address.host), address.port))


def _note(_number: int, _frame: object) -> None:
    """The wake-up descriptor has the signal's number; there is nothing else to do."""
