"""One client connection: bytes in, requests through the pipeline one after the other, responses out.

Two ingresses share it (DESIGN 7). `TlsConnection` is the HTTPS listener's: it reads the ClientHello, selects the
binding, and runs a TLS session over memory buffers. `LocalConnection` is the plain entry on a Unix socket, where the
control process hands on what came to its loopback listener. Both only produce `ConnectionFacts`; the pipeline asks
neither of them anything.
"""

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from collections import deque
from functools import partial
from typing import Any, Final

from gatewright.core.context import ConnectionFacts, RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request, Response
from gatewright.core.responses.gateway_response import render_refusal_response
from gatewright.core.tls.client_hello import ClientHelloError, HelloFault, parse_client_hello
from gatewright.dataplane.drive import drive
from gatewright.dataplane.http1 import CONTINUE, RequestParser, render_response
from gatewright.dataplane.pipeline import invoke, parse_host
from gatewright.dataplane.tls import TlsFailed, TlsSession, render_alert
from gatewright.dataplane.world import World

_LOG = logging.getLogger(__name__)

#: A client that has not finished its hello or its request's head by then is let go; nginx and HAProxy use 60 s and 10 s.
HEAD_SECONDS: Final = 60.0
#: The service closes idle connections after 310 s (facts 7.2).
IDLE_SECONDS: Final = 310.0
#: How long a client may go on sending after it was refused. Closing at once would reset the connection under the
#: refusal it has not read yet (RFC 9112 section 9.6); nginx lingers 5 s as well.
LINGER_SECONDS: Final = 5.0
#: RFC 8446 section 6.2.
_INTERNAL_ERROR: Final = 80
#: What plain HTTP on the HTTPS port gets: an answer a person can read, in the language that they spoke.
_PLAIN_HTTP_ANSWER: Final = Response(
    400,
    [(b"Content-Type", b"application/json")],
    b'{"message":"Plain HTTP was sent to the HTTPS port. Use https://"}',
)


class ClientConnection(asyncio.Protocol, ABC):
    """What both ingresses have in common: HTTP/1.1 and the order of answers."""

    __slots__ = (
        "_answered",
        "_busy",
        "_closing",
        "_draining",
        "_parser",
        "_queue",
        "_world",
        "_write_paused",
        "active_at",
        "transport",
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._parser = RequestParser()
        self._queue: deque[Request] = deque()
        self._answered = False
        self._busy = False
        self._closing = False
        self._draining = False
        self._write_paused = False
        self.transport: Any = None
        self.active_at = 0.0

    # --- what an ingress adds -----------------------------------------------------------------------------------

    @abstractmethod
    def facts(self, request: Request) -> ConnectionFacts:
        """Where this request came from."""

    def send(self, data: bytes) -> None:
        """Bytes of HTTP to the client."""
        self.transport.write(data)

    def say_goodbye(self) -> None:
        """Tell the client, in the ingress's own way, that nothing follows what was sent."""

    # --- asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self.transport = transport
        self.active_at = self._world.now()
        self._world.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; an answer on its way is dropped when it comes."""
        del exc
        self._closing = True
        self._queue.clear()
        self._world.connections.discard(self)

    def pause_writing(self) -> None:
        """The client reads slower than we answer: no further request is begun."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._write_paused = False
        self._next()

    # --- HTTP ---------------------------------------------------------------------------------------------------

    def receive_http(self, data: bytes) -> None:
        """Bytes of HTTP from the client."""
        parser = self._parser
        if not parser.in_head:  # a head that comes in drops has one limit for all of it
            self.active_at = self._world.now()
        parser.feed(data)
        if parser.requests:
            self._queue.extend(parser.requests)
            parser.requests.clear()
        self._next()
        if self._queue and not self._closing and self.transport.is_reading():
            # Requests that wait for an answer before theirs are held by the client, not by us.
            self.transport.pause_reading()

    def _next(self) -> None:
        """Begin the next request, unless one is under way: answers keep the order of their requests."""
        while not (self._busy or self._closing or self._write_paused):
            if not self._queue:
                if self._parser.refusal is not None:
                    self._refuse(self._parser.refusal)
                elif self._parser.wants_continue:
                    self._parser.wants_continue = False
                    self.send(CONTINUE)
                elif self._draining and self._parser.idle:
                    self._close()
                return
            request = self._queue.popleft()
            self._busy = True
            drive(invoke(request, self.facts(request), self._world), partial(self._answer, request))

    def _answer(self, request: Request, response: Response) -> None:
        self._busy = False
        if self._closing:
            return
        keep_alive = request.keep_alive and not self._draining
        self.send(
            render_response(
                response, head_only=request.method == "HEAD", keep_alive=keep_alive, date=self._world.http_date()
            )
        )
        self.active_at = self._world.now()
        self._answered = True
        if not keep_alive:
            self._close()
            return
        if not (self._queue or self.transport.is_reading()):
            self.transport.resume_reading()
        if self._queue or self._parser.refusal is not None or self._parser.wants_continue:
            asyncio.get_running_loop().call_soon(self._next)

    def _refuse(self, refusal: GatewayError) -> None:
        """The bytes that came are no request: say so, keep what can be said of them, and end."""
        world = self._world
        received_at = world.now()
        request = self._parser.unfinished()
        context = RequestContext(
            request,
            self.facts(request),
            parse_host(request.header(b"host")),
            received_at,
            *world.request_ids(received_at),
        )
        response = render_refusal_response(refusal, context.request_id, context.extended_request_id)
        context.status = response.status
        context.response_length = len(response.body)
        world.record(context, refusal=refusal, latency_ms=0)
        self.send(render_response(response, head_only=False, keep_alive=False, date=self._world.http_date()))
        self._closing = True
        self.say_goodbye()
        if not self.transport.is_closing():
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)

    def _close(self) -> None:
        if not self._closing:
            self._closing = True
            self.say_goodbye()
            self.transport.close()

    def drain(self) -> None:
        """Answer what is under way, then close; at once when nothing is."""
        self._draining = True
        self._next()

    def expire(self, now: float) -> None:
        """Close when the client has let a limit pass."""
        if self._busy or self._closing:
            return
        limit = IDLE_SECONDS if self._answered and self._parser.idle else HEAD_SECONDS
        if now - self.active_at > limit:
            self._close()


