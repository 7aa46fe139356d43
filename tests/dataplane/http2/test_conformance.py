"""RFC 9113 section by section, told in raw frames to one session: what each rule allows beside what it forbids.

Each row is one connection: what a client sends behind its preface and settings, and what becomes of it. The frames are written
here byte by byte, since no library sends most of them.
"""

from itertools import pairwise
from typing import NamedTuple

import pytest
from h2.errors import ErrorCodes
from hpack import Encoder

from gatewright.core.http.message import Response
from gatewright.dataplane.http2.frames import PREFACE
from gatewright.dataplane.http2.session import Http2Session
from gatewright.dataplane.room import Room
from support.http2 import DATE

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
ACK = END_STREAM = 0x1
END_HEADERS, PADDED, PRIORITIZED = 0x4, 0x8, 0x20
WHOLE = END_HEADERS | END_STREAM


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def setting(identifier: int, value: int) -> bytes:
    return identifier.to_bytes(2, "big") + number(value)


def block(*fields: tuple[str, str]) -> bytes:
    """Without references to a dynamic table, so that blocks may come in any order."""
    return Encoder().encode([(name.encode(), value.encode(), True) for name, value in fields])


METHOD, SCHEME, PATH, AUTHORITY = (":method", "GET"), (":scheme", "https"), (":path", "/x"), (":authority", "a.test")
PSEUDO = (METHOD, SCHEME, PATH, AUTHORITY)
REQUEST = block(*PSEUDO)
TRAILERS = block(("x-checksum", "1"))


def ask(stream: int, *fields: tuple[str, str], flags: int = WHOLE) -> bytes:
    return frame(HEADERS, flags, stream, block(*PSEUDO, *fields))


class Told(NamedTuple):
    """What the session said."""

    frames: list[tuple[int, int, int, bytes]]

    def of(self, kind: int) -> list[tuple[int, int, int, bytes]]:
        return [each for each in self.frames if each[0] == kind]

    @property
    def outcome(self) -> str:
        """What became of the client: the connection's end, a stream's, or nothing of either."""
        for _, _, _, payload in self.of(GOAWAY):
            return f"connection {ErrorCodes(int.from_bytes(payload[4:8], 'big')).name}"
        for _, _, stream, payload in self.of(RST_STREAM):
            return f"stream {stream} {ErrorCodes(int.from_bytes(payload, 'big')).name}"
        return "fine"


def tell(*octets: bytes, answer: bytes | None = None) -> tuple[Told, list[int], Http2Session]:
    """(what a fresh session said to this, the streams whose requests came out, the session); each is answered if asked."""
    session = Http2Session(Room(2**40))
    session.initiate()
    session.receive(PREFACE + frame(SETTINGS), 0.0)
    while session.output():
        pass
    streams, said = [], b""
    for piece in octets:
        for received in session.receive(piece, 0.0):
            streams.append(received.stream_id)
            if answer is not None:
                session.respond(received.stream_id, Response(200, [], answer), head_only=False, date=DATE)
        while output := session.output():
            said += output
    frames = []
    while said:
        length = int.from_bytes(said[:3], "big")
        frames.append((said[3], said[4], int.from_bytes(said[5:9], "big"), said[9 : 9 + length]))
        said = said[9 + length :]
    return Told(frames), streams, session


