"""Requests that come in: the rules of RFC 9113 sections 5.1, 6 and 8.1 for frames on a stream in its state.

Each kind of frame has a method, and one for those that come too late. What h2's state machines would say of a server's
streams is said here, and held against the RFC row by row in the tests.
"""

from collections.abc import Callable
from typing import Final

from h2.errors import ErrorCodes

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import MAX_PAYLOAD, Request
from gatewright.core.reasons import GATEWAY_OVERLOADED, REQUEST_HEADERS_TOO_LARGE, REQUEST_TOO_LARGE
from gatewright.dataplane.http1 import MAX_HEADER_BLOCK
from gatewright.dataplane.http2 import frames
from gatewright.dataplane.http2.agreement import MAX_CONCURRENT_STREAMS, Agreement
from gatewright.dataplane.http2.blocks import HeaderBlocks
from gatewright.dataplane.http2.body_memory import BodyMemory
from gatewright.dataplane.http2.codec import ResponseEncoder
from gatewright.dataplane.http2.frames import ConnectionRefused, Frame
from gatewright.dataplane.http2.head import (
    MalformedHead,
    RequestHead,
    check_trailers,
    describe_refused,
    measure_fields,
    parse_head,
)
from gatewright.dataplane.http2.outbox import MAX_WINDOW, Outbox
from gatewright.dataplane.http2.patience import IDLE_FRAME, STREAM_WASTED, Patience
from gatewright.dataplane.http2.received import Received, ReceivedRefusal, ReceivedRequest
from gatewright.dataplane.http2.streams import STREAM_WINDOW, Ended, Stream, Streams
from gatewright.dataplane.http2.uploads import Uploads


