"""The request path alone: CPU of one HTTP_PROXY request in process, without sockets, TLS, kernel or event loop.

    python -m bench.request_path [--profile] [--metered] [--access-log] [--execution-log] [--varied] [--resources N | --names N]

One request goes in as bytes, one answer of a backend comes back as bytes, both through the real connection, parser,
pipeline, pool and journal line; only the two transports are stand-ins that take what is written. So a change of a few
tenths of a microsecond shows, which a run with sockets on a shared machine would drown. It says nothing about other
proxies. The figure is the best of several rounds, since everything that disturbs makes it larger.

Requests are alike, as a poll's are, and so are answers; `--varied` gives each a header of its own, so that nothing that
was read of an earlier one is of use. `--resources` spreads them over so many resources, `--names` over so many domain names, in
random order. What it costs to
make such requests is measured by itself and taken off.
"""

import argparse
import asyncio
import cProfile
import pstats
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gatewright.core.metering.limits import Throttle
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.log_groups import LogGroups
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.request_metrics import RequestMetrics
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.upstream.pool import UpstreamPool
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    AccessLogSettings,
    ApiKey,
    ApiStage,
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    MethodSetting,
    QuotaSettings,
    Resource,
    RestApi,
    Stage,
    ThrottleSettings,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.snapshot import InstallationNames, Snapshot

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
KEY = "kPf7LzQh2mXw9TtRb4Vc"
#: Limits that a measurement does not meet.
RATE, BURST = 1e7, 1_000_000
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 01:42:12 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100\r\nConnection: keep-alive\r\n\r\n" + b"x" * 100
)
ROUNDS, REQUESTS = 9, 5_000


class Transport:
    """Takes what is written, and forgets it."""

    def __init__(self) -> None:
        self.writes = 0

    def write(self, data: bytes) -> None:
        self.writes += bool(data)

    def writelines(self, parts: Any) -> None:
        self.writes += bool(parts)

    def is_reading(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


class Journal:
    """Takes lines, and forgets them."""

    lost = 0

    def append(self, line: str) -> bool:
        return not line

    def flush(self) -> None:
        """Nothing waits."""


#: The console's JSON preset.
ACCESS_LOG = (
    '{ "requestId":"$context.requestId", "ip":"$context.identity.sourceIp", "caller":"$context.identity.caller", '
    '"user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", '
    '"resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", '
    '"responseLength":"$context.responseLength" }'
)


class Traffic:
    """Requests and answers, as bytes, one after the other."""

    def __init__(self, *, metered: bool, varied: bool, resources: int, names: int) -> None:
        order = random.Random(0)
        many = resources or names
        self._picked = [order.randrange(many) for _ in range(4 * REQUESTS)] if many else []
        self._spreads_names = names > 0
        self._key = b"X-API-Key: %b\r\n" % KEY.encode() if metered else b""
        self._varied = varied
        self._count = 0
        self.request = self._make_request(b"www", b"pets/7", b"")
        self.answer = ANSWER

    def _make_request(self, label: bytes, path: bytes, more: bytes) -> bytes:
        return b"GET /v1/%b HTTP/1.1\r\nHost: %b.example.com\r\nX-Gatewright-Peer: 127.0.0.1:5\r\n%b%b\r\n" % (
            path,
            label,
            self._key,
            more,
        )

    def next(self) -> tuple[bytes, bytes]:
        """A request, and the answer to it."""
        if not (self._picked or self._varied):
            return self.request, self.answer
        self._count += 1
        label, path = b"www", b"pets/7"
        if self._picked:
            picked = self._picked[self._count % len(self._picked)]
            label, path = (b"d%05d" % picked, path) if self._spreads_names else (label, b"r%05d" % picked)
        if not self._varied:
            return self._make_request(label, path, b""), self.answer
        return (
            self._make_request(label, path, b"X-Number: %08d\r\n" % self._count),
            self.answer.replace(b"keep-alive\r\n", b"keep-alive\r\nX-Number: %08d\r\n" % self._count),
        )


def make_resources(count: int) -> Sequence[Resource]:
    """Resources `/r00000` and so on, each with an HTTP_PROXY integration that has a path of its own."""
    return [make_resource(f"/r{number:05}") for number in range(count)]


def make_resource(path: str) -> Resource:
    """Leads to the same path of the backend."""
    integration = Integration("HTTP_PROXY", http_method="ANY", uri=f"http://127.0.0.1:9{path}")
    methods = {"ANY": Method("ANY", method_integration=integration)}
    return Resource(ACCOUNT, REGION, API, path[1:], path, resource_methods=methods)


def make_snapshot(
    *, metered: bool = False, access_log: bool = False, execution_log: bool = False, resources: int = 0, names: int = 0
) -> Snapshot:
    """A custom domain name mapped to an API whose /pets/{id} is an HTTP_PROXY integration, with so many others beside: resources
    of the API, or names that are mapped to it.
    """
    regional = EndpointConfiguration(("REGIONAL",))
    integration = Integration("HTTP_PROXY", http_method="ANY", uri="http://127.0.0.1:9/pets/{id}")
    resource = Resource(
        ACCOUNT,
        REGION,
        API,
        "r1",
        "/pets/{id}",
        resource_methods={"ANY": Method("ANY", api_key_required=metered, method_integration=integration)},
    )
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, regional)
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, (resource, *make_resources(resources))),
        Stage(
            ACCOUNT,
            REGION,
            API,
            "dev",
            "d1",
            0.0,
            0.0,
            method_settings={
                "*/*": MethodSetting(
                    logging_level="INFO" if execution_log else None,
                    data_trace_enabled=execution_log,
                    throttling_rate_limit=RATE,
                    throttling_burst_limit=BURST,
                )
            }
            if execution_log or metered
            else {},
            access_log_settings=AccessLogSettings(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access", ACCESS_LOG)
            if access_log
            else None,
        ),
    ]
    for name in ("www.example.com", *(f"d{number:05}.example.com" for number in range(names))):
        records.append(DomainName(ACCOUNT, REGION, name, regional, 0.0))
        records.append(BasePathMapping(ACCOUNT, REGION, name, "v1", API, "dev"))
    changes = [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    if metered:
        plan = UsagePlan(
            ACCOUNT,
            REGION,
            "plan",
            "gold",
            0.0,
            throttle=ThrottleSettings(RATE, BURST),
            quota=QuotaSettings(1_000_000_000, "MONTH"),
            api_stages=(ApiStage(API, "dev"),),
        )
        key = ApiKey(ACCOUNT, REGION, "key", 0.0, 0.0, enabled=True)
        attached = UsagePlanKey(ACCOUNT, REGION, "plan", "key", 0.0)
        changes += [
            RecordChange(plan.KIND, ACCOUNT, REGION, plan.key, plan),
            RecordChange(key.KIND, ACCOUNT, REGION, key.key, key, KEY),
            RecordChange(attached.KIND, ACCOUNT, REGION, attached.key, attached),
        ]
    return compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)


