"""HTTP(S) backends for integrations, on this machine, in a thread of the test.

    with EchoBackend() as backend:
        backend.url            # http://127.0.0.1:…
        backend.received       # what arrived, oldest first

`/wait` answers only when the test calls `backend.release()`; `backend.waiting` counts those that have come.
"""

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.ca import Issued


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: Nagle's algorithm and delayed acknowledgements would cost 40 ms a request.
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": body.decode()}
        self.server.backend.received.append(seen)
        if self.path.startswith("/wait"):
            self.server.backend.waiting.release()
            self.server.backend.leave.wait(60)
        payload = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815  http.server's names

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Clients that go away, or that do not trust the certificate, are part of the tests."""


class EchoBackend:
    """Answers with what it received, as JSON."""

    def __init__(self, identity: Issued | None = None, folder: Path | None = None) -> None:
        self.received: list[dict] = []
        self.waiting = threading.Semaphore(0)
        self.leave = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.backend = self
        self._scheme = "http"
        if identity is not None:
            file = folder / "backend.pem"
            file.write_text(identity.key_pem + identity.certificate_pem)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.leave.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def release(self) -> None:
        """Everybody who waits gets an answer, now and from now on."""
        self.leave.set()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self.port}"


@contextmanager
def refused_port():
    """A port of 127.0.0.1 that nobody listens on and nobody else can take meanwhile."""
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
