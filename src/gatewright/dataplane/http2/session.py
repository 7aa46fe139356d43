"""The server's side of one HTTP/2 connection: bytes to whole requests, responses to bytes. No sockets, no clock here.

This file has the rules of RFC 9113 sections 5, 6 and 8.1 for what may come on a connection and on a stream in its state, each
frame in a method of its own. The nouns are its neighbours': `frames` cuts, `blocks` and `head` read, `streams` knows
what is open, `uploads` and `outbox` keep the windows, `agreement` the settings, `patience` what a client may waste.
Requests come out as HTTP/1.1's do (facts 2.2).

A connection holds no more of ours than: 8 MB and 20 MB of bodies (`uploads`), as far as the worker has memory for them
(`body_memory`); 256 kB of frames, and the answers to 128 requests (`outbox`), of which the caller begins none while
`congested`.
"""

from collections.abc import Callable
from typing import Final

from h2.errors import ErrorCodes

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import MAX_PAYLOAD, Request, Response
from gatewright.core.reasons import GATEWAY_OVERLOADED, REQUEST_HEADERS_TOO_LARGE, REQUEST_TOO_LARGE
from gatewright.dataplane.http1 import MAX_HEADER_BLOCK
from gatewright.dataplane.http2 import frames
from gatewright.dataplane.http2.agreement import MAX_CONCURRENT_STREAMS, Agreement
from gatewright.dataplane.http2.blocks import HeaderBlocks
from gatewright.dataplane.http2.body_memory import BodyMemory
from gatewright.dataplane.http2.codec import RequestDecoder, ResponseEncoder
from gatewright.dataplane.http2.frames import ConnectionRefused, Frame, FrameSplitter
from gatewright.dataplane.http2.head import (
    MalformedHead,
    RequestHead,
    check_fields,
    describe_refused,
    measure_fields,
    parse_head,
)
from gatewright.dataplane.http2.outbox import MAX_WINDOW, Outbox
from gatewright.dataplane.http2.patience import (
    ANSWER_SENT,
    BYTES_PER_FRAME,
    IDLE_FRAME,
    STREAM_WASTED,
    Patience,
)
from gatewright.dataplane.http2.received import Received, ReceivedRefusal, ReceivedRequest
from gatewright.dataplane.http2.streams import STREAM_WINDOW, Ended, Stream, Streams
from gatewright.dataplane.http2.uploads import Uploads
from gatewright.dataplane.room import Room

#: Answers that wait for a slow reader; two of the largest.
MAX_BUFFERED: Final = 2 * MAX_PAYLOAD
#: How long a client may go on sending what nobody reads; as long as HTTP/1.1's refusals linger.
LINGER_SECONDS: Final = 5.0


