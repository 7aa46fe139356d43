"""The bytes of a connection, cut into frames; what is too large or out of place is refused before it is held."""

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame, PingFrame, SettingsFrame
from hypothesis import given
from hypothesis import strategies as st

from gatewright.dataplane.http2.frames import (
    MAX_BLOCK_FRAMES,
    MAX_ENCODED_BLOCK,
    MAX_FRAME,
    PREFACE,
    ConnectionRefused,
    FrameSplitter,
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
    assert [4, 1, 9, 0, 0] == [frame.kind for frame in got]
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
    ("empty", "frame"),
    [
        (True, DataFrame(1, b"")),
        (True, DataFrame(1, b"", flags=["PADDED"], pad_length=200)),
        (False, DataFrame(1, b"x")),
        (False, DataFrame(1, b"x", flags=["PADDED"], pad_length=200)),
    ],
)
def test_padding_is_nothing(empty, frame):
    (raw,) = begun().feed(frame.serialize())
    assert empty == raw.empty
