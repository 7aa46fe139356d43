"""What is on its way to the client: frames in their order, and the bodies of answers as its windows let them out.

Bodies take turns, one frame a stream, so that a long answer holds up no short one (RFC 9113 section 5.2). What the windows keep back is
counted in `buffered`; the caller begins no further request while that is much. Frames
are as long as every client takes (section 6.5.2) and no longer, whatever it would take: turns stay short.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from h2.errors import ErrorCodes

from gatewright.dataplane.http2.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    MAX_FRAME,
    WINDOW_UPDATE,
    ConnectionRefused,
    render_frame,
    render_frame_header,
)
from gatewright.dataplane.http2.streams import STREAM_WINDOW, Stream

#: RFC 9113 section 6.9.1.
MAX_WINDOW: Final = 2**31 - 1
#: What one `collect()` gives at most, beyond one frame: four TLS writes of 64 kB. More would only lie in the transport's buffer.
OUTPUT_CHUNK: Final = 262_144


class Outbox:
    """`sent(size)` is told of body bytes that went, `finished(stream)` of bodies that went whole."""

    __slots__ = ("_finished", "_pieces", "_ready", "_sent", "_size", "buffered", "window")

    def __init__(self, sent: Callable[[int], None], finished: Callable[[Stream], None]) -> None:
        self._sent = sent
        self._finished = finished
        self._pieces: list[bytes | memoryview] = []
        self._size = 0  # of the pieces
        self._ready: deque[Stream] = deque()
        self.buffered = 0
        self.window = STREAM_WINDOW  # RFC 9113 section 6.9.2

    @property
    def full(self) -> bool:
        """True while as many frames wait for the caller as may: a client that takes none begins no further request."""
        return self._size >= OUTPUT_CHUNK

    def put(self, frame: bytes) -> None:
        """This goes next."""
        self._pieces.append(frame)
        self._size += len(frame)

    def put_head(self, stream_id: int, block: bytes, *, end_stream: bool = False) -> None:
        """This header block goes next, in as many frames as it takes."""
        kind, flags = HEADERS, END_STREAM if end_stream else 0
        while len(block) > MAX_FRAME:
            self.put(render_frame(kind, flags, stream_id, block[:MAX_FRAME]))
            block = block[MAX_FRAME:]
            kind, flags = CONTINUATION, 0
        self.put(render_frame(kind, flags | END_HEADERS, stream_id, block))

    def put_window_update(self, stream_id: int, size: int) -> None:
        """The client may send so much more on a stream, or on the connection, which is 0."""
        self.put(render_frame(WINDOW_UPDATE, 0, stream_id, size.to_bytes(4, "big")))

    def put_body(self, stream: Stream, body: bytes) -> None:
        """This goes, in frames and in turn; a stream has one body."""
        size = len(body)
        if (
            not self._ready
            and size <= MAX_FRAME
            and size <= self.window
            and size <= stream.send_window
            and not self.full
        ):
            # A shortcut for speed: what fits and has nobody before it needs no turn.
            self.window -= size
            stream.send_window -= size
            self._pieces += (render_frame_header(size, DATA, END_STREAM, stream.stream_id), body)
            self._size += size
            self._sent(size)
            self._finished(stream)
            return
        stream.out = memoryview(body)
        stream.stalled_at = None
        self.buffered += size
        self.make_ready(stream)

    def open_window(self, size: int) -> None:
        """The client takes so much more on the connection."""
        if size == 0:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "A WINDOW_UPDATE of the connection opens nothing.")
        self.window += size
        if self.window > MAX_WINDOW:
            raise ConnectionRefused(ErrorCodes.FLOW_CONTROL_ERROR, "The connection's window grew past its limit.")

    def make_ready(self, stream: Stream) -> None:
        """The stream's window may have opened."""
        if stream.out is not None and not stream.ready:
            stream.ready = True
            self._ready.append(stream)

    def drop(self, stream: Stream) -> None:
        """What is left of the stream's body is not sent."""
        if stream.out is not None:
            self.buffered -= len(stream.out)
            stream.out = None

    def clear(self) -> None:
        """No body is sent any more; frames are."""
        self._ready.clear()
        self.buffered = 0

    def collect(self) -> bytes:
        """What to send now; ask again until nothing comes."""
        if self._ready:
            self._take_turns()
        pieces = self._pieces
        if not pieces:
            return b""
        data = b"".join(pieces)
        pieces.clear()
        self._size = 0
        return data

    def _take_turns(self) -> None:
        """One frame a stream, in turn, until the windows are full or the chunk is."""
        ready, pieces = self._ready, self._pieces
        budget = OUTPUT_CHUNK - self._size
        while ready and budget > 0 and self.window > 0:
            stream = ready.popleft()
            out = stream.out
            if out is None:  # it was reset
                continue
            size = min(len(out), stream.send_window, self.window, MAX_FRAME)
            if size <= 0:  # its own window is full: a WINDOW_UPDATE puts it back
                stream.ready = False
                continue
            budget -= size
            self.buffered -= size
            self.window -= size
            stream.send_window -= size
            if stream.send_window > 0:
                stream.stalled_at = None  # others are what it waits for
            else:
                stream.moved += size
            self._sent(size)
            last = size == len(out)
            pieces += (render_frame_header(size, DATA, END_STREAM if last else 0, stream.stream_id), out[:size])
            if last:
                stream.out = None
                self._finished(stream)
            else:
                stream.out = out[size:]
                ready.append(stream)
