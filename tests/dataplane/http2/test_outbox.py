"""What goes to the client, in which order, and what its windows hold back."""

import pytest

from gatewright.dataplane.http2.frames import ConnectionRefused
from gatewright.dataplane.http2.outbox import MAX_WINDOW, OUTPUT_CHUNK, Outbox
from gatewright.dataplane.http2.streams import Stream


class Told:
    """An outbox, and what it told."""

    def __init__(self, window: int = 65_535) -> None:
        self.sent = 0
        self.finished: list[int] = []
        self.outbox = Outbox(self._on_sent, lambda stream: self.finished.append(stream.stream_id))
        self.outbox.window = window

    def _on_sent(self, size: int) -> None:
        self.sent += size

    def collect(self) -> list[tuple[int, int]]:
        """(stream, length) of the frames that go."""
        data, frames = self.outbox.collect(), []
        while data:
            length = int.from_bytes(data[:3], "big")
            frames.append((int.from_bytes(data[5:9], "big"), length))
            data = data[9 + length :]
        return frames


def test_a_body_that_fits_goes_at_once():
    told = Told()
    told.outbox.put_body(Stream(1, 100), b"x" * 100)
    assert (100, [1], 0) == (told.sent, told.finished, told.outbox.buffered)
    assert [(1, 100)] == told.collect()
    assert [] == told.collect()


@pytest.mark.parametrize(("window", "of_stream"), [(100, 40), (40, 100)])
def test_a_body_waits_for_both_windows(window, of_stream):
    told = Told(window)
    stream = Stream(1, of_stream)
    told.outbox.put_body(stream, b"x" * 100)
    assert [(1, 40)] == told.collect()
    assert (40, [], 60) == (told.sent, told.finished, told.outbox.buffered)
    told.outbox.open_window(60)
    assert told.outbox.window > 0
    stream.send_window += 60
    told.outbox.make_ready(stream)
    assert [(1, 60)] == told.collect()
    assert ([1], 0) == (told.finished, told.outbox.buffered)


def test_a_short_body_waits_its_turn_behind_a_long_one_and_goes_before_its_end():
    told = Told(10**6)
    told.outbox.put_body(Stream(1, 10**6), b"x" * 40_000)
    told.outbox.put_body(Stream(3, 10**6), b"y" * 10)
    assert [(1, 16_384), (3, 10), (1, 16_384), (1, 7_232)] == told.collect()
    assert [3, 1] == told.finished


def test_a_stream_with_a_shut_window_is_passed_over():
    told = Told(10**6)
    told.outbox.put_body(Stream(1, 0), b"x" * 10)
    told.outbox.put_body(Stream(3, 10**6), b"y" * 10)
    assert [(3, 10)] == told.collect()
    assert 10 == told.outbox.buffered


def test_a_body_that_is_dropped_does_not_go():
    told = Told(10**6)
    stream = Stream(1, 10)
    told.outbox.put_body(stream, b"x" * 100)
    told.outbox.drop(stream)
    assert 0 == told.outbox.buffered
    assert [] == told.collect()


def test_bodies_are_held_back_while_as_many_frames_wait_as_may():
    told = Told(10**9)
    for _ in range(OUTPUT_CHUNK // 10_009 + 1):
        told.outbox.put_body(Stream(1, 10**6), b"x" * 10_000)
    assert 0 == told.outbox.buffered
    assert told.outbox.full
    told.outbox.put_body(Stream(3, 10**6), b"x" * 10_000)
    assert 10_000 == told.outbox.buffered
    told.collect()
    assert not told.outbox.full
    assert [(3, 10_000)] == told.collect()


@pytest.mark.parametrize(("code", "size"), [("PROTOCOL_ERROR", 0), ("FLOW_CONTROL_ERROR", MAX_WINDOW)])
def test_the_connections_window_opens_by_something_and_not_past_its_limit(code, size):
    with pytest.raises(ConnectionRefused) as refusal:
        Told().outbox.open_window(size)
    assert code == refusal.value.code.name
