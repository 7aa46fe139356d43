"""The bytes of a client's HTTP/2 connection, cut into whole frames; what is too large is refused before it is held.

h2 takes bytes as well, but waits for a frame of up to 16 MB before it looks at the length, and forgets what came before
an error in the same bytes. Cut here, every frame is judged by itself: how the network broke the bytes up never matters.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from h2.errors import ErrorCodes

#: RFC 9113 section 3.4.
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA: Final = 0x0
HEADERS: Final = 0x1
PRIORITY: Final = 0x2
RST_STREAM: Final = 0x3
SETTINGS: Final = 0x4
PUSH_PROMISE: Final = 0x5
PING: Final = 0x6
GOAWAY: Final = 0x7
WINDOW_UPDATE: Final = 0x8
CONTINUATION: Final = 0x9

ACK: Final = 0x1
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8

#: What every endpoint must take, and all we announce (RFC 9113 section 4.2): larger frames only hold memory for longer.
MAX_FRAME: Final = 16_384
#: A header block as it travels. It decodes to `codec.MAX_HEADER_LIST` at most and HPACK makes nothing much longer; a longer one
#: is a CONTINUATION flood, or is made of table size updates that decode to nothing.
MAX_ENCODED_BLOCK: Final = 65_536
#: Frames of one header block: four hold a block of that size, so more than 16 are there to cost us time.
MAX_BLOCK_FRAMES: Final = 16


class ConnectionRefused(Exception):
    """What the client sent ends the connection, with this code in the GOAWAY."""

    def __init__(self, code: ErrorCodes, why: str) -> None:
        super().__init__(why)
        self.code = code


class RawFrame(NamedTuple):
    """A frame whose header has been read; `octets` is all of it."""

    kind: int
    flags: int
    stream_id: int
    octets: bytes

    @property
    def empty(self) -> bool:
        """True for DATA that brings nothing, whatever its padding."""
        length = len(self.octets) - 9
        if self.flags & PADDED and length:
            length -= 1 + self.octets[9]
        return length <= 0


class FrameSplitter:
    """Feeds on bytes; gives the frames that are whole."""

    __slots__ = ("_begun", "_block_frames", "_block_size", "_block_stream", "_buffer", "_preface_left")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._preface_left = PREFACE
        self._begun = False
        self._block_stream = 0  # the stream whose header block is not whole
        self._block_size = 0
        self._block_frames = 0

    @property
    def in_frame(self) -> bool:
        """True while a frame, a header block or the preface has begun to arrive and is not whole."""
        return bool(self._buffer or self._block_stream or self._preface_left)

    def feed(self, data: bytes) -> Iterator[RawFrame]:
        """The frames that `data` completes, in order. Must be read to its end before more is fed."""
        if self._preface_left:
            data = self._take_preface(data)
        buffer = self._buffer
        if buffer:
            buffer += data
            data = bytes(buffer)
            buffer.clear()
        at, end = 0, len(data)
        while end - at >= 9:
            length = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
            if length > MAX_FRAME:
                raise ConnectionRefused(
                    ErrorCodes.FRAME_SIZE_ERROR, f"A frame of {length} bytes is longer than {MAX_FRAME}."
                )
            kind, flags = data[at + 3], data[at + 4]
            stream_id = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF
            if not self._begun:
                self._check_first(kind, flags)
            if self._block_stream or (kind == HEADERS and not flags & END_HEADERS):
                self._check_block(kind, stream_id, length)
            stop = at + 9 + length
            if stop > end:
                break
            self._begun = True
            if self._block_stream or kind == HEADERS:
                self._count_block(flags, stream_id, length)
            frame = RawFrame(kind, flags, stream_id, data[at:stop])
            at = stop
            yield frame
        if at < end:
            buffer += data[at:]

    def _take_preface(self, data: bytes) -> bytes:
        """What follows the preface in `data`."""
        expected = self._preface_left
        taken = min(len(expected), len(data))
        if data[:taken] != expected[:taken]:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "The connection does not begin with HTTP/2's preface.")
        self._preface_left = expected[taken:]
        return data[taken:]

    def _check_first(self, kind: int, flags: int) -> None:
        """RFC 9113 section 3.4: the preface is followed by the client's settings; h2 does not insist."""
        if kind != SETTINGS or flags & ACK:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "The first frame of the connection is not SETTINGS.")

    def _check_block(self, kind: int, stream_id: int, length: int) -> None:
        if self._block_stream and (kind != CONTINUATION or stream_id != self._block_stream):
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "Another frame came in the middle of a header block.")
        if self._block_size + length > MAX_ENCODED_BLOCK or self._block_frames >= MAX_BLOCK_FRAMES:
            raise ConnectionRefused(ErrorCodes.ENHANCE_YOUR_CALM, "A header block goes on for too long.")

    def _count_block(self, flags: int, stream_id: int, length: int) -> None:
        if flags & END_HEADERS:
            self._block_stream = self._block_size = self._block_frames = 0
        else:
            self._block_stream = stream_id
            self._block_size += length
            self._block_frames += 1
