"""A client that shows a certificate, which neither wrk nor h2load can: `python -m bench.client` says what it did as JSON.

It is started with the OpenSSL configuration of the load generators, so that it offers what these do. It goes as fast as one
process can, which is far from what a proxy can: look at CPU time, not at requests a second.
"""

from __future__ import annotations

import argparse
import json
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass
class Errand:
    """Whom to ask for what."""

    name: str
    port: int
    context: ssl.SSLContext
    path: str

    def connect(self) -> ssl.SSLSocket:
        """A connection with a full handshake."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname=self.name)

    def render(self, *, last: bool) -> bytes:
        """The request."""
        end = "Connection: close\r\n" if last else ""
        return f"GET {self.path} HTTP/1.1\r\nHost: {self.name}\r\n{end}\r\n".encode()


def read_answer(connection: ssl.SSLSocket) -> bool:
    """Read one whole answer; whether it is 200."""
    data = b""
    while _END_OF_HEAD not in data:
        more = connection.recv(65_536)
        if not more:
            return False
        data += more
    head, _, body = data.partition(_END_OF_HEAD)
    lower = head.lower()
    at = lower.index(_LENGTH) + len(_LENGTH)
    size = int(lower[at:].split(b"\r\n", 1)[0])
    got = len(body)
    while got < size:
        got += len(connection.recv(65_536))
    return head.startswith(b"HTTP/1.1 200")


def keep_alive(errand: Errand, connections: int, seconds: float) -> tuple[int, int]:
    """(answers, failures): requests on kept-alive connections, one on each at a time."""
    request = errand.render(last=False)
    sockets = [errand.connect() for _ in range(connections)]
    answers = failures = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for each in sockets:
            each.sendall(request)
        for each in sockets:
            if read_answer(each):
                answers += 1
            else:
                failures += 1
    for each in sockets:
        each.close()
    return answers, failures


def shake_hands(errand: Errand, seconds: float) -> tuple[int, int]:
    """(answers, failures): a new connection with a full handshake for each request."""
    request = errand.render(last=True)
    answers = failures = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = errand.connect()
        connection.sendall(request)
        if read_answer(connection) and not connection.session_reused:
            answers += 1
        else:
            failures += 1
        with suppress(OSError):
            connection.unwrap()
        connection.close()
    return answers, failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=["keep-alive", "handshake"])
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--cert")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    if options.cert:
        context.load_cert_chain(options.cert)
    errand = Errand(options.name, options.port, context, options.path)
    if options.shape == "keep-alive":
        answers, failures = keep_alive(errand, options.connections, options.seconds)
    else:
        answers, failures = shake_hands(errand, options.seconds)
    print(json.dumps({"answers": answers, "failures": failures}))


if __name__ == "__main__":
    main()