async def measure(options: argparse.Namespace, folder: Path) -> float:
    """Microseconds of CPU a request; those of a log include its writing, a block for every 500 requests."""
    snapshot = make_snapshot(
        metered=options.metered,
        access_log=options.access_log,
        execution_log=options.execution_log,
        resources=options.resources,
        names=options.names,
    )
    traffic = Traffic(metered=options.metered, varied=options.varied, resources=options.resources, names=options.names)
    pool = UpstreamPool(lambda: None)
    prepare_meters(folder / "meters")
    groups = LogGroups(folder, 0, lambda _delay, _callback: None)
    world = World(
        snapshot,
        pool,
        Journal(),
        lambda _delay, _callback: None,
        8443,
        log_groups=groups,
        request_metrics=RequestMetrics(folder / "spool", 0, lambda _delay, _callback: None),
        meters=SharedMeters(folder / "meters"),
        account_throttle=Throttle(RATE, BURST),
    )
    route = snapshot.locate("www.example.com", "/v1/pets/7")
    endpoint = route.entry.api.resources.match("GET", route.path).method.find()[0].integration.endpoint
    # A connection that is there, without a backend to make it.
    upstream = UpstreamConnection(partial(pool.keep, endpoint), lambda _connection: None, pool.capacity.answers)
    upstream.connection_made(Transport())
    pool.keep(endpoint, upstream)
    client = LocalConnection(world)
    transport = Transport()
    client.connection_made(transport)

    def serve_one() -> None:
        request, answer = traffic.next()
        client.data_received(request)
        upstream.data_received(answer)

    def best(step: Callable[[], object]) -> float:
        least = float("inf")
        for _ in range(ROUNDS):
            began = time.process_time()
            for number in range(REQUESTS):
                step()
                if number % 500 == 0:
                    groups.flush()
            least = min(least, (time.process_time() - began) / REQUESTS)
        return least

    serve_one()
    if transport.writes != 1:
        raise SystemExit("The request was not answered; the stand-ins no longer fit the data plane.")
    cost = best(serve_one) - (best(traffic.next) if options.varied or options.resources or options.names else 0.0)
    if options.profile:
        profiler = cProfile.Profile()
        profiler.enable()
        for _ in range(REQUESTS):
            serve_one()
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    return cost * 1e6


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is to be measured; None: what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="print where the time goes (cProfile)")
    parser.add_argument(
        "--metered", action="store_true", help="an API key, its plan and quota, and all throttle levels"
    )
    parser.add_argument("--access-log", action="store_true", help="the stage has an access log (JSON, ten variables)")
    parser.add_argument("--execution-log", action="store_true", help="the stage logs at INFO with data trace")
    parser.add_argument("--varied", action="store_true", help="each request and answer has a header of its own")
    spread = parser.add_mutually_exclusive_group()
    spread.add_argument("--resources", type=int, default=0, metavar="N", help="spread over so many resources")
    spread.add_argument("--names", type=int, default=0, metavar="N", help="spread over so many domain names")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure, and say the figure."""
    options = parse_options()
    with TemporaryDirectory() as folder:
        cost = asyncio.run(measure(options, Path(folder)))
    print(f"{cost:.1f} µs of CPU a request, best of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
