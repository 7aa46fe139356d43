import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.model.feed import MAX_FRAME, Ack, FeedError, FrameDecoder, Hello, PublishedChange, Update, encode_frame

TEXT = st.text(st.characters(), max_size=12)
CHANGES = st.builds(
    PublishedChange, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), st.none() | TEXT, st.none() | TEXT
)
MESSAGES = st.one_of(
    st.builds(Hello, st.integers(0), st.integers(0), st.integers(0)),
    st.builds(Update, st.integers(0), st.lists(CHANGES, max_size=4).map(tuple), st.booleans(), st.booleans()),
    st.builds(Ack, st.integers(0), st.dictionaries(TEXT, st.integers())),
)


@given(st.lists(MESSAGES, max_size=6), st.lists(st.integers(1, 60), max_size=10))
@settings(max_examples=150)
def test_messages_arrive_as_they_were_sent_whatever_the_boundaries(messages, cuts):
    stream = b"".join(map(encode_frame, messages))
    decoder, received, start = FrameDecoder(), [], 0
    for size in [*cuts, len(stream)]:
        received += decoder.feed(stream[start : start + size])
        start += size
    assert messages == received


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[]",
        b'["hello"]',
        b'["hello",1,2,"x"]',
        b'["update",1,[[1]],true,false]',
        b'["update",1,[1],true,false]',
        b'["ack",1,[]]',
        b"\xff",
        b'["goodbye"]',
    ],
)
def test_another_protocol_is_refused(payload):
    with pytest.raises(FeedError):
        FrameDecoder().feed(len(payload).to_bytes(4, "big") + payload)


def test_a_frame_that_says_it_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(FeedError, match="at most"):
        FrameDecoder().feed((MAX_FRAME + 1).to_bytes(4, "big"))


def test_a_message_that_is_too_large_is_not_sent():
    with pytest.raises(FeedError, match="send it in parts"):
        encode_frame(Ack(1, {"x" * MAX_FRAME: 1}))


def test_a_secret_never_shows():
    assert "s3cret" not in repr(PublishedChange("certificate", "1", "r", ("a",), "{}", "s3cret"))