class Intake:
    """The requests of one connection, from their first frame until they are released.

    `received` are those that nobody has taken yet. No stream above `last_stream_id` is begun.
    """

    __slots__ = (
        "_agreement", "_blocks", "_encoder", "_memory", "_outbox", "_owed", "_patience", "_receiving", "_streams", "_uploads",
        "last_stream_id", "received",
    )  # fmt: skip

    def __init__(
        self,
        *,
        streams: Streams,
        agreement: Agreement,
        blocks: HeaderBlocks,
        encoder: ResponseEncoder,
        outbox: Outbox,
        patience: Patience,
        memory: BodyMemory,
    ) -> None:
        self._streams = streams
        self._agreement = agreement
        self._blocks = blocks
        self._encoder = encoder
        self._outbox = outbox
        self._patience = patience
        self._memory = memory
        self._uploads = Uploads(outbox.put_window_update)
        self._owed: dict[int, int] = {}  # the size of the body by stream, of requests that are not released
        self._receiving = 0
        self.received: list[Received] = []
        self.last_stream_id = MAX_WINDOW  # as large as a stream's identifier; lower when we drain

    @property
    def receiving(self) -> bool:
        """True while a request has begun to arrive and is not whole."""
        return self._receiving > 0

    @property
    def idle(self) -> bool:
        """True while no request is under way."""
        return not self._owed

    def begin(self) -> None:
        """Open the connection's window."""
        self._uploads.begin()

    # --- frames -------------------------------------------------------------------------------------------------

    def take_window_update(self, frame: Frame) -> None:
        """The client takes more of the stream's answer."""
        stream_id = frame.stream_id
        size = int.from_bytes(frame.payload, "big") & 0x7FFFFFFF
        stream = self._streams.get(stream_id)
        if stream is None:
            self._require_begun(frame)
            return  # RFC 9113 section 5.1: it may have been on its way when the stream ended
        if size == 0:
            self._reject(stream_id, ErrorCodes.PROTOCOL_ERROR)
            return
        stream.send_window += size
        if stream.send_window > MAX_WINDOW:
            self._reject(stream_id, ErrorCodes.FLOW_CONTROL_ERROR)
        else:
            self._outbox.make_ready(stream)

    def take_reset(self, frame: Frame) -> None:
        """The client gives the stream up."""
        self._patience.spend(IDLE_FRAME)
        stream = self._streams.get(frame.stream_id)
        if stream is None:
            self._require_begun(frame)
            return
        self._patience.spend(IDLE_FRAME if stream.lingering else STREAM_WASTED)
        self._forget(stream, Ended.RESET_BY_CLIENT)

    def take_headers(self, frame: Frame) -> None:
        """A request, or what follows its body."""
        stream_id, streams = frame.stream_id, self._streams
        if stream_id <= streams.highest or not stream_id & 1:
            self._take_later_headers(frame)
            return
        streams.highest = stream_id  # RFC 9113 section 5.1.1: those below that were not used never will be
        # A stream that was reset may still be under way behind us: without a bound on those, resets are a way around
        # MAX_CONCURRENT_STREAMS (CVE-2023-44487).
        crowded = max(len(self._owed), len(streams)) >= MAX_CONCURRENT_STREAMS
        if crowded or stream_id > self.last_stream_id:
            self._blocks.read(frame.payload)  # section 4.3: the table must see every block
            self._reject(stream_id, ErrorCodes.REFUSED_STREAM)
            return
        head = self._blocks.recall(frame.payload)
        if head is None:
            head = self._read_head(frame)
            if head is None:
                return
        stream = streams[stream_id] = Stream(stream_id, self._agreement.send_window)
        length = head.content_length
        if frame.flags & frames.END_STREAM:
            stream.whole = True
            if length:
                self._reject(stream_id, ErrorCodes.PROTOCOL_ERROR)  # RFC 9113 section 8.1.1
            else:
                self._deliver(stream_id, head, b"")
            return
        self._receiving += 1
        stream.head = head
        if length is not None and length > STREAM_WINDOW:
            self._uploads.ask_room(stream)
        if head.expects_continue:
            self._outbox.put_head(stream_id, self._encoder.encode_head(100, length=None, date=None))

    def _read_head(self, frame: Frame) -> RequestHead | None:
        """The head of a new stream's request, or None when the stream has got its answer."""
        blocks, block, stream_id = self._blocks, frame.payload, frame.stream_id
        changes = blocks.changes
        fields = blocks.read(block)
        try:
            head = parse_head(fields)
        except MalformedHead:
            self._reject(stream_id, ErrorCodes.PROTOCOL_ERROR)
            return None
        except GatewayError as refusal:
            stream = self._streams[stream_id] = Stream(stream_id, self._agreement.send_window)
            stream.whole = bool(frame.flags & frames.END_STREAM)
            self._refuse(stream, refusal, describe_refused(fields))
            return None
        blocks.remember(block, head, changes)
        return head

    def _take_later_headers(self, frame: Frame) -> None:
        """HEADERS that open no stream: trailers, or a mistake."""
        stream_id = frame.stream_id
        stream = self._streams.get(stream_id)
        if stream is None:
            self._take_late_headers(frame)
            return
        fields = self._blocks.read(frame.payload)
        if stream.whole:
            self._reject(stream_id, ErrorCodes.STREAM_CLOSED)
            return
        if not frame.flags & frames.END_STREAM:  # RFC 9113 section 8.1: trailers are the end
            self._reject(stream_id, ErrorCodes.PROTOCOL_ERROR)
            return
        if not stream.refused and not stream.lingering:
            # Read for their size and dropped (RFC 9110 section 6.5.1).
            try:
                check_trailers(fields)
            except MalformedHead:
                self._reject(stream_id, ErrorCodes.PROTOCOL_ERROR)
                return
            assert stream.head is not None
            if stream.head.size + measure_fields(fields) > MAX_HEADER_BLOCK:
                self._receiving -= 1
                self._refuse(stream, GatewayError(REQUEST_HEADERS_TOO_LARGE), _describe(stream))
        self._end_request(stream)

    def _take_late_headers(self, frame: Frame) -> None:
        """HEADERS on a stream that is closed, or cannot be opened (RFC 9113 sections 5.1 and 5.1.1)."""
        ended = self._streams.how_ended(frame.stream_id)
        if ended is Ended.WHOLE:
            raise ConnectionRefused(
                ErrorCodes.STREAM_CLOSED, f"HEADERS came on stream {frame.stream_id}, which had ended."
            )
        if ended is Ended.NEVER_BEGUN or ended is Ended.PASSED_OVER:
            raise ConnectionRefused(ErrorCodes.PROTOCOL_ERROR, f"Stream {frame.stream_id} cannot be opened now.")
        self._blocks.read(frame.payload)
        if ended is Ended.RESET_BY_CLIENT:
            self._reject(frame.stream_id, ErrorCodes.STREAM_CLOSED)
        else:
            self._patience.spend(STREAM_WASTED)  # the client may not have known

    def take_data(self, frame: Frame) -> None:
        """A part of a request's body."""
        _, flags, stream_id, data = frame
        size = len(data)
        if flags & frames.PADDED:
            data = frames.strip_padding(data)
        self._uploads.receive(size)
        stream = self._streams.get(stream_id)
        if stream is None:
            self._take_late_data(frame)
            return
        if stream.whole:
            self._reject(stream_id, ErrorCodes.STREAM_CLOSED)
            return
        self._uploads.charge(stream, size)
        ends = flags & frames.END_STREAM
        if data:
            stream.moved += len(data)
        elif not ends:
            self._patience.spend(IDLE_FRAME)
        if not stream.refused and not stream.lingering:
            self._take_body(stream, data, padding=size - len(data), ends=bool(ends))
        if ends:
            self._end_request(stream)

    def _take_body(self, stream: Stream, data: bytes, *, padding: int, ends: bool) -> None:
        head = stream.head
        assert head is not None
        if not self._memory.grow(len(data)):
            self._receiving -= 1
            overloaded = GatewayError(GATEWAY_OVERLOADED, what="bodies of requests fill its memory for them")
            self._refuse(stream, overloaded, _describe(stream))
            return
        stream.body += data
        size = len(stream.body)
        if size > MAX_PAYLOAD:
            self._receiving -= 1
            self._refuse(stream, GatewayError(REQUEST_TOO_LARGE), _describe(stream))
        elif not ends:
            if padding:  # it is no body: it takes no room
                self._uploads.extend(stream, padding)
            if size > STREAM_WINDOW // 2 and head.content_length is None:
                self._uploads.ask_room(stream)

    def _take_late_data(self, frame: Frame) -> None:
        """DATA on a stream that is not open (RFC 9113 sections 5.1 and 6.1)."""
        self._patience.spend(IDLE_FRAME)
        self._require_begun(frame)
        if self._streams.how_ended(frame.stream_id) is not Ended.RESET_BY_US:
            self._reject(frame.stream_id, ErrorCodes.STREAM_CLOSED)

    def _require_begun(self, frame: Frame) -> None:
        """Raise when the stream is idle: only HEADERS and PRIORITY may come on such (RFC 9113 section 5.1)."""
        if self._streams.how_ended(frame.stream_id) is Ended.NEVER_BEGUN:
            raise ConnectionRefused(
                ErrorCodes.PROTOCOL_ERROR,
                f"A frame of kind {frame.kind} came on stream {frame.stream_id}, which is idle.",
            )

    # --- requests -----------------------------------------------------------------------------------------------

    def _end_request(self, stream: Stream) -> None:
        """The client has said all."""
        stream.whole = True
        if stream.lingering:
            self._streams.end(stream.stream_id, Ended.WHOLE)
            return
        if stream.refused:
            return
        self._receiving -= 1
        head, body = stream.head, bytes(stream.body)
        assert head is not None
        if head.content_length is not None and head.content_length != len(body):
            self._reject(stream.stream_id, ErrorCodes.PROTOCOL_ERROR)  # RFC 9113 section 8.1.1
            return
        stream.body = bytearray()  # what it holds is the request's now
        if stream.waiting_room:
            self._uploads.return_room(stream)
        self._deliver(stream.stream_id, head, body)

    def _deliver(self, stream_id: int, head: RequestHead, body: bytes) -> None:
        request = Request(head.method, head.path, head.query, head.headers, body, last=head.last)
        self._owed[stream_id] = len(body)
        self.received.append(ReceivedRequest(stream_id, request, head.authority))

    def _refuse(self, stream: Stream, refusal: GatewayError, request: Request) -> None:
        """The stream's rest is dropped unread; the answer is the caller's."""
        stream.refused = True
        self._drop_body(stream)
        self._uploads.return_room(stream)
        self._owed[stream.stream_id] = 0
        self.received.append(ReceivedRefusal(stream.stream_id, refusal, request))

    def _reject(self, stream_id: int, code: ErrorCodes) -> None:
        """End a stream without an answer, because of what the client did (CVE-2025-8671)."""
        self._patience.spend(STREAM_WASTED)
        self.reset(stream_id, code)

    def reset(self, stream_id: int, code: ErrorCodes) -> None:
        """End a stream without an answer."""
        self._outbox.put(frames.render_frame(frames.RST_STREAM, 0, stream_id, code.to_bytes(4, "big")))
        stream = self._streams.get(stream_id)
        if stream is None:
            self._streams.end(stream_id, Ended.RESET_BY_US)
        else:
            self._forget(stream, Ended.RESET_BY_US)

    def _forget(self, stream: Stream, how: Ended) -> None:
        self._streams.end(stream.stream_id, how)
        if not (stream.whole or stream.refused or stream.lingering):
            self._receiving -= 1
        self._drop_body(stream)
        self._outbox.drop(stream)
        self._uploads.return_room(stream)

    def _drop_body(self, stream: Stream) -> None:
        """What arrived of the request's body is not read any more."""
        if stream.body:
            self._memory.shrink(len(stream.body))
            stream.body = bytearray()

    def release(self, stream_id: int) -> None:
        """The request is not under way any more; all there is to do when nobody would read the answer."""
        size = self._owed.pop(stream_id, 0)
        if size:
            self._memory.shrink(size)

    def forsake(self) -> None:
        """The client is gone: drop what arrived. What is under way is held until it is released."""
        for stream in self._streams.values():
            self._drop_body(stream)
        self._streams.clear()
        self._uploads.clear()
        self._receiving = 0

    def return_room(self, stream: Stream) -> None:
        """The stream's request has been answered: another body may have its room."""
        if stream.room or stream.waiting_room:
            self._uploads.return_room(stream)


def _describe(stream: Stream) -> Request:
    """A request that was refused after its head."""
    head = stream.head
    assert head is not None
    return Request(head.method, head.path, head.query, head.headers, b"")


#: By the kind of the frame.
STREAM_FRAMES: Final[dict[int, Callable[[Intake, Frame], None]]] = {
    frames.DATA: Intake.take_data,
    frames.HEADERS: Intake.take_headers,
    frames.RST_STREAM: Intake.take_reset,
}
