"""A data-plane worker: one process, one event loop, its own listening socket on the shared HTTPS port.

It holds no store and does no control work. It ends in three ways: SIGTERM lets requests in flight finish; the end of
the supervisor (the lifeline's end of file) does the same, since nobody is left to ask for more; a second SIGTERM or a
drain that takes too long ends it at once.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Final

import uvloop

from gatewright.core.integration.invocation import InvokeApi
from gatewright.core.metering.limits import Throttle
from gatewright.core.sigv4.signing import SigningCredentials
from gatewright.dataplane.capacity import Capacity, Limits
from gatewright.dataplane.disk import DiskThread
from gatewright.dataplane.feed import FeedClient
from gatewright.dataplane.journal import Journal
from gatewright.dataplane.leased_meters import LeasedMeters
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.log_groups import LogGroups
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.ports import Meters
from gatewright.dataplane.relief import relieve
from gatewright.dataplane.request_metrics import RequestMetrics
from gatewright.dataplane.seen_clients import FILE_BYTES, SeenClients
from gatewright.dataplane.ticket_keys import TicketKeys
from gatewright.dataplane.tls_connection import TlsConnection
from gatewright.dataplane.upstream.pool import UpstreamPool
from gatewright.dataplane.upstream.tls import make_client_context
from gatewright.dataplane.world import DEFAULT_ACCOUNT_THROTTLE, World
from gatewright.model.compile_snapshot import empty_snapshot
from gatewright.model.snapshot import InstallationNames, Snapshot

_LOG = logging.getLogger(__name__)

#: The longest an integration may take is 29 s (facts 7.2).
DRAIN_SECONDS: Final = 30.0
_SWEEP_SECONDS: Final = 5.0
#: How often it is looked whether memory for answers is short.
_RELIEF_SECONDS: Final = 1.0
#: Connections waiting to be accepted; Linux caps it at net.core.somaxconn, 4,096 by default.
_BACKLOG: Final = 4_096
#: Bytes that the kernel takes of us for a connection beyond what is on the wire. By itself it would take 4 MB, of memory
#: that nobody counts; what a client does not read shall lie where it is seen. (tcp(7) and NOTSENT_LOWAT in tcp_sysctl)
_MAX_UNSENT: Final = 262_144


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker is told at its birth."""

    number: int
    feed_path: str
    local_path: str
    journal_directory: Path
    clients_directory: Path
    groups_directory: Path
    names: InstallationNames
    upstream_ca: str | None
    https_port: int
    limits: Limits = field(default_factory=Limits)
    meters_directory: Path | None = None  # None: this worker meters by itself
    shares_meters: bool = False  # with other nodes
    metrics_directory: Path | None = None  # None: nobody asks for the stages' metrics
    account_throttle: Throttle = DEFAULT_ACCOUNT_THROTTLE
    tells_retry: bool = False
    invoke_url: str | None = None  # None: functions are invoked nowhere
    invoke_credentials: SigningCredentials | None = None  # None: they are invoked without a signature
    now: Callable[[], float] = time


def run_worker(
    settings: WorkerSettings,
    https_socket: socket.socket,
    *,
    report_ready: Callable[[], None],
    lifeline: int,
    ticket_keys: TicketKeys | None = None,
) -> int:
    """Serve until told to stop; the process's exit code. `ticket_keys` were made before the fork."""
    return uvloop.run(_serve(settings, https_socket, report_ready, lifeline, ticket_keys))


