"""Who may send how much."""

import pytest

from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.head import RequestHead
from gatewright.dataplane.http2.streams import STREAM_WINDOW, Stream
from gatewright.dataplane.http2.uploads import CONNECTION_WINDOW, Uploads


def upload(stream_id: int, length: int | None) -> Stream:
    stream = Stream(stream_id, 0)
    stream.head = RequestHead("POST", "/", "", [], b"a", length, False, 0, {})
    return stream


@pytest.fixture
def opened():
    """(stream, by how much) of the windows that were opened."""
    return []


@pytest.fixture
def uploads(opened):
    return Uploads(lambda stream_id, size: opened.append((stream_id, size)))


def test_the_connection_begins_with_its_window(uploads, opened):
    uploads.begin()
    assert [(0, CONNECTION_WINDOW - STREAM_WINDOW)] == opened


def test_what_came_is_given_back_to_the_connection_by_the_half(uploads, opened):
    for _ in range(63):
        uploads.receive(16_384)
    assert [(0, CONNECTION_WINDOW // 2)] == opened
    uploads.receive(16_384)
    assert [(0, CONNECTION_WINDOW // 2)] * 2 == opened


def test_a_stream_keeps_to_its_window(uploads):
    stream = upload(1, None)
    uploads.charge(stream, STREAM_WINDOW)
    with pytest.raises(ConnectionRefused) as refusal:
        uploads.charge(stream, 1)
    assert "FLOW_CONTROL_ERROR" == refusal.value.code.name


def test_long_bodies_get_room_in_the_order_they_asked_and_each_once(uploads, opened):
    first, second, third, short = upload(1, MAX_PAYLOAD), upload(3, None), upload(5, 10**6), upload(7, 70_000)
    for stream in (first, first, second, third, short):
        uploads.ask_room(stream)
    # One more than the limit tells that a body of unknown length has passed it.
    assert [(1, MAX_PAYLOAD - STREAM_WINDOW), (3, MAX_PAYLOAD + 1 - STREAM_WINDOW)] == opened
    assert [False, False, True, True] == [stream.waiting_room for stream in (first, second, third, short)]
    uploads.return_room(third)  # it is reset while it waits
    uploads.return_room(first)
    assert [(7, 70_000 - STREAM_WINDOW)] == opened[2:]
    uploads.return_room(first)
    uploads.ask_room(upload(9, MAX_PAYLOAD - 70_000))
    assert 4 == len(opened)
