"""Connections to backends, kept and used again; and what becomes of a call when one fails.

- An idle connection is the last one used: the likeliest to be alive. One that its backend closes is dropped at once.
- What may not be sent twice (a POST) is not sent on an idle connection whose end has arrived, even when it came behind the
  request and the event loop has not looked at it yet; clients of AWS look likewise (urllib3, below botocore).
- A call on a used connection that ends before any byte of its answer met a backend that was just closing it. Where the
  method is idempotent (RFC 9110 section 9.2.2) the call is made again, once, on a new connection.
- The timeout of a call covers everything: name look-up, connection, handshake, sending, answer (facts 7.2).
- A call beyond what the worker takes on, or beyond its backend's share of it, is refused at once and not queued: a backend
  that hangs holds its own share until the timeouts, and nobody else's.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.uri import Endpoint
from gatewright.core.reasons import (
    BACKEND_CONNECTION_LOST,
    BACKEND_SATURATED,
    BACKEND_TIMEOUT,
    BACKEND_UNREACHABLE,
    GATEWAY_OVERLOADED,
)
from gatewright.dataplane.capacity import Capacity, Limits
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.upstream.answer_memory import MEMORY_FULL
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.upstream.deadlines import Deadlines
from gatewright.dataplane.upstream.tls import translate_tls_error

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
#: A connection that nobody used for so long is not used again: firewalls forget it and backends close it. Other
#: gateways keep theirs for 60 s (nginx) or an hour (Envoy).
_MAX_IDLE_SECONDS: Final = 60.0
#: Backends close what was idle for some seconds: the shortest default of any server in use is 2 (gunicorn), 5 (Node.js).
_RESTED_SECONDS: Final = 0.05


class _Backend:
    """What a worker has to do with one endpoint: idle connections, the last one used at the end, and calls under way."""

    __slots__ = ("calls", "idle")

    def __init__(self) -> None:
        self.idle: deque[UpstreamConnection] = deque()
        self.calls = 0


class UpstreamPool:
    """The connections of one worker."""

    def __init__(self, make_context: Callable[[], ssl.SSLContext], capacity: Capacity | None = None) -> None:
        self.capacity = Capacity(Limits()) if capacity is None else capacity
        self._max_calls = self.capacity.limits.calls
        self._max_backend_calls = self.capacity.limits.calls_per_backend
        self._make_context = make_context
        self._context: ssl.SSLContext | None = None
        self._backends: dict[Endpoint, _Backend] = {}
        self._idle_count = 0
        self._opening: set[asyncio.Task[None]] = set()
        self._closing = False
        self._deadlines: Deadlines | None = None
        self._now: Callable[[], float] = time.monotonic  # the event loop's, as soon as there is one

    def __repr__(self) -> str:
        backends = ", ".join(
            f"{endpoint}: {len(backend.idle)} idle, {backend.calls} calls"
            for endpoint, backend in self._backends.items()
        )
        return f"<UpstreamPool {backends or 'empty'}, {len(self._opening)} opening>"

    def call(self, request: BackendRequest) -> Waiter[BackendResponse]:
        """Send the request; the waiter gets the whole answer or a `GatewayError`, within the request's timeout.

        Raises `GatewayError` at once when no further call is taken on.
        """
        backend = self._backends.get(request.endpoint)
        if backend is None:
            backend = self._backends[request.endpoint] = _Backend()
        capacity = self.capacity
        if backend.calls >= self._max_backend_calls or capacity.calls >= self._max_calls or capacity.answers.full:
            raise self._refusal(request.endpoint, backend)
        lateness = capacity.lateness
        if lateness.share and lateness.refuses():
            raise GatewayError(GATEWAY_OVERLOADED, what="requests have waited too long for their turn in one worker")
        backend.calls += 1
        capacity.calls += 1
        attempt = _Call(self, backend, request)
        attempt.begin()
        return attempt

    def _refusal(self, endpoint: Endpoint, backend: _Backend) -> GatewayError:
        """Why no further call of this backend is taken on."""
        calls = self.capacity.calls
        if backend.calls >= self._max_backend_calls:
            return GatewayError(BACKEND_SATURATED, endpoint=endpoint, calls=backend.calls)
        if calls >= self._max_calls:
            return GatewayError(GATEWAY_OVERLOADED, what=f"{calls} calls of backends are under way in one worker")
        return GatewayError(GATEWAY_OVERLOADED, what=MEMORY_FULL)

    def deadlines(self) -> Deadlines:
        """The deadlines of the running event loop."""
        if self._deadlines is None:
            loop = asyncio.get_running_loop()
            self._now = loop.time
            self._deadlines = Deadlines(loop.time, loop.call_later)
        return self._deadlines

    def take_idle(self, backend: _Backend, method: str) -> UpstreamConnection | None:
        """An idle connection to the backend that is still alive, for a request of this method."""
        held = backend.idle
        while held:
            connection = held.pop()
            self._idle_count -= 1
            if connection.lost:
                continue
            # (Looking is a system call. One that the backend has just answered on is not being closed for its idleness.)
            rested = method not in _IDEMPOTENT and self._now() - connection.idle_since > _RESTED_SECONDS
            if not (rested and connection.has_unread()):
                return connection
            connection.close()
        return None

    def keep(self, endpoint: Endpoint, connection: UpstreamConnection) -> None:
        """The connection is open, and free for a call."""
        self._keep(self._backends.setdefault(endpoint, _Backend()), connection)

    def _keep(self, backend: _Backend, connection: UpstreamConnection) -> None:
        held = backend.idle
        # As many idle ones as calls: a worker's files are counted out (`capacity.fit_limits`). Fewer would be opened anew
        # all the time by as many clients as there are calls, at twice the cost of a request.
        if self._closing or len(held) >= self._max_backend_calls or self._idle_count >= self._max_calls:
            connection.close()
        else:
            connection.idle_since = self._now()
            self._idle_count += 1
            held.append(connection)

    def _forget(self, backend: _Backend, connection: UpstreamConnection) -> None:
        if connection in backend.idle:
            backend.idle.remove(connection)
            self._idle_count -= 1

    def open(self, endpoint: Endpoint, call: "_Call") -> asyncio.Task[None]:
        """Make a new connection for the call. The task does not raise; cancelled, it gives up."""
        task = asyncio.get_running_loop().create_task(self._open(endpoint, call))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return task

    async def _open(self, endpoint: Endpoint, call: "_Call") -> None:
        loop = asyncio.get_running_loop()
        on_idle, on_lost = partial(self._keep, call.backend), partial(self._forget, call.backend)
        secure = endpoint.scheme == "https"
        try:
            if secure and self._context is None:
                self._context = self._make_context()
            _, connection = await loop.create_connection(
                lambda: UpstreamConnection(on_idle, on_lost, self.capacity.answers),
                endpoint.host,
                endpoint.port,
                ssl=self._context if secure else None,
                server_hostname=endpoint.host if secure else None,
                # The call's own deadline comes first, and ends this; a tick late, it would be told as a lost connection.
                ssl_handshake_timeout=call.request.timeout_in_millis / 1000 + 1.0 if secure else None,
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
        for endpoint, backend in list(self._backends.items()):
            held = backend.idle
            while held and now - held[0].idle_since > _MAX_IDLE_SECONDS:
                held.popleft().close()
                self._idle_count -= 1
            if not (held or backend.calls):
                del self._backends[endpoint]

    def close(self) -> None:
        """End all idle connections, and those that become idle."""
        self._closing = True
        for backend in self._backends.values():
            for connection in list(backend.idle):
                connection.close()
            backend.idle.clear()
        self._idle_count = 0


class _Call(Waiter[BackendResponse]):
    """One call with its deadline; it may meet two connections when the first one proves stale."""

    __slots__ = ("_capacity", "_connection", "_deadlines", "_opening", "_pool", "_reused", "backend", "request")

    def __init__(self, pool: UpstreamPool, backend: _Backend, request: BackendRequest) -> None:
        super().__init__()
        self.request = request
        self._pool = pool
        self.backend = backend
        self._capacity = pool.capacity
        self._connection: UpstreamConnection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._reused = False
        self._deadlines = pool.deadlines()

    def begin(self) -> None:
        """Start the clock, and the call."""
        self._deadlines.add(self, self.request.timeout_in_millis)
        connection = self._pool.take_idle(self.backend, self.request.method)
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
        error = GatewayError(BACKEND_TIMEOUT, endpoint=request.endpoint, timeout_in_millis=request.timeout_in_millis)
        if connection is not None:
            if connection.waits_for_memory:  # it was not the backend's fault
                error = GatewayError(GATEWAY_OVERLOADED, what=MEMORY_FULL)
            connection.abort()
        elif self._opening is not None:
            self._opening.cancel()
        self._end()
        super().fail(error)

    def resolve(self, result: BackendResponse) -> None:
        """The answer is there."""
        self._end()
        super().resolve(result)

    def _end(self) -> None:
        """The call is under way no longer. Called once: whoever calls it ends the wait with the next line."""
        self.backend.calls -= 1
        self._capacity.calls -= 1
        self._deadlines.discard(self, self.request.timeout_in_millis)

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
        if not self.done:
            self._end()
            super().fail(error)