#: Section, what is sent, what becomes of it.
CONNECTION = [
    pytest.param("fine", frame(PING, payload=b"12345678"), id="6.7: a PING"),
    pytest.param("fine", frame(PING, ACK, payload=b"12345678"), id="6.7: an answer that nobody asked for"),
    pytest.param("fine", frame(SETTINGS, ACK), id="6.5: an acknowledgement"),
    pytest.param("fine", frame(SETTINGS, payload=setting(0xF0, 9)), id="6.5.2: an unknown setting"),
    pytest.param("fine", frame(SETTINGS, payload=setting(2, 0)), id="6.5.2: ENABLE_PUSH 0"),
    pytest.param("fine", frame(SETTINGS, payload=setting(2, 1)), id="6.5.2: ENABLE_PUSH 1"),
    pytest.param("connection PROTOCOL_ERROR", frame(SETTINGS, payload=setting(2, 2)), id="6.5.2: ENABLE_PUSH 2"),
    pytest.param("fine", frame(SETTINGS, payload=setting(4, 2**31 - 1)), id="6.5.2: the largest window"),
    pytest.param("connection FLOW_CONTROL_ERROR", frame(SETTINGS, payload=setting(4, 2**31)), id="6.5.2: a larger one"),
    pytest.param("fine", frame(SETTINGS, payload=setting(5, 2**14)), id="6.5.2: the smallest MAX_FRAME_SIZE"),
    pytest.param("connection PROTOCOL_ERROR", frame(SETTINGS, payload=setting(5, 2**14 - 1)), id="6.5.2: a smaller one"),
    pytest.param("fine", frame(SETTINGS, payload=setting(5, 2**24 - 1)), id="6.5.2: the largest MAX_FRAME_SIZE"),
    pytest.param("connection PROTOCOL_ERROR", frame(SETTINGS, payload=setting(5, 2**24)), id="6.5.2: a larger frame"),
    pytest.param("fine", frame(SETTINGS, payload=setting(1, 0) + setting(3, 0) + setting(6, 0)), id="6.5.2: noughts"),
    pytest.param("fine", frame(WINDOW_UPDATE, payload=number(2**31 - 1 - 65_535)), id="6.9.1: the connection's largest window"),
    pytest.param("connection FLOW_CONTROL_ERROR", frame(WINDOW_UPDATE, payload=number(2**31 - 65_535)), id="6.9.1: past it"),
    pytest.param("connection PROTOCOL_ERROR", frame(WINDOW_UPDATE, payload=number(0)), id="6.9: by 0"),
    pytest.param("connection PROTOCOL_ERROR", frame(WINDOW_UPDATE, payload=number(2**31)), id="6.9: by 0 and the reserved bit"),
    pytest.param("fine", frame(GOAWAY, payload=bytes(8)), id="6.8: a goodbye"),
    pytest.param("connection PROTOCOL_ERROR", frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + REQUEST), id="8.4: a push"),
    pytest.param("fine", frame(0x20, 0xFF, 7, b"whatever"), id="5.5: an unknown frame"),
    pytest.param("connection PROTOCOL_ERROR", ask(2), id="5.1.1: a stream of the server's"),
    pytest.param("connection PROTOCOL_ERROR", ask(5) + ask(3), id="5.1.1: a stream lower than the last"),
    pytest.param("fine", ask(1) + ask(101), id="5.1.1: streams left out"),
    pytest.param("connection FRAME_SIZE_ERROR", frame(DATA, 0, 1, bytes(16_385)), id="4.2: a frame over the limit"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "sent"), CONNECTION)
def test_rules_of_the_connection(outcome, sent):
    assert outcome == tell(sent)[0].outcome


IDLE, OPEN, HALF_CLOSED = b"", ask(1, flags=END_HEADERS), ask(1)
RESET = OPEN + frame(RST_STREAM, 0, 1, number(8))

