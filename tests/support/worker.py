"""A worker for tests: a real process, fed by a feed of our own, in front of backends that do as they are told.

worker.publish(record, ...)          the worker serves it when this returns
host = worker.serve(Integration(…))  a new API whose /{proxy+} has this integration; its default endpoint
worker.fetch("GET", host, "/dev/x")  over TLS by http.client
"""

import contextlib
import http.client
import itertools
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from gatewright.model.codec import encode
from gatewright.model.feed import Ack, FrameDecoder, Hello, PublishedChange, Update, encode_frame
from gatewright.model.records import (
    Certificate,
    DefaultCertificate,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    Resource,
    RestApi,
    Stage,
)
from support.ca import CertificateAuthority, Issued

ACCOUNT, REGION = "000000000000", "us-east-1"
SUFFIX = f"execute-api.{REGION}.gateway.localhost"
SECONDS = 10.0
RUN_WORKER = Path(__file__).with_name("run_worker.py")
_numbers = itertools.count(1)


def put(record, secret=None) -> PublishedChange:
    """The record as it is published."""
    return PublishedChange(record.KIND, record.account, record.region, record.key, encode(record), secret)


def delete(record) -> PublishedChange:
    """The record's end as it is published."""
    return PublishedChange(record.KIND, record.account, record.region, record.key, None)


def certificate(name: str, issued: Issued) -> PublishedChange:
    """An imported certificate called `name`."""
    record = Certificate(ACCOUNT, REGION, name, issued.certificate_pem, issued.chain_pem, name, (name,), 0.0, 0.0, 0.0)
    return put(record, issued.key_pem)


def domain(name: str, certificate_name: str) -> DomainName:
    """A Regional custom domain name."""
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{certificate_name}"
    return DomainName(ACCOUNT, REGION, name, EndpointConfiguration(("REGIONAL",)), 0.0, regional_certificate_arn=arn)


def api_of(api_id: str, resources: dict[str, dict[str, Method]], **how) -> list[PublishedChange]:
    """A deployed API with these methods by path, on the stage `dev`."""
    api = RestApi(
        ACCOUNT, REGION, api_id, "test", "root", 0.0, EndpointConfiguration(("REGIONAL",)), **how.pop("api", {})
    )
    records = tuple(
        Resource(ACCOUNT, REGION, api_id, f"r{index}", path, resource_methods=methods)
        for index, (path, methods) in enumerate(resources.items())
    )
    return [
        put(DeployedApi(ACCOUNT, REGION, api_id, "dep001", api, records, **how)),
        put(Stage(ACCOUNT, REGION, api_id, "dev", "dep001", 0.0, 0.0)),
    ]


class Feed:
    """The control process's end of the feed."""

    def __init__(self, path: str, first: list[PublishedChange]) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._first = first
        self._connection: socket.socket | None = None
        self._changed = threading.Condition()
        self._acknowledged = -1
        self.revision = 1
        self.hellos: list[Hello] = []
        self.counters: dict[str, int] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        decoder = FrameDecoder()
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65_536):
                for message in decoder.feed(data):
                    with self._changed:
                        if isinstance(message, Hello):
                            self.hellos.append(message)
                            self._connection = connection
                            if message.revision == 0:
                                connection.sendall(encode_frame(Update(1, tuple(self._first), reset=True)))
                        elif isinstance(message, Ack):
                            self._acknowledged = message.revision
                            self.counters = dict(message.counters)
                        self._changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Return when the condition holds; it is looked at whenever the worker said something."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), "the worker did not say so in time"

    def publish(self, *changes: PublishedChange) -> None:
        """Send the changes; return when the worker serves them."""
        with self._changed:
            self.revision += 1
            wanted = self.revision
            assert self._connection is not None
            self._connection.sendall(encode_frame(Update(wanted, changes)))
        self.wait(lambda: self._acknowledged >= wanted)

    def break_off(self) -> None:
        """Close the worker's connection, as a control process that ends does; return when the worker is back."""
        with self._changed:
            count = len(self.hellos)
            assert self._connection is not None
            self._connection.shutdown(socket.SHUT_RDWR)
        self.wait(lambda: len(self.hellos) > count)

    def send(self, data: bytes) -> None:
        """Any bytes to the worker."""
        assert self._connection is not None
        self._connection.sendall(data)

    def close(self) -> None:
        """End it."""
        self._listener.close()