async def _serve(
    settings: WorkerSettings,
    https_socket: socket.socket,
    report_ready: Callable[[], None],
    lifeline: int,
    ticket_keys: TicketKeys | None,
) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_signal_handler(signal.SIGINT, stopping.set)
    loop.add_reader(lifeline, stopping.set)  # nothing is ever written to it: readable means that its other end is gone

    capacity = Capacity(settings.limits)
    pool = UpstreamPool(lambda: make_client_context(settings.upstream_ca), capacity)
    disk = DiskThread()
    journal = Journal(settings.journal_directory, settings.number, disk=disk)
    clients = Journal(settings.clients_directory, settings.number, file_bytes=FILE_BYTES, disk=disk)
    log_groups = LogGroups(settings.groups_directory, settings.number, loop.call_later, disk)
    request_metrics = None
    if settings.metrics_directory is not None:
        request_metrics = RequestMetrics(settings.metrics_directory, settings.number, loop.call_later, disk)
    world = World(
        empty_snapshot(settings.names),
        pool,
        journal,
        loop.call_later,
        settings.https_port,
        ticket_keys=ticket_keys,
        capacity=capacity,
        seen_clients=SeenClients(clients, loop.call_later),
        log_groups=log_groups,
        request_metrics=request_metrics,
        meters=_open_meters(settings),
        account_throttle=settings.account_throttle,
        tells_retry=settings.tells_retry,
        invoke_api=_make_invoke_api(settings),
        now=settings.now,
    )

    def swap(snapshot: Snapshot) -> None:
        world.snapshot = snapshot

    feed = FeedClient(settings.feed_path, settings.number, world.snapshot, swap=swap, counters=world.counters)
    following = loop.create_task(feed.run())
    stopped = loop.create_task(stopping.wait())
    first = loop.create_task(feed.first_snapshot.wait())
    await asyncio.wait({stopped, first}, return_when=asyncio.FIRST_COMPLETED)
    first.cancel()
    servers: list[asyncio.AbstractServer] = []
    if not stopping.is_set():
        https_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MAX_UNSENT)  # its connections inherit it
        https = await loop.create_server(lambda: TlsConnection(world), sock=https_socket, backlog=_BACKLOG)
        local = await loop.create_unix_server(lambda: LocalConnection(world), settings.local_path)
        servers = [https, local]
        # What stands now stays: the collector need not look at it again, at 10,000 domains some 0.1 s each time.
        gc.collect()
        gc.freeze()
        report_ready()
        watching = (loop.create_task(_sweep(world, pool)), loop.create_task(capacity.lateness.watch()))
        await stopped
        for watch in watching:
            watch.cancel()

    loop.remove_reader(lifeline)
    following.cancel()  # the control process stops too; what it still says is for the next start
    for server in servers:
        server.close()
    hurrying = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, hurrying.set)
    loop.add_signal_handler(signal.SIGINT, hurrying.set)
    await _drain(world, hurrying)
    pool.close()
    journal.close()
    clients.close()
    log_groups.close()
    if request_metrics is not None:
        request_metrics.close()
    if not disk.close():
        _LOG.error("The disk did not answer: the logs and counts of the last requests are lost.")
    return os.EX_OK


def _make_invoke_api(settings: WorkerSettings) -> InvokeApi | None:
    return None if settings.invoke_url is None else InvokeApi(settings.invoke_url, settings.invoke_credentials)


def _open_meters(settings: WorkerSettings) -> Meters | None:
    if settings.meters_directory is None:
        return None
    if settings.shares_meters:
        return LeasedMeters(settings.meters_directory, settings.number)
    return SharedMeters(settings.meters_directory)


async def _sweep(world: World, pool: UpstreamPool) -> None:
    """Close connections that have let a limit pass."""
    since = 0.0
    while True:
        await asyncio.sleep(_RELIEF_SECONDS)
        since += _RELIEF_SECONDS
        now = world.uptime()
        if since >= _SWEEP_SECONDS or world.capacity.answers.short:
            since = 0.0
            for connection in list(world.connections):
                connection.expire(now)
            relieve(world, now)
            pool.sweep(asyncio.get_running_loop().time())


async def _drain(world: World, hurrying: asyncio.Event) -> None:
    """Let requests in flight finish."""
    deadline = world.uptime() + DRAIN_SECONDS
    for connection in list(world.connections):
        connection.drain()
    while world.connections and world.uptime() < deadline and not hurrying.is_set():  # noqa: ASYNC110  once in its life
        await asyncio.sleep(0.01)
    if world.connections:
        _LOG.warning("%d connections are still busy and are cut", len(world.connections))
