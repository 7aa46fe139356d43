"""What is open, and how that ended which is not."""

from gatewright.dataplane.http2.streams import Ended, Stream, Streams


def opened(*stream_ids: int) -> Streams:
    streams = Streams()
    for stream_id in stream_ids:
        streams[stream_id] = Stream(stream_id, 65_535)
        streams.highest = stream_id
    return streams


def test_how_a_stream_ended_is_known():
    streams = opened(1, 3, 5, 9)
    streams.end(1, Ended.WHOLE)
    streams.end(3, Ended.RESET_BY_CLIENT)
    streams.end(5, Ended.RESET_BY_US)
    assert [9] == list(streams)
    assert [Ended.WHOLE, Ended.RESET_BY_CLIENT, Ended.RESET_BY_US] == [streams.how_ended(each) for each in (1, 3, 5)]


def test_a_stream_that_was_left_out_is_told_from_one_to_come():
    streams = opened(5)
    assert (Ended.PASSED_OVER, Ended.NEVER_BEGUN) == (streams.how_ended(3), streams.how_ended(7))
    assert Ended.NEVER_BEGUN is streams.how_ended(2)  # the server's


def test_ends_are_remembered_for_a_while_and_no_longer():
    streams = Streams()
    streams.highest = 9_999
    for stream_id in range(1, 4_001, 2):
        streams.end(stream_id, Ended.WHOLE)
    assert Ended.WHOLE is streams.how_ended(3_999)
    assert Ended.PASSED_OVER is streams.how_ended(1)
    remembered = [stream_id for stream_id in range(1, 4_001, 2) if streams.how_ended(stream_id) is Ended.WHOLE]
    assert 1_024 == len(remembered)


def test_a_stream_tells_what_it_waits_for():
    stream = Stream(7, 65_535)
    stream.body += b"abc"
    assert "<Stream 7: request 3 bytes so far, 0 bytes of the answer to send>" == repr(stream)
    stream.whole, stream.out = True, memoryview(b"12")
    assert "<Stream 7: request whole, 2 bytes of the answer to send>" == repr(stream)
