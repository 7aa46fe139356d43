"""One connection to one place: TCP, the handshake with all that OpenSSL has against the chain, and one request on it.

What this module knows: the verify callback of OpenSSL is called for each fault, and one that always agrees lets the
handshake end, so that a single connection shows chain, faults and answer. The request is sent whatever the faults: this
is the user's own question to the user's own gateway, and the evidence says that a client would have stopped.

The rules this file keeps: the certificate store is a public root list or what the user named; a private key is read and
used, and never becomes evidence. Every wait has a deadline.
"""

import http.client
import io
import select
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL, crypto

from gatewright.doctor.evidence import HttpAnswer, TcpAttempt, TlsAttempt, Unknown, VerifyFault
from gatewright.doctor.probes.deadline import Deadline

T = TypeVar("T")

#: Of an answer, more than enough for any body of the gateway's own.
_BODY: Final = 4_096
_MOST: Final = 256 * 1_024

#: OpenSSL's texts for its numbers; those of openssl-verification-options(1) that a server's chain can cause.
_FAULTS: Final = {
    2: "unable to get issuer certificate",
    7: "certificate signature failure",
    9: "certificate is not yet valid",
    10: "certificate has expired",
    18: "self-signed certificate",
    19: "self-signed certificate in certificate chain",
    20: "unable to get local issuer certificate",
    21: "unable to verify the first certificate",
    26: "unsuitable certificate purpose",
    66: "EE certificate key too weak",
    68: "CA signature digest algorithm too weak",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """The roots of the client that is asked for: files of PEM certificates."""

    files: tuple[str, ...]
    own: bool = False  # named by the user, instead of the public ones


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Where the client's certificate and key are."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent once the handshake is over."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the connection showed, as far as it came."""

    tcp: TcpAttempt | None = None
    tls: TlsAttempt | None = None
    http: HttpAnswer | None = None
    unknown: Unknown | None = None


class _Stalled(Exception):
    """The other side said nothing until the deadline."""


def probe_connection(
    place: tuple[str, int],
    server_name: str | None,
    trust: Trust,
    deadline: Deadline,
    *,
    client: ClientFiles | None = None,
    request: Request | None = None,
    answer_seconds: float = 8.0,
    plain: bool = False,
) -> Seen:
    """The connection to `place` as a client makes it; with `plain` it ends with TCP."""
    address = f"[{place[0]}]:{place[1]}" if ":" in place[0] else f"{place[0]}:{place[1]}"
    try:
        connected = socket.create_connection(place, timeout=deadline.left())
    except TimeoutError:
        return Seen(unknown=Unknown("tcp", f"{address} does not answer; a firewall may drop what is sent there"))
    except OSError as error:
        return Seen(TcpAttempt(address, connected=False, error=(error.strerror or str(error)).lower()))
    with connected:
        tcp = TcpAttempt(address, connected=True)
        if plain:
            return Seen(tcp)
        # Small writes of a handshake must not wait for acknowledgements.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setblocking(False)
        return _converse(tcp, connected, server_name, trust, deadline, client, request, answer_seconds)


def _converse(
    tcp: TcpAttempt,
    connected: socket.socket,
    server_name: str | None,
    trust: Trust,
    deadline: Deadline,
    client: ClientFiles | None,
    request: Request | None,
    answer_seconds: float,
) -> Seen:
    faults: list[VerifyFault] = []

    def collect(_: SSL.Connection, __: crypto.X509, number: int, depth: int, ___: int) -> bool:
        if number:
            faults.append(VerifyFault(number, depth, _FAULTS.get(number, "see openssl-verification-options(1)")))
        return True

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_PEER, collect)
    for file in trust.files:
        context.load_verify_locations(file)
    if client is not None:
        # A certificate that is too weak is to be seen by the gateway, not refused here.
        context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
        context.use_certificate_chain_file(client.certificate)
        context.use_privatekey_file(client.key)
    session = SSL.Connection(context, connected)
    if server_name is not None:
        session.set_tlsext_host_name(server_name.encode())
    session.set_connect_state()
    end = time.monotonic() + deadline.left()
    try:
        _until(end, connected, session.do_handshake)
    except _Stalled:
        return Seen(
            tcp, unknown=Unknown("tls", f"{tcp.address} accepts the connection and does not answer the handshake")
        )
    except (SSL.Error, OSError) as error:
        return Seen(tcp, TlsAttempt(server_name, _chain(session), tuple(faults), error=_text_of(error)))
    tls = TlsAttempt(
        server_name, _chain(session), tuple(dict.fromkeys(faults)), session.get_protocol_version_name(),
        asks_for_certificate=bool(session.get_client_ca_list()),
        own_roots=trust.own,
    )  # fmt: skip
    if request is None:
        return Seen(tcp, tls)
    try:
        return Seen(tcp, tls, _ask(session, connected, request, deadline, answer_seconds))
    except _Stalled:
        return Seen(
            tcp, tls, unknown=Unknown("http", f"there was no answer to the request within {answer_seconds:.0f} s")
        )


def _ask(
    session: SSL.Connection, connected: socket.socket, request: Request, deadline: Deadline, answer_seconds: float
) -> HttpAnswer:
    head = f"{request.method} {request.target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items()) + "\r\n"
    end = time.monotonic() + deadline.left(answer_seconds)
    received = b""
    try:
        _until(end, connected, lambda: session.sendall(head.encode("latin-1", "replace") + request.body))
        while len(received) < _MOST:
            data = _until(end, connected, lambda: session.recv(65_536))
            if not data:
                break
            received += data
    except (SSL.ZeroReturnError, SSL.SysCallError, SSL.Error, OSError) as error:
        if not received:
            return HttpAnswer(0, error=_text_of(error))
    except _Stalled:
        if not received:
            raise
    return _parse(received, request.method)


class _Received:
    """What http.client wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def _parse(received: bytes, method: str) -> HttpAnswer:
    response = http.client.HTTPResponse(_Received(received), method=method)  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read(_BODY)
    except (http.client.HTTPException, OSError, ValueError) as error:
        return HttpAnswer(0, error=f"the answer is not HTTP ({type(error).__name__})")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return HttpAnswer(response.status, headers, body.decode("utf-8", "replace"))


def _until(end: float, connected: socket.socket, do: Callable[[], T]) -> T:
    while True:
        try:
            return do()
        except SSL.WantReadError:
            reading = True
        except SSL.WantWriteError:
            reading = False
        left = end - time.monotonic()
        ready = left > 0 and select.select([connected] if reading else [], [] if reading else [connected], [], left)
        if not ready or not (ready[0] or ready[1]):
            raise _Stalled


def _chain(session: SSL.Connection) -> tuple[str, ...]:
    certificates = session.get_peer_cert_chain(as_cryptography=True) or []
    return tuple(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def _text_of(error: Exception) -> str:
    if isinstance(error, SSL.ZeroReturnError):
        return "the connection was closed without an answer"
    if isinstance(error, SSL.SysCallError):
        return "the connection was closed" if error.args and error.args[0] == -1 else str(error.args[-1]).lower()
    if isinstance(error, SSL.Error) and error.args and error.args[0]:
        return "; ".join(str(each[-1]) for each in error.args[0])
    return str(error) or type(error).__name__
