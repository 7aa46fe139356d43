"""One client connection, from accept to end: an ingress below, a version of HTTP above, and what lies between them.

An ingress is a `ClientConnection`: `TlsConnection` is the HTTPS listener's, `LocalConnection` the plain entry's on a
Unix socket (DESIGN 7). It knows where requests come from and how bytes reach the client. An `Exchange` knows one
version of HTTP and asks its connection for nothing but this class. Both only produce requests and `ConnectionFacts`;
the pipeline asks neither of them anything.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar, Final, cast

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.http.message import Request
from gatewright.dataplane.world import World

#: A client that has not finished its hello or its request's head by then is let go; nginx and HAProxy use 60 s and 10 s.
HEAD_SECONDS: Final = 60.0
#: A client that takes too little of what lies ready for it by then is cut off; nginx's `send_timeout` is the same.
READ_SECONDS: Final = 60.0
#: Bytes a second, over a minute, that a client must move while it sends a body or has an answer to read: a byte now and
#: then must not hold a connection and 10 MB. Kestrel asks for 240, Apache's mod_reqtimeout for 500, a modem could 5,000.
MIN_RATE: Final = 500
#: The service closes idle connections after 310 s (facts 7.2).
IDLE_SECONDS: Final = 310.0
#: How long a client may go on sending after it was refused. Closing at once would reset the connection under the
#: refusal it has not read yet (RFC 9112 section 9.6); nginx lingers 5 s as well.
LINGER_SECONDS: Final = 5.0
#: An answer beyond `_AT_ONCE` is handed to the transport in pieces, each when the one before is on its way: a transport keeps
#: all of what it was given until the last byte of it is gone, and TLS keeps a buffer of the largest piece it ever had.
_PIECE: Final = 262_144
_AT_ONCE: Final = 2 * _PIECE


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

    @property
    def owes_answer(self) -> bool:
        """Whether the next thing that the client hears from here is the answer to a request that is under way."""
        return False

    @property
    def buffered(self) -> int:
        """Bytes of answers that are held back here because the client does not take them."""
        return 0

    def forsake(self) -> None:  # noqa: B027  not every version holds something
        """The client is gone: give back what is held for it."""


class ClientConnection(asyncio.Protocol, ABC):
    """What both ingresses have in common: the transport, and the ways to end."""

    __slots__ = (
        "_connected_at",
        "_end_due",
        "_exchange",
        "_full",
        "_held",
        "_rest",
        "_taken",
        "_unread_since",
        "_written",
        "closing",
        "transport",
        "world",
        "write_paused",
    )

    #: Whether the worker's limit on connections counts for this ingress.
    limited: ClassVar[bool] = True

    def __init__(self, world: World) -> None:
        self.world = world
        self.transport: Any = None
        self.closing = False  # nothing more is read, and nothing more is said
        self.write_paused = False  # the client reads slower than we answer: no further request is begun
        self._exchange: Exchange | None = None  # from when it is agreed which version is spoken
        self._connected_at = 0.0
        self._written = 0  # bytes handed to the transport, ever
        self._full = False  # the transport has more than it can send
        self._rest: list[memoryview] | None = None  # what it was not given yet of a large answer
        self._end_due = False  # when that has been given to it, the connection ends
        self._held = 0  # bytes of answers that the worker's memory has been told of
        self._unread_since: float | None = None  # when the period of reading began that `READ_SECONDS` measures
        self._taken = 0  # what the client had taken by then, ever

    # --- what an ingress adds -----------------------------------------------------------------------------------

    @abstractmethod
    def facts(self, request: Request) -> ConnectionFacts:
        """Where this request came from."""

    def certificate_names(self) -> tuple[str, ...]:
        """The DNS names of the certificate that the client was shown; none where it was shown none."""
        return ()

    def send(self, data: bytes) -> None:
        """Bytes of HTTP to the client, as quickly as it takes them."""
        if len(data) <= _AT_ONCE and self._rest is None:
            self.put(data)
            return
        self.send_parts((data,))

    def send_parts(self, parts: Sequence[bytes]) -> None:
        """The same, of a large answer as it came."""
        rest = self._rest
        if rest is None:
            rest = self._rest = []
        rest.extend([memoryview(part) for part in parts])
        self.write_paused = True
        self._go_on()
        if self._rest is None:
            self.write_paused = self._full
        self.weigh()

    def put(self, data: bytes | memoryview) -> None:
        """Bytes of HTTP to the client, now."""
        self._written += len(data)
        self.transport.write(data)

    def _go_on(self) -> None:
        """Hand on what the transport takes of a large answer."""
        while self._rest is not None and not self._full and not self.transport.is_closing():
            rest = self._rest
            piece = rest[0]
            if len(piece) > _PIECE:
                rest[0] = piece[_PIECE:]
                piece = piece[:_PIECE]
            else:
                del rest[0]
                if not rest:
                    self._rest = None
            self.put(piece)

    def write(self, data: bytes | memoryview) -> None:
        """Bytes to the client, as they are."""
        self._written += len(data)
        self.transport.write(data)

    def say_goodbye(self) -> None:
        """Tell the client, in the ingress's own way, that nothing follows what was sent."""

    # --- asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected; one too many is sent away before it costs a handshake."""
        self.transport = transport
        world = self.world
        self._connected_at = now = world.uptime()
        if self.limited and len(world.connections) >= world.capacity.limits.connections:
            self.closing = True
            world.note_refused_connection(now)
            self.transport.abort()
            return
        world.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; an answer on its way is dropped when it comes."""
        del exc
        self.closing = True
        exchange, self._exchange = self._exchange, None
        self._rest = None
        if exchange is not None:
            exchange.forsake()
        self._hold(0)
        self.world.connections.discard(self)

    def pause_writing(self) -> None:
        """The client reads slower than we answer."""
        self._full = self.write_paused = True
        self.weigh()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._full = False
        self._go_on()
        self.write_paused = self._full or self._rest is not None
        self.weigh()
        if self._end_due and self._rest is None:
            self._end_due = False
            self._end()
        elif not (self.write_paused or self.closing) and self._exchange is not None:
            self._exchange.proceed()

    # --- memory -------------------------------------------------------------------------------------------------

    def weigh(self, *, everything: bool = False) -> None:
        """Tell the worker's memory how much of answers this client lets lie about. Little of it is told only by `expire`,
        to whom `everything` counts: for an answer that is on its way in time, nobody counts.
        """
        exchange = self._exchange
        size = exchange.buffered if exchange is not None else 0
        if self._rest is not None:
            size += sum(
                [len(cast("bytes", part.obj)) for part in self._rest]
            )  # all of a part stays until its end is gone
        if self._full or everything:
            size += self.transport.get_write_buffer_size()
        self._hold(size)

    @property
    def held(self) -> int:
        """Bytes of answers that lie about for this client."""
        return self._held

    def _hold(self, size: int) -> None:
        before, self._held = self._held, size
        if size > before:
            self.world.capacity.answers.occupy(size - before)
        elif size < before:
            self.world.capacity.answers.give_back(before - size)

    # --- ends ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Send what lies ready, then end."""
        if not self.closing:
            self.closing = True
            if self._rest is None:
                self._end()
            else:
                self._end_due = True

    def _end(self) -> None:
        self.say_goodbye()
        self.transport.close()

    def linger(self) -> None:
        """As `close`, but let the client, which may still be sending, read first what it was told."""
        self.closing = True
        self.say_goodbye()
        if not self.transport.is_closing():
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)

    def cut(self) -> None:
        """End at once, and hold nothing any more."""
        self.closing = True
        self._rest = None
        self._hold(0)
        self.transport.abort()

    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""
        if self._exchange is not None:
            self._exchange.drain()
        else:
            self.close()

    def expire(self, now: float) -> None:
        """Close when the client has let a limit pass."""
        if self._reads_too_slowly(now):
            self.transport.abort()
        elif self.closing:
            pass  # what lies ready is on its way
        elif self._exchange is not None:
            self._exchange.expire(now)
        elif now - self._connected_at > HEAD_SECONDS:
            self.close()

    def seconds_to_read(self, now: float) -> float:
        """How long the client will take for what is held for it, at the pace that `expire` has seen of it."""
        if self._unread_since is None or now <= self._unread_since:
            return 0.0
        taken: int = self._written - self.transport.get_write_buffer_size() - self._taken
        return self._held * (now - self._unread_since) / taken if taken else inf

    def _reads_too_slowly(self, now: float) -> bool:
        """True when the client has taken too little for too long of what lies ready for it."""
        unread = self.transport.get_write_buffer_size()
        if unread or self._held:
            self.weigh(everything=True)
        taken = self._written - unread
        if unread == 0 and self._held == 0:
            self._unread_since = None
        elif self._unread_since is None or taken - self._taken >= MIN_RATE * READ_SECONDS:
            self._unread_since, self._taken = now, taken
        else:
            # A window of HTTP/2 that stays shut costs its stream, which the exchange ends by itself; one that is opened
            # byte by byte costs the connection.
            return now - self._unread_since > (READ_SECONDS if unread else 2 * READ_SECONDS)
        return False
