"""One connection to a backend: one call at a time, its answer gathered whole, then free for the next.

The answer's framing is judged by llhttp; an answer that could be read in two ways ends the call and the connection.
What llhttp leaves open is decided here: how an answer begins, its status, transfer codings, what may stand in an interim
answer, how much framing there may be, when the end of the connection is the end of the answer, and whether the connection
can be used again. What is still to come of a body of known length goes past llhttp: there is nothing in it to read, and
it would be copied.
"""

import asyncio
import select
from collections.abc import Callable
from typing import Final

import httptools

from gatewright.core.errors import GatewayError
from gatewright.core.http.content import Parts
from gatewright.core.http.message import FRAMING_HEADERS, MAX_PAYLOAD, HeaderField
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.reasons import (
    BACKEND_ANSWER_MALFORMED,
    BACKEND_ANSWER_TOO_LARGE,
    BACKEND_CONNECTION_LOST,
    GATEWAY_OVERLOADED,
)
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.room import FREE_BYTES, Room
from gatewright.dataplane.upstream.answer_memory import MEMORY_FULL, AnswerMemory

#: A backend's header block; the service documents none, and other gateways take 32 to 64 kB.
_MAX_HEADER_BLOCK: Final = 65_536
#: Everything that is not content: interim answers, the head, chunk sizes and extensions, trailers. A body of one-byte
#: chunks has five bytes of it for each byte.
_FREE_FRAMING: Final = 2 * _MAX_HEADER_BLOCK
_FRAMING_PER_BYTE: Final = 8
#: Interim answers to one request. Go's client takes five, and none is of use to ours.
_MAX_INTERIMS: Final = 32
#: The head that is remembered of a connection's last answer, some 8 kB at worst.
_MAX_KNOWN: Final = 1_024
_MAX_KNOWN_HEADERS: Final = 32
#: Parts of a body of so many bytes on average are not joined: a read of the event loop brings more.
_LARGE_PART: Final = 16_384
#: How an answer begins. llhttp would also take RTSP, HTTP/2.0 in the letters of HTTP/1.1, and empty lines before.
_BEGINNING: Final = b"HTTP/1.1 "
_OLD_BEGINNING: Final = b"HTTP/1.0 "


class _HeadAnswered(Exception):
    """The header block of an answer to HEAD is whole, and so is the answer."""

    def __init__(self, *, reusable: bool) -> None:
        super().__init__()
        self.reusable = reusable


class _InterimAnswered(Exception):
    """The header block of a 1xx answer is whole; the answer follows, and begins as one does."""


class _Unsolicited(Exception):
    """More bytes came with a whole answer than belong to it."""


class _KnownHead:
    """A head that an answer had, and what it was read as."""

    __slots__ = ("headers", "length", "status", "text")

    def __init__(self, text: bytes, status: int, headers: list[HeaderField], length: int) -> None:
        self.text = text
        self.status = status
        self.headers = headers
        self.length = length  # of the body