#: RFC 9113 section 5.1: the state of stream 1, the frame that comes, what becomes of it.
STATES = [
    ("idle", IDLE, "DATA", "connection PROTOCOL_ERROR"),
    ("idle", IDLE, "RST_STREAM", "connection PROTOCOL_ERROR"),
    ("idle", IDLE, "WINDOW_UPDATE", "connection PROTOCOL_ERROR"),
    ("idle", IDLE, "PRIORITY", "fine"),
    ("idle", IDLE, "HEADERS", "fine"),
    ("open", OPEN, "DATA", "fine"),
    ("open", OPEN, "RST_STREAM", "fine"),
    ("open", OPEN, "WINDOW_UPDATE", "fine"),
    ("open", OPEN, "PRIORITY", "fine"),
    ("open", OPEN, "trailers", "fine"),
    ("open", OPEN, "trailers without END_STREAM", "stream 1 PROTOCOL_ERROR"),
    ("half-closed (remote)", HALF_CLOSED, "DATA", "stream 1 STREAM_CLOSED"),
    ("half-closed (remote)", HALF_CLOSED, "HEADERS", "stream 1 STREAM_CLOSED"),
    ("half-closed (remote)", HALF_CLOSED, "RST_STREAM", "fine"),
    ("half-closed (remote)", HALF_CLOSED, "WINDOW_UPDATE", "fine"),
    ("half-closed (remote)", HALF_CLOSED, "PRIORITY", "fine"),
    ("half-closed (remote)", HALF_CLOSED, "CONTINUATION", "connection PROTOCOL_ERROR"),
    ("reset by the client", RESET, "DATA", "stream 1 STREAM_CLOSED"),
    ("reset by the client", RESET, "HEADERS", "stream 1 STREAM_CLOSED"),
    ("reset by the client", RESET, "CONTINUATION", "connection PROTOCOL_ERROR"),
    ("reset by the client", RESET, "RST_STREAM", "fine"),
    ("reset by the client", RESET, "WINDOW_UPDATE", "fine"),
    ("reset by the client", RESET, "PRIORITY", "fine"),
    ("left out", ask(3), "DATA", "stream 1 STREAM_CLOSED"),
    ("left out", ask(3), "HEADERS", "connection PROTOCOL_ERROR"),
    ("left out", ask(3), "RST_STREAM", "fine"),
    ("left out", ask(3), "WINDOW_UPDATE", "fine"),
    ("left out", ask(3), "PRIORITY", "fine"),
]
COMES = {
    "DATA": frame(DATA, END_STREAM, 1, b"x"),
    "HEADERS": ask(1),
    "trailers": frame(HEADERS, WHOLE, 1, TRAILERS),
    "trailers without END_STREAM": frame(HEADERS, END_HEADERS, 1, TRAILERS),
    "PRIORITY": frame(PRIORITY, 0, 1, number(3) + b"\0"),
    "RST_STREAM": frame(RST_STREAM, 0, 1, number(8)),
    "WINDOW_UPDATE": frame(WINDOW_UPDATE, 0, 1, number(1)),
    "CONTINUATION": frame(CONTINUATION, END_HEADERS, 1, TRAILERS),
}


@pytest.mark.parametrize(
    ("before", "comes", "outcome"), [row[1:] for row in STATES], ids=[f"{row[0]}: {row[2]}" for row in STATES]
)
def test_what_may_come_on_a_stream_depends_on_its_state(before, comes, outcome):
    assert outcome == tell(before + COMES[comes])[0].outcome


@pytest.mark.parametrize(
    ("comes", "outcome"),
    [
        ("DATA", "stream 1 STREAM_CLOSED"),
        ("HEADERS", "connection STREAM_CLOSED"),
        ("CONTINUATION", "connection PROTOCOL_ERROR"),
        ("RST_STREAM", "fine"),
        ("WINDOW_UPDATE", "fine"),
        ("PRIORITY", "fine"),
    ],
)
def test_what_may_come_on_a_stream_that_ended_with_its_answer(comes, outcome):
    assert outcome == tell(ask(1), COMES[comes], answer=b"{}")[0].outcome


@pytest.mark.parametrize("comes", ["DATA", "HEADERS", "trailers", "RST_STREAM", "WINDOW_UPDATE", "PRIORITY"])
def test_what_was_on_its_way_to_a_stream_that_we_reset_is_passed_over(comes):
    """RFC 9113 section 5.1, closed: it may have been sent before the client knew. A reset for each would be a flood of our own."""
    malformed = frame(HEADERS, END_HEADERS, 1, block(*PSEUDO, ("Upper", "1")))
    told, streams, session = tell(malformed + COMES[comes] * 3 + ask(3))
    assert 1 == len(told.of(RST_STREAM))
    assert [] == told.of(GOAWAY)
    assert [3] == streams
    assert not session.closed


