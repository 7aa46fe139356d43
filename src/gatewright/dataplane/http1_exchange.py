"""HTTP/1.1 on one connection: requests through the pipeline one after the other, answers in their order."""

import asyncio
from collections import deque
from functools import partial

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, ClientConnection, Exchange
from gatewright.dataplane.drive import drive
from gatewright.dataplane.http1 import CONTINUE, RequestParser, render_response
from gatewright.dataplane.pipeline import invoke
from gatewright.dataplane.refusal import answer_refusal


class Http1Exchange(Exchange):
    """One request at a time; those behind it wait in the queue, and behind the queue at the client."""

    __slots__ = ("_active_at", "_answered", "_busy", "_connection", "_draining", "_parser", "_queue", "_world")

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._world = connection.world
        self._parser = RequestParser()
        self._queue: deque[Request] = deque()
        self._answered = False
        self._busy = False
        self._draining = False
        self._active_at = self._world.now()

    def receive(self, data: bytes) -> None:
        """Bytes of HTTP from the client."""
        parser = self._parser
        if not parser.in_head:  # a head that comes in drops has one limit for all of it
            self._active_at = self._world.now()
        parser.feed(data)
        if parser.requests:
            self._queue.extend(parser.requests)
            parser.requests.clear()
        self.proceed()
        connection = self._connection
        if self._queue and not connection.closing and connection.transport.is_reading():
            # Requests that wait for an answer before theirs are held by the client, not by us.
            connection.transport.pause_reading()

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
        connection = self._connection
        if connection.closing:
            return
        keep_alive = request.keep_alive and not self._draining
        connection.send(
            render_response(
                response, head_only=request.method == "HEAD", keep_alive=keep_alive, date=self._world.http_date()
            )
        )
        self._active_at = self._world.now()
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
        response = answer_refusal(refusal, request, connection.facts(request), self._world)
        connection.send(render_response(response, head_only=False, keep_alive=False, date=self._world.http_date()))
        connection.linger()

    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""
        self._draining = True
        self.proceed()

    def expire(self, now: float) -> None:
        """A request's head, and each part of its body, has a minute; a connection between requests the service's 310 s."""
        if self._busy:
            return
        limit = IDLE_SECONDS if self._answered and self._parser.idle else HEAD_SECONDS
        if now - self._active_at > limit:
            self._connection.close()
