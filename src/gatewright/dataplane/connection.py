"""One client connection, from accept to end: an ingress below, a version of HTTP above, and what lies between them.

An ingress is a `ClientConnection`: `TlsConnection` is the HTTPS listener's, `LocalConnection` the plain entry's on a
Unix socket (DESIGN 7). It knows where requests come from and how bytes reach the client. An `Exchange` knows one
version of HTTP and asks its connection for nothing but this class. Both only produce requests and `ConnectionFacts`;
the pipeline asks neither of them anything.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, Final

from gatewright.core.context import ConnectionFacts
from gatewright.core.http.message import Request
from gatewright.dataplane.world import World

#: A client that has not finished its hello or its request's head by then is let go; nginx and HAProxy use 60 s and 10 s.
HEAD_SECONDS: Final = 60.0
#: A client that takes nothing of what lies ready for it by then is cut off; nginx's `send_timeout` is the same.
READ_SECONDS: Final = 60.0
#: The service closes idle connections after 310 s (facts 7.2).
IDLE_SECONDS: Final = 310.0
#: How long a client may go on sending after it was refused. Closing at once would reset the connection under the
#: refusal it has not read yet (RFC 9112 section 9.6); nginx lingers 5 s as well.
LINGER_SECONDS: Final = 5.0


class Exchange(ABC):
    """Requests and answers of one connection, in one version of HTTP."""

    __slots__ = ()

    @abstractmethod
    def receive(self, data: bytes) -> None:
        """Bytes of HTTP from the client."""

    @abstractmethod
    def proceed(self) -> None:
        """The client, which read slowly, has caught up: go on."""

    @abstractmethod
    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""

    @abstractmethod
    def expire(self, now: float) -> None:
        """Close when the client has let a limit pass."""


class ClientConnection(asyncio.Protocol, ABC):
    """What both ingresses have in common: the transport, and the ways to end."""

    __slots__ = (
        "_connected_at",
        "_exchange",
        "_moved_at",
        "_unread",
        "closing",
        "transport",
        "world",
        "write_paused",
    )

    def __init__(self, world: World) -> None:
        self.world = world
        self.transport: Any = None
        self.closing = False  # nothing more is read, and nothing more is said
        self.write_paused = False  # the client reads slower than we answer: no further request is begun
        self._exchange: Exchange | None = None  # from when it is agreed which version is spoken
        self._connected_at = 0.0
        self._unread = 0
        self._moved_at = 0.0

    # --- what an ingress adds -----------------------------------------------------------------------------------

    @abstractmethod
    def facts(self, request: Request) -> ConnectionFacts:
        """Where this request came from."""

    def certificate_names(self) -> tuple[str, ...]:
        """The DNS names of the certificate that the client was shown; none where it was shown none."""
        return ()

    def send(self, data: bytes) -> None:
        """Bytes of HTTP to the client."""
        self.transport.write(data)

    def say_goodbye(self) -> None:
        """Tell the client, in the ingress's own way, that nothing follows what was sent."""

    # --- asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self.transport = transport
        self._connected_at = self.world.now()
        self.world.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; an answer on its way is dropped when it comes."""
        del exc
        self.closing = True
        self._exchange = None
        self.world.connections.discard(self)

    def pause_writing(self) -> None:
        """The client reads slower than we answer."""
        self.write_paused = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.write_paused = False
        if self._exchange is not None:
            self._exchange.proceed()

    # --- ends ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Send what lies ready, then end."""
        if not self.closing:
            self.closing = True
            self.say_goodbye()
            self.transport.close()

    def linger(self) -> None:
        """As `close`, but let the client, which may still be sending, read first what it was told."""
        self.closing = True
        self.say_goodbye()
        if not self.transport.is_closing():
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)

    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""
        if self._exchange is not None:
            self._exchange.drain()
        else:
            self.close()

    def expire(self, now: float) -> None:
        """Close when the client has let a limit pass."""
        if self._stands_still(now):
            self.transport.abort()
        elif self.closing:
            pass  # what lies ready is on its way
        elif self._exchange is not None:
            self._exchange.expire(now)
        elif now - self._connected_at > HEAD_SECONDS:
            self.close()

    def _stands_still(self, now: float) -> bool:
        """True when the client has taken nothing for too long of what lies ready for it."""
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread != self._unread:
            self._unread = unread
            self._moved_at = now
            return False
        return now - self._moved_at > READ_SECONDS