#: RFC 9113 section 8: the fields of a request, and what becomes of it.
REQUESTS = [
    pytest.param("fine", PSEUDO, id="8.3.1: all four"),
    pytest.param("fine", (PATH, AUTHORITY, SCHEME, METHOD), id="8.3: in any order"),
    pytest.param("fine", (METHOD, SCHEME, PATH, ("host", "a.test")), id="8.3.1: Host instead of :authority"),
    pytest.param("fine", (*PSEUDO, ("host", "A.test")), id="8.3.1: both, of the same host"),
    pytest.param("reset", (*PSEUDO, ("host", "b.test")), id="8.3.1: both, of different hosts"),
    pytest.param("reset", (SCHEME, PATH, AUTHORITY), id="8.3.1: no :method"),
    pytest.param("reset", (METHOD, PATH, AUTHORITY), id="8.3.1: no :scheme"),
    pytest.param("reset", (METHOD, SCHEME, AUTHORITY), id="8.3.1: no :path"),
    pytest.param("reset", (METHOD, SCHEME, (":path", ""), AUTHORITY), id="8.3.1: an empty :path"),
    pytest.param("reset", (METHOD, *PSEUDO), id="8.3.1: two of :method"),
    pytest.param("reset", (SCHEME, *PSEUDO), id="8.3.1: two of :scheme"),
    pytest.param("reset", (PATH, *PSEUDO), id="8.3.1: two of :path"),
    pytest.param("reset", (AUTHORITY, *PSEUDO), id="8.3.1: two of :authority"),
    pytest.param("reset", (*PSEUDO, (":unknown", "1")), id="8.3: an unknown pseudo-header"),
    pytest.param("reset", (*PSEUDO, (":protocol", "websocket")), id="RFC 8441: one we did not announce"),
    pytest.param("reset", (*PSEUDO, (":status", "200")), id="8.3: one of an answer"),
    pytest.param("reset", (METHOD, SCHEME, PATH, ("accept", "*/*"), AUTHORITY), id="8.3: one after an ordinary header"),
    pytest.param("fine", (*PSEUDO, ("x-upper", "A")), id="8.2.1: small letters"),
    pytest.param("reset", (*PSEUDO, ("X-Upper", "A")), id="8.2.1: capitals"),
    pytest.param("reset", (*PSEUDO, ("", "1")), id="8.2.1: an empty name"),
    pytest.param("reset", (*PSEUDO, ("x y", "1")), id="8.2.1: a space in a name"),
    pytest.param("reset", (*PSEUDO, ("x:y", "1")), id="8.2.1: a colon in a name"),
    pytest.param("reset", (*PSEUDO, ("x\x7f", "1")), id="8.2.1: DEL in a name"),
    pytest.param("reset", (*PSEUDO, ("x", "1\r\nb: 2")), id="8.2.1: a line end in a value"),
    pytest.param("reset", (*PSEUDO, ("x", "\n")), id="8.2.1: nothing but a line end"),
    pytest.param("reset", (*PSEUDO, ("x", "1\0")), id="8.2.1: NUL in a value"),
    pytest.param("reset", (*PSEUDO, ("x", " 1")), id="8.2.1: space before a value"),
    pytest.param("reset", (*PSEUDO, ("x", "1\t")), id="8.2.1: a tab behind a value"),
    pytest.param("fine", (*PSEUDO, ("x", "1 \t2"), ("y", "")), id="8.2.1: space inside, and nothing at all"),
    pytest.param("reset", (*PSEUDO, ("connection", "x")), id="8.2.2: Connection"),
    pytest.param("reset", (*PSEUDO, ("keep-alive", "timeout=5")), id="8.2.2: Keep-Alive"),
    pytest.param("reset", (*PSEUDO, ("proxy-connection", "close")), id="8.2.2: Proxy-Connection"),
    pytest.param("reset", (*PSEUDO, ("transfer-encoding", "chunked")), id="8.2.2: Transfer-Encoding"),
    pytest.param("reset", (*PSEUDO, ("upgrade", "h2c")), id="8.2.2: Upgrade"),
    pytest.param("fine", (*PSEUDO, ("te", "trailers")), id="8.2.2: TE with trailers"),
    pytest.param("reset", (*PSEUDO, ("te", "trailers, deflate;q=0.5")), id="8.2.2: TE with more"),
    pytest.param("fine", (*PSEUDO, ("content-length", "0")), id="8.1.1: no body, as announced"),
    pytest.param("reset", (*PSEUDO, ("content-length", "1")), id="8.1.1: no body, though announced"),
    pytest.param("reset", (*PSEUDO, ("content-length", "0"), ("content-length", "0")), id="8.1.1: two lengths"),
    pytest.param("reset", (*PSEUDO, ("content-length", "+0")), id="8.1.1: no number"),
]


