"""A server of the standard library in a thread of the test: begun by `with`, ended by its end.

    class Echo(Serving):
        def __init__(self) -> None:
            super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), _Handler), "echo")

Handlers find the object as `self.server.owner`.
"""

import socketserver
import threading
from typing import Self

_SECONDS = 10.0


class Serving:
    """The server and its thread, which is a daemon and is waited for at the end."""

    def __init__(self, server: socketserver.BaseServer, name: str) -> None:
        self._server = server
        self._server.owner = self
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=name, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(_SECONDS)
        self._server.server_close()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def endpoint(self) -> str:
        """As a URL without TLS."""
        return f"http://{self.address}"
