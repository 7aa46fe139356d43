"""The request path over HTTP/2 alone: CPU of one HTTP_PROXY request in process, without sockets, TLS and kernel.

    python -m bench.http2_path [--profile] [--streams 8]

As `bench.request_path`, whose API and stand-ins it uses: HEADERS frames of some streams of one connection go in with one read,
the answers of as many backend connections come back, and everything between is real. So what HTTP/2 costs beside
HTTP/1.1 is the difference between the two figures.
"""

import argparse
import asyncio
import cProfile
import pstats
import time
from functools import partial

from hpack import Encoder
from hyperframe.frame import HeadersFrame, SettingsFrame, WindowUpdateFrame

from bench.request_path import ANSWER, Journal, Transport, make_snapshot
from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.http.message import Request
from gatewright.dataplane.connection import ClientConnection
from gatewright.dataplane.http2.exchange import Http2Exchange
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.upstream.pool import UpstreamPool
from gatewright.dataplane.world import World

HOST = "www.example.com"
FIELDS = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", HOST.encode()),
    (b":path", b"/v1/pets/7"),
    (b"user-agent", b"bench/1"),
    (b"accept", b"*/*"),
]
ROUNDS, REQUESTS = 9, 4_000


class Http2Connection(ClientConnection):
    """HTTP/2 without TLS under it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected, and agreed on HTTP/2."""
        super().connection_made(transport)
        self._facts = ConnectionFacts("https", "127.0.0.1", 5, HOST)
        self._exchange = Http2Exchange(self)

    def facts(self, request: Request) -> ConnectionFacts:
        """The same for all requests."""
        del request
        return self._facts

    def data_received(self, data: bytes) -> None:
        """Bytes of HTTP/2."""
        self._exchange.receive(data)


class Client:
    """The bytes of a client that repeats one request with differing ids, as a load generator or a poll does."""

    def __init__(self, *, varying: bool) -> None:
        self._encoder = Encoder()
        self._next = 1
        self._varying = varying
        self._same = b""

    def open(self) -> bytes:
        """What comes before the first request, with room for every answer."""
        window = WindowUpdateFrame(0, window_increment=2**30).serialize()
        return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0, settings={4: 2**30}).serialize() + window

    def ask(self, streams: int) -> bytes:
        """As many requests."""
        out = b""
        for _ in range(streams):
            if self._varying or self._next < 4:
                fields = [*FIELDS, (b"x-number", b"%d" % self._next)] if self._varying else FIELDS
                self._same = self._encoder.encode(fields)
            out += HeadersFrame(self._next, self._same, flags=["END_HEADERS", "END_STREAM"]).serialize()
            self._next += 2
        return out


async def measure(streams: int, *, varying: bool, profile: bool) -> float:
    """Microseconds of CPU a request."""
    snapshot = make_snapshot()
    pool = UpstreamPool(lambda: None)
    world = World(snapshot, pool, Journal(), lambda _delay, _callback: None, 8443)
    route = snapshot.locate(HOST, "/v1/pets/7")
    endpoint = route.entry.api.resources.match("GET", route.path).method.find()[0].integration.endpoint
    # Connections that are there, without a backend to make them.
    on_idle = partial(pool.keep, endpoint)
    upstreams = [UpstreamConnection(on_idle, lambda _connection: None, pool.capacity.answers) for _ in range(streams)]
    for upstream in upstreams:
        upstream.connection_made(Transport())
        pool.keep(endpoint, upstream)
    connection, transport, client = Http2Connection(world), Transport(), Client(varying=varying)
    connection.connection_made(transport)
    connection.data_received(client.open())

    async def serve(data: bytes) -> None:
        connection.data_received(data)
        for upstream in upstreams:
            upstream.data_received(ANSWER)
        await asyncio.sleep(0)  # the answers leave in one write

    turns = REQUESTS // streams
    await serve(client.ask(streams))
    before = transport.writes
    await serve(client.ask(streams))
    if transport.writes != before + 1:
        raise SystemExit("The requests were not answered; the stand-ins no longer fit the data plane.")
    best = float("inf")
    profiler = cProfile.Profile()
    for turn in range(ROUNDS + profile):
        asked = [client.ask(streams) for _ in range(turns)]
        if turn == ROUNDS:
            profiler.enable()
        began = time.process_time()
        for data in asked:
            await serve(data)
        best = min(best, (time.process_time() - began) / (turns * streams))
    profiler.disable()
    if connection.closing:
        raise SystemExit("The connection was ended in the middle of the measurement.")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    return best * 1e6


def main() -> None:
    """Measure, and say the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="print where the time goes (cProfile)")
    parser.add_argument("--streams", type=int, default=8, help="requests that come with one read (8)")
    options = parser.parse_args()
    for varying in (False, True):
        figure = asyncio.run(measure(options.streams, varying=varying, profile=options.profile))
        which = "each with a header of its own" if varying else "all alike"
        print(f"{figure:.1f} µs of CPU a request, {which}, best of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
