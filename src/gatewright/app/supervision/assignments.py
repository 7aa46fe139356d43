"""Who the children of an installation are, and what each is told of the settings.

What it keeps to: what is here is made before the first fork, and runs after it, in the child. What one kind of child needs
is imported there, or once by `load_worker`; the supervisor itself needs none of it.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from functools import partial

from gatewright.app.clock import open_clock
from gatewright.app.runtime_directory import RuntimeDirectory
from gatewright.app.supervision.child import Child
from gatewright.app.supervision.planes import Planes, RunWorker
from gatewright.app.supervision.public_sockets import PublicSockets
from gatewright.settings.installation import Settings
from gatewright.store.lock import DataDirectory


class Assignments:
    """The children of one installation. `node` is the name by which others know it; None: it meters by itself."""

    def __init__(
        self,
        settings: Settings,
        directory: DataDirectory,
        runtime: RuntimeDirectory,
        sockets: PublicSockets,
        feed: socket.socket,
        planes: Planes,
        node: str | None,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._runtime = runtime
        self._sockets = sockets
        self._feed = feed
        self._planes = planes
        self._node = node
        self._run_worker_main: RunWorker | None = None

    def make_children(self) -> list[Child]:
        """None of them started; the control process is the first."""
        sockets = self._sockets
        own = (sockets.control, *(sockets.dns or ()), self._feed)
        control = Child("control", self._run_control, frozenset(each.fileno() for each in own))
        workers = [
            Child(f"worker-{number}", partial(self._run_worker, number, listener), frozenset({listener.fileno()}))
            for number, listener in enumerate(sockets.https)
        ]
        sharing = [] if self._node is None else [Child("leases", partial(self._run_exchange, self._node))]
        return [control, *workers, *sharing]

    def load_worker(self) -> None:
        """What workers run is imported, once and for all of them, so that they share its memory."""
        self._run_worker_main = self._planes.load_worker()

    def _run_control(self, *, report_ready: Callable[[], None], lifeline: int) -> int:
        run_control = self._planes.load_control()
        from gatewright.app.control import ControlSettings  # noqa: PLC0415  only in the control process

        settings = ControlSettings(
            settings=self._settings,
            directory=self._directory,
            runtime=self._runtime,
            dns_sockets=self._sockets.dns,
            node=self._node,
        )
        return run_control(settings, self._sockets.control, self._feed, report_ready=report_ready, lifeline=lifeline)

    def _run_worker(
        self, number: int, listener: socket.socket, *, report_ready: Callable[[], None], lifeline: int
    ) -> int:
        from gatewright.core.metering.limits import Throttle  # noqa: PLC0415  imported by `load_worker` already
        from gatewright.core.sigv4.signing import SigningCredentials  # noqa: PLC0415  likewise
        from gatewright.dataplane.capacity import fit_limits  # noqa: PLC0415  likewise
        from gatewright.dataplane.worker import WorkerSettings  # noqa: PLC0415  likewise
        from gatewright.model.snapshot import InstallationNames  # noqa: PLC0415  likewise

        assert self._run_worker_main is not None, "workers are started after it was loaded"
        given, directory, functions = self._settings, self._directory, self._settings.functions
        credentials = None
        if functions is not None and functions.access_key_id is not None:
            credentials = SigningCredentials(
                functions.access_key_id, functions.secret_access_key or "", functions.session_token
            )
        settings = WorkerSettings(
            number=number,
            feed_path=self._runtime.feed,
            local_path=self._runtime.worker(number),
            journal_directory=directory.logs / "requests",
            clients_directory=directory.logs / "clients",
            groups_directory=directory.log_groups,
            names=InstallationNames(given.suffix, given.region),
            upstream_ca=None if given.upstream_ca is None else str(given.upstream_ca),
            https_port=self._sockets.https_address.port,
            meters_directory=directory.meters,
            shares_meters=given.cache is not None,
            metrics_directory=directory.metric_spool,
            account_throttle=Throttle(given.account_throttle.rate, given.account_throttle.burst),
            tells_retry=given.tells_retry,
            invoke_url=None if functions is None else functions.url,
            invoke_credentials=credentials,
            now=open_clock(self._runtime.clock).now,
            limits=fit_limits(resource.getrlimit(resource.RLIMIT_NOFILE)[0], given.max_connections),
        )
        return self._run_worker_main(settings, listener, report_ready=report_ready, lifeline=lifeline)

    def _run_exchange(self, node: str, *, report_ready: Callable[[], None], lifeline: int) -> int:
        from gatewright.app.lease_exchange import ExchangeSettings, run_exchange  # noqa: PLC0415  only in its process
        from gatewright.cache.connection import CachePlace  # noqa: PLC0415  likewise

        cache = self._settings.cache
        assert cache is not None, "without one nothing is shared"
        settings = ExchangeSettings(
            place=CachePlace(cache.url, cache.shown, cache.prefix),
            directory=self._directory.meters,
            node=node,
            workers=self._settings.workers,
            now=open_clock(self._runtime.clock).now,
        )
        return run_exchange(settings, report_ready=report_ready, lifeline=lifeline)
