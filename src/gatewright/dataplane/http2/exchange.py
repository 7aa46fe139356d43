"""HTTP/2 on one connection: each stream's request through the pipeline as soon as it is whole, each answer on its stream.

The protocol, its limits and whose turn it is are `session`'s. This joins it to a connection: what it has to send goes
out while the client takes it, requests begin while not too much of their answers lies about, and the connection ends
when the session says so. Answers that become ready together leave in one write.
"""

import asyncio
import logging
from collections import deque
from functools import partial

from gatewright.core.domains.authority import find_misdirection
from gatewright.core.domains.hostname import parse_host
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.dataplane.admission import describe_domain
from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, MIN_RATE, ClientConnection, Exchange
from gatewright.dataplane.drive import drive
from gatewright.dataplane.http2.received import Received, ReceivedRefusal
from gatewright.dataplane.http2.session import Http2Session
from gatewright.dataplane.pipeline import invoke
from gatewright.dataplane.refusal import answer_refusal
from gatewright.dataplane.room import FREE_BYTES

_LOG = logging.getLogger(__name__)


class Http2Exchange(Exchange):
    """Many requests at a time; `_waiting` holds those that are whole and for which there is no room yet."""

    __slots__ = ("_active_at", "_answered", "_connection", "_flushing", "_session", "_waiting", "_world")

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._world = connection.world
        self._session = Http2Session(self._world.capacity.requests)
        self._session.initiate()
        self._waiting: deque[Received] = deque()
        self._answered = False
        self._flushing = False  # a flush runs or will: what is answered meanwhile goes out with it
        self._active_at = self._world.uptime()

    def receive(self, data: bytes) -> None:
        """Bytes of HTTP from the client."""
        now = self._world.uptime()
        received = self._session.receive(data, now)
        if received:
            self._active_at = now
            self._waiting.extend(received)
        self.proceed()

    def proceed(self) -> None:
        """Begin what there is room for, send what the client takes, and end when it is time."""
        connection, session = self._connection, self._session
        if connection.closing:
            return
        if session.closed:
            self._drop_waiting()  # nobody would hear the answers
        self._flushing = True
        while True:
            while self._waiting and not session.congested:
                self._begin(self._waiting.popleft())
            if connection.write_paused:
                break
            data = session.output()
            if not data:
                self._end_in_time()
                break
            connection.send(data)
        if connection.held:
            connection.weigh()
        self._flushing = False

    def _end_in_time(self) -> None:
        if self._session.closed:
            _LOG.debug("A connection of HTTP/2 was ended: %s", self._session.why_closed)
            self._connection.linger()  # the client may still be sending, and shall read why we do not listen
        elif self._session.leaving and self._session.idle:
            self._connection.close()

    def _begin(self, received: Received) -> None:
        request = received.request
        facts = self._connection.facts(request)
        if isinstance(received, ReceivedRefusal):
            refusal: GatewayError | None = received.refusal
        else:
            refusal = self._judge(parse_host(received.authority), facts.server_name)
        if refusal is None:
            drive(invoke(request, facts, self._world), partial(self._answer, received.stream_id, request))
        else:
            self._answer(received.stream_id, request, answer_refusal(refusal, request, facts, self._world))

    def _judge(self, host: str, server_name: str | None) -> GatewayError | None:
        """Why the request came over the wrong connection, if it did."""
        if host == server_name:  # a shortcut: the same host is of the same domain
            return None
        snapshot = self._world.snapshot
        reason = find_misdirection(
            host,
            server_name=server_name,
            presented=self._connection.certificate_names(),
            handshake=describe_domain(snapshot.find_domain(server_name) if server_name else None),
            authority=describe_domain(snapshot.find_domain(host)),
        )
        return None if reason is None else GatewayError(reason, host=host, server_name=server_name or "none")

    def _answer(self, stream_id: int, request: Request, response: Response) -> None:
        if self._connection.closing:
            self._session.release(stream_id)
            return
        if not request.keep_alive:
            self._session.drain()
        self._session.respond(stream_id, response, head_only=request.method == "HEAD", date=self._world.http_date())
        self._active_at = self._world.uptime()
        self._answered = True
        if self._session.buffered > FREE_BYTES:
            self._connection.weigh()
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.proceed)

    @property
    def buffered(self) -> int:
        """Bytes of answers that the client's windows have not let out."""
        return self._session.buffered

    def forsake(self) -> None:
        """The client is gone. What a request under way holds is given back when it has its answer."""
        self._drop_waiting()
        self._session.forsake()

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._session.release(self._waiting.popleft().stream_id)

    def drain(self) -> None:
        """Take no further streams; close when those under way are answered."""
        self._session.drain()
        self.proceed()

    def expire(self, now: float) -> None:
        """A frame has a minute, and so has as much of a stream's body or answer as a slow client moves in one; a connection
        between requests has the service's 310 s.
        """
        session = self._session
        if not session.idle:
            self._active_at = now
        session.expire(now, HEAD_SECONDS, MIN_RATE)
        limit = IDLE_SECONDS if self._answered else HEAD_SECONDS
        if session.idle and now - self._active_at > limit:
            session.drain()
        self.proceed()
