"""The handshake alone: CPU of one new connection in process, without sockets, kernel or event loop.

    python -m bench.handshake [--profile]

A client of the stdlib, whose time is not counted, connects in memory, asks for `/ping` and says goodbye; on the other side
stands the real connection with a stand-in for its transport. Beside it the same with nothing of ours: bare sessions of
Python's `ssl` that read a hello, finish, answer a few bytes and say goodbye. The difference is what we add. TLS 1.3, ECDSA
P-256, X25519, AES-128-GCM, as in `connect`. The figures are medians, since a handshake is too long to be undisturbed.
"""

import argparse
import asyncio
import cProfile
import pstats
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from bench.certificate import make_certificate
from bench.request_path import Journal
from gatewright.core.tls.security_policy import SECURITY_POLICIES
from gatewright.dataplane.ticket_keys import TicketKeys
from gatewright.dataplane.tls import make_server_context
from gatewright.dataplane.tls_connection import TlsConnection
from gatewright.dataplane.upstream.pool import UpstreamPool
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import Certificate, DomainName, EndpointConfiguration
from gatewright.model.snapshot import CertificateMaterial, InstallationNames

ACCOUNT, REGION, NAME = "000000000000", "us-east-1", "api.bench.example"
HANDSHAKES = 2_000
REQUEST = f"GET /ping HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()


class Server(Protocol):
    """One connection's end: bytes from the client in, bytes for the client out."""

    def receive(self, data: bytes) -> bytes:
        """What is sent back at once."""


class Ours:
    """The real connection on a transport that keeps what is written."""

    def __init__(self, world: World) -> None:
        self._written: list[bytes] = []
        self._connection = TlsConnection(world)
        self._connection.connection_made(self)

    def receive(self, data: bytes) -> bytes:
        self._connection.data_received(data)
        written = b"".join(self._written)
        self._written.clear()
        return written

    # --- as a transport -----------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        self._written.append(data)

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return ("127.0.0.1", 50_000)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_reading(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self._connection.connection_lost(None)

    def abort(self) -> None:
        self._connection.connection_lost(None)


class Bare:
    """A session of Python's `ssl`, and nothing else."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._established = False

    def receive(self, data: bytes) -> bytes:
        self._incoming.write(data)
        with suppress(ssl.SSLWantReadError):
            if not self._established:
                self._session.do_handshake()
                self._established = True
            try:
                if self._session.read(16_384):
                    self._session.write(b"HTTP/1.1 200 OK\r\n\r\n")
            except ssl.SSLZeroReturnError:
                self._session.unwrap()
        return self._outgoing.read()


class Meter:
    """CPU time inside the server's calls."""

    def __init__(self, profiler: cProfile.Profile | None = None) -> None:
        self.spent = 0
        self._profiler = profiler

    def __call__(self, work: Callable[[], Any]) -> Any:
        if self._profiler is not None:
            self._profiler.enable()
        began = time.process_time_ns()
        result = work()
        self.spent += time.process_time_ns() - began
        if self._profiler is not None:
            self._profiler.disable()
        return result


def connect(
    start: Callable[[], Server], client_context: ssl.SSLContext, session: ssl.SSLSession | None, meter: Meter
) -> ssl.SSLSession:
    """One connection from hello to goodbye; the session that it left."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(incoming, outgoing, server_hostname=NAME, session=session)
    server = meter(start)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    incoming.write(meter(lambda: server.receive(hello)))
    client.do_handshake()
    client.write(REQUEST)
    second = outgoing.read()
    incoming.write(meter(lambda: server.receive(second)))
    answer = client.read(65_536)
    if not answer.startswith(b"HTTP/1.1 200") or client.session_reused != (session is not None):
        raise SystemExit("The connection was not served as it should; the stand-ins no longer fit the data plane.")
    left = client.session
    with suppress(ssl.SSLWantReadError):
        client.unwrap()
    goodbye = outgoing.read()
    meter(lambda: server.receive(goodbye))
    return left


def make_world(folder: Path) -> tuple[World, ssl.SSLContext, ssl.SSLContext]:
    """A worker's world with one domain name, a context for its certificate, and a client's that trusts it."""
    issued = make_certificate(folder, NAME)
    leaf, issuer, key = (path.read_text() for path in (issued.leaf, issued.issuer, issued.key))
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/bench"
    certificate = Certificate(ACCOUNT, REGION, "bench", leaf, issuer, NAME, (NAME,), 0.0, 0.0, 0.0)
    regional = EndpointConfiguration(("REGIONAL",))
    domain = DomainName(ACCOUNT, REGION, NAME, regional, 0.0, regional_certificate_arn=arn)
    changes = [
        RecordChange(certificate.KIND, ACCOUNT, REGION, certificate.key, certificate, key),
        RecordChange(domain.KIND, ACCOUNT, REGION, domain.key, domain),
    ]
    snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)
    pool = UpstreamPool(lambda: None)
    world = World(snapshot, pool, Journal(), lambda _delay, _callback: None, 8443, ticket_keys=TicketKeys(1))
    material = CertificateMaterial("bench", leaf + issuer, key)
    client = ssl.create_default_context(cadata=issuer)
    client.set_alpn_protocols(["http/1.1"])
    return world, make_server_context(material, SECURITY_POLICIES["TLS_1_2"]), client


async def measure(*, profile: bool) -> dict[str, tuple[float, float]]:
    """Microseconds of CPU of a connection, ours and bare, by kind of handshake."""
    with tempfile.TemporaryDirectory() as folder:
        world, bare, client = make_world(Path(folder))
    starts: tuple[Callable[[], Server], ...] = (lambda: Ours(world), lambda: Bare(bare))
    taken: dict[tuple[str, int], list[float]] = {}
    profiler = cProfile.Profile() if profile else None
    sessions = [connect(start, client, None, Meter()) for start in starts]
    for _ in range(HANDSHAKES):
        for number, start in enumerate(starts):
            for kind in ("full", "resumed"):
                meter = Meter(profiler if number == 0 and kind == "full" else None)
                left = connect(start, client, sessions[number] if kind == "resumed" else None, meter)
                if kind == "resumed":
                    sessions[number] = left
                taken.setdefault((kind, number), []).append(meter.spent / 1e3)
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    return {
        kind: (statistics.median(taken[kind, 0]), statistics.median(taken[kind, 1])) for kind in ("full", "resumed")
    }


def main() -> None:
    """Measure, and say the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--profile", action="store_true", help="print where the time of full handshakes goes (cProfile)"
    )
    options = parser.parse_args()
    for kind, (ours, bare) in asyncio.run(measure(profile=options.profile)).items():
        print(f"{kind}: {ours:.0f} µs of CPU a connection, {bare:.0f} µs with bare sessions, {ours - bare:.0f} µs ours")


if __name__ == "__main__":
    main()
