"""A network that is not there: a nameserver and a TLS server that say what a test has them say.

    with StandInDns() as dns, StandInServer() as server:
        dns.records["www.example.test"] = ("CNAME", "d-abcdefghij.execute-api.us-east-1.amazonaws.com")
        server.certificates["www.example.test"] = authority.issue("www.example.test")
        server.answers["www.example.test", "/pets"] = (200, {}, "[]")
        dns.address, server.address           # 127.0.0.1:…

The nameserver gives a CNAME with what it leads to, as a resolver does. A handshake without a name that has a certificate
gets that of `None`; a request without an answer gets 403 Forbidden as API Gateway says it.
"""

import socketserver
import ssl
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset

from support.ca import Issued
from support.serving import Serving

_LONGEST_CHAIN = 8
FORBIDDEN = (403, {"x-amzn-ErrorType": "ForbiddenException"}, '{"message":"Forbidden"}')


class _Question(socketserver.BaseRequestHandler):
    def handle(self):
        data, answering = self.request
        question = dns.message.from_wire(data)
        answering.sendto(self.server.owner.answer(question).to_wire(), self.client_address)


class StandInDns(Serving):
    """A nameserver over UDP; `records` is a name's one record, and who has none does not exist."""

    def __init__(self) -> None:
        self.records: dict[str, tuple[str, str]] = {}
        super().__init__(socketserver.UDPServer(("127.0.0.1", 0), _Question), "stand-in dns")

    def answer(self, question: dns.message.Message) -> dns.message.Message:
        """The response to one question."""
        response = dns.message.make_response(question)
        name, wanted = str(question.question[0].name).rstrip(".").lower(), question.question[0].rdtype.name
        if name not in self.records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        for _ in range(_LONGEST_CHAIN):
            kind, value = self.records.get(name, ("", ""))
            if kind not in ("CNAME", wanted):
                break
            dotted = f"{value}." if kind == "CNAME" else value
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, dotted))
            name = value
        return response


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: delayed acknowledgements would cost 40 ms a request
    disable_nagle_algorithm = True
    timeout = 20

    def answer(self):
        host = (self.headers.get("Host") or "").partition(":")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.owner.received.append((self.command, host, self.path, dict(self.headers.items()), body))
        status, headers, text = self.server.owner.answers.get((host, self.path), FORBIDDEN)
        payload = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  http.server's names

    def log_message(self, *_):
        pass


class _TlsServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that go away are part of the tests."""


class StandInServer(Serving):
    """A TLS server that has a certificate a name and an answer a Host and path."""

    def __init__(self, *, client_roots: str | None = None) -> None:
        self.certificates: dict[str | None, Issued] = {}
        self.answers: dict[tuple[str, str], tuple[int, dict[str, str], str]] = {}
        self.received: list[tuple[str, str, str, dict[str, str], bytes]] = []
        self._client_roots = client_roots
        context = self._make_context()
        context.sni_callback = self._choose
        server = _TlsServer(("127.0.0.1", 0), _Request)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        super().__init__(server, "stand-in server")

    def _make_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._client_roots is not None:
            context.load_verify_locations(cadata=self._client_roots)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _choose(self, session: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        issued = self.certificates.get(name) or self.certificates[None]
        context = self._make_context()
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(issued.key_pem + issued.certificate_pem + issued.chain_pem)
            file.flush()
            context.load_cert_chain(Path(file.name))
        session.context = context