class TlsConnection(ClientConnection):
    """A connection to the HTTPS listener."""

    __slots__ = ("_facts", "_hello", "_selection", "_session")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._hello = bytearray()
        self._session: TlsSession | None = None
        self._facts: ConnectionFacts | None = None

    def facts(self, request: Request) -> ConnectionFacts:
        """The same for all requests of a connection."""
        del request
        assert self._facts is not None
        return self._facts

    def send(self, data: bytes) -> None:
        """HTTP in TLS records."""
        assert self._session is not None
        try:
            self.transport.write(self._session.send(data))
        except TlsFailed as error:
            _LOG.debug("TLS towards the client failed: %s", error)
            self.transport.abort()

    def say_goodbye(self) -> None:
        """With a close_notify, so that the client knows it has everything."""
        if self._session is not None:
            self.transport.write(self._session.close())

    def data_received(self, data: bytes) -> None:
        """Bytes of TLS."""
        if self._closing:
            return
        session = self._session
        if session is None:
            self._receive_hello(data)
            return
        try:
            plaintext = session.receive(data)
        except TlsFailed as error:
            self._fail(session, str(error))
            return
        output = session.output
        if output:
            self.transport.write(output)
        if plaintext:
            if self._facts is None:
                self._establish(session)
            self.receive_http(plaintext)
        if session.closed_by_peer:
            self.drain()

    def _receive_hello(self, data: bytes) -> None:
        self._hello += data
        try:
            hello = parse_client_hello(self._hello)
        except ClientHelloError as error:
            self._world.count_handshake_failure(error.fault.name)
            self._closing = True
            if error.fault is HelloFault.PLAIN_HTTP:
                date = self._world.http_date()
                self.transport.write(render_response(_PLAIN_HTTP_ANSWER, head_only=False, keep_alive=False, date=date))
            else:
                self.transport.write(render_alert(error.alert))
            self.transport.close()
            return
        if hello is None:
            return
        self._selection = self._world.snapshot.select_binding(hello.server_name)
        context = self._select_context(hello.server_name)
        if context is None:
            self._world.count_handshake_failure("NO_CERTIFICATE")
            self._closing = True
            self.transport.write(render_alert(_INTERNAL_ERROR))
            self.transport.close()
            return
        self._session = TlsSession(context)
        first, self._hello = bytes(self._hello), bytearray()
        self.data_received(first)

    def _select_context(self, server_name: str | None) -> ssl.SSLContext | None:
        binding = self._selection.binding
        if binding is None:
            _LOG.error("There is no certificate for %s, not even a default one", server_name)
            return None
        try:
            return self._world.tls_contexts.select(binding)
        except OSError as error:  # ssl.SSLError is one; so is what a full table of files raises
            _LOG.error("OpenSSL cannot use the certificate of %s: %s", binding.name, error)
            return None

    def _establish(self, session: TlsSession) -> None:
        peer = self.transport.get_extra_info("peername") or ("unknown", 0)
        selection = self._selection
        self._facts = ConnectionFacts(
            entry="https",
            peer=peer[0],
            peer_port=peer[1],
            server_name=selection.server_name,
            alpn=session.alpn,
            tls_version=session.version,
            cipher=session.cipher,
            binding=selection.matched,
            binding_reason=selection.reason.name,
            local_port=self._world.https_port,
        )
        self._world.count_handshake()

    def _fail(self, session: TlsSession, why: str) -> None:
        _LOG.debug("The TLS session with a client failed: %s", why)
        self._world.count_handshake_failure("TLS")
        self._closing = True
        self.transport.write(session.output)
        self.transport.close()


class LocalConnection(ClientConnection):
    """A connection of the control process, inside this machine and this installation."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """Bytes of HTTP."""
        if not self._closing:
            self.receive_http(data)

    def facts(self, request: Request) -> ConnectionFacts:
        """As the control process says; it always writes this header itself and is the only one that can connect."""
        address, _, port = (request.header(b"x-gatewright-peer") or b"unknown:0").decode("latin-1").rpartition(":")
        request.headers = [field for field in request.headers if field[0] != b"x-gatewright-peer"]
        return ConnectionFacts(
            entry="local",
            peer=address,
            peer_port=int(port) if port.isdecimal() else 0,
            local_port=self._world.https_port,
        )
