"""Room for the bodies of requests: what a client may send us before anybody reads it.

Memory is bounded by flow control, without a deadlock:
- each of 128 streams may send 64 kB of body unasked: 8 MB;
- a longer body needs room for all of it, from 20 MB that the streams of a connection share first come, first served; its window
  opens when it has the room, so whoever may begin may also finish.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from h2.errors import ErrorCodes

from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.streams import STREAM_WINDOW, Stream

#: Body bytes on the way for all streams together. They are taken off the wire at once, so this limits speed, not
#: memory: 1 MB allows 10 MB/s at a distance of 100 ms.
CONNECTION_WINDOW: Final = 1_048_576
#: Room for bodies over `STREAM_WINDOW`: two of the largest, so that one stalled upload does not hold up the next.
BODY_ROOM: Final = 2 * (MAX_PAYLOAD + 1)


class Uploads:
    """The windows of what the client sends. `open_window(stream_id, by)` tells the client; stream 0 is the connection."""

    __slots__ = ("_open_window", "_queue", "_room", "_unacknowledged")

    def __init__(self, open_window: Callable[[int, int], None]) -> None:
        self._open_window = open_window
        self._unacknowledged = 0
        self._room = BODY_ROOM
        self._queue: deque[Stream] = deque()

    def begin(self) -> None:
        """Open the connection's window to what we want of it."""
        self._open_window(0, CONNECTION_WINDOW - STREAM_WINDOW)  # RFC 9113 section 6.9.2: what a connection begins with

    def receive(self, size: int) -> None:
        """A DATA frame of this size came, on whatever stream; padding counts (RFC 9113 section 6.9.1).

        It is off the wire, so its window is given back: nobody can exceed what is opened again at the half.
        """
        self._unacknowledged += size
        if self._unacknowledged >= CONNECTION_WINDOW // 2:  # one update for many frames
            self._open_window(0, self._unacknowledged)
            self._unacknowledged = 0

    def charge(self, stream: Stream, size: int) -> None:
        """The frame was for this stream."""
        stream.window -= size
        if stream.window < 0:
            raise ConnectionRefused(
                ErrorCodes.FLOW_CONTROL_ERROR, f"More came than the window of stream {stream.stream_id} allows."
            )

    def extend(self, stream: Stream, size: int) -> None:
        """The stream may send so much more."""
        stream.window += size
        self._open_window(stream.stream_id, size)

    def ask_room(self, stream: Stream) -> None:
        """Open the stream's window for all of its body when there is room for it."""
        if stream.room or stream.waiting_room:
            return
        stream.waiting_room = True
        self._queue.append(stream)
        self._give_room()

    def return_room(self, stream: Stream) -> None:
        """The stream's body is gone, or will not come."""
        if stream.room or stream.waiting_room:
            self._room += stream.room
            stream.room = 0
            stream.waiting_room = False
            self._give_room()

    def _give_room(self) -> None:
        queue = self._queue
        while queue:
            stream = queue[0]
            if not stream.waiting_room:  # it is gone
                queue.popleft()
                continue
            assert stream.head is not None
            length = stream.head.content_length
            need = MAX_PAYLOAD + 1 if length is None else length  # one more than the limit tells that it was passed
            if need > self._room:
                return
            queue.popleft()
            stream.waiting_room = False
            stream.room = need
            stream.stalled_at = None
            self._room -= need
            self.extend(stream, need - STREAM_WINDOW)

    def clear(self) -> None:
        """Nobody waits any more."""
        self._queue.clear()