@pytest.mark.parametrize(("outcome", "fields"), REQUESTS)
def test_a_malformed_request_is_a_stream_error(outcome, fields):
    told, streams, _ = tell(frame(HEADERS, WHOLE, 1, block(*fields)) + ask(3))
    assert ("fine" if outcome == "fine" else "stream 1 PROTOCOL_ERROR") == told.outcome
    assert ([1, 3] if outcome == "fine" else [3]) == streams


@pytest.mark.parametrize(
    ("outcome", "parts"),
    [
        ("fine", [b"abc", b"de"]),
        ("fine", [b"", b"abcde", b""]),
        ("stream 1 PROTOCOL_ERROR", [b"abcd"]),
        ("stream 1 PROTOCOL_ERROR", [b"abc", b"def"]),
    ],
)
@pytest.mark.parametrize("trailers", [False, True])
def test_a_body_is_as_long_as_announced(outcome, parts, trailers):
    """RFC 9113 section 8.1.1, the sum of all DATA frames."""
    sent = ask(1, ("content-length", "5"), flags=END_HEADERS)
    for at, part in enumerate(parts):
        ends = at == len(parts) - 1 and not trailers
        sent += frame(DATA, END_STREAM if ends else 0, 1, part)
    if trailers:
        sent += frame(HEADERS, WHOLE, 1, TRAILERS)
    told, streams, _ = tell(sent)
    assert outcome == told.outcome
    assert ([1] if outcome == "fine" else []) == streams


# --- header blocks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cuts", [[0], [1], [5, 5], [3, 4, 5], range(1, 15)])
@pytest.mark.parametrize("padded", [False, True])
def test_a_header_block_may_come_in_parts(cuts, padded):
    """RFC 9113 section 4.3."""
    edges = [0, *cuts, len(REQUEST)]
    parts = [REQUEST[begin:end] for begin, end in pairwise(edges)]
    first = b"\2" + parts[0] + b"\0\0" if padded else parts[0]
    sent = frame(HEADERS, END_STREAM | (PADDED if padded else 0), 1, first)
    for part in parts[1:-1]:
        sent += frame(CONTINUATION, 0, 1, part)
    sent += frame(CONTINUATION, END_HEADERS, 1, parts[-1])
    told, streams, _ = tell(sent)
    assert ("fine", [1]) == (told.outcome, streams)