class UpstreamConnection(asyncio.Protocol):
    """Belongs to one endpoint. `on_idle` is told when it can be used again, `on_lost` when it is gone."""

    __slots__ = (
        "_beginning",
        "_begun",
        "_body",
        "_call",
        "_head_done",
        "_headers",
        "_interims",
        "_kept",
        "_known",
        "_left",
        "_memory",
        "_modern",
        "_on_idle",
        "_on_lost",
        "_parser",
        "_received",
        "_request",
        "_reusable",
        "_size",
        "_status",
        "_tail",
        "_transport",
        "_whole",
        "idle_since",
    )  # fmt: skip

    def __init__(
        self,
        on_idle: Callable[["UpstreamConnection"], None],
        on_lost: Callable[["UpstreamConnection"], None],
        room: Room,
    ) -> None:
        self._on_idle = on_idle
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._call: Waiter[BackendResponse] | None = None
        self._request: BackendRequest | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._memory = AnswerMemory(room, self._give_up_waiting)
        self._begun = False  # the answer has begun as one does
        self._modern = False  # the answer is HTTP/1.1
        self._beginning = b""  # what came of it before that could be said
        self._interims = 0
        self._kept = True  # no interim answer spoke of closing
        self._received = 0  # bytes of the present call's answers
        self._tail = b""  # the last three of them
        self._known: _KnownHead | None = None  # of the last answer, where it may be recalled
        self.idle_since = 0.0
        self._reset()

    def _reset(self) -> None:
        self._status = 0
        self._headers: list[HeaderField] = []
        self._body: list[bytes] = []
        self._size = 0
        self._left = 0  # bytes still to come of a body whose length is known, when they go past the parser
        self._head_done = False
        self._whole = False
        self._reusable = False

    @property
    def lost(self) -> bool:
        """True when the connection cannot be used (any more)."""
        return self._transport is None or self._transport.is_closing()

    def has_unread(self) -> bool:
        """True when something has arrived that was not read yet: between calls, the other side's end, or worse."""
        assert self._transport is not None
        looker = select.poll()
        looker.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(looker.poll(0))

    @property
    def answered_nothing(self) -> bool:
        """True while no byte of the present call's answer has arrived."""
        return not (self._begun or self._beginning or self._interims)

    @property
    def waits_for_memory(self) -> bool:
        """True while the answer is not read because there is no memory for it."""
        return self._memory.waits

    def start(self, request: BackendRequest, call: Waiter[BackendResponse]) -> None:
        """Send a request; `call` gets the answer."""
        transport = self._transport
        assert transport is not None
        assert self._call is None
        self._call, self._request = call, request
        self._begun = False
        self._beginning = self._tail = b""
        self._received = self._interims = 0
        self._kept = True
        content = request.content
        if isinstance(content, Parts):
            transport.writelines([request.head, *content.parts])
        elif content:
            transport.writelines((request.head, content))
        else:
            transport.write(request.head)

    def abort(self) -> None:
        """End the connection at once; the call, if there is one, is no longer ours to answer."""
        self._call = None
        self._memory.release()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """End an idle connection."""
        if self._transport is not None:
            self._transport.close()

    # --- asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection (and its TLS session) stands."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "writelines")
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are not asyncio's subclasses

    def data_received(self, data: bytes) -> None:
        """A part of the answer."""
        if self._call is None:
            # Nobody asked: a backend's "408" or rubbish on an idle connection.
            self.abort()
            return
        if self._left:
            self._take_body(data)
            return
        at_once = not self._begun
        if at_once:
            self._modern = data.startswith(_BEGINNING) and not self._beginning
            if not self._modern:
                whole = self._beginning + data
                if whole[:9] not in {_BEGINNING, _OLD_BEGINNING}:
                    if _BEGINNING.startswith(whole) or _OLD_BEGINNING.startswith(whole):
                        self._beginning = whole
                    else:
                        self._end(self._malformed("it does not begin as an answer of HTTP/1.1 does"))
                    return
                self._modern = whole.startswith(_BEGINNING)
                data = whole
            self._begun = True
            if self._known is not None and data.startswith(self._known.text) and self._recall(self._known, data):
                return
        self._received += len(data)
        following = None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if isinstance(cause, _HeadAnswered):
                self._parser = httptools.HttpResponseParser(self)
                # Nothing after the head, for certain: an answer to HEAD that has a body is followed by no other.
                self._reusable = cause.reusable and at_once and data.find(b"\r\n\r\n") == len(data) - 4
                self._finish()
            elif isinstance(cause, _InterimAnswered):
                before = b"" if at_once else self._tail
                following = (before + data)[(before + data).find(b"\r\n\r\n") + 4 :]
            elif isinstance(cause, _Unsolicited):
                self._reusable = False
                self._finish()
            else:
                self._end(cause if isinstance(cause, GatewayError) else self._malformed(str(cause)))
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._whole:
                self._reusable = False
                self._finish()
            elif isinstance(error, httptools.HttpParserUpgrade):
                self._end(self._malformed("it switches to another protocol, and nobody asked it to"))
            else:
                self._end(self._malformed(str(error) or type(error).__name__))
        else:
            if self._whole:
                if at_once and self._reusable:
                    self._remember(data)
                self._finish()
                return
            self._tail = (self._tail + data[-3:])[-3:]
            if self._head_done and not self._is_well_coded():
                self._end(self._badly_coded())
            elif self._head_done and (length := self._header(b"content-length")) is not None:
                self._left = int(length) - self._size
            elif self._received - self._size > _FREE_FRAMING + _FRAMING_PER_BYTE * self._size:
                self._end(self._malformed("it has more framing than content"))
        if following is not None:  # here, outside of the exception's handler
            self._begin_again(following)

    def _recall(self, known: _KnownHead, data: bytes) -> bool:
        """The answer has the head that the one before had, as a poll's often do within a second; False if it is not whole.

        (A shortcut: 2 µs less. The same bytes at the beginning of an answer are always read the same, and when the answer
        is whole the parser is where it was.)
        """
        assert self._request is not None
        if len(data) - len(known.text) != known.length or self._request.method == "HEAD":
            return False
        self._status, self._headers = known.status, known.headers
        self._body.append(data[len(known.text) :])
        self._size = known.length
        self._reusable = self._kept
        self._finish()
        return True

    def _remember(self, data: bytes) -> None:
        """Let `_recall` know the head of a whole answer that came at once, has a small body of known length, and no HEAD."""
        head = len(data) - self._size
        if 0 < self._size <= FREE_BYTES and head <= _MAX_KNOWN and data.endswith(b"\r\n\r\n", 0, head):
            length = self._header(b"content-length")
            if length is not None and int(length) == self._size and len(self._headers) <= _MAX_KNOWN_HEADERS:
                self._known = _KnownHead(data[:head], self._status, self._headers, self._size)

    def _take_body(self, data: bytes) -> None:
        """A part of a body whose length is known, past the parser."""
        body = data if len(data) <= self._left else data[: self._left]
        self._left -= len(body)
        try:
            self.on_body(body)
        except GatewayError as error:
            self._end(error)
            return
        if not self._left:
            self.on_message_complete()
            self._reusable = self._reusable and len(body) == len(data)  # nobody asked for what follows
            self._parser = httptools.HttpResponseParser(self)  # the old one still waits for the body
            self._finish()

    def _begin_again(self, data: bytes) -> None:
        """Take the answer that follows an interim one."""
        self._interims += 1
        if self._interims > _MAX_INTERIMS:
            self._end(self._malformed(f"it has more than {_MAX_INTERIMS} interim answers before it"))
            return
        self._parser = httptools.HttpResponseParser(self)
        self._begun = False
        self._beginning = self._tail = b""
        self._reset()
        if data:
            self.data_received(data)

    def eof_received(self) -> bool:
        """The backend says no more: the end of an answer without length (RFC 9112 section 6.3, rule 8).

        Over TLS this is the backend's own word, its close_notify. A connection that merely ends may have been cut by
        anybody (section 9.8), so `connection_lost` alone makes no answer whole.
        """
        if self._call is not None and self._head_done and self._delimited_by_close():
            self._finish()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._transport = None
        call, self._call = self._call, None
        self._memory.release()
        if call is not None:
            call.fail(
                GatewayError(
                    BACKEND_CONNECTION_LOST,
                    endpoint=self._request.endpoint if self._request else None,
                    why=str(exc) if exc else "it closed the connection before its answer was whole",
                )
            )
        self._on_lost(self)

    # --- httptools ----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A status line begins. After a whole answer nobody asked for one, so the connection is not used again."""
        if self._whole:
            raise _Unsolicited

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or one trailer, which is dropped."""
        if not self._head_done:
            self._headers.append((name.lower(), name, value.rstrip(b" \t")))
        elif name.lower() in FRAMING_HEADERS:
            raise self._malformed("its trailers speak of how it is framed")

    def on_headers_complete(self) -> None:
        """The header block is whole."""
        self._status = status = self._parser.get_status_code()
        if self._received > _MAX_HEADER_BLOCK and self._has_too_large_a_head():
            raise self._malformed(f"its header block is larger than {_MAX_HEADER_BLOCK} bytes")
        if 200 <= status < 600:
            self._head_done = True
            head_only = self._request is not None and self._request.method == "HEAD"
            if (head_only or status in {204, 304}) and not self._is_well_coded():
                raise self._badly_coded()  # of those with a body, `on_chunk_header` and `data_received` judge
            if head_only:
                # An answer to HEAD has the length of a body that it lacks (RFC 9112 section 6.3, rule 1), which the
                # parser cannot be told: the answer is whole now, and the next one gets a parser of its own.
                raise _HeadAnswered(reusable=self._kept and self._modern and self._parser.should_keep_alive())
        elif 100 <= status < 200:
            self._judge_interim()
            if status != 101:
                raise _InterimAnswered
        else:
            # RFC 9110 section 15: there is no such class of answers.
            raise self._malformed(f"its status is {status}")

    def _judge_interim(self) -> None:
        """Refuse what a reader could take for the answer itself, or for one with a body."""
        # RFC 9112 section 6.1 and RFC 9110 section 8.6: neither length nor coding, as there is nothing behind the head.
        if not self._delimited_by_close():
            raise self._malformed("an interim answer before it speaks of how it is framed")
        # RFC 9110 section 15.2: HTTP/1.0 has no such answers; who speaks it takes this one for the last.
        if not self._modern:
            raise self._malformed("an interim answer before it is of HTTP/1.0")
        self._kept = self._kept and self._parser.should_keep_alive()

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        if self._size == 0 and not self._is_well_coded():
            raise self._badly_coded()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._size += len(body)
        if self._size > MAX_PAYLOAD:
            raise GatewayError(BACKEND_ANSWER_TOO_LARGE, endpoint=self._request.endpoint if self._request else None)
        self._body.append(body)
        if self._size > self._memory.allowed:
            self._memory.grow(self._size, self._header(b"content-length"), self._transport)

    def on_message_complete(self) -> None:
        """The answer is whole, or is a 101, which llhttp refuses next."""
        if self._status < 200:
            return
        # The call learns of it when the parser has returned: resuming it may start the next call on this connection.
        self._whole = True
        kept = self._kept and self._modern and self._parser.should_keep_alive()
        self._reusable = kept and (self._status != 204 or self._is_bare())

    # --- ends ---------------------------------------------------------------------------------------------------

    def _is_bare(self) -> bool:
        """True when a 204 announces no body. One that does may be sent it, and it would be read as the next answer."""
        return self._delimited_by_close() or self._header(b"content-length") == b"0"

    def _has_too_large_a_head(self) -> bool:
        return sum(len(name) + len(value) + 4 for _, name, value in self._headers) > _MAX_HEADER_BLOCK

    def _is_well_coded(self) -> bool:
        """False with a coding beside `chunked`, which would reach the client unannounced; HTTP/1.0 knows none at all."""
        codings = [value.lower() for lower, _, value in self._headers if lower == b"transfer-encoding"]
        return not codings or (codings == [b"chunked"] and self._modern)

    def _badly_coded(self) -> GatewayError:
        return self._malformed("its Transfer-Encoding is not just chunked")

    def _header(self, wanted: bytes) -> bytes | None:
        for lower, _, value in self._headers:
            if lower == wanted:
                return value
        return None

    def _delimited_by_close(self) -> bool:
        return not any(lower in {b"content-length", b"transfer-encoding"} for lower, _, _ in self._headers)

    def _finish(self) -> None:
        call = self._call
        assert call is not None
        body, reusable = self._body, self._reusable
        answer = BackendResponse(self._status, self._headers, _gather(body, self._size))
        self._call = None
        taken = self._memory.detach() if self._size > FREE_BYTES else 0
        self._reset()
        transport = self._transport
        if transport is None:
            pass
        elif self._request is not None and self._request.content and transport.get_write_buffer_size():
            transport.abort()  # it answered without reading all of the request, and may never read the rest
        elif reusable and not transport.is_closing():
            self._on_idle(self)
        else:
            transport.close()
        self._request = None  # its body is not kept while the connection waits for the next
        call.resolve(answer)
        if taken:
            # Not before: the client now holds what it did not take at once, and nobody was given the room of it meanwhile.
            self._memory.give_back(taken)

    def _give_up_waiting(self) -> None:
        self._end(GatewayError(GATEWAY_OVERLOADED, what=MEMORY_FULL))

    def _malformed(self, why: str) -> GatewayError:
        endpoint = self._request.endpoint if self._request else None
        return GatewayError(BACKEND_ANSWER_MALFORMED, endpoint=endpoint, why=why)

    def _end(self, error: BaseException) -> None:
        call, self._call = self._call, None
        self._memory.release()
        if self._transport is not None:
            self._transport.abort()
        if call is not None:
            call.fail(error)


def _gather(parts: list[bytes], size: int) -> bytes | Parts:
    """A body, which is left in its parts when they are large: of few bytes each they would take more memory than in one."""
    if len(parts) <= 1:
        return parts[0] if parts else b""
    return Parts(parts) if size >= len(parts) * _LARGE_PART else b"".join(parts)