class Answer:
    """What a client got."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


class Worker:
    """A running worker and its feed."""

    def __init__(self, folder: Path, *, files: int | None = None, **limits: int) -> None:
        """`limits` are those of `Limits`; `files` is how many it may have open, in place of all that this process may."""
        self.authority = CertificateAuthority()
        self.default = self.authority.issue(f"*.{SUFFIX}")
        self.backend_authority = CertificateAuthority("Backend Root")
        self.folder = folder
        self.journal = folder / "journal"
        upstream_ca = folder / "upstream.pem"
        upstream_ca.write_text(self.backend_authority.certificate_pem)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_text(self.authority.certificate_pem)
        default = DefaultCertificate("", REGION, self.default.certificate_pem, self.default.chain_pem, 0.0)
        self.local_path = str(folder / "local.sock")
        self.feed = Feed(str(folder / "feed.sock"), [put(default, self.default.key_pem)])
        told = {
            "feed": str(folder / "feed.sock"),
            "local": self.local_path,
            "journal": str(self.journal),
            "upstream_ca": str(upstream_ca),
            "limits": limits,
            "files": files,
        }
        self.log = (folder / "worker.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(RUN_WORKER), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline().split()
        assert ready, (folder / "worker.log").read_text()
        self.port = int(ready[1])

    def publish(self, *changes: PublishedChange) -> None:
        """Serve these."""
        self.feed.publish(*changes)

    def serve(self, integration: Integration, **method: object) -> str:
        """A new API whose `/{proxy+}` has this integration for ANY method; returns its default endpoint."""
        api_id = f"a{next(_numbers):09d}"
        resource = {"/{proxy+}": {"ANY": Method("ANY", method_integration=integration, **method)}}
        self.publish(*api_of(api_id, resource))
        return f"{api_id}.{SUFFIX}"

    def proxy(self, backend: "Backend", **integration: object) -> str:
        """An API that hands everything to the backend."""
        return self.serve(Integration("HTTP_PROXY", http_method="ANY", uri=backend.uri + "/{proxy}", **integration))

    def dial(self) -> socket.socket:
        """A TCP connection to the HTTPS port."""
        return socket.create_connection(("127.0.0.1", self.port), SECONDS)

    def handshake(self, server_name: str | None, *, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """A TLS connection that trusts the test authority whatever the name."""
        if context is None:
            context = ssl.create_default_context(cadata=self.authority.certificate_pem)
            context.check_hostname = False
        return context.wrap_socket(self.dial(), server_hostname=server_name)

    def names(self, server_name: str | None) -> set[str]:
        """The names on the certificate that answers this server name."""
        with self.handshake(server_name) as connection:
            return {name for _, name in connection.getpeercert()["subjectAltName"]}

    @contextlib.contextmanager
    def client(self, host: str):
        """An http.client connection to the host, kept open."""
        connection = http.client.HTTPConnection(host)
        connection.sock = self.handshake(host)
        try:
            yield connection
        finally:
            connection.close()

    def fetch(
        self, method: str, host: str, target: str, body: bytes | None = None, headers: dict | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        with self.client(host) as connection:
            connection.request(method, target, body, headers or {})
            return Answer(connection.getresponse())

    def records(self, request_id: str) -> list[dict]:
        """The journal's lines about a request; they are there a flush later, so this looks until they are."""
        found: list[dict] = []
        deadline = threading.Event()
        for _ in range(100):
            lines = [line for path in self.journal.glob("*.jsonl") for line in path.read_text().splitlines()]
            found = [record for record in map(json.loads, lines) if record["requestId"] == request_id]
            if found or deadline.wait(0.02):
                break
        return found

    def stop(self) -> int:
        """End it if it runs; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            with contextlib.suppress(OSError):
                stream.close()
        self.feed.close()
        return code


@dataclass
class Received:
    """A request as a backend read it."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Call:
    """What a backend's behaviour can do: `send` bytes, `reset`, `close`, wait for `released`."""

    request: Received
    socket: socket.socket
    released: threading.Event

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        os.close(self.socket.detach())  # `close` would wait for the stream that reads from it


def plain(call: Call) -> None:
    """The request itself, as JSON."""
    request = call.request
    body = json.dumps(
        {"method": request.method, "target": request.target, "headers": request.headers, "size": len(request.body)}
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    call.send(head if request.method == "HEAD" else head + body)


@dataclass
class Backend:
    """A backend whose behaviour is a function of each call. It counts connections and keeps what it received."""

    behave: Callable[[Call], None] = plain
    context: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Close every connection from this side."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._converse, args=(connection, self.connections), daemon=True).start()

    def _converse(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection, connection.makefile("rb") as stream:
                while line := stream.readline():
                    method, target, _ = line.decode("latin-1").split()
                    headers = dict(_headers(stream))
                    body = stream.read(int(headers.get("content-length", "0")))
                    request = Received(number, method, target, headers, body)
                    self.received.append(request)
                    self.arrived.release()
                    self.behave(Call(request, connection, self.released))
                    if connection.fileno() < 0:
                        return


def _headers(stream):
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        yield name.lower(), value.strip()


def answering(raw: bytes, *, close: bool = False) -> Callable[[Call], None]:
    """A behaviour: these bytes, and then the connection's end if `close`."""

    def behave(call: Call) -> None:
        call.send(raw)
        if close:
            call.socket.shutdown(socket.SHUT_RDWR)

    return behave


def server_context(issued: Issued, folder: Path) -> ssl.SSLContext:
    """A backend's TLS with this certificate."""
    file = folder / f"backend-{os.urandom(4).hex()}.pem"
    file.write_text(issued.key_pem + issued.certificate_pem + issued.chain_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
