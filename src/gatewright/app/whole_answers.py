"""Uvicorn's protocol, with each answer's head and body handed to the kernel together.

By itself it writes them one after the other, some tenths of a millisecond apart. A process that is killed in between
leaves a client with `201 Created`, a Content-Length and no body; and botocore takes an answer that ends right after its
head for an empty one, so that its caller would go on with a change whose identifier it was never told.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A larger write is not kept until the turn's end: a large answer comes in pieces, and each waits for the transport to be rid
#: of the one before (`controlplane/server.py`). The first goes out with the head.
_MOST_KEPT: Final = 65_536


class WholeAnswers(HttpToolsProtocol):
    """Writes of one turn of the loop are one write, unless they are large."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]  # all of it that is used


class _Gathering:
    """A transport that writes at the end of the turn, or when there is much; everything else is the transport's own."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep it until the loop's next turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        if len(data) > _MOST_KEPT:
            self._flush()

    def close(self) -> None:
        """What is kept goes out first."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))
