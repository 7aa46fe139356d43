"""What the control process tells the data plane's workers, and what they answer: frames on a local stream socket.

The control process owns the store and its log of changes; a worker owns nothing but a `Snapshot`. A worker connects,
says which revision it has (`Hello`), and is sent what happened since, or everything when the log does not reach back
that far (`Update` with `reset`). It compiles, swaps, and acknowledges (`Ack`). So a worker needs no database, a change
costs each worker one small frame, and the control plane knows when a change is live.

A frame is four bytes of length, big-endian, and that much JSON: an array whose first element names the message.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


class FeedError(ValueError):
    """The other end speaks another protocol: a bug of ours, or two releases on one socket."""


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """One record of a published kind: its newest document (see `model.codec`) and secret, or None when deleted."""

    kind: str
    account: str
    region: str
    key: tuple[str, ...]
    document: str | None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Hello:
    """First word of a worker: who it is, and the revision of its snapshot (0: it has none)."""

    worker: int
    process: int
    revision: int


@dataclass(frozen=True, slots=True)
class Update:
    """Changes up to `revision`. `reset`: forget everything before these. `more`: the next frame belongs to it too."""

    revision: int
    changes: tuple[PublishedChange, ...]
    reset: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ack:
    """The worker serves `revision`; `counters` are its totals since it began, by metric name."""

    revision: int
    counters: Mapping[str, int] = field(default_factory=dict)


Message: TypeAlias = Hello | Update | Ack

#: A frame holds at most this much; a full snapshot is sent in several. Guards the reader's buffer.
MAX_FRAME = 64 * 1024 * 1024


def encode_frame(message: Message) -> bytes:
    """The frame of one message."""
    body: list[Any]
    match message:
        case Hello(worker, process, revision):
            body = ["hello", worker, process, revision]
        case Update(revision, changes, reset, more):
            rows = [[c.kind, c.account, c.region, c.key, c.document, c.secret] for c in changes]
            body = ["update", revision, rows, reset, more]
        case Ack(revision, counters):
            body = ["ack", revision, dict(counters)]
    payload = json.dumps(body, separators=(",", ":")).encode()
    if len(payload) > MAX_FRAME:
        raise FeedError(f"a frame of {len(payload)} bytes is larger than {MAX_FRAME}; send it in parts")
    return len(payload).to_bytes(4, "big") + payload


def _parse_message(payload: bytes) -> Message:
    try:
        match json.loads(payload):
            case ["hello", int(worker), int(process), int(revision)]:
                return Hello(worker, process, revision)
            case ["update", int(revision), list(rows), bool(reset), bool(more)]:
                changes = tuple(PublishedChange(k, a, r, tuple(key), d, s) for k, a, r, key, d, s in rows)
                return Update(revision, changes, reset, more)
            case ["ack", int(revision), dict(counters)]:
                return Ack(revision, counters)
            case other:
                raise FeedError(f"expected hello, update or ack, found {str(other)[:40]!r}")
    except (ValueError, TypeError) as error:
        raise FeedError(f"not a message of the feed: {type(error).__name__}") from error


class FrameDecoder:
    """Bytes in, messages out, whatever the boundaries at which they arrive."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes, in order. Raises `FeedError` on anything else."""
        self._buffer += data
        messages: list[Message] = []
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "big")
            if length > MAX_FRAME:
                raise FeedError(f"a frame says it has {length} bytes; at most {MAX_FRAME} are sent")
            if len(self._buffer) < 4 + length:
                break
            payload = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            messages.append(_parse_message(payload))
        return messages
