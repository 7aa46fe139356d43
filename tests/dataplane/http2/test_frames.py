"""The bytes of a connection, cut into frames; what is too large or out of place is refused before it is held."""

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame, PingFrame, SettingsFrame
from hyperframe.frame import Frame as PlainFrame
from hypothesis import given
from hypothesis import strategies as st

from gatewright.dataplane.http2.frames import (
    ACK,
    END_HEADERS,
    HEADERS,
    MAX_BLOCK_FRAMES,
    MAX_ENCODED_BLOCK,
    MAX_FRAME,
    PREFACE,
    ConnectionRefused,
    Frame,
    FrameSplitter,
    render_frame,
    strip_padding,
)

BEGINNING = PREFACE + SettingsFrame(0).serialize()


def begun() -> FrameSplitter:
    splitter = FrameSplitter()
    assert 1 == len(list(splitter.feed(BEGINNING)))
    return splitter


def refused(splitter: FrameSplitter, octets: bytes) -> ErrorCodes:
    with pytest.raises(ConnectionRefused) as refusal:
        list(splitter.feed(octets))
    return refusal.value.code


@given(st.lists(st.integers(min_value=1, max_value=60), max_size=20))
def test_frames_are_the_same_however_their_bytes_arrive(cuts):
    octets = BEGINNING + b"".join(
        [
            HeadersFrame(1, b"abc").serialize(),
            ContinuationFrame(1, b"d" * 100, flags=["END_HEADERS"]).serialize(),
            DataFrame(1, b"x" * 30).serialize(),
            DataFrame(1, b"", flags=["END_STREAM"]).serialize(),
        ]
    )
    splitter, got, at = FrameSplitter(), [], 0
    for cut in [*cuts, len(octets)]:
        got += splitter.feed(octets[at : at + cut])
        at += cut
    assert list(FrameSplitter().feed(octets)) == got
    assert [4, 1, 0, 0] == [frame.kind for frame in got]
    assert Frame(HEADERS, 0, 1, b"abc" + b"d" * 100) == got[1]
    assert not splitter.in_frame


def test_something_is_under_way_until_the_preface_a_frame_or_a_header_block_is_whole():
    splitter = FrameSplitter()
    assert splitter.in_frame
    list(splitter.feed(BEGINNING))
    assert not splitter.in_frame
    list(splitter.feed(HeadersFrame(1, b"abc").serialize()))
    assert splitter.in_frame
    list(splitter.feed(ContinuationFrame(1, b"", flags=["END_HEADERS"]).serialize()))
    assert not splitter.in_frame


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", PREFACE[:-1] + b"x", b"\x16\x03\x01"])
def test_another_preface_is_refused(octets):
    assert ErrorCodes.PROTOCOL_ERROR == refused(FrameSplitter(), octets)


@pytest.mark.parametrize("frame", [PingFrame(0), HeadersFrame(1, b"\x82"), SettingsFrame(0, flags=["ACK"])])
def test_a_connection_that_does_not_begin_with_settings_is_refused(frame):
    assert ErrorCodes.PROTOCOL_ERROR == refused(FrameSplitter(), PREFACE + frame.serialize())


def test_a_long_frame_is_refused_by_its_header_alone():
    header = DataFrame(1, b"x" * (MAX_FRAME + 1)).serialize()[:9]
    assert ErrorCodes.FRAME_SIZE_ERROR == refused(begun(), header)
    assert 1 == len(list(begun().feed(DataFrame(1, b"x" * MAX_FRAME).serialize())))


@pytest.mark.parametrize(
    "frame", [PingFrame(0), DataFrame(1, b"x"), HeadersFrame(3, b""), ContinuationFrame(3, b"")], ids=repr
)
def test_nothing_comes_between_the_parts_of_a_header_block(frame):
    splitter = begun()
    list(splitter.feed(HeadersFrame(1, b"abc").serialize()))
    assert ErrorCodes.PROTOCOL_ERROR == refused(splitter, frame.serialize())


