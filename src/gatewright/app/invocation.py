"""Invocations that come to the control listener, carried to a worker: the same pipeline, over a local socket.

What it keeps to:

- The worker is told the truth about the sender in `X-Gatewright-Peer`, whatever the sender wrote there.
- Everything but the connection's own headers is passed as it came (RFC 9110 section 7.6.1).
- A request that a worker may have begun is never sent again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import httptools

from gatewright.core.connection_facts import ConnectionFacts

logger = logging.getLogger(__name__)

Fields: TypeAlias = Sequence[tuple[bytes, bytes]]
Answer: TypeAlias = tuple[int, Fields, bytes]

#: The longest integration takes 29 s (facts 7.3); whoever says nothing for this long will say nothing.
ANSWER_SECONDS: Final = 40.0

#: Facts 7.2: 10 MB of body; the rest of an answer is small beside it.
_MAX_ANSWER: Final = 64 * 1024 * 1024

_OF_THE_CONNECTION: Final = frozenset(
    (
        b"connection",
        b"content-length",
        b"expect",
        b"host",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"x-gatewright-peer",
    )
)


class WorkerDoor:
    """Carries requests to the workers' local sockets, each in its turn."""

    def __init__(self, sockets: Sequence[str], host_of: Callable[[str], str]) -> None:
        self._sockets = sockets
        self._host_of = host_of
        self._turn = 0

    async def __call__(
        self,
        connection: ConnectionFacts,
        api_id: str,
        method: str,
        raw_path: str,
        raw_query: str,
        headers: Fields,
        body: bytes,
    ) -> Answer:
        """The worker's answer, or ours when none can be had."""
        target = raw_path.encode("utf-8", "surrogateescape")
        if raw_query:
            target += b"?" + raw_query.encode("utf-8", "surrogateescape")
        head = render_head(method, target, self._host_of(api_id), headers, connection, len(body))
        opened = await self._open()
        if opened is None:
            return _refusal(503, "No worker of the data plane can be reached; it is being restarted.")
        reader, writer = opened
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.writelines((head, body))
                return await _read_answer(reader, method)
        except TimeoutError:
            return _refusal(504, f"The worker did not answer within {ANSWER_SECONDS:g} seconds.")
        except (OSError, httptools.HttpParserError) as error:
            logger.warning("A worker broke off an invocation: %s", error)
            return _refusal(502, "The worker ended before it had answered.")
        finally:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the next worker that takes one."""
        for _ in self._sockets:
            self._turn = (self._turn + 1) % len(self._sockets)
            try:
                return await asyncio.open_unix_connection(self._sockets[self._turn])
            except OSError:
                continue
        return None


def render_head(
    method: str, target: bytes, host: str, headers: Fields, connection: ConnectionFacts, length: int
) -> bytes:
    """Request line and headers, for a connection that carries this one request."""
    peer = f"[{connection.peer}]" if ":" in connection.peer else connection.peer
    named = {
        name.strip().lower()
        for field, value in headers
        if field.lower() == b"connection"
        for name in value.split(b",")
    }  # fmt: skip
    lines = [b"%s %s HTTP/1.1" % (method.encode("ascii"), target), b"host: " + host.encode("ascii")]
    lines += (
        name + b": " + value
        for name, value in headers
        if name.lower() not in _OF_THE_CONNECTION and name.lower() not in named
    )
    had_body = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in headers)
    if length or had_body:
        lines.append(b"content-length: %d" % length)
    lines += (f"x-gatewright-peer: {peer}:{connection.peer_port}".encode("ascii"), b"connection: close", b"", b"")
    return b"\r\n".join(lines)


class _Answer:
    """What httptools tells while it reads one response."""

    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.content: list[bytes] = []
        self.is_complete = False
        self.has_head = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.has_head = True

    def on_body(self, data: bytes) -> None:
        self.content.append(data)

    def on_message_complete(self) -> None:
        self.is_complete = True


async def _read_answer(reader: asyncio.StreamReader, method: str) -> Answer:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    size = 0
    # An answer to HEAD says how long a body would be, and has none (RFC 9110 section 9.3.2).
    while not (answer.is_complete or (method == "HEAD" and answer.has_head)):
        data = await reader.read(65_536)
        if not data:
            if answer.has_head and not _has_length(answer.fields):
                break
            raise ConnectionResetError("the connection was closed within an answer")
        size += len(data)
        if size > _MAX_ANSWER:
            raise ConnectionAbortedError(f"an answer of more than {_MAX_ANSWER} bytes")
        parser.feed_data(data)
    # The control listener dates its answers itself.
    ours = _OF_THE_CONNECTION | {b"date"}
    fields = [(name, value) for name, value in answer.fields if name.lower() not in ours]
    return parser.get_status_code(), fields, b"".join(answer.content)


def _has_length(fields: Fields) -> bool:
    return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in fields)


def _refusal(status: int, message: str) -> Answer:
    return status, [(b"content-type", b"application/json")], json.dumps({"message": message}).encode()