class Http2Session:
    """One connection. After each `receive`, `respond` or `drain`: send `output()` until it is empty or the socket full.

    `closed` turns True when the connection must end after what `output()` still holds; `leaving` when either side has said
    goodbye, and it may end as soon as it is `idle`. Each `Received` is owed exactly
    one `respond` (or `release`), even when its stream is gone by then: that is how many requests are under way is known.
    """

    __slots__ = (
        "_agreement", "_blocks", "_encoder", "_frame_stalled_at", "_last_stream_id", "_memory", "_outbox", "_owed", "_patience",
        "_received", "_receiving", "_splitter", "_streams", "_uploads", "closed", "leaving", "why_closed",
    )  # fmt: skip

    def __init__(self, memory: Room) -> None:
        """`memory` is the worker's, for bodies of requests."""
        self.closed = False
        self.why_closed = ""
        self.leaving = False
        decoder = RequestDecoder()
        self._encoder = ResponseEncoder()
        self._agreement = Agreement(decoder, self._encoder)
        self._blocks = HeaderBlocks(decoder)
        self._splitter = FrameSplitter()
        self._streams = Streams()
        self._uploads = Uploads(self._send_window_update)
        self._memory = BodyMemory(memory)
        self._outbox = Outbox(self._on_sent, self._finish)
        self._patience = Patience()
        self._owed: dict[int, int] = {}  # the size of the body by stream
        self._received: list[Received] = []
        self._receiving = 0
        self._last_stream_id = MAX_WINDOW  # as large as a stream's identifier; lower when we drain
        self._frame_stalled_at: float | None = None

    # --- what the caller asks -----------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """True while no stream is open and no answer is owed."""
        return not (self._streams or self._owed)

    @property
    def receiving(self) -> bool:
        """True while something has begun to arrive and is not whole: its sender has a time limit."""
        return self._receiving > 0 or self._splitter.in_frame

    @property
    def buffered(self) -> int:
        """Bytes of answers that the client's windows, or the caller, have not let out."""
        return self._outbox.buffered

    @property
    def congested(self) -> bool:
        """True while so much is buffered that no further request should be begun."""
        return self._outbox.buffered > MAX_BUFFERED or self._outbox.full

    # --- the connection -----------------------------------------------------------------------------------------

    def initiate(self) -> None:
        """Queue our settings, and the window of the connection."""
        self._outbox.put(self._agreement.begin())
        self._uploads.begin()

    def receive(self, data: bytes, now: float) -> list[Received]:
        """Take what arrived at `now`; the requests that became whole with it, and those to be refused, in order."""
        if self.closed:
            return []
        self._patience.pass_time(now)
        try:
            for frame in self._splitter.feed(data):
                self._frame_stalled_at = None
                kind = frame.kind
                if kind <= frames.CONTINUATION:
                    _TAKE[kind](self, frame)
                else:
                    self._spend(IDLE_FRAME)  # RFC 9113 section 5.5: an extension's frame is ignored
        except ConnectionRefused as refused:
            self._end(refused.code, str(refused))
        received, self._received = self._received, []
        return received

    def drain(self) -> None:
        """Take no further streams; those under way finish."""
        last = self._streams.highest
        if self._last_stream_id <= last or self.closed:
            return
        self.leaving = True
        self._last_stream_id = last
        self._send_goaway(ErrorCodes.NO_ERROR)

    def expire(self, now: float, limit: float) -> None:
        """Give up on what has not moved for `limit` seconds: bodies that do not come, answers that are not read.

        To be called now and then; the time of the calls is all the time there is.
        """
        if self.closed:
            return
        if self._splitter.in_frame:
            if self._frame_stalled_at is None:
                self._frame_stalled_at = now
            elif now - self._frame_stalled_at > limit:
                self._end(ErrorCodes.NO_ERROR, "A frame began and did not go on.")
                return
        for stream in list(self._streams.values()):
            if not stream.moves:
                continue
            if stream.stalled_at is None:
                stream.stalled_at = now
            elif now - stream.stalled_at > (LINGER_SECONDS if stream.lingering else limit):
                self._reset(stream.stream_id, ErrorCodes.NO_ERROR if stream.lingering else ErrorCodes.CANCEL)

    def output(self) -> bytes:
        """What to send now; ask again until nothing comes."""
        return self._outbox.collect()

    def _end(self, code: ErrorCodes, why: str) -> None:
        self._send_goaway(code)
        self.closed = True
        self.why_closed = why
        self.forsake()
        self._uploads.clear()
        self._outbox.clear()
        self._receiving = 0

    def _spend(self, cost: float) -> None:
        """Bear with the client, or end the connection."""
        self._patience.spend(cost)
        if self._patience.exhausted:
            raise ConnectionRefused(ErrorCodes.ENHANCE_YOUR_CALM, "Too many frames came that move nothing.")

    # --- frames of the connection -------------------------------------------------------------------------------

    def _take_settings(self, frame: Frame) -> None:
        self._spend(IDLE_FRAME)
        agreement, outbox = self._agreement, self._outbox
        before = agreement.send_window
        outbox.put(agreement.receive(frame))
        grown = agreement.send_window - before
        if grown == 0:
            return
        for (
            stream
        ) in self._streams.values():  # RFC 9113 section 6.9.2: the difference counts for all, and may leave less than 0
            stream.send_window += grown
            if stream.send_window > MAX_WINDOW:
                raise ConnectionRefused(ErrorCodes.FLOW_CONTROL_ERROR, "A stream's window grew past its limit.")
            outbox.make_ready(stream)

    def _take_ping(self, frame: Frame) -> None:
        self._spend(IDLE_FRAME)
        self._outbox.put(self._agreement.receive(frame))

    def _take_goaway(self, frame: Frame) -> None:
        """The client begins nothing further, and waits for the answers under way."""
        del frame
        self._spend(IDLE_FRAME)
        self.leaving = True

    def _take_priority(self, frame: Frame) -> None:
        """Deprecated by RFC 9113 section 5.3.2, allowed in any state of a stream, and not acted upon."""
        self._spend(IDLE_FRAME)
        frames.check_priority(frame.stream_id, frame.payload)

    # --- frames of a stream -------------------------------------------------------------------------------------

    def _take_window_update(self, frame: Frame) -> None:
        self._spend(IDLE_FRAME)
        stream_id = frame.stream_id
        size = int.from_bytes(frame.payload, "big") & 0x7FFFFFFF
        if stream_id == 0:
            self._outbox.open_window(size)
            return
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

    def _take_reset(self, frame: Frame) -> None:
        self._spend(IDLE_FRAME)
        stream = self._streams.get(frame.stream_id)
        if stream is None:
            self._require_begun(frame)
            return
        self._spend(IDLE_FRAME if stream.lingering else STREAM_WASTED)
        self._forget(stream, Ended.RESET_BY_CLIENT)

    def _take_headers(self, frame: Frame) -> None:
        stream_id, streams = frame.stream_id, self._streams
        if stream_id <= streams.highest or not stream_id & 1:
            self._take_later_headers(frame)
            return
        streams.highest = stream_id  # RFC 9113 section 5.1.1: those below that were not used never will be
        # A stream that was reset may still be under way behind us: without a bound on those, resets are a way around
        # MAX_CONCURRENT_STREAMS (CVE-2023-44487).
        crowded = max(len(self._owed), len(streams)) >= MAX_CONCURRENT_STREAMS
        if crowded or stream_id > self._last_stream_id:
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
            self._send_head(stream_id, self._encoder.encode_head(100, length=None, date=None))

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
                check_fields(fields)
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
            self._spend(STREAM_WASTED)  # the client may not have known

    def _take_data(self, frame: Frame) -> None:
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
            stream.stalled_at = None
        elif not ends:
            self._spend(IDLE_FRAME)
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
        self._spend(IDLE_FRAME)
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
        self._received.append(ReceivedRequest(stream_id, request, head.authority))

    def _refuse(self, stream: Stream, refusal: GatewayError, request: Request) -> None:
        """The stream's rest is dropped unread; the answer is the caller's."""
        stream.refused = True
        self._drop_body(stream)
        self._uploads.return_room(stream)
        self._owed[stream.stream_id] = 0
        self._received.append(ReceivedRefusal(stream.stream_id, refusal, request))

    def _reject(self, stream_id: int, code: ErrorCodes) -> None:
        """End a stream without an answer, because of what the client did (CVE-2025-8671)."""
        self._spend(STREAM_WASTED)
        self._reset(stream_id, code)

    def _reset(self, stream_id: int, code: ErrorCodes) -> None:
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

    # --- answers ------------------------------------------------------------------------------------------------

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

    def respond(self, stream_id: int, response: Response, *, head_only: bool, date: bytes) -> None:
        """Answer a stream; nothing happens when the client has given it up. `head_only`: the request was a HEAD.

        Lengths are as HTTP/1.1's `render_response` has them.
        """
        self.release(stream_id)
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        status, body = response.status, response.body
        if status < 200:  # no answer ends with an informational status (RFC 9110 section 15.2)
            self._reset(stream_id, ErrorCodes.INTERNAL_ERROR)
            return
        length: int | None = len(body)
        if status == 204 or status == 304 or (head_only and not body):  # noqa: PLR1714  every answer passes here
            length, body = None, b""
        elif head_only:
            body = b""
        block = self._encoder.encode_head(status, response.headers, length=length, date=date)
        self._send_head(stream_id, block, end_stream=not body)
        if stream.room or stream.waiting_room:
            self._uploads.return_room(stream)
        if body:
            self._outbox.put_body(stream, body)
        else:
            self._finish(stream)

    def _finish(self, stream: Stream) -> None:
        """The answer is whole; a request that is not has no reader any more (RFC 9113 section 8.1).

        Its stream is left to the client for a while: several, curl among them, lose the answer to a reset behind it.
        """
        self._patience.earn(ANSWER_SENT)
        if stream.whole:
            self._streams.end(stream.stream_id, Ended.WHOLE)
        else:
            stream.lingering = True
            stream.stalled_at = None

    def _on_sent(self, size: int) -> None:
        """Body bytes that the client's windows let out."""
        self._patience.earn(size / BYTES_PER_FRAME)

    # --- frames to the client -----------------------------------------------------------------------------------

    def _send_head(self, stream_id: int, block: bytes, *, end_stream: bool = False) -> None:
        kind, flags = frames.HEADERS, frames.END_STREAM if end_stream else 0
        while len(block) > frames.MAX_FRAME:
            self._outbox.put(frames.render_frame(kind, flags, stream_id, block[: frames.MAX_FRAME]))
            block = block[frames.MAX_FRAME :]
            kind, flags = frames.CONTINUATION, 0
        self._outbox.put(frames.render_frame(kind, flags | frames.END_HEADERS, stream_id, block))

    def _send_window_update(self, stream_id: int, size: int) -> None:
        self._outbox.put(frames.render_frame(frames.WINDOW_UPDATE, 0, stream_id, size.to_bytes(4, "big")))

    def _send_goaway(self, code: ErrorCodes) -> None:
        payload = self._streams.highest.to_bytes(4, "big") + code.to_bytes(4, "big")
        self._outbox.put(frames.render_frame(frames.GOAWAY, 0, 0, payload))


def _describe(stream: Stream) -> Request:
    """A request that was refused after its head."""
    head = stream.head
    assert head is not None
    return Request(head.method, head.path, head.query, head.headers, b"")


#: By the kind of the frame. PUSH_PROMISE and CONTINUATION do not come out of the splitter.
_TAKE: Final[dict[int, Callable[[Http2Session, Frame], None]]] = {
    frames.DATA: Http2Session._take_data,  # noqa: SLF001  # the table belongs to the class
    frames.HEADERS: Http2Session._take_headers,  # noqa: SLF001
    frames.PRIORITY: Http2Session._take_priority,  # noqa: SLF001
    frames.RST_STREAM: Http2Session._take_reset,  # noqa: SLF001
    frames.SETTINGS: Http2Session._take_settings,  # noqa: SLF001
    frames.PING: Http2Session._take_ping,  # noqa: SLF001
    frames.GOAWAY: Http2Session._take_goaway,  # noqa: SLF001
    frames.WINDOW_UPDATE: Http2Session._take_window_update,  # noqa: SLF001
}
