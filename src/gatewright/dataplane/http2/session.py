"""The server's side of one HTTP/2 connection: bytes to whole requests, responses to bytes. No sockets, no clock here.

This file has what the caller asks, the frames of the connection, time, and answers. The nouns are its neighbours':
`frames` cuts, `intake` has the streams' rules, `blocks` and `head` read, `streams` knows what is open, `uploads` and `outbox` keep
the windows, `agreement` the settings, `patience` what a client may waste. Requests come out as HTTP/1.1's do (facts 2.2).

A connection holds no more of ours than: 8 MB and 20 MB of bodies (`uploads`), as far as the worker has memory for them
(`body_memory`); 256 kB of frames, and the answers to 128 requests (`outbox`), of which the caller begins none while
`congested`.
"""

from collections.abc import Callable
from typing import Final

from h2.errors import ErrorCodes

from gatewright.core.http.message import MAX_PAYLOAD, Response
from gatewright.dataplane.http2 import frames
from gatewright.dataplane.http2.agreement import Agreement
from gatewright.dataplane.http2.blocks import HeaderBlocks
from gatewright.dataplane.http2.body_memory import BodyMemory
from gatewright.dataplane.http2.codec import RequestDecoder, ResponseEncoder
from gatewright.dataplane.http2.frames import ConnectionRefused, Frame, FrameSplitter
from gatewright.dataplane.http2.intake import STREAM_FRAMES, Intake
from gatewright.dataplane.http2.outbox import MAX_WINDOW, Outbox
from gatewright.dataplane.http2.patience import (
    ANSWER_SENT,
    BYTES_PER_FRAME,
    IDLE_FRAME,
    Patience,
)
from gatewright.dataplane.http2.received import Received
from gatewright.dataplane.http2.streams import Ended, Stream, Streams
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
        "_agreement", "_encoder", "_frame_stalled_at", "_intake", "_outbox", "_patience", "_splitter", "_streams",
        "closed", "leaving", "why_closed",
    )  # fmt: skip

    def __init__(self, memory: Room) -> None:
        """`memory` is the worker's, for bodies of requests."""
        self.closed = False
        self.why_closed = ""
        self.leaving = False
        decoder = RequestDecoder()
        self._encoder = ResponseEncoder()
        self._agreement = Agreement(decoder, self._encoder)
        self._splitter = FrameSplitter()
        self._streams = Streams()
        self._patience = Patience()
        self._outbox = Outbox(self._on_sent, self._finish)
        self._intake = Intake(
            streams=self._streams,
            agreement=self._agreement,
            blocks=HeaderBlocks(decoder),
            encoder=self._encoder,
            outbox=self._outbox,
            patience=self._patience,
            memory=BodyMemory(memory),
        )
        self._frame_stalled_at: float | None = None

    # --- what the caller asks -----------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """True while no stream is open and no answer is owed."""
        return not self._streams and self._intake.idle

    @property
    def receiving(self) -> bool:
        """True while something has begun to arrive and is not whole: its sender has a time limit."""
        return self._intake.receiving or self._splitter.in_frame

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
        self._intake.begin()

    def receive(self, data: bytes, now: float) -> list[Received]:
        """Take what arrived at `now`; the requests that became whole with it, and those to be refused, in order."""
        if self.closed:
            return []
        self._patience.pass_time(now)
        try:
            for frame in self._splitter.feed(data):
                self._frame_stalled_at = None
                take = STREAM_FRAMES.get(frame.kind)
                if take is not None:
                    take(self._intake, frame)
                    continue
                self._patience.spend(IDLE_FRAME)  # none of the others brings anything
                of_connection = _CONNECTION_FRAMES.get(frame.kind)
                if of_connection is not None:  # RFC 9113 section 5.5: an extension's frame is ignored
                    of_connection(self, frame)
        except ConnectionRefused as refused:
            self._end(refused.code, str(refused))
        received, self._intake.received = self._intake.received, []
        return received

    def drain(self) -> None:
        """Take no further streams; those under way finish."""
        last = self._streams.highest
        if self._intake.last_stream_id <= last or self.closed:
            return
        self.leaving = True
        self._intake.last_stream_id = last
        self._send_goaway(ErrorCodes.NO_ERROR)

    def expire(self, now: float, limit: float, rate: float) -> None:
        """Give up on frames that do not go on, and on streams that move less than `rate` bytes a second for `limit` seconds.

        Each stream is looked at by itself: its request's body, or what its own window lets out of its answer. Of an answer
        that has to share the connection with others any part is enough.

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
            patience = LINGER_SECONDS if stream.lingering else limit
            if stream.stalled_at is None or stream.moved >= rate * patience:
                stream.stalled_at = now
                stream.moved = 0
            elif now - stream.stalled_at > patience:
                self._intake.reset(stream.stream_id, ErrorCodes.NO_ERROR if stream.lingering else ErrorCodes.CANCEL)

    def output(self) -> bytes:
        """What to send now; ask again until nothing comes."""
        return self._outbox.collect()

    def _end(self, code: ErrorCodes, why: str) -> None:
        self._send_goaway(code)
        self.closed = True
        self.why_closed = why
        self.forsake()
        self._outbox.clear()

    # --- frames of the connection -------------------------------------------------------------------------------

    def _take_settings(self, frame: Frame) -> None:
        agreement, outbox = self._agreement, self._outbox
        before = agreement.send_window
        outbox.put(agreement.receive(frame))
        grown = agreement.send_window - before
        if grown == 0:
            return
        # RFC 9113 section 6.9.2: the difference counts for all streams, and may leave less than nothing.
        for stream in self._streams.values():
            stream.send_window += grown
            if stream.send_window > MAX_WINDOW:
                raise ConnectionRefused(ErrorCodes.FLOW_CONTROL_ERROR, "A stream's window grew past its limit.")
            outbox.make_ready(stream)

    def _take_ping(self, frame: Frame) -> None:
        self._outbox.put(self._agreement.receive(frame))

    def _take_goaway(self, frame: Frame) -> None:
        """The client begins nothing further, and waits for the answers under way."""
        del frame
        self.leaving = True

    def _take_priority(self, frame: Frame) -> None:
        """Deprecated by RFC 9113 section 5.3.2, allowed in any state of a stream, and not acted upon."""
        frames.check_priority(frame.stream_id, frame.payload)

    def _take_window_update(self, frame: Frame) -> None:
        if frame.stream_id:
            self._intake.take_window_update(frame)
        else:
            self._outbox.open_window(int.from_bytes(frame.payload, "big") & 0x7FFFFFFF)

    # --- answers ------------------------------------------------------------------------------------------------

    def release(self, stream_id: int) -> None:
        """The request is not under way any more; all there is to do when nobody would read the answer."""
        self._intake.release(stream_id)

    def forsake(self) -> None:
        """The client is gone: drop what arrived. What is under way is held until it is released."""
        self._intake.forsake()

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
            self._intake.reset(stream_id, ErrorCodes.INTERNAL_ERROR)
            return
        length: int | None = len(body)
        if status == 204 or status == 304 or (head_only and not body):  # noqa: PLR1714  every answer passes here
            length, body = None, b""
        elif head_only:
            body = b""
        block = self._encoder.encode_head(status, response.headers, length=length, date=date)
        self._outbox.put_head(stream_id, block, end_stream=not body)
        self._intake.return_room(stream)
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

    def _send_goaway(self, code: ErrorCodes) -> None:
        last = min(self._streams.highest, self._intake.last_stream_id)  # RFC 9113 section 6.8: it never grows again
        payload = last.to_bytes(4, "big") + code.to_bytes(4, "big")
        self._outbox.put(frames.render_frame(frames.GOAWAY, 0, 0, payload))


#: By the kind of the frame. PUSH_PROMISE and CONTINUATION do not come out of the splitter.
_CONNECTION_FRAMES: Final[dict[int, Callable[[Http2Session, Frame], None]]] = {
    frames.PRIORITY: Http2Session._take_priority,  # noqa: SLF001  the table belongs to the class
    frames.SETTINGS: Http2Session._take_settings,  # noqa: SLF001
    frames.PING: Http2Session._take_ping,  # noqa: SLF001
    frames.GOAWAY: Http2Session._take_goaway,  # noqa: SLF001
    frames.WINDOW_UPDATE: Http2Session._take_window_update,  # noqa: SLF001
}
