"""The streams of a connection: what is open, and how those ended that are not (RFC 9113 section 5.1).

Seen from a server to whom only the client opens streams, a stream is *idle* until its HEADERS, then *open*; `whole` turns it into
*half-closed (remote)*, `lingering` into *half-closed (local)*; then it is closed, and what may still come for it
depends on who closed it. h2 has the same states for both sides of a connection, at 15 µs a request.
"""

from enum import Enum, auto
from typing import Final

from gatewright.dataplane.http2.head import RequestHead

#: Body bytes a stream may send before it was given more: RFC 9113's default, so no client can send more before it has
#: read our settings.
STREAM_WINDOW: Final = 65_535
#: How many of the latest streams' ends are known. Only frames that were on their way when a stream ended ask for one, and a
#: round trip has a few times the 128 that can be open.
_MAX_REMEMBERED: Final = 1_024


class Ended(Enum):
    """How a stream that is not open any more came to its end, or why it cannot be told."""

    NEVER_BEGUN = auto()
    WHOLE = auto()  # both sides had said all
    RESET_BY_CLIENT = auto()
    RESET_BY_US = auto()
    PASSED_OVER = auto()  # it is below the highest stream and was not used; or was, long ago


class Stream:
    """One request and its answer, between its header block and its last byte."""

    __slots__ = (
        "body",
        "head",
        "lingering",
        "moved",
        "out",
        "ready",
        "refused",
        "room",
        "send_window",
        "stalled_at",
        "stream_id",
        "waiting_room",
        "whole",
        "window",
    )

    def __init__(self, stream_id: int, send_window: int) -> None:
        self.stream_id = stream_id
        self.head: RequestHead | None = None
        self.body = bytearray()
        self.window = STREAM_WINDOW  # what the client may still send
        self.room = 0  # what it has of `uploads.BODY_ROOM`
        self.waiting_room = False
        self.whole = False  # the request has ended
        self.refused = False
        self.lingering = False  # answered, and the client still sends
        self.out: memoryview | None = None  # what is still to be sent of the answer's body
        self.send_window = send_window  # what the client takes of it
        self.ready = False  # in the queue of those who may send
        self.stalled_at: float | None = None  # when the period began in which `expire` waits for it to move
        self.moved = (
            0  # bytes of its body that came in that period, and of its answer as far as its window let them out
        )

    @property
    def moves(self) -> bool:
        """True while the client has something to do: send its body, read its answer, or end."""
        return self.out is not None or self.lingering or not (self.whole or self.refused or self.waiting_room)

    def __repr__(self) -> str:
        said = "whole" if self.whole else f"{len(self.body)} bytes so far"
        left = 0 if self.out is None else len(self.out)
        return f"<Stream {self.stream_id}: request {said}, {left} bytes of the answer to send>"


class Streams(dict[int, Stream]):
    """Those that are open, by identifier."""

    __slots__ = ("_ends", "highest")

    def __init__(self) -> None:
        super().__init__()
        self.highest = 0  # the last that the client opened
        self._ends: dict[int, Ended] = {}

    def end(self, stream_id: int, how: Ended) -> None:
        """The stream, which may never have been more than a header block, is closed."""
        self.pop(stream_id, None)
        ends = self._ends
        ends[stream_id] = how
        if len(ends) > _MAX_REMEMBERED:
            del ends[next(iter(ends))]

    def how_ended(self, stream_id: int) -> Ended:
        """What became of a stream that is not open."""
        if stream_id > self.highest or not stream_id & 1:  # even ones are the server's, which opens none
            return Ended.NEVER_BEGUN
        return self._ends.get(stream_id, Ended.PASSED_OVER)