@pytest.mark.parametrize(
    "between",
    [
        frame(PING, payload=b"12345678"),
        frame(SETTINGS),
        frame(PRIORITY, 0, 1, number(3) + b"\0"),
        frame(DATA, 0, 1, b"x"),
        frame(HEADERS, END_HEADERS, 1, b""),
        frame(CONTINUATION, END_HEADERS, 3, b""),
        frame(0x20, 0, 1, b""),
        frame(WINDOW_UPDATE, 0, 0, number(1)),
        frame(RST_STREAM, 0, 1, number(8)),
    ],
    ids=lambda octets: f"kind {octets[3]}",
)
def test_nothing_comes_between_the_parts_of_a_header_block(between):
    """RFC 9113 section 6.10; an unknown frame neither (section 5.5)."""
    assert "connection PROTOCOL_ERROR" == tell(frame(HEADERS, END_STREAM, 1, REQUEST) + between)[0].outcome


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"\x80", id="RFC 7541 section 6.1: index 0"),
        pytest.param(b"\xfe", id="section 2.3.3: an index past the tables"),
        pytest.param(b"\x7e\x01a", id="section 2.3.3: a name's index past the tables"),
        pytest.param(b"\x3f\xe2\x1f", id="section 6.3: a table over our limit"),
        pytest.param(b"\x82\x20", id="section 4.2: a table size behind a field"),
        pytest.param(b"\x20\x20\x20", id="section 4.2: three table sizes"),
        pytest.param(b"\x00\x82\x1f\xff\x01b", id="section 5.2: padding over seven bits"),
        pytest.param(b"\x00\x81\x18\x01b", id="section 5.2: padding of zeros"),
        pytest.param(b"\x00\x84\xff\xff\xff\xff\x01b", id="section 5.2: EOS"),
        pytest.param(b"\x00\x05ab", id="a string that ends early"),
        pytest.param(b"\xff\xff\xff\xff\xff\xff\xff\x0f", id="section 5.1: an integer without measure"),
    ],
)
@pytest.mark.parametrize("stream", [pytest.param(1, id="a request"), pytest.param(3, id="trailers")])
def test_a_block_that_cannot_be_decoded_ends_the_connection(stream, broken):
    """RFC 9113 section 4.3: its state is lost, for all streams."""
    told, _, _ = tell(ask(3, flags=END_HEADERS) + frame(HEADERS, WHOLE, stream + (stream == 1) * 4, broken))
    assert "connection COMPRESSION_ERROR" == told.outcome


def test_blocks_of_streams_that_are_refused_still_fill_the_table():
    """RFC 9113 section 4.3: each block changes the state that the next is read with."""
    encoder = Encoder()
    fields = [(name.encode(), value.encode()) for name, value in PSEUDO]
    malformed = encoder.encode([*fields, (b"X-Capital", b"1")])
    late_trailers = encoder.encode([(b"x-late", b"2")])
    good = encoder.encode([*fields, (b"x-late", b"2")])
    sent = (
        frame(HEADERS, END_HEADERS, 1, malformed)
        + frame(HEADERS, WHOLE, 1, late_trailers)
        + frame(HEADERS, WHOLE, 3, good)
    )
    session = Http2Session(Room(2**40))
    session.initiate()
    (received,) = session.receive(PREFACE + frame(SETTINGS) + sent, 0.0)
    assert b"2" == received.request.header(b"x-late")


# --- windows --------------------------------------------------------------------------------------------------------


def test_a_stream_may_send_as_much_as_its_window_and_no_more():
    """RFC 9113 section 6.9.1; padding counts."""
    full = frame(DATA, 0, 1, bytes(16_384)) * 3 + frame(DATA, PADDED, 1, b"\xff" + bytes(16_382))
    opening = ask(1, ("content-length", "65000"), flags=END_HEADERS)
    assert "fine" == tell(opening + full)[0].outcome
    over = frame(DATA, 0, 1, bytes(16_384)) * 4
    assert "connection FLOW_CONTROL_ERROR" == tell(opening + over)[0].outcome


def test_what_is_passed_over_is_given_back_to_the_connections_window():
    """RFC 9113 section 6.9: DATA counts whatever its stream's state, so a reset must not leave the others without window."""
    told, _, _ = tell(RESET, frame(DATA, PADDED, 1, b"\xff" + bytes(16_383)) * 32)
    assert [(WINDOW_UPDATE, 0, 0, number(32 * 16_384))] == told.of(WINDOW_UPDATE)


def test_what_is_passed_over_does_not_go_on_forever():
    told, _, _ = tell(RESET + frame(DATA, 0, 1, bytes(16_384)) * 1_100)
    assert "Too many frames came that move nothing." == tell(RESET + frame(DATA, 0, 1, b"x") * 1_100)[2].why_closed
    assert 1 == len(told.of(RST_STREAM))


def test_windows_that_clients_open_too_far_cost_the_stream():
    told, _, _ = tell(ask(1) + frame(WINDOW_UPDATE, 0, 1, number(2**31 - 1)))
    assert "stream 1 FLOW_CONTROL_ERROR" == told.outcome
    assert "fine" == tell(ask(1) + frame(WINDOW_UPDATE, 0, 1, number(2**31 - 1 - 65_535)))[0].outcome
    assert "stream 1 PROTOCOL_ERROR" == tell(ask(1) + frame(WINDOW_UPDATE, 0, 1, number(0)))[0].outcome


