"""HTTP/1.1 on one connection: requests through the pipeline one after the other, answers in their order.

What the client may make us hold is bounded here: requests behind the one that is answered wait at the client, and a body
takes of the memory that all clients of the worker share, from when it is large until its request is answered.
"""

import asyncio
from collections import deque
from functools import partial
from typing import Final

from gatewright.core.errors import GatewayError
from gatewright.core.http.content import Parts
from gatewright.core.http.message import Request, Response
from gatewright.core.reasons import GATEWAY_OVERLOADED
from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, MIN_RATE, ClientConnection, Exchange
from gatewright.dataplane.drive import drive
from gatewright.dataplane.http1 import CONTINUE, RequestParser, content_of, render_head, render_response
from gatewright.dataplane.pipeline import invoke
from gatewright.dataplane.refusal import answer_refusal
from gatewright.dataplane.room import FREE_BYTES

_IN_BODY: Final = 2  # `RequestParser.part`
#: Up to here head and body are sent as one; a larger body is not copied for that.
_TOGETHER: Final = 65_536


class Http1Exchange(Exchange):
    """One request at a time; those behind it wait in the queue, and behind the queue at the client."""

    __slots__ = (
        "_active_at", "_answered", "_arriving", "_busy", "_connection", "_draining", "_held", "_moved", "_parser", "_part",
        "_queue", "_world",
    )  # fmt: skip

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._world = connection.world
        self._parser = RequestParser()
        self._queue: deque[Request] = deque()
        self._answered = False
        self._busy = False
        self._draining = False
        self._arriving = 0  # bytes of the shared memory that the body on its way has taken
        self._held = 0  # those of whole requests
        self._part = 0  # `RequestParser.part` after the last bytes
        self._moved = 0  # what had come of the body on its way at `_active_at`
        self._active_at = (
            self._world.uptime()
        )  # when the head began, the body's present minute, or the last answer was given

    def receive(self, data: bytes) -> None:
        """Bytes of HTTP from the client."""
        parser = self._parser
        parser.feed(data)
        part = parser.part
        if parser.requests:
            self._queue.extend(parser.requests)
            parser.requests.clear()
            self._held += self._arriving
            self._arriving = 0
        if part != self._part or self._queue:
            self._part = part
            # Another request, or another part of it. A head that comes in drops has one limit for all of it.
            self._active_at = self._world.uptime()
            self._moved = 0
        if part == _IN_BODY:
            self._take_memory(parser.arriving)
        self.proceed()
        connection = self._connection
        if self._queue and not connection.closing and connection.transport.is_reading():
            # Requests that wait for an answer before theirs are held by the client, not by us.
            connection.transport.pause_reading()

    def _take_memory(self, size: int) -> None:
        """The body on its way has grown to this size; where there is no memory for it, it is refused."""
        more = size - self._arriving
        if size <= FREE_BYTES or more <= 0 or self._parser.refusal is not None:
            return
        if self._world.capacity.requests.take(more):
            self._arriving = size
        else:
            self._parser.refusal = GatewayError(GATEWAY_OVERLOADED, what="bodies of requests fill its memory for them")

    def _give_back(self, size: int) -> None:
        if size:
            self._world.capacity.requests.give_back(size)

    def forsake(self) -> None:
        """The client is gone. What a request under way holds is given back when it has its answer."""
        self._queue.clear()
        self._parser.end()
        self._give_back(self._arriving)
        self._arriving = 0
        if not self._busy:
            self._give_back(self._held)
            self._held = 0

    @property
    def owes_answer(self) -> bool:
        """A request is under way."""
        return self._busy

    def proceed(self) -> None:
        """Begin the next request, unless one is under way: answers keep the order of their requests."""
        connection = self._connection
        while not (self._busy or connection.closing or connection.write_paused):
            if not self._queue:
                if self._parser.refusal is not None:
                    self._refuse(self._parser.refusal)
                elif self._parser.wants_continue:
                    self._parser.wants_continue = False
                    connection.send(CONTINUE)
                elif self._draining and self._parser.idle:
                    connection.close()
                return
            request = self._queue.popleft()
            self._busy = True
            drive(invoke(request, connection.facts(request), self._world), partial(self._answer, request))

    def _answer(self, request: Request, response: Response) -> None:
        self._busy = False
        if self._held and not self._queue:
            self._give_back(self._held)
            self._held = 0
        connection = self._connection
        if connection.closing:
            return
        keep_alive = request.keep_alive and not self._draining
        head_only = request.method == "HEAD"
        head = render_head(response, head_only=head_only, keep_alive=keep_alive, date=self._world.http_date())
        content = content_of(response, head_only=head_only)
        if isinstance(content, Parts):
            connection.send(head)
            connection.send_parts(content.parts)
        elif len(content) <= _TOGETHER:
            connection.send(head + content)
        else:
            connection.send(head)
            connection.send(content)
        self._active_at = self._world.uptime()
        self._answered = True
        if not keep_alive:
            connection.close()
            return
        if not (self._queue or connection.transport.is_reading()):
            connection.transport.resume_reading()
        if self._queue or self._parser.refusal is not None or self._parser.wants_continue:
            asyncio.get_running_loop().call_soon(self.proceed)

    def _refuse(self, refusal: GatewayError) -> None:
        """The bytes that came are no request: say so, keep what can be said of them, and end."""
        connection = self._connection
        request = self._parser.unfinished()
        self._parser = RequestParser()  # what came of the body is not kept while the client reads why
        self._give_back(self._arriving)
        self._arriving = 0
        response = answer_refusal(refusal, request, connection.facts(request), self._world)
        head_only = request.method == "HEAD"
        connection.send(render_response(response, head_only=head_only, keep_alive=False, date=self._world.http_date()))
        connection.linger()

    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""
        self._draining = True
        self.proceed()

    def expire(self, now: float) -> None:
        """A head has a minute, and so has as much of a body as a slow client sends in one; then there are the 310 s."""
        if self._busy or self._connection.write_paused:
            self._active_at = now  # it is our turn, or the connection looks after its reader
            return
        if self._parser.arriving - self._moved >= MIN_RATE * HEAD_SECONDS:
            self._active_at = now
            self._moved = self._parser.arriving
        limit = IDLE_SECONDS if self._answered and self._parser.idle else HEAD_SECONDS
        if now - self._active_at > limit:
            self._connection.close()
