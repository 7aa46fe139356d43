"""The bytes of a client's HTTP/2 connection, cut into frames; what is too large or out of place is refused before it is held.

What this module knows: how a frame is written (RFC 9113 section 4), and what section 6 says of each kind of frame that can be
judged by itself: its size, whether it belongs to a stream, its padding. A header block comes out as one frame, however
many CONTINUATIONs it came in. Cut here rather than by h2, which waits for a frame of up to 16 MB before it looks at the
length, every frame is judged alone: how the network broke the bytes up never matters.
"""

from collections.abc import Iterator
from struct import Struct
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
PRIORITIZED: Final = 0x20

#: What every endpoint must take, and all we announce (RFC 9113 section 4.2): larger frames only hold memory for longer.
MAX_FRAME: Final = 16_384
#: A header block as it travels. It decodes to `codec.MAX_HEADER_LIST` at most and HPACK makes nothing much longer; a longer one
#: is a CONTINUATION flood, or is made of table size updates that decode to nothing.
MAX_ENCODED_BLOCK: Final = 65_536
#: Frames of one header block: four hold a block of that size, so more than 16 are there to cost us time.
MAX_BLOCK_FRAMES: Final = 16

#: RFC 9113 section 4.1: a length of three bytes, type, flags, stream.
_HEADER: Final = Struct(">HBBBL")
#: RFC 9113 sections 6.1 to 6.10: does a frame of this kind belong to a stream? None: to a stream or to the connection.
_ON_STREAM: Final = (True, True, True, True, False, True, False, False, None, True)
#: The same sections: the one length that frames of this kind have.
_LENGTHS: Final = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}


class ConnectionRefused(Exception):
    """What the client sent ends the connection, with this code in the GOAWAY."""

    def __init__(self, code: ErrorCodes, why: str) -> None:
        super().__init__(why)
        self.code = code


class Frame(NamedTuple):
    """A whole frame. A HEADERS frame has its whole header block and nothing else."""

    kind: int
    flags: int
    stream_id: int
    payload: bytes


def render_frame(kind: int, flags: int, stream_id: int, payload: bytes | memoryview) -> bytes:
    """The frame as it travels."""
    return render_frame_header(len(payload), kind, flags, stream_id) + payload


def render_frame_header(size: int, kind: int, flags: int, stream_id: int) -> bytes:
    """The nine bytes before a payload of this size."""
    return _HEADER.pack(size >> 8, size & 0xFF, kind, flags, stream_id)


def strip_padding(payload: bytes) -> bytes:
    """What a padded payload carries (RFC 9113 section 6.1)."""
    if not payload:
        raise ConnectionRefused(
            ErrorCodes.FRAME_SIZE_ERROR, "A padded frame has no room for the length of its padding."
        )
    padding = payload[0]
    if padding >= len(payload):
        raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "A frame's padding is longer than the frame.")
    return payload[1 : len(payload) - padding]