def test_a_header_block_is_bounded_in_bytes():
    splitter = begun()
    list(splitter.feed(HeadersFrame(1, b"x" * MAX_FRAME).serialize()))
    for _ in range(MAX_ENCODED_BLOCK // MAX_FRAME - 1):
        list(splitter.feed(ContinuationFrame(1, b"x" * MAX_FRAME).serialize()))
    assert ErrorCodes.ENHANCE_YOUR_CALM == refused(splitter, ContinuationFrame(1, b"x").serialize()[:9])


def test_a_header_block_is_bounded_in_frames():
    splitter = begun()
    list(splitter.feed(HeadersFrame(1, b"").serialize()))
    empty = ContinuationFrame(1, b"").serialize()
    list(splitter.feed(empty * (MAX_BLOCK_FRAMES - 1)))
    assert ErrorCodes.ENHANCE_YOUR_CALM == refused(splitter, empty)


@pytest.mark.parametrize(
    ("block", "frame"),
    [
        (b"abc", HeadersFrame(1, b"abc", flags=["END_HEADERS"])),
        (b"abc", HeadersFrame(1, b"abc", flags=["END_HEADERS", "PADDED"], pad_length=200)),
        (b"abc", HeadersFrame(1, b"abc", flags=["END_HEADERS", "PRIORITY"], depends_on=3, stream_weight=9)),
        (b"abc", HeadersFrame(1, b"abc", flags=["END_HEADERS", "PADDED", "PRIORITY"], pad_length=1, depends_on=3)),
        (b"", HeadersFrame(1, b"", flags=["END_HEADERS", "PADDED"], pad_length=7)),
    ],
)
def test_a_header_block_is_freed_from_what_surrounds_it(block, frame):
    (got,) = begun().feed(frame.serialize())
    assert block == got.payload


#: (code, kind, flags, stream, payload); the twin that is taken, where there is one, differs in one thing.
ALONE = [
    # RFC 9113 section 6.1
    (None, 0x0, 0, 1, b"x"),
    ("PROTOCOL_ERROR", 0x0, 0, 0, b"x"),
    # section 6.2
    (None, 0x1, END_HEADERS, 1, b"\x82"),
    ("PROTOCOL_ERROR", 0x1, END_HEADERS, 0, b"\x82"),
    (None, 0x1, END_HEADERS | 0x8, 1, b"\1\x82\0"),
    (None, 0x1, END_HEADERS | 0x8, 1, b"\2\x82\0"),
    ("PROTOCOL_ERROR", 0x1, END_HEADERS | 0x8, 1, b"\3\x82\0"),
    ("FRAME_SIZE_ERROR", 0x1, END_HEADERS | 0x8, 1, b""),
    (None, 0x1, END_HEADERS | 0x20, 1, b"\0\0\0\3\0"),
    ("FRAME_SIZE_ERROR", 0x1, END_HEADERS | 0x20, 1, b"\0\0\0\3"),
    ("PROTOCOL_ERROR", 0x1, END_HEADERS | 0x20, 1, b"\0\0\0\1\0"),  # RFC 7540 section 5.3.1
    ("PROTOCOL_ERROR", 0x1, END_HEADERS | 0x20, 1, b"\x80\0\0\1\0"),  # exclusively
    # section 6.3
    (None, 0x2, 0, 1, b"\0\0\0\3\0"),
    ("PROTOCOL_ERROR", 0x2, 0, 0, b"\0\0\0\3\0"),
    ("FRAME_SIZE_ERROR", 0x2, 0, 1, b"\0\0\0\3"),
    # section 6.4
    (None, 0x3, 0, 1, b"\0\0\0\x08"),
    ("PROTOCOL_ERROR", 0x3, 0, 0, b"\0\0\0\x08"),
    ("FRAME_SIZE_ERROR", 0x3, 0, 1, b"\0\0\0\0\x08"),
    # section 6.5
    (None, 0x4, 0, 0, b""),
    (None, 0x4, ACK, 0, b""),
    ("FRAME_SIZE_ERROR", 0x4, ACK, 0, b"\0\4\0\0\0\1"),
    ("FRAME_SIZE_ERROR", 0x4, 0, 0, b"\0\4\0\0\0"),
    ("PROTOCOL_ERROR", 0x4, 0, 1, b""),
    # section 6.6
    ("PROTOCOL_ERROR", 0x5, END_HEADERS, 1, b"\0\0\0\2"),
    # section 6.7
    (None, 0x6, 0, 0, b"12345678"),
    ("FRAME_SIZE_ERROR", 0x6, 0, 0, b"1234567"),
    ("FRAME_SIZE_ERROR", 0x6, ACK, 0, b"123456789"),
    ("PROTOCOL_ERROR", 0x6, 0, 1, b"12345678"),
    # section 6.8
    (None, 0x7, 0, 0, bytes(8)),
    (None, 0x7, 0, 0, bytes(8) + b"why"),
    ("FRAME_SIZE_ERROR", 0x7, 0, 0, bytes(7)),
    ("PROTOCOL_ERROR", 0x7, 0, 1, bytes(8)),
    # section 6.9
    (None, 0x8, 0, 0, b"\0\0\0\1"),
    (None, 0x8, 0, 1, b"\0\0\0\1"),
    ("FRAME_SIZE_ERROR", 0x8, 0, 1, b"\0\0\1"),
    # section 6.10
    ("PROTOCOL_ERROR", 0x9, END_HEADERS, 1, b"\x82"),
    ("PROTOCOL_ERROR", 0x9, END_HEADERS, 0, b"\x82"),
    # section 5.5: whatever an extension's frame looks like
    (None, 0xA, 0xFF, 0, b"x"),
    (None, 0xFF, 0xFF, 1, b""),
    # section 4.1: flags without a meaning and the reserved bit are ignored
    (None, 0x6, 0xFE, 2**31, b"12345678"),
]


@pytest.mark.parametrize(("code", "kind", "flags", "stream_id", "payload"), ALONE)
def test_a_frame_is_judged_alone(code, kind, flags, stream_id, payload):
    octets = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream_id.to_bytes(4, "big") + payload
    if code is None:
        assert 1 == len(list(begun().feed(octets)))
    else:
        assert code == refused(begun(), octets).name


@pytest.mark.parametrize(("text", "payload"), [(b"x", b"\2x\0\0"), (b"", b"\0"), (b"", b"\2\0\0"), (b"xyz", b"\0xyz")])
def test_padding_is_nothing(text, payload):
    assert text == strip_padding(payload)


@pytest.mark.parametrize(
    ("code", "payload"), [("PROTOCOL_ERROR", b"\1"), ("PROTOCOL_ERROR", b"\3xy"), ("FRAME_SIZE_ERROR", b"")]
)
def test_padding_fits_its_frame(code, payload):
    with pytest.raises(ConnectionRefused) as refusal:
        strip_padding(payload)
    assert code == refusal.value.code.name


@pytest.mark.parametrize(("kind", "flags", "payload"), [(0, 1, b"x" * 70_000), (1, 4, b""), (8, 0, b"\0\0\0\1")])
def test_frames_are_written_as_others_read_them(kind, flags, payload):
    octets = render_frame(kind, flags, 7, payload)
    frame, length = PlainFrame.parse_frame_header(memoryview(octets[:9]))
    assert (kind, 7, len(payload), payload) == (frame.type, frame.stream_id, length, octets[9:])
