"""Requests to the HTTPS listener as one wants to see them: every header of the answer, in order, byte for byte.

    answer = ask(gateway.https_port, "www.example.com", "/v1/pets", context=trust(ca.certificate_pem))
    answer.status, answer.body, answer.header("x-amzn-RequestId")

Each `ask` has a connection of its own; `Connection` keeps one open for many requests. The TCP connection goes to
127.0.0.1 whatever the name says, as `curl --connect-to` does.
"""

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Far beyond the 29 s of the slowest integration: a test that meets it has found a hang.
SECONDS = 40.0


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of the only header of that name, spelt exactly so; None when there is none."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    def json(self):
        """The body, read as JSON."""
        return json.loads(self.body)


def trust(*roots: str | Path) -> ssl.SSLContext:
    """A context that trusts these roots (PEM texts, or files) and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for root in roots:
        context.load_verify_locations(cadata=root.read_text() if isinstance(root, Path) else root)
    return context


def distrust() -> ssl.SSLContext:
    """A context that takes any certificate: for tests that are not about it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    """One TLS connection; `server_name` is what the handshake says, when that is not the Host's name.

    `session` is that of an earlier connection with the same context, to be resumed.
    """

    def __init__(
        self,
        port: int,
        host: str,
        *,
        context: ssl.SSLContext | None = None,
        server_name: str | None = None,
        session: ssl.SSLSession | None = None,
    ) -> None:
        self._host = host
        plain = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        try:
            self.socket = (context or distrust()).wrap_socket(
                plain, server_hostname=server_name or host, session=session
            )
        except BaseException:
            plain.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Ends it."""
        self.socket.close()

    @property
    def certificate(self) -> bytes:
        """The leaf that was served, in DER."""
        return self.socket.getpeercert(binary_form=True)

    def ask(self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""):
        """The answer to one request."""
        fields = {"Host": self._host, **(headers or {})}
        if body:
            fields["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        return read_answer(self.socket, method)


def read_answer(connected: socket.socket, method: str = "GET") -> Answer:
    """The response that comes next."""
    with http.client.HTTPResponse(connected, method=method) as response:
        response.begin()
        return Answer(response.status, tuple(response.getheaders()), response.read())


def ask(port: int, host: str, path: str, *, context=None, server_name=None, **request) -> Answer:
    """The answer to one request on a connection of its own."""
    with Connection(port, host, context=context, server_name=server_name) as connection:
        return connection.ask(path, **request)


def served_certificate(port: int, server_name: str) -> bytes:
    """The leaf that a client which asks for this name gets, in DER."""
    with Connection(port, server_name) as connection:
        return connection.certificate