def test_settings_that_push_a_streams_window_past_its_limit_end_the_connection():
    """RFC 9113 section 6.9.2."""
    sent = ask(1) + frame(WINDOW_UPDATE, 0, 1, number(100)) + frame(SETTINGS, payload=setting(4, 2**31 - 1))
    assert "connection FLOW_CONTROL_ERROR" == tell(sent)[0].outcome


def sizes(told: Told) -> list[int]:
    return [len(payload) for _, _, _, payload in told.of(DATA)]


def test_a_window_that_settings_made_negative_must_be_filled_first():
    """RFC 9113 section 6.9.2."""
    told, _, session = tell(
        frame(SETTINGS, payload=setting(4, 3)),
        ask(1),
        frame(SETTINGS, payload=setting(4, 2)),  # three are sent: one less than nothing
        frame(WINDOW_UPDATE, 0, 1, number(1)),
        frame(WINDOW_UPDATE, 0, 1, number(2)),
        answer=b"12345",
    )
    assert [3, 2] == sizes(told)
    assert session.idle


def test_new_streams_begin_with_the_window_of_the_latest_settings():
    told, _, _ = tell(frame(SETTINGS, payload=setting(4, 1) + setting(4, 2)), ask(1), answer=b"12345")
    assert [2] == sizes(told)


def test_an_answer_fills_no_frame_further_than_every_client_takes():
    told, _, _ = tell(frame(SETTINGS, payload=setting(5, 2**20)), ask(1), answer=bytes(40_000))
    assert [16_384, 16_384, 7_232] == sizes(told)


# --- what is said -------------------------------------------------------------------------------------------------


def test_settings_are_acknowledged_and_pings_answered_in_order():
    """RFC 9113 sections 6.5.3 and 6.7."""
    told, _, _ = tell(frame(SETTINGS) + frame(PING, payload=b"ABCDEFGH") + frame(SETTINGS, payload=setting(3, 1)))
    assert [(SETTINGS, ACK, 0, b""), (PING, ACK, 0, b"ABCDEFGH"), (SETTINGS, ACK, 0, b"")] == told.frames
    assert [] == tell(frame(PING, ACK, payload=b"ABCDEFGH") + frame(SETTINGS, ACK))[0].frames


def test_a_goaway_names_the_last_stream_that_was_begun():
    """RFC 9113 section 6.8."""
    told, _, _ = tell(ask(7) + frame(PING, payload=b"short"))
    ((_, _, stream, payload),) = told.of(GOAWAY)
    assert (0, 7) == (stream, int.from_bytes(payload[:4], "big"))


def test_a_later_goaway_names_no_later_stream():
    """RFC 9113 section 6.8: the client may have asked again elsewhere for what the first one refused."""
    session = Http2Session(Room(2**40))
    session.initiate()
    session.receive(PREFACE + frame(SETTINGS) + ask(1), 0.0)
    session.drain()
    session.output()
    session.receive(ask(3) + frame(PING, payload=b"short"), 0.0)
    assert frame(GOAWAY, payload=number(1) + number(ErrorCodes.FRAME_SIZE_ERROR)) == session.output()[-17:]


def test_we_begin_with_our_settings():
    """RFC 9113 section 3.4."""
    session = Http2Session(Room(2**40))
    session.initiate()
    said = session.output()
    length = int.from_bytes(said[:3], "big")
    told = {
        int.from_bytes(said[at : at + 2], "big"): int.from_bytes(said[at + 2 : at + 6], "big")
        for at in range(9, 9 + length, 6)
    }
    assert (SETTINGS, 0) == (said[3], said[4])
    # MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE
    assert {3: 128, 4: 65_535, 5: 16_384, 6: 65_536}.items() <= told.items()
    assert frame(WINDOW_UPDATE, payload=number(1_048_576 - 65_535)) == said[9 + length :]
