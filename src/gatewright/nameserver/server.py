"""The sockets of the DNS: datagrams and streams (RFC 7766) in, `message.respond` between, answers out.

What it keeps to: nobody who asks can take the process away from its other work. Questions over UDP are answered so many
a second, of which one network has a share; beyond its share a network is told to ask over TCP, which nobody can do in
another's name and which gives nothing to reflect (the idea of BIND's response rate limiting). Streams are few, short of
patience, and one message at a time.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from gatewright.nameserver.message import MAX_UDP_BYTES, AnswerQuestion, respond, truncated

logger = logging.getLogger(__name__)

#: An answer costs some 0.2 ms of the control process, which this leaves the most of.
MAX_UDP_PER_SECOND: Final = 1_000

#: One network's share: what a busy resolver asks of one zone, far from what makes a reflector worth while.
MAX_UDP_PER_NETWORK: Final = 100

#: BIND's tcp-clients is 150.
MAX_STREAMS: Final = 150

#: RFC 7766 section 6.2.3 asks for "a few seconds" of idleness; BIND's tcp-initial-timeout is 30, ours as Knot's.
STREAM_SECONDS: Final = 10.0

_LENGTH_BYTES: Final = 2


@dataclass(slots=True)
class Allowance:
    """How many datagrams are answered in this second. A second that is over is forgotten, so that memory is bounded."""

    second: int = -1
    total: int = 0
    networks: dict[str, int] = field(default_factory=dict)

    def spend(self, host: str, now: float) -> tuple[bool, bool]:
        """(it is answered at all, it is answered in full)."""
        if int(now) != self.second:
            self.second, self.total = int(now), 0
            self.networks.clear()
        self.total += 1
        if self.total > MAX_UDP_PER_SECOND:
            return False, False
        network = network_of(host)
        if network is None:
            return True, True
        asked = self.networks[network] = self.networks.get(network, 0) + 1
        return True, asked <= MAX_UDP_PER_NETWORK


@lru_cache(maxsize=4096)
def network_of(host: str) -> str | None:
    """Who shares a share: a /24, or a /56 as ISPs give to one customer. None for this machine, which has no other's name."""
    address = ip_address(host.partition("%")[0])
    if address.is_loopback:
        return None
    return str(ip_network((address, 24 if address.version == 4 else 56), strict=False))


class DatagramServer(asyncio.DatagramProtocol):
    """Answers datagrams."""

    def __init__(self, answer: AnswerQuestion, now: Callable[[], float]) -> None:
        self._answer = answer
        self._now = now
        self._allowance = Allowance()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.DatagramTransport) or hasattr(transport, "sendto")
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One message, and its answer if it has one."""
        answered, in_full = self._allowance.spend(addr[0], self._now())
        if not answered or self._transport is None:
            return
        told = respond(data, self._answer, max_udp_bytes=MAX_UDP_BYTES) if in_full else truncated(data)
        if told is not None:
            self._transport.sendto(told, addr)

    def error_received(self, exc: Exception) -> None:
        """A client's port was closed before our answer came: its own affair."""


class StreamServer:
    """Answers messages on streams, each after its length (RFC 1035 section 4.2.2)."""

    def __init__(self, answer: AnswerQuestion) -> None:
        self._answer = answer
        self._streams: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves, is silent or does not read."""
        if len(self._streams) >= MAX_STREAMS:
            writer.transport.abort()
            return
        self._streams.add(writer)
        try:
            with suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        except asyncio.CancelledError:
            # The process ends. Streams before Python 3.12 log a connection that was cancelled as an error, so we return.
            pass
        finally:
            self._streams.discard(writer)
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def close(self) -> None:
        """Every client is sent away."""
        for writer in tuple(self._streams):
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        async with asyncio.timeout(STREAM_SECONDS):
            length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES))
            told = respond(await reader.readexactly(length), self._answer)
            if told is None:
                return False
            writer.write(len(told).to_bytes(_LENGTH_BYTES) + told)
            await writer.drain()
        # Others have their turn, also when this client sends questions faster than they are answered.
        await asyncio.sleep(0)
        return True


@dataclass(frozen=True, slots=True)
class NameServer:
    """Both servers, running."""

    datagrams: asyncio.BaseTransport
    listening: asyncio.Server
    streams: StreamServer

    def close(self) -> None:
        """Nobody is answered any more."""
        self.datagrams.close()
        self.listening.close()
        self.streams.close()


async def start_name_server(udp: socket.socket, tcp: socket.socket, answer: AnswerQuestion) -> NameServer:
    """Questions that come in at these sockets are answered, over UDP and TCP alike."""
    loop = asyncio.get_running_loop()
    udp.setblocking(False)
    datagrams, _ = await loop.create_datagram_endpoint(lambda: DatagramServer(answer, loop.time), sock=udp)
    streams = StreamServer(answer)
    listening = await asyncio.start_server(streams.serve, sock=tcp)
    return NameServer(datagrams, listening, streams)
