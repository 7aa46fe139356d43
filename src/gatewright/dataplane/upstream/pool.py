"""Connections to backends, kept and used again; and what becomes of a call when one fails.

- An idle connection is the last one used: the likeliest to be alive. One that its backend closes is dropped at once.
- A call on a used connection that ends before any byte of its answer met a backend that was just closing it. Where the
  method is idempotent (RFC 9110 section 9.2.2) the call is made again, once, on a new connection.
- The timeout of a call covers everything: name look-up, connection, handshake, sending, answer (facts 7.2).
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.uri import Endpoint
from gatewright.core.reasons import BACKEND_CONNECTION_LOST, BACKEND_TIMEOUT, BACKEND_UNREACHABLE
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.upstream.deadlines import Deadlines
from gatewright.dataplane.upstream.tls import translate_tls_error

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
#: A connection that nobody used for so long is not used again: firewalls forget it and backends close it. Other
#: gateways keep theirs for 60 s (nginx) or an hour (Envoy).
_MAX_IDLE_SECONDS: Final = 60.0
#: Idle connections kept for one endpoint. nginx's documentation suggests tens; a burst's worth does no harm here.
_MAX_IDLE: Final = 256


class UpstreamPool:
    """The connections of one worker."""

    def __init__(self, make_context: Callable[[], ssl.SSLContext]) -> None:
        self._make_context = make_context
        self._context: ssl.SSLContext | None = None
        self._idle: dict[Endpoint, deque[UpstreamConnection]] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._closing = False
        self._deadlines: Deadlines | None = None

    def __repr__(self) -> str:
        idle = ", ".join(f"{endpoint}: {len(held)} idle" for endpoint, held in self._idle.items())
        return f"<UpstreamPool {idle or 'empty'}, {len(self._opening)} opening>"

    def call(self, request: BackendRequest) -> Waiter[BackendResponse]:
        """Send the request; the waiter gets the whole answer or a `GatewayError`, within the request's timeout."""
        attempt = _Call(self, request)
        attempt.begin()
        return attempt

    def deadlines(self) -> Deadlines:
        """The deadlines of the running event loop."""
        if self._deadlines is None:
            loop = asyncio.get_running_loop()
            self._deadlines = Deadlines(loop.time, loop.call_later)
        return self._deadlines

    def take_idle(self, endpoint: Endpoint) -> UpstreamConnection | None:
        """An idle connection to the endpoint that is still alive."""
        held = self._idle.get(endpoint)
        while held:
            connection = held.pop()
            if not connection.lost:
                return connection
        return None

    def open(self, endpoint: Endpoint, call: "_Call") -> asyncio.Task[None]:
        """Make a new connection for the call. The task does not raise; cancelled, it gives up."""
        task = asyncio.get_running_loop().create_task(self._open(endpoint, call))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return task

    async def _open(self, endpoint: Endpoint, call: "_Call") -> None:
        loop = asyncio.get_running_loop()

        def on_idle(connection: UpstreamConnection) -> None:
            held = self._idle.setdefault(endpoint, deque())
            if self._closing or len(held) >= _MAX_IDLE:
                connection.close()
            else:
                connection.idle_since = loop.time()
                held.append(connection)

        def on_lost(connection: UpstreamConnection) -> None:
            held = self._idle.get(endpoint)
            if held is not None and connection in held:
                held.remove(connection)

        secure = endpoint.scheme == "https"
        try:
            if secure and self._context is None:
                self._context = self._make_context()
            _, connection = await loop.create_connection(
                lambda: UpstreamConnection(on_idle, on_lost),
                endpoint.host,
                endpoint.port,
                ssl=self._context if secure else None,
                server_hostname=endpoint.host if secure else None,
                ssl_handshake_timeout=call.request.timeout_in_millis / 1000 if secure else None,
            )
        except ssl.SSLError as error:
            call.fail(translate_tls_error(error, endpoint))
        except ConnectionError as error:
            if secure and not isinstance(error, ConnectionRefusedError):
                lost = GatewayError(BACKEND_CONNECTION_LOST, endpoint=endpoint, why=str(error))
                call.fail(lost)
            else:
                call.fail(GatewayError(BACKEND_UNREACHABLE, endpoint=endpoint, why=str(error)))
        except (OSError, UnicodeError) as error:  # UnicodeError: a name with a label that no DNS query can hold
            call.fail(GatewayError(BACKEND_UNREACHABLE, endpoint=endpoint, why=str(error)))
        else:
            call.connected(connection)

    def sweep(self, now: float) -> None:
        """End the connections that nobody has used for long; `now` is the event loop's time."""
        for endpoint, held in list(self._idle.items()):
            while held and now - held[0].idle_since > _MAX_IDLE_SECONDS:
                held.popleft().close()
            if not held:
                del self._idle[endpoint]

    def close(self) -> None:
        """End all idle connections, and those that become idle."""
        self._closing = True
        for held in self._idle.values():
            for connection in list(held):
                connection.close()
        self._idle.clear()


class _Call(Waiter[BackendResponse]):
    """One call with its deadline; it may meet two connections when the first one proves stale."""

    __slots__ = ("_connection", "_deadlines", "_opening", "_pool", "_reused", "request")

    def __init__(self, pool: UpstreamPool, request: BackendRequest) -> None:
        super().__init__()
        self.request = request
        self._pool = pool
        self._connection: UpstreamConnection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._reused = False
        self._deadlines = pool.deadlines()

    def begin(self) -> None:
        """Start the clock, and the call."""
        self._deadlines.add(self, self.request.timeout_in_millis)
        connection = self._pool.take_idle(self.request.endpoint)
        if connection is None:
            self._opening = self._pool.open(self.request.endpoint, self)
        else:
            self._reused = True
            self._connection = connection
            connection.start(self.request, self)

    def connected(self, connection: UpstreamConnection) -> None:
        """A new connection stands."""
        if self.done:
            connection.close()  # the deadline has passed
        else:
            self._reused = False
            self._connection = connection
            connection.start(self.request, self)

    def expire(self) -> None:
        """The deadline has passed."""
        request, connection = self.request, self._connection
        if connection is not None:
            connection.abort()
        elif self._opening is not None:
            self._opening.cancel()
        super().fail(
            GatewayError(BACKEND_TIMEOUT, endpoint=request.endpoint, timeout_in_millis=request.timeout_in_millis)
        )

    def resolve(self, result: BackendResponse) -> None:
        """The answer is there."""
        self._deadlines.discard(self, self.request.timeout_in_millis)
        super().resolve(result)

    def fail(self, error: BaseException) -> None:
        """The connection failed; a stale one is replaced, once."""
        connection = self._connection
        if (
            self._reused
            and connection is not None
            and connection.answered_nothing
            and self.request.method in _IDEMPOTENT
            and isinstance(error, GatewayError)
            and error.reason is BACKEND_CONNECTION_LOST
        ):
            self._reused = False
            self._connection = None
            self._opening = self._pool.open(self.request.endpoint, self)
            return
        self._deadlines.discard(self, self.request.timeout_in_millis)
        super().fail(error)
