"""The request path alone: CPU of one HTTP_PROXY request in process, without sockets, TLS, kernel or event loop.

    python -m bench.request_path [--profile]

One request goes in as bytes, one answer of a backend comes back as bytes, both through the real connection, parser,
pipeline, pool and journal line; only the two transports are stand-ins that take what is written. So a change of a few
tenths of a microsecond shows, which a run with sockets on a shared machine would drown. It says nothing about other
proxies. The figure is the best of several rounds, since everything that disturbs makes it larger.
"""

import argparse
import asyncio
import cProfile
import pstats
import time
from functools import partial
from typing import Any

from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.upstream.pool import UpstreamPool
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    Resource,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames, Snapshot

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
REQUEST = b"GET /v1/pets/7 HTTP/1.1\r\nHost: www.example.com\r\nX-Gatewright-Peer: 127.0.0.1:5\r\n\r\n"
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


def make_snapshot() -> Snapshot:
    """A custom domain name mapped to an API whose /pets/{id} is an HTTP_PROXY integration."""
    regional = EndpointConfiguration(("REGIONAL",))
    integration = Integration("HTTP_PROXY", http_method="ANY", uri="http://127.0.0.1:9/pets/{id}")
    resource = Resource(
        ACCOUNT,
        REGION,
        API,
        "r1",
        "/pets/{id}",
        resource_methods={"ANY": Method("ANY", method_integration=integration)},
    )
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, regional)
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, (resource,)),
        Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0),
        DomainName(ACCOUNT, REGION, "www.example.com", regional, 0.0),
        BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", API, "dev"),
    ]
    changes = [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    return compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)


async def measure(*, profile: bool) -> float:
    """Microseconds of CPU a request."""
    snapshot = make_snapshot()
    pool = UpstreamPool(lambda: None)
    world = World(snapshot, pool, Journal(), lambda _delay, _callback: None, 8443)
    address = snapshot.locate("www.example.com", "/v1/pets/7")
    endpoint = address.stage.api.resources.match("GET", address.path).method.integration.uri.endpoint
    # A connection that is there, without a backend to make it.
    upstream = UpstreamConnection(partial(pool.keep, endpoint), lambda _connection: None, pool.capacity.answers)
    upstream.connection_made(Transport())
    pool.keep(endpoint, upstream)
    client = LocalConnection(world)
    transport = Transport()
    client.connection_made(transport)

    def serve_one() -> None:
        client.data_received(REQUEST)
        upstream.data_received(ANSWER)

    serve_one()
    if transport.writes != 1:
        raise SystemExit("The request was not answered; the stand-ins no longer fit the data plane.")
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REQUESTS):
            serve_one()
        best = min(best, (time.process_time() - began) / REQUESTS)
    if profile:
        profiler = cProfile.Profile()
        profiler.enable()
        for _ in range(REQUESTS):
            serve_one()
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    return best * 1e6


def main() -> None:
    """Measure, and say the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="print where the time goes (cProfile)")
    options = parser.parse_args()
    print(f"{asyncio.run(measure(profile=options.profile)):.1f} µs of CPU a request, best of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
