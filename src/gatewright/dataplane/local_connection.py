"""The plain ingress on a Unix socket, where the control process hands on what came to its loopback listener."""

import asyncio

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.http.message import Request
from gatewright.dataplane.connection import ClientConnection
from gatewright.dataplane.http1_exchange import Http1Exchange


class LocalConnection(ClientConnection):
    """A connection of the control process, inside this machine and this installation. It speaks HTTP/1.1."""

    __slots__ = ()

    #: The control process is the only one who can connect, and its own listener has limits.
    limited = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The control process connected; which version it speaks needs no agreement."""
        super().connection_made(transport)
        self._exchange = Http1Exchange(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of HTTP."""
        if not self.closing and self._exchange is not None:
            self._exchange.receive(data)

    def facts(self, request: Request) -> ConnectionFacts:
        """As the control process says; it always writes this header itself and is the only one that can connect."""
        address, _, port = (request.header(b"x-gatewright-peer") or b"unknown:0").decode("latin-1").rpartition(":")
        request.headers = [field for field in request.headers if field[0] != b"x-gatewright-peer"]
        return ConnectionFacts(
            entry="local",
            peer=address,
            peer_port=int(port) if port.isdecimal() else 0,
            local_port=self.world.https_port,
        )
