"""The control process: opens the store, serves the AWS APIs, feeds the workers.

What it keeps to: one thread of control. Calls, changes and what is read for the workers take turns on one loop, so none of
them sees another half done; what takes long is done in a thread, in one view or transaction of the store. It ends on SIGTERM after the calls in flight, and at once when the supervisor is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
import uvloop

from gatewright.acme.directory import Directory
from gatewright.app.authority import authority_pem, ensure_authority, ensure_default_certificate
from gatewright.app.cache_metrics import render_cache_metrics
from gatewright.app.certificate_orders import OrdersInHand
from gatewright.app.clock import open_clock
from gatewright.app.credentials import ensure_root_credentials, random_text
from gatewright.app.credentials_file import CredentialsUnreadable, write_credentials
from gatewright.app.dns_updates import DnsUpdates
from gatewright.app.expiry_watch import ExpiryWatch
from gatewright.app.feed import Feed
from gatewright.app.invocation import WorkerDoor
from gatewright.app.metric_collection import collect_metrics
from gatewright.app.private_file import write_private
from gatewright.app.refusal_counters import tell_refusals
from gatewright.app.request_totals import RequestTotals
from gatewright.app.runtime_directory import RuntimeDirectory
from gatewright.app.supervision.child import HOPELESS
from gatewright.app.upkeep import keep_up
from gatewright.app.usage_book import LaggingUsage, MeteredUsage
from gatewright.app.whole_answers import WholeAnswers
from gatewright.app.worker_counters import render_samples
from gatewright.app.zones import ZoneKeeper
from gatewright.controlplane.apigateway.usage import usage_operations
from gatewright.controlplane.app import Context
from gatewright.controlplane.authenticate import Admission
from gatewright.controlplane.call import Installation, Operation
from gatewright.controlplane.metrics import Metrics
from gatewright.controlplane.registry import OPERATIONS
from gatewright.controlplane.server import Pages, make_application
from gatewright.controlplane.usage import UsageBook
from gatewright.model.records import RestApi
from gatewright.nameserver.server import start_name_server
from gatewright.nameserver.updates import UpdateServer, make_key
from gatewright.settings.acme import AcmeSettings
from gatewright.settings.installation import Settings
from gatewright.store.lock import DataDirectory
from gatewright.store.log_files import LogFiles
from gatewright.store.metric_points import MetricPoints
from gatewright.store.port import Store, StoreError
from gatewright.store.secrets import SecretBox
from gatewright.store.sqlite import open_store

logger = logging.getLogger(__name__)

#: Botocore keeps a connection in its pool without limit; the service closes it after some such time.
_KEEP_ALIVE_SECONDS: Final = 60

#: The supervisor waits 30 s for us; what is in flight then is ended here, in good order.
_DRAIN_SECONDS: Final = 29

#: When the supervisor is gone nobody waits for us, and the data directory is wanted by its successor.
_ORPHAN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """What the control process is given besides its sockets."""

    settings: Settings
    directory: DataDirectory
    runtime: RuntimeDirectory
    dns_sockets: tuple[socket.socket, socket.socket] | None = None  # datagrams and streams; None: the DNS is off
    node: str | None = None  # the name by which other nodes know this one; None: it shares nothing


def run_control(
    settings: ControlSettings,
    control_socket: socket.socket,
    feed_socket: socket.socket,
    *,
    report_ready: Callable[[], None],
    lifeline: int,
) -> int:
    """Serves until SIGTERM or the end of the lifeline; the exit code."""
    try:
        store = open_installation(settings.settings, settings.directory)
    except (StoreError, CredentialsUnreadable) as error:
        logger.error("%s", error)  # noqa: TRY400  a sentence for the operator, not a failure of ours
        return HOPELESS
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, store, control_socket, feed_socket, report_ready, lifeline))
    finally:
        store.close()
    return 0


def open_installation(settings: Settings, directory: DataDirectory) -> Store:
    """The store, with all in it and beside it that an installation needs: authority, certificate, root credentials."""
    now = time.time()
    database = settings.database or directory.database
    store = open_store(database, SecretBox.open(directory.secret_key, database))
    try:
        ensure_authority(store, now)
        ensure_default_certificate(store, settings.region, settings.suffix, now)
        pair = ensure_root_credentials(store, settings.account_id, settings.root_credentials, now)
        write_credentials(directory.credentials, pair)
        write_private(directory.ca_certificate, authority_pem(store))
    except BaseException:
        store.close()
        raise
    return store


async def _serve(
    given: ControlSettings,
    store: Store,
    control_socket: socket.socket,
    feed_socket: socket.socket,
    report_ready: Callable[[], None],
    lifeline: int,
) -> None:
    settings = given.settings
    installation = Installation(
        settings.suffix,
        settings.region,
        settings.account_id,
        settings.account_throttle.rate,
        settings.account_throttle.burst,
        addresses=settings.addresses,
        dns_updates=settings.dns_update is not None,
        acme_domains=settings.acme.domains if settings.acme is not None else None,
    )

    clock = open_clock(given.runtime.clock)

    def ensure_region(region: str) -> None:
        ensure_default_certificate(store, region, settings.suffix, clock.now())

    def host_of(api_id: str) -> str:
        with store.read() as reader:
            found = reader.find(RestApi, api_id)
        region = found[0].region if found else settings.region
        return f"{api_id}.execute-api.{region}.{settings.suffix}"

    feed = Feed(store, ensure_region, [settings.region])
    zones = ZoneKeeper(store, settings.suffix, settings.region, settings.addresses)

    writing = asyncio.Lock()
    telling = _make_dns_updates(settings, store, zones, writing)

    async def publish(revision: int) -> None:
        try:
            zones.follow()
        finally:
            if telling is not None:
                telling.wake()
            await feed.publish(revision)

    usage = MeteredUsage(given.directory.meters)
    lagging_usage = LaggingUsage(usage, given.runtime.usage_report) if settings.usage_lag else None
    expiry_watch = ExpiryWatch() if settings.announce_expiry else None
    request_totals = RequestTotals()
    metrics = Metrics(request_totals, *([expiry_watch] if expiry_watch else ()))
    points = MetricPoints(given.directory.metrics)
    ca_pem = authority_pem(store).encode()
    context = Context(
        store=store,
        installation=installation,
        now=clock.now,
        random_text=random_text,
        admission=Admission(store, installation, lenient=settings.lenient),
        published=publish,
        observe=metrics.observe,
        writing=writing,
        logs=LogFiles(given.directory.log_groups),
        metrics=points,
        rollout=feed,
        operations=_operations(lagging_usage or _share_usage(given, usage)),
    )
    pages = Pages(
        health=lambda: describe_health(feed, settings.workers),
        ca_pem=lambda: ca_pem,
        metrics=lambda: (
            metrics.render()
            + render_samples(tell_refusals(feed.counters.totals()))
            + (b"" if settings.cache is None else render_cache_metrics(given.directory.meters))
        ),
    )
    door = WorkerDoor([given.runtime.worker(number) for number in range(settings.workers)], host_of)
    server = _Server(
        uvicorn.Config(
            make_application(context, pages, door),
            loop="none",
            http=WholeAnswers,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # Who calls is who connects: loopback decides about invocations.
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        ),
        report_ready,
    )
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.stop)
    loop.add_reader(lifeline, _leave_behind, server)
    feeding = await asyncio.start_unix_server(feed.serve_worker, sock=feed_socket)
    tasks = [
        loop.create_task(feed.watch(), name="feed"),
        loop.create_task(keep_up(context, clock, expiry_watch), name="upkeep"),
        loop.create_task(OrdersInHand(context, _directory_of(settings.acme)).work(), name="orders of certificates"),
        loop.create_task(zones.watch(), name="zones"),
        loop.create_task(collect_metrics(points, request_totals, clock.now), name="metrics"),
    ]
    if lagging_usage is not None:
        tasks.append(loop.create_task(lagging_usage.follow(clock, settings.usage_lag), name="usage report"))
    if expiry_watch is not None:
        tasks.append(loop.create_task(expiry_watch.keep_following(store, clock.now), name="ends"))
    if telling is not None:
        tasks.append(loop.create_task(telling.run(), name="dns updates"))
    name_server = await start_name_server(*given.dns_sockets, zones.answer) if given.dns_sockets else None
    try:
        await server.serve([control_socket])
    finally:
        for task in tasks:
            task.cancel()
        feeding.close()
        if name_server is not None:
            name_server.close()


def _operations(usage: UsageBook) -> Mapping[str, Mapping[str, Operation]]:
    """Those of the registry, and those that tell what the workers counted."""
    return {**OPERATIONS, "apigateway": {**OPERATIONS["apigateway"], **usage_operations(usage)}}


def _share_usage(given: ControlSettings, own: MeteredUsage) -> UsageBook:
    """This node's usage, or that of all nodes where they share their meters."""
    cache = given.settings.cache
    if cache is None or given.node is None:
        return own
    from gatewright.app.shared_usage_book import SharedUsage  # noqa: PLC0415  only who shares has the client for it
    from gatewright.cache.connection import CacheConnection, CachePlace  # noqa: PLC0415  likewise
    from gatewright.dataplane.activity import Turns  # noqa: PLC0415  likewise

    connection = CacheConnection(CachePlace(cache.url, cache.shown, cache.prefix))
    return SharedUsage(own, connection, given.node, Turns(given.directory.meters))


