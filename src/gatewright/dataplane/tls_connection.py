"""The HTTPS listener's ingress: it reads the ClientHello, selects the binding, and runs a TLS session over memory buffers.

The first bytes inside the session settle which version of HTTP is spoken, by what ALPN agreed on.
"""

import logging
from typing import Final

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.http.message import Request, Response
from gatewright.core.tls.client_hello import ClientHello, parse_client_hello
from gatewright.core.tls.hello_fault import ClientHelloError, HelloFault
from gatewright.dataplane.connection import ClientConnection, Exchange
from gatewright.dataplane.http1 import render_response
from gatewright.dataplane.http1_exchange import Http1Exchange
from gatewright.dataplane.http2.exchange import Http2Exchange
from gatewright.dataplane.tls import HTTP2, MAX_WRITE, may_speak_http2, read_certificate_names, render_alert
from gatewright.dataplane.tls_session import ClientCertificateMissing, Session, TlsFailed
from gatewright.dataplane.world import World

_LOG = logging.getLogger(__name__)

#: RFC 8446 section 6.2.
_INTERNAL_ERROR: Final = 80
#: What plain HTTP on the HTTPS port gets: an answer a person can read, in the language that they spoke.
_PLAIN_HTTP_ANSWER: Final = Response(
    400,
    [(b"Content-Type", b"application/json")],
    b'{"message":"Plain HTTP was sent to the HTTPS port. Use https://"}',
)


class TlsConnection(ClientConnection):
    """A connection to the HTTPS listener."""

    __slots__ = ("_facts", "_hello", "_selection", "_session")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._hello: bytearray | None = None  # as much of it as has come, when it comes in pieces
        self._session: Session | None = None
        self._facts: ConnectionFacts | None = None

    def facts(self, request: Request) -> ConnectionFacts:
        """The same for all requests of a connection."""
        del request
        assert self._facts is not None
        return self._facts

    def certificate_names(self) -> tuple[str, ...]:
        """Those of the certificate of this handshake, whatever has taken its place since."""
        binding = self._selection.binding
        assert binding is not None
        return read_certificate_names(binding.material.chain_pem)

    def put(self, data: bytes | memoryview) -> None:
        """HTTP in TLS records."""
        session = self._session
        assert session is not None
        try:
            if len(data) <= MAX_WRITE:
                self.write(session.send(data))
            else:
                whole = memoryview(data)
                for at in range(0, len(whole), MAX_WRITE):
                    self.write(session.send(whole[at : at + MAX_WRITE]))  # the transport sends them together
        except TlsFailed as error:
            _LOG.debug("TLS towards the client failed: %s", error)
            self.transport.abort()

    def say_goodbye(self) -> None:
        """With a close_notify, so that the client knows it has everything."""
        if self._session is not None:
            self.write(self._session.close())

    def data_received(self, data: bytes | bytearray) -> None:
        """Bytes of TLS."""
        if self.closing:
            return
        session = self._session
        if session is None:
            self._receive_hello(data)
            return
        try:
            plaintext = session.receive(data)
        except TlsFailed as error:
            self._fail(session, error)
            return
        holds_ticket = False
        if plaintext:
            exchange = self._exchange
            if exchange is None:
                exchange = self._exchange = self._establish(session)
                # All that a handshake of TLS 1.3 has left to say then is a ticket, which can go out with the first answer.
                holds_ticket = session.version == "TLSv1.3"
            exchange.receive(plaintext)
            holds_ticket = holds_ticket and exchange.owes_answer
        if not holds_ticket:
            # What the handshake has left to say has gone out before what was answered at once, in the same write.
            output = session.output
            if output and not self.closing:
                self.write(output)
        if session.closed_by_peer:
            self.drain()

    def _receive_hello(self, data: bytes | bytearray) -> None:
        if self._hello is not None:
            self._hello += data
            data = self._hello
        try:
            hello = parse_client_hello(data)
        except ClientHelloError as error:
            self.world.count_handshake_failure(error.fault.name)
            self.closing = True
            if error.fault is HelloFault.PLAIN_HTTP:
                date = self.world.http_date()
                self.write(render_response(_PLAIN_HTTP_ANSWER, head_only=False, keep_alive=False, date=date))
            else:
                self.write(render_alert(error.alert))
            self.transport.close()
            return
        if hello is None:
            self._hello = bytearray(data) if self._hello is None else self._hello
            return
        self._selection = self.world.snapshot.select_binding(hello.server_name)
        session = self._begin_session(hello)
        if session is None:
            self.world.count_handshake_failure("NO_CERTIFICATE")
            self.closing = True
            self.write(render_alert(_INTERNAL_ERROR))
            self.transport.close()
            return
        self._session = session
        self._hello = None
        self.data_received(data)

    def _begin_session(self, hello: ClientHello) -> Session | None:
        binding = self._selection.binding
        if binding is None:
            _LOG.error("There is no certificate for %s, not even a default one", hello.server_name)
            return None
        try:
            return self.world.tls_contexts.begin(binding, http2=may_speak_http2(hello), now=self.world.now())
        except OSError as error:  # ssl.SSLError is one; so is what a full table of files raises
            _LOG.error("OpenSSL cannot use the certificate of %s: %s", binding.name, error)
            return None

    def _establish(self, session: Session) -> Exchange:
        peer = self.transport.get_extra_info("peername") or ("unknown", 0)
        selection = self._selection
        alpn = session.alpn
        self._facts = ConnectionFacts(
            entry="https",
            peer=peer[0],
            peer_port=peer[1],
            server_name=selection.server_name,
            alpn=alpn,
            tls_version=session.version,
            cipher=session.cipher,
            binding=selection.matched,
            binding_reason=selection.reason.name,
            client_chain=session.client_chain,
            local_port=self.world.https_port,
        )
        self.world.count_handshake(resumed=session.resumed)
        return Http2Exchange(self) if alpn == HTTP2 else Http1Exchange(self)

    def _fail(self, session: Session, why: TlsFailed) -> None:
        _LOG.debug("The TLS session with a client for %s failed: %s", self._selection.server_name, why)
        fault = "NO_CLIENT_CERTIFICATE" if isinstance(why, ClientCertificateMissing) else "TLS"
        self.world.count_handshake_failure(fault)
        self.closing = True
        self.write(session.output)
        self.transport.close()