class FrameSplitter:
    """Feeds on bytes; gives the frames that are whole."""

    __slots__ = (
        "_begun",
        "_block",
        "_block_flags",
        "_block_frames",
        "_block_size",
        "_block_stream",
        "_buffer",
        "_preface_left",
    )

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._preface_left = PREFACE
        self._begun = False
        self._block_stream = 0  # the stream whose header block is not whole
        self._block_flags = 0
        self._block: list[bytes] = []
        self._block_size = 0
        self._block_frames = 0

    @property
    def in_frame(self) -> bool:
        """True while a frame, a header block or the preface has begun to arrive and is not whole."""
        return bool(self._buffer or self._block_stream or self._preface_left)

    def feed(self, data: bytes) -> Iterator[Frame]:
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
            high, low, kind, flags, stream_id = _HEADER.unpack_from(data, at)
            length = high << 8 | low
            stream_id &= 0x7FFFFFFF
            self._check(kind, flags, stream_id, length)
            stop = at + 9 + length
            if stop > end:
                break
            payload = data[at + 9 : stop]
            at = stop
            self._begun = True
            if kind == HEADERS:
                block = _unwrap(flags, stream_id, payload) if flags & (PADDED | PRIORITIZED) else payload
                if flags & END_HEADERS:
                    yield Frame(kind, flags, stream_id, block)
                else:
                    self._block_stream, self._block_flags = stream_id, flags
                    self._hold(block, length)
            elif kind == CONTINUATION:
                self._hold(payload, length)
                if flags & END_HEADERS:
                    whole = Frame(HEADERS, self._block_flags, stream_id, b"".join(self._block))
                    self._block_stream = self._block_size = self._block_frames = 0
                    self._block = []
                    yield whole
            else:
                yield Frame(kind, flags, stream_id, payload)
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

    def _check(self, kind: int, flags: int, stream_id: int, length: int) -> None:
        """Raise unless this frame may come now, as far as its header tells."""
        if length > MAX_FRAME:
            raise ConnectionRefused(
                ErrorCodes.FRAME_SIZE_ERROR, f"A frame of {length} bytes is longer than {MAX_FRAME}."
            )
        # RFC 9113 section 3.4: the preface is followed by the client's settings.
        if not self._begun and (kind != SETTINGS or flags & ACK):
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "The first frame of the connection is not SETTINGS.")
        # Section 4.3: nothing comes between the parts of a header block.
        if self._block_stream:
            if kind != CONTINUATION or stream_id != self._block_stream:
                raise ConnectionRefused(
                    ErrorCodes.PROTOCOL_ERROR, "Another frame came in the middle of a header block."
                )
            if self._block_size + length > MAX_ENCODED_BLOCK or self._block_frames >= MAX_BLOCK_FRAMES:
                raise ConnectionRefused(ErrorCodes.ENHANCE_YOUR_CALM, "A header block goes on for too long.")
            return
        if kind > CONTINUATION:  # section 5.5: an extension's frame is ignored, whatever it looks like
            return
        if kind == CONTINUATION:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "A CONTINUATION continues no header block.")
        if kind == PUSH_PROMISE:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, "A client cannot push (RFC 9113 section 8.4).")
        expected = _ON_STREAM[kind]
        if expected is not None and expected != (stream_id != 0):
            place = "no stream" if expected else "a stream"
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, f"A frame of kind {kind} came on {place}.")
        if kind > HEADERS and not _is_sized(kind, flags, length):
            raise ConnectionRefused(
                ErrorCodes.FRAME_SIZE_ERROR, f"A frame of kind {kind} cannot have {length} bytes (RFC 9113 section 6)."
            )

    def _hold(self, fragment: bytes, length: int) -> None:
        self._block.append(fragment)
        self._block_size += length
        self._block_frames += 1


def _is_sized(kind: int, flags: int, length: int) -> bool:
    """Whether a control frame can have this length."""
    if kind == SETTINGS:  # RFC 9113 section 6.5
        return length == 0 if flags & ACK else length % 6 == 0
    if kind == GOAWAY:  # section 6.8
        return length >= 8
    return length == _LENGTHS[kind]


def _unwrap(flags: int, stream_id: int, payload: bytes) -> bytes:
    """The header block fragment without its padding and its priority, which is not acted upon (RFC 9113 section 5.3.2)."""
    if flags & PADDED:
        payload = strip_padding(payload)
    if flags & PRIORITIZED:
        if len(payload) < 5:
            raise ConnectionRefused(ErrorCodes.FRAME_SIZE_ERROR, "A HEADERS frame has no room for its priority.")
        check_priority(stream_id, payload)
        payload = payload[5:]
    return payload


def check_priority(stream_id: int, payload: bytes) -> None:
    """RFC 7540 section 5.3.1: a stream cannot depend on itself. RFC 9113 does without priorities, and permits the check."""
    if int.from_bytes(payload[:4], "big") & 0x7FFFFFFF == stream_id:
        raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, f"Stream {stream_id} depends on itself.")