def _make_dns_updates(settings: Settings, store: Store, zones: ZoneKeeper, writing: asyncio.Lock) -> DnsUpdates | None:
    """Who tells the DNS server of `--dns-update`, if one is named."""
    if settings.dns_update is None:
        return None
    key = settings.dns_update_key
    server = UpdateServer(
        settings.dns_update.host,
        settings.dns_update.port,
        None if key is None else make_key(key.name, key.algorithm, key.secret),
    )
    return DnsUpdates(store, server, zones.answer, writing)


def _directory_of(acme: AcmeSettings | None) -> Directory | None:
    return None if acme is None else Directory(acme.directory, acme.contact, acme.ca)


class _Server(uvicorn.Server):
    """Uvicorn, which is told when to stop and tells when it accepts."""

    def __init__(self, config: uvicorn.Config, report_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._report_ready = report_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts, and says so."""
        await super().startup(sockets)
        self._report_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the loop's, see `_serve`."""
        yield

    def stop(self) -> None:
        """Accepts no more, and ends after the calls in flight."""
        self.should_exit = True


def _leave_behind(server: _Server) -> None:
    """The supervisor is gone: end now, and in any case soon."""
    loop = asyncio.get_running_loop()
    logger.error("The supervisor is gone; ending.")
    server.should_exit = server.force_exit = True
    loop.call_later(_ORPHAN_SECONDS, os._exit, 1)


def describe_health(feed: Feed, workers: int) -> Mapping[str, Any]:
    """Readiness: every worker serves what it was told."""
    serving = {link.worker: link.revision for link in feed.links if link.revision}
    return {
        "status": "ok" if len(serving) == workers else "degraded",
        "revision": feed.revision,
        "workers": {"expected": workers, "connected": len(serving)},
        "served": {f"worker-{number}": revision for number, revision in sorted(serving.items())},
    }
