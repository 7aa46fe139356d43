"""One connection of HTTP/2, seen by a client made with h2 and by clients that no library would be."""

import random

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hpack import Encoder
from hyperframe.frame import (
    AltSvcFrame,
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import MAX_PAYLOAD, Response
from gatewright.core.reasons import REQUEST_TOO_LARGE
from gatewright.dataplane.http2.agreement import MAX_CONCURRENT_STREAMS
from gatewright.dataplane.http2.frames import PREFACE
from gatewright.dataplane.http2.outbox import OUTPUT_CHUNK
from gatewright.dataplane.http2.received import ReceivedRefusal, ReceivedRequest
from gatewright.dataplane.http2.session import MAX_BUFFERED, Http2Session
from gatewright.dataplane.http2.streams import STREAM_WINDOW
from gatewright.dataplane.http2.uploads import BODY_ROOM
from gatewright.dataplane.room import Room
from support.http2 import DATE, GET, POST, Client

# --- requests -------------------------------------------------------------------------------------------------------


def test_a_request_arrives_as_http_1_1_would_bring_it():
    client = Client()
    stream_id = client.request([*GET, (b"accept", b"*/*")])
    (received,) = client.received
    assert (stream_id, b"api.example.com") == (received.stream_id, received.authority)
    request = received.request
    assert ("GET", "/orders", "limit=1", b"") == (request.method, request.path, request.query, request.body)
    assert [(b"host", b"host", b"api.example.com"), (b"accept", b"accept", b"*/*")] == request.headers
    assert ("HTTP/1.1", True) == (request.protocol, request.keep_alive)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_answers_head_of_any_size_arrives_whole(body):
    client = Client()
    headers = [(b"X-%d" % number, b"v" * 1_000) for number in range(60)]  # four frames
    streams = [client.request() for _ in range(2)]
    for stream_id in streams:
        client.answer(stream_id, body, headers=headers)
    for stream_id in streams:
        assert [(name.lower(), value) for name, value in headers] == client.headers[stream_id][1:61]
        assert body == client.bodies.get(stream_id, b"")
    assert streams == client.ended


def test_many_requests_share_the_connection():
    client = Client()
    for number in range(300):
        stream_id = client.request([*POST, (b"x-number", b"%d" % number)], b"%d" % number)
        request = client.received[-1].request
        assert b"%d" % number == request.body == request.header(b"x-number")
        client.answer(stream_id, request.body)
        assert b"%d" % number == client.bodies[stream_id]


@pytest.mark.parametrize("size", [1, STREAM_WINDOW, STREAM_WINDOW + 1, MAX_PAYLOAD])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_any_allowed_size_arrives_whole(size, announced):
    client, body = Client(), random.Random(size).randbytes(size)
    client.request([*POST, *([(b"content-length", b"%d" % size)] if announced else [])], body)
    (received,) = client.received
    assert body == received.request.body
    assert not client.session.receiving


def test_padding_takes_no_room_from_a_body():
    client = Client()
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, [*POST, (b"content-length", b"100000")])
    for left in range(100_000, 0, -100):
        client.h2.send_data(stream_id, b"x" * 100, pad_length=255 if left > 300 else None)
        client.pump()
    client.h2.end_stream(stream_id)
    client.pump()
    assert 100_000 == len(client.received[0].request.body)


def test_a_body_that_announces_itself_as_too_large_is_refused_at_once_and_its_rest_dropped():
    client = Client()
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, [*POST, (b"content-length", b"%d" % (MAX_PAYLOAD + 1))])
    client.h2.send_data(stream_id, b"x" * 10_000)
    (received,) = client.pump()
    assert REQUEST_TOO_LARGE is received.refusal.reason
    client.answer(stream_id, b"too large", status=413)
    assert (b":status", b"413") in client.headers[stream_id]
    assert b"too large" == client.bodies[stream_id]
    client.request()
    assert isinstance(client.received[-1], ReceivedRequest)


def test_a_client_that_goes_on_after_its_answer_is_stopped_a_little_later():
    """At once, the reset would cost curl 7.88 the answer that it has not read yet."""
    client = Client()
    refused = []
    for _ in range(2):
        refused.append(client.h2.get_next_available_stream_id())
        client.h2.send_headers(refused[-1], [*POST, (b"content-length", b"%d" % (MAX_PAYLOAD + 1))])
    client.pump()
    for received in client.received:
        client.answer(received.stream_id, b"no", status=413)
    assert {} == client.resets
    assert not client.session.idle
    client.send_body(refused[1], b"cut short")
    client.session.expire(100.0, 60.0, 500)
    client.session.expire(105.0, 60.0, 500)
    client.pump()
    assert {} == client.resets
    client.session.expire(106.0, 60.0, 500)
    client.pump()
    assert {refused[0]: ErrorCodes.NO_ERROR} == client.resets
    assert client.session.idle


def test_a_body_that_grows_too_large_is_refused_when_it_does():
    client = Client()
    stream_id = client.request(POST, b"x" * (MAX_PAYLOAD + 1))
    (received,) = client.received
    assert isinstance(received, ReceivedRefusal)
    assert REQUEST_TOO_LARGE is received.refusal.reason
    assert ("POST", "/orders", b"") == (received.request.method, received.request.path, received.request.body)
    client.answer(stream_id, status=413)
    assert (b":status", b"413") in client.headers[stream_id]
    assert client.session.idle


def test_a_header_block_over_the_limit_is_refused_and_the_connection_goes_on():
    client = Client()
    client.request([*GET, (b"x", b"1" * 10_240)])
    client.request([*GET, (b"x", b"1" * 10_000)])
    refused, taken = client.received
    assert "REQUEST_HEADERS_TOO_LARGE" == refused.refusal.reason.code
    assert ("GET", "/orders") == (refused.request.method, refused.request.path)
    assert b"1" * 10_000 == taken.request.header(b"x")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([*GET, (b"Accept", b"*/*")], id="a capital in a name"),
        pytest.param([*GET, (b"x", b"1\r\ny: 2")], id="a line end in a value"),
        pytest.param([*GET, (b"connection", b"close")], id="Connection"),
        pytest.param(GET[:3], id="no :path"),
    ],
)
def test_a_malformed_request_loses_its_stream_and_nothing_else(fields):
    client = Client()
    before = client.request()
    malformed = client.request(fields)
    after = client.request([*GET, (b"x-indexed", b"1")])
    assert [before, after] == [received.stream_id for received in client.received]
    assert {malformed: ErrorCodes.PROTOCOL_ERROR} == client.resets


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda client: client.request([*GET, (b"content-length", b"5")]), id="ends with its headers"),
        pytest.param(
            lambda client: client.request([*POST, (b"content-length", b"5")], b"abc", [(b"x", b"1")]),
            id="ends with its trailers",
        ),
        pytest.param(lambda client: client.request([*POST, (b"content-length", b"5")], b"1234"), id="too short"),
        pytest.param(lambda client: client.request([*POST, (b"content-length", b"5")], b"123456"), id="too long"),
    ],
)
def test_a_body_that_is_not_as_long_as_announced_is_no_request(send):
    client = Client()
    stream_id = send(client)
    assert [] == client.received
    assert {stream_id: ErrorCodes.PROTOCOL_ERROR} == client.resets
    assert client.session.idle
    assert not client.session.receiving


def test_trailers_are_read_and_dropped():
    client = Client()
    client.request(POST, b"abc", [(b"x-checksum", b"1")])
    (received,) = client.received
    assert b"abc" == received.request.body
    assert None is received.request.header(b"x-checksum")


def test_trailers_count_towards_the_limit_of_the_headers():
    client = Client()
    client.request([*POST, (b"x", b"1" * 6_000)], b"abc", [(b"y", b"1" * 6_000)])
    (received,) = client.received
    assert "REQUEST_HEADERS_TOO_LARGE" == received.refusal.reason.code
    client.answer(received.stream_id, status=431)
    assert client.session.idle


@pytest.mark.parametrize(
    "trailers",
    [[(b":path", b"/")], [(b"X", b"1")], [(b"transfer-encoding", b"chunked")], [(b"content-length", b"3")]],
)
def test_malformed_trailers_lose_the_stream(trailers):
    client = Client()
    stream_id = client.request(POST, b"abc", trailers)
    assert [] == client.received
    assert {stream_id: ErrorCodes.PROTOCOL_ERROR} == client.resets


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it():
    client = Client()
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, [*POST, (b"expect", b"100-continue")])
    client.pump()
    assert [stream_id] == client.informational
    client.send_body(stream_id, b"abc")
    client.answer(stream_id, b"done")
    assert b"done" == client.bodies[stream_id]


def test_something_is_being_received_until_the_request_is_whole():
    client = Client()
    assert not client.session.receiving
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, POST)
    client.pump()
    assert client.session.receiving
    client.h2.end_stream(stream_id)
    client.pump()
    assert not client.session.receiving
    assert not client.session.idle
    client.answer(stream_id)
    assert client.session.idle


# --- answers --------------------------------------------------------------------------------------------------------


def test_an_answer_has_small_letters_a_length_and_nothing_of_http_1_1():
    client = Client()
    stream_id = client.request()
    headers = [
        (b"Content-Type", b"application/json "),
        (b"Connection", b"close"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Upgrade", b"h2c"),
        (b"Proxy-Connection", b"close"),
        (b"x-amzn-Remapped-Connection", b"close"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
    ]
    client.answer(stream_id, b'{"a":1}', headers=headers)
    assert [
        (b":status", b"200"),
        (b"content-type", b"application/json"),
        (b"x-amzn-remapped-connection", b"close"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"content-length", b"7"),
        (b"date", DATE),
    ] == client.headers[stream_id]
    assert b'{"a":1}' == client.bodies[stream_id]
    assert [stream_id] == client.ended


@pytest.mark.parametrize(
    ("method", "status", "body", "length"),
    [
        pytest.param(b"HEAD", 200, b"abc", b"3", id="HEAD with a known body"),
        pytest.param(b"HEAD", 200, b"", None, id="HEAD with a body that was left out"),
        pytest.param(b"GET", 204, b"", None, id="204"),
        pytest.param(b"GET", 304, b"", None, id="304"),
        pytest.param(b"GET", 200, b"", b"0", id="an empty body"),
    ],
)
def test_an_answer_without_a_body_ends_with_its_headers(method, status, body, length):
    client = Client()
    stream_id = client.request([(b":method", method), *GET[1:]])
    client.answer(stream_id, body, status=status, head_only=method == b"HEAD")
    assert length == dict(client.headers[stream_id]).get(b"content-length")
    assert [stream_id] == client.ended
    assert {} == client.bodies


def test_a_large_answer_passes_the_windows_of_the_client():
    client, body = Client(), random.Random(1).randbytes(3_000_000)
    stream_id = client.request()
    client.answer(stream_id, body)
    assert body == client.bodies[stream_id]
    assert 0 == client.session.buffered
    assert client.session.idle


def test_answers_take_turns():
    client = Client()
    large, small = client.request(), client.request()
    for stream_id, size in ((large, 300_000), (small, 30_000)):
        client.session.respond(stream_id, Response(200, [], b"x" * size), head_only=False, date=DATE)
    client.pump()
    assert [large, small, large, small] == client.data_order[:4]
    assert [small, large] == client.ended


def test_output_comes_in_chunks_so_that_a_full_socket_can_stop_it():
    client = Client(settings={SettingCodes.INITIAL_WINDOW_SIZE: 2**31 - 1})
    client.h2.increment_flow_control_window(2**30)
    stream_id = client.request()
    client.session.respond(stream_id, Response(200, [], b"x" * 1_000_000), head_only=False, date=DATE)
    sizes = []
    while output := client.session.output():
        sizes.append(len(output))
        client.take(output)
    assert OUTPUT_CHUNK * 1.1 > max(sizes)
    assert 1_000_000 == len(client.bodies[stream_id])


def test_a_slow_reader_is_known_by_what_is_buffered():
    client = Client(acknowledge=False)
    first, second = client.request(), client.request()
    client.answer(first, b"x" * MAX_BUFFERED)
    assert MAX_BUFFERED - 65_535 == client.session.buffered
    assert not client.session.congested
    client.answer(second, b"x" * 100_000)
    assert client.session.congested
    client.h2.reset_stream(first)
    client.pump()
    assert 100_000 == client.session.buffered


def test_a_tiny_window_is_served_in_tiny_pieces():
    client = Client(settings={SettingCodes.INITIAL_WINDOW_SIZE: 7})
    stream_id = client.request()
    client.answer(stream_id, b"0123456789" * 5)
    assert b"0123456789" * 5 == client.bodies[stream_id]


def test_windows_that_open_byte_by_byte_do_not_go_on_forever():
    client = Client(settings={SettingCodes.INITIAL_WINDOW_SIZE: 1}, acknowledge=False)
    stream_id = client.request()
    client.answer(stream_id, b"x" * 100_000)
    for _ in range(2_000):
        client.send_raw(WindowUpdateFrame(stream_id, window_increment=1))
        if client.session.closed:
            break
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


def test_a_client_that_takes_nothing_off_the_socket_begins_nothing_further():
    """Answers without a body pass no window, so their heads are counted."""
    client = Client()
    client.session.receive(b"", 0.0)
    for number in range(2_000):
        request = HeadersFrame(2 * number + 1, HEADERS, flags=["END_HEADERS", "END_STREAM"])
        for received in client.session.receive(request.serialize(), 0.0):
            headers = [(b"x", b"1" * 1_000)]
            client.session.respond(received.stream_id, Response(204, headers, b""), head_only=False, date=DATE)
        if client.session.congested:
            break
    assert 200 < number < 300
    assert OUTPUT_CHUNK < len(client.session.output()) < OUTPUT_CHUNK + 2_000
    assert not client.session.congested


def test_a_window_opened_by_settings_sets_the_waiting_free():
    client = Client(settings={SettingCodes.INITIAL_WINDOW_SIZE: 0})
    stream_id = client.request()
    client.answer(stream_id, b"abc")
    assert {} == client.bodies
    assert 3 == client.session.buffered
    client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 100})
    client.pump()
    assert b"abc" == client.bodies[stream_id]


def test_an_answer_to_a_stream_that_is_gone_is_dropped():
    client = Client()
    stream_id = client.request()
    client.h2.reset_stream(stream_id)
    client.pump()
    assert not client.session.idle  # its request is still under way
    client.answer(stream_id)
    assert {} == client.headers
    assert client.session.idle


# --- memory of bodies -----------------------------------------------------------------------------------------------


def test_bodies_hold_no_more_than_their_room_and_none_is_stuck():
    client = Client()
    ids = []
    for _ in range(4):
        ids.append(client.h2.get_next_available_stream_id())
        client.h2.send_headers(ids[-1], [*POST, (b"content-length", b"%d" % MAX_PAYLOAD)])
    client.pump()
    sent = {stream_id: client.send_body(stream_id, b"x" * MAX_PAYLOAD) for stream_id in ids}
    assert [MAX_PAYLOAD, MAX_PAYLOAD, STREAM_WINDOW, STREAM_WINDOW] == list(sent.values())
    assert BODY_ROOM + 2 * STREAM_WINDOW >= sum(sent.values())
    for at, stream_id in enumerate(ids[:2]):
        client.answer(stream_id)
        waiting = ids[at + 2]
        client.send_body(waiting, b"x" * (MAX_PAYLOAD - sent[waiting]))
        assert waiting == client.received[-1].stream_id
        assert MAX_PAYLOAD == len(client.received[-1].request.body)


def test_an_upload_that_is_given_up_makes_room_for_the_next():
    client = Client()
    ids = []
    for _ in range(3):
        ids.append(client.h2.get_next_available_stream_id())
        client.h2.send_headers(ids[-1], [*POST, (b"content-length", b"%d" % MAX_PAYLOAD)])
    client.pump()
    assert STREAM_WINDOW == client.h2.streams[ids[2]].outbound_flow_control_window
    client.h2.reset_stream(ids[0])
    client.pump()
    assert MAX_PAYLOAD == client.h2.streams[ids[2]].outbound_flow_control_window


def test_a_body_that_ends_while_it_waits_for_room_holds_up_no_other():
    client = Client()
    announced = [MAX_PAYLOAD, MAX_PAYLOAD - 200_000, None, 100_000]
    ids = []
    for length in announced:
        ids.append(client.h2.get_next_available_stream_id())
        client.h2.send_headers(ids[-1], [*POST, *([(b"content-length", b"%d" % length)] if length else [])])
        if length is None:
            client.send_body(ids[-1], b"x" * 40_000, end_stream=False)
    client.pump()
    assert STREAM_WINDOW == client.h2.streams[ids[3]].outbound_flow_control_window
    client.h2.end_stream(ids[2])
    client.pump()
    assert 100_000 == client.h2.streams[ids[3]].outbound_flow_control_window


STEP = 65_536


def test_bodies_ask_for_the_workers_memory_beyond_a_little_and_give_it_back():
    room = Room(10 * STEP)
    client = Client(room=room)
    client.request(POST, b"x" * STEP)
    assert 0 == room.used
    stream_id = client.request(POST, b"x" * 5 * STEP)
    assert 5 * STEP == room.used
    client.answer(stream_id)
    assert 0 == room.used


@pytest.mark.parametrize(
    "give_up",
    [
        pytest.param(lambda client, stream: client.h2.reset_stream(stream), id="reset"),
        pytest.param(lambda client, _: client.session.receive(b"no frame" * 9, 0.0), id="the connection's end"),
        pytest.param(lambda client, _: client.session.forsake(), id="the client's"),
        pytest.param(lambda client, _: [client.session.expire(now, 60.0, 500) for now in (1.0, 62.0)], id="time"),
    ],
)
def test_a_body_that_was_given_up_gives_its_memory_back(give_up):
    room = Room(10 * STEP)
    client = Client(room=room)
    stream = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream, POST)
    client.send_body(stream, b"x" * 5 * STEP, end_stream=False)
    assert 4 * STEP == room.used
    give_up(client, stream)
    client.session.receive(client.h2.data_to_send(), 0.0)
    assert 0 == room.used


def test_a_request_under_way_holds_its_body_when_its_client_is_gone():
    room = Room(10 * STEP)
    client = Client(room=room)
    stream = client.request(POST, b"x" * 5 * STEP)
    client.session.forsake()
    assert 4 * STEP == room.used
    client.session.release(stream)
    assert 0 == room.used


def test_a_body_that_finds_no_memory_is_refused_and_the_next_is_taken_when_there_is_some():
    room = Room(3 * STEP)
    client = Client(room=room)
    client.request(POST, b"x" * 5 * STEP)
    (refused,) = client.received
    assert "GATEWAY_OVERLOADED" == refused.refusal.reason.code
    assert 0 == room.used
    client.answer(refused.stream_id, status=503)
    client.request(POST, b"x" * 3 * STEP)
    assert 3 * STEP == len(client.received[-1].request.body)


# --- floods ---------------------------------------------------------------------------------------------------------

HEADERS = Encoder().encode(GET)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(PingFrame(0), id="PING"),
        pytest.param(SettingsFrame(0, settings={4: 65_535}), id="SETTINGS"),
        pytest.param(SettingsFrame(0, flags=["ACK"]), id="acknowledged SETTINGS"),
        pytest.param(PriorityFrame(9, depends_on=0), id="PRIORITY"),
        pytest.param(WindowUpdateFrame(0, window_increment=1), id="WINDOW_UPDATE of the connection"),
        pytest.param(WindowUpdateFrame(1, window_increment=1), id="WINDOW_UPDATE of a stream"),
        pytest.param(DataFrame(1, b""), id="empty DATA"),
        pytest.param(DataFrame(1, b"", flags=["PADDED"], pad_length=9), id="DATA of padding only"),
        pytest.param(RstStreamFrame(3), id="RST_STREAM of a stream that is gone"),
        pytest.param(GoAwayFrame(0), id="GOAWAY"),
        pytest.param(b"\0\0\1\x42\0\0\0\0\0x", id="unknown"),
        pytest.param(AltSvcFrame(0, origin=b"a", field=b"b"), id="ALTSVC"),
    ],
)
def test_frames_that_move_nothing_are_borne_with_for_a_while(frame):
    client = Client()
    opening = Encoder().encode(POST)
    client.send_raw(HeadersFrame(1, opening, flags=["END_HEADERS"]))
    client.send_raw(HeadersFrame(3, opening, flags=["END_HEADERS"]), RstStreamFrame(3))
    for _ in range(90):
        client.send_raw(*[frame] * 10)
    assert not client.session.closed
    for _ in range(20):
        client.send_raw(*[frame] * 10)
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


def test_a_ping_a_second_is_borne_with_for_days():
    client = Client()
    for second in range(5_000):
        client.now = float(second)
        client.send_raw(PingFrame(0, opaque_data=b"8 octets"))
    assert not client.session.closed


def test_rapid_reset_ends_the_connection():
    client = Client()
    for number in range(500):
        stream_id = 2 * number + 1
        client.send_raw(
            HeadersFrame(stream_id, HEADERS, flags=["END_HEADERS", "END_STREAM"]), RstStreamFrame(stream_id)
        )
        if client.session.closed:
            break
    assert 150 < number < 250
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


def test_streams_that_we_are_made_to_reset_count_as_well():
    """CVE-2025-8671: a window that overflows makes the server reset the stream."""
    client = Client()
    for number in range(500):
        stream_id = 2 * number + 1
        client.send_raw(
            HeadersFrame(stream_id, HEADERS, flags=["END_HEADERS", "END_STREAM"]),
            WindowUpdateFrame(stream_id, window_increment=2**31 - 1),
        )
        if client.session.closed:
            break
    assert 100 < number < 250
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


@pytest.mark.parametrize(
    "provoke",
    [
        pytest.param(lambda each: [WindowUpdateFrame(each, window_increment=2**31 - 1)], id="a window past its limit"),
        pytest.param(lambda each: [b"\0\0\4\x08\0" + each.to_bytes(4, "big") + bytes(4)], id="a window by nothing"),
        pytest.param(lambda each: [DataFrame(each, b"x")], id="DATA behind the end"),
        pytest.param(lambda each: [HeadersFrame(each, HEADERS, flags=["END_HEADERS"])], id="HEADERS behind the end"),
    ],
)
def test_resets_that_we_are_made_to_send_are_no_way_around_the_limits(provoke):
    """CVE-2025-8671: the client makes the mistakes, the server sends the resets, and the requests are under way."""
    client = Client()
    for number in range(400):
        stream_id = 2 * number + 1
        client.send_raw(HeadersFrame(stream_id, HEADERS, flags=["END_HEADERS", "END_STREAM"]), *provoke(stream_id))
        if client.session.closed:
            break
    assert 100 < number < 250
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with
    assert MAX_CONCURRENT_STREAMS == len(client.received)


def test_requests_that_are_malformed_one_after_another_end_the_connection():
    client = Client()
    malformed = Encoder().encode([(*field, True) for field in [*GET, (b"X", b"1")]])
    for number in range(400):
        client.send_raw(HeadersFrame(2 * number + 1, malformed, flags=["END_HEADERS", "END_STREAM"]))
        if client.session.closed:
            break
    assert 100 < number < 250
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


def test_a_clients_table_size_may_change_and_not_forever():
    client = Client()
    churn = [SettingsFrame(0, settings={1: size}) for size in (0, 2**32 - 1)]
    client.send_raw(*churn * 450)
    assert not client.session.closed
    client.send_raw(*churn * 100)
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


def test_resets_do_not_bring_more_requests_under_way_than_streams_are_allowed():
    client = Client()
    for number in range(MAX_CONCURRENT_STREAMS + 10):
        stream_id = 2 * number + 1
        client.send_raw(
            HeadersFrame(stream_id, HEADERS, flags=["END_HEADERS", "END_STREAM"]), RstStreamFrame(stream_id)
        )
    assert MAX_CONCURRENT_STREAMS == len(client.received)
    assert not client.session.closed
    for received in client.received:
        client.session.respond(received.stream_id, Response(200, [], b""), head_only=False, date=DATE)
    client.send_raw(HeadersFrame(2_001, HEADERS, flags=["END_HEADERS", "END_STREAM"]))
    assert 2_001 == client.received[-1].stream_id


def test_more_streams_than_announced_are_refused_and_may_be_asked_again():
    """RFC 9113 section 5.1.2: the client may not have read our settings yet."""
    client = Client()
    for number in range(MAX_CONCURRENT_STREAMS):
        client.send_raw(HeadersFrame(2 * number + 1, HEADERS, flags=["END_HEADERS", "END_STREAM"]))
    client.send_raw(HeadersFrame(2_001, HEADERS, flags=["END_HEADERS", "END_STREAM"]))
    assert {2_001: ErrorCodes.REFUSED_STREAM} == client.resets
    assert MAX_CONCURRENT_STREAMS == len(client.received)
    client.session.respond(1, Response(200, [], b""), head_only=False, date=DATE)
    client.send_raw(HeadersFrame(2_003, HEADERS, flags=["END_HEADERS", "END_STREAM"]))
    assert 2_003 == client.received[-1].stream_id


def test_streams_past_the_limit_without_end_end_the_connection():
    client = Client()
    for number in range(MAX_CONCURRENT_STREAMS + 250):
        client.send_raw(HeadersFrame(2 * number + 1, HEADERS, flags=["END_HEADERS", "END_STREAM"]))
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with
    assert MAX_CONCURRENT_STREAMS == len(client.received)


def test_a_header_block_that_unpacks_without_bound_ends_the_connection():
    client = Client()
    bomb = Encoder().encode([*GET, (b"x", b"1" * 4_000)]) + b"\xbe" * 1_000
    client.send_raw(HeadersFrame(1, bomb, flags=["END_HEADERS", "END_STREAM"]))
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with
    assert [] == client.received


def test_continuations_without_end_end_the_connection():
    client = Client()
    client.send_raw(HeadersFrame(1, b""))
    for _ in range(100):
        client.send_raw(ContinuationFrame(1, b""))
        if client.session.closed:
            break
    assert ErrorCodes.ENHANCE_YOUR_CALM == client.ended_with


# --- misuse ---------------------------------------------------------------------------------------------------------

OPEN = HeadersFrame(5, HEADERS, flags=["END_HEADERS", "END_STREAM"])


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        pytest.param("PROTOCOL_ERROR", [HeadersFrame(2, HEADERS, flags=["END_HEADERS"])], id="an even stream"),
        pytest.param(
            "PROTOCOL_ERROR", [OPEN, HeadersFrame(3, HEADERS, flags=["END_HEADERS"])], id="a stream lower than the last"
        ),
        pytest.param("PROTOCOL_ERROR", [b"\0\0\0\x01\x04\0\0\0\0"], id="HEADERS on stream 0"),
        pytest.param("PROTOCOL_ERROR", [b"\0\0\1\0\0\0\0\0\0x"], id="DATA on stream 0"),
        pytest.param("PROTOCOL_ERROR", [DataFrame(9, b"x")], id="DATA on an idle stream"),
        pytest.param("PROTOCOL_ERROR", [RstStreamFrame(9)], id="RST_STREAM of an idle stream"),
        pytest.param("PROTOCOL_ERROR", [ContinuationFrame(1, b"", flags=["END_HEADERS"])], id="a lone CONTINUATION"),
        pytest.param("PROTOCOL_ERROR", [OPEN, PushPromiseFrame(5, promised_stream_id=2, data=HEADERS)], id="a push"),
        pytest.param("PROTOCOL_ERROR", [b"\0\0\4\x08\0\0\0\0\0\0\0\0\0"], id="WINDOW_UPDATE by nothing"),
        pytest.param(
            "FLOW_CONTROL_ERROR", [WindowUpdateFrame(0, window_increment=2**31 - 1)], id="a window past its limit"
        ),
        pytest.param("FLOW_CONTROL_ERROR", [SettingsFrame(0, settings={4: 2**31})], id="an impossible window"),
        pytest.param("PROTOCOL_ERROR", [SettingsFrame(0, settings={5: 100})], id="an impossible frame size"),
        pytest.param("PROTOCOL_ERROR", [SettingsFrame(0, settings={2: 2})], id="an impossible ENABLE_PUSH"),
        pytest.param(
            "COMPRESSION_ERROR", [HeadersFrame(1, b"\xff\xff\xff\xff\xff", flags=["END_HEADERS"])], id="no HPACK"
        ),
        pytest.param("FRAME_SIZE_ERROR", [b"\0\0\7\x06\0\0\0\0\0" + b"x" * 7], id="PING of seven octets"),
        pytest.param("PROTOCOL_ERROR", [b"\0\0\1\0\x08\0\0\0\x05\x09"], id="padding longer than its frame"),
    ],
)
def test_misuse_of_the_protocol_ends_the_connection_with_its_code(code, sent):
    client = Client()
    client.send_raw(*sent)
    assert client.session.closed
    assert code == client.ended_with.name
    assert "" != client.session.why_closed
    assert [] == client.session.receive(OPEN.serialize(), 0.0)
    assert b"" == client.session.output()


@pytest.mark.parametrize("frame", [OPEN, DataFrame(5, b"x")], ids=["HEADERS", "DATA"])
def test_what_follows_a_whole_request_on_its_stream_loses_the_stream(frame):
    client = Client()
    client.send_raw(OPEN, frame)
    assert {5: ErrorCodes.STREAM_CLOSED} == client.resets
    client.session.respond(5, Response(200, [], b"late"), head_only=False, date=DATE)
    assert b"" == client.session.output()
    assert client.session.idle
    assert not client.session.closed


def test_what_was_whole_before_the_error_is_not_lost_with_it():
    client = Client()
    received = client.send_raw(HeadersFrame(1, HEADERS, flags=["END_HEADERS", "END_STREAM"]), DataFrame(9, b"x"))
    assert [1] == [one.stream_id for one in received]
    client.session.respond(1, Response(200, [], b"late"), head_only=False, date=DATE)
    assert b"" == client.session.output()
    assert client.session.idle


@pytest.mark.parametrize(
    "octets", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", PREFACE + PingFrame(0).serialize(), PREFACE[:5] + b"x"]
)
def test_a_connection_that_does_not_begin_as_http_2_does_is_ended(octets):
    session = Http2Session(Room(2**40))
    session.initiate()
    assert [] == session.receive(octets, 0.0)
    assert session.closed
    assert GoAwayFrame(0, error_code=1).serialize() == session.output()[-17:]


# --- the end --------------------------------------------------------------------------------------------------------


def test_draining_finishes_what_is_under_way_and_refuses_the_rest():
    client = Client()
    stream_id = client.request()
    client.session.drain()
    client.session.drain()
    # The client's h2 would send nothing after a GOAWAY, so its frames are written here.
    output = client.session.output()
    assert GoAwayFrame(0, last_stream_id=stream_id).serialize() == output
    late = HeadersFrame(stream_id + 2, Encoder().encode(GET), flags=["END_HEADERS", "END_STREAM"])
    assert [] == client.session.receive(late.serialize(), 0.0)
    refused = RstStreamFrame(stream_id + 2, error_code=ErrorCodes.REFUSED_STREAM)
    assert refused.serialize() == client.session.output()
    assert not client.session.idle
    client.session.respond(stream_id, Response(200, [], b"done"), head_only=False, date=DATE)
    assert client.session.output().endswith(DataFrame(stream_id, b"done", flags=["END_STREAM"]).serialize())
    assert client.session.idle
    assert not client.session.closed


def test_a_client_that_says_goodbye_still_gets_its_answers():
    client = Client()
    stream_id = client.request()
    client.send_raw(GoAwayFrame(0))
    assert not client.session.closed
    client.answer(stream_id, b"done")
    assert b"done" == client.bodies[stream_id]
    assert client.session.idle


def test_a_client_that_said_goodbye_may_be_left_when_nothing_is_under_way():
    client = Client()
    assert not client.session.leaving
    client.send_raw(GoAwayFrame(0))
    assert client.session.leaving
    assert client.session.idle


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_body_that_does_not_come_is_given_up_and_the_other_streams_are_not():
    client = Client()
    stalled, answered = client.h2.get_next_available_stream_id(), 3
    client.h2.send_headers(stalled, POST)
    assert answered == client.request()
    client.session.expire(100.0, 60.0, 500)
    client.session.expire(160.0, 60.0, 500)
    client.send_body(stalled, bytes(30_000), end_stream=False)
    client.session.expire(161.0, 60.0, 500)
    client.session.expire(221.0, 60.0, 500)
    client.pump()
    assert {} == client.resets
    client.session.expire(222.0, 60.0, 500)
    client.pump()
    assert {stalled: ErrorCodes.CANCEL} == client.resets
    assert not client.session.receiving
    client.answer(answered, b"done")
    assert b"done" == client.bodies[answered]
    assert client.session.idle


def test_each_body_must_bring_enough_by_itself():
    client = Client()
    slow, enough = (client.h2.get_next_available_stream_id() + more for more in (0, 2))
    for stream_id in (slow, enough):
        client.h2.send_headers(stream_id, POST)
    client.pump()
    for now in range(100, 162):  # a little in every second, for more than a minute
        client.session.expire(float(now), 60.0, 500)
        assert {} == client.resets
        client.send_body(slow, bytes(480), end_stream=False)
        client.send_body(enough, bytes(510), end_stream=False)
    client.session.expire(162.0, 60.0, 500)
    client.pump()
    assert {slow: ErrorCodes.CANCEL} == client.resets
    assert client.session.receiving
    client.send_body(enough, b"the end")
    client.answer(enough)
    assert client.session.idle


def test_what_a_refused_request_still_sends_is_not_listened_to_for_long_however_it_comes():
    client = Client()
    stream_id = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream_id, [*POST, (b"content-length", b"%d" % (MAX_PAYLOAD + 1))])
    client.pump()
    client.answer(stream_id, b"no", status=413)
    for now in range(100, 106):
        client.session.expire(float(now), 60.0, 500)
        client.send_body(stream_id, b"x", end_stream=False)
    assert {} == client.resets
    client.session.expire(106.0, 60.0, 500)
    client.pump()
    assert {stream_id: ErrorCodes.NO_ERROR} == client.resets


def test_empty_frames_are_no_progress():
    client = Client()
    client.send_raw(HeadersFrame(1, Encoder().encode(POST), flags=["END_HEADERS"]))
    client.session.expire(100.0, 60.0, 500)
    client.send_raw(DataFrame(1, b""))
    client.session.expire(161.0, 60.0, 500)
    client.send_raw()
    assert {1: ErrorCodes.CANCEL} == client.resets


def test_an_answer_that_is_not_read_is_given_up():
    client = Client(acknowledge=False)
    stream_id = client.request()
    client.answer(stream_id, b"x" * 100_000)
    client.session.expire(100.0, 60.0, 500)
    client.session.expire(161.0, 60.0, 500)
    client.pump()
    assert {stream_id: ErrorCodes.CANCEL} == client.resets
    assert 0 == client.session.buffered
    assert client.session.idle


def test_an_answer_whose_window_opens_byte_by_byte_is_given_up_however_fast_others_are_read():
    client = Client(acknowledge=False, settings={SettingCodes.INITIAL_WINDOW_SIZE: 10})
    client.h2.increment_flow_control_window(2**20)
    dripping, enough = client.request(), client.request()
    for stream_id in (dripping, enough):
        client.answer(stream_id, bytes(100_000))
    for now in range(100, 161):
        client.session.expire(float(now), 60.0, 500)
        client.h2.increment_flow_control_window(490, dripping)
        client.h2.increment_flow_control_window(510, enough)
        client.pump()
    assert {} == client.resets
    client.session.expire(161.0, 60.0, 500)
    client.pump()
    assert {dripping: ErrorCodes.CANCEL} == client.resets


def test_answers_that_share_a_slow_connection_need_not_bring_as_much_each():
    client = Client(acknowledge=False, settings={SettingCodes.INITIAL_WINDOW_SIZE: 2**20})
    streams = [client.request() for _ in range(3)]
    for stream_id in streams:
        client.answer(stream_id, bytes(100_000))
    assert client.session.buffered
    for now in range(100, 300):
        client.session.expire(float(now), 60.0, 500)
        client.h2.increment_flow_control_window(10)
        client.pump()
    assert {} == client.resets
    for now in (300.0, 361.0):
        client.session.expire(now, 60.0, 500)
    client.pump()
    assert set(streams) == set(client.resets)


def test_a_request_under_way_and_a_body_that_waits_for_room_are_not_given_up():
    client = Client()
    client.request()
    waiting = []
    for _ in range(3):
        waiting.append(client.h2.get_next_available_stream_id())
        client.h2.send_headers(waiting[-1], [*POST, (b"content-length", b"%d" % MAX_PAYLOAD)])
    client.pump()
    client.session.expire(100.0, 60.0, 500)
    client.session.expire(160.0, 60.0, 500)
    client.pump()
    assert {} == client.resets
    client.session.expire(161.0, 60.0, 500)
    client.pump()
    # The first two had room and did not use it; now the third has room, and its time begins.
    assert waiting[:2] == list(client.resets)
    client.session.expire(221.0, 60.0, 500)
    client.pump()
    assert waiting[:2] == list(client.resets)


@pytest.mark.parametrize(
    "begun", [PREFACE[:3], PREFACE + SettingsFrame(0).serialize() + HeadersFrame(1, b"").serialize()]
)
def test_a_frame_that_does_not_go_on_ends_the_connection(begun):
    session = Http2Session(Room(2**40))
    session.initiate()
    session.receive(begun, 0.0)
    session.expire(100.0, 60.0, 500)
    session.expire(160.0, 60.0, 500)
    assert not session.closed
    session.expire(161.0, 60.0, 500)
    assert session.closed
    assert GoAwayFrame(0).serialize() == session.output()[-17:]


def test_an_answer_with_an_informational_status_is_none():
    client = Client()
    stream_id = client.request()
    client.answer(stream_id, b"x", status=103)
    assert {stream_id: ErrorCodes.INTERNAL_ERROR} == client.resets
    assert client.session.idle


# --- any bytes ------------------------------------------------------------------------------------------------------

FRAME = st.builds(
    lambda kind, flags, stream_id, payload: (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream_id.to_bytes(4, "big") + payload
    ),
    kind=st.integers(min_value=0, max_value=12),
    flags=st.one_of(st.sampled_from([0, 1, 4, 5, 8, 0x20, 0x25]), st.integers(min_value=0, max_value=255)),
    stream_id=st.sampled_from([0, 1, 1, 1, 3, 3, 5, 2, 2**31 - 1, 2**31 + 1]),
    payload=st.one_of(
        st.sampled_from(
            [
                b"",
                HEADERS,
                Encoder().encode([*POST, (b"content-length", b"3")]),
                Encoder().encode([*GET, (b":status", b"100")]),
                Encoder().encode([(b":status", b"103")]),
                Encoder().encode([*POST, (b"expect", b"100-continue")]),
                Encoder().encode([(b"x-trailer", b"1")]),
                b"\0\0\0\1\x10" + HEADERS,
                b"abc",
                b"\0\0\0\1",
                b"\x7f\xff\xff\xff",
                b"\0\0\0\0\1",
                b"8 octets",
                b"\0\4\0\0\0\1",
                b"\0\1\0\0\0\0",
            ]
        ),
        st.binary(max_size=30),
    ),
)


def run(pieces: list[bytes]) -> tuple[list[object], bool, str, bytes]:
    """All that can be seen of a session that is fed these pieces and answers what it can at the end."""
    session = Http2Session(Room(2**40))
    session.initiate()
    received = []
    for piece in [PREFACE + SettingsFrame(0).serialize(), *pieces]:
        received += session.receive(piece, 0.0)
    seen: list[object] = []
    for one in received:
        if isinstance(one, ReceivedRequest):
            request = one.request
            seen.append((one.stream_id, request.method, request.path, request.headers, request.body, one.authority))
            body = b"x" * 40_000
        else:
            assert isinstance(one.refusal, GatewayError)
            seen.append((one.stream_id, one.refusal.reason.code))
            body = b"refused"
        session.respond(one.stream_id, Response(200, [], body), head_only=False, date=DATE)
    output = b""
    while more := session.output():
        output += more
    assert 0 <= session.buffered <= 40_000 * len(received)
    return seen, session.closed, session.why_closed, output


@settings(max_examples=300)
@given(frames=st.lists(FRAME, max_size=12), tail=st.binary(max_size=12), data=st.data())
def test_any_bytes_have_one_meaning_however_they_arrive(frames, tail, data):
    octets = b"".join(frames) + tail
    whole = run([octets])
    cuts = sorted(data.draw(st.lists(st.integers(min_value=0, max_value=len(octets)), max_size=6)))
    pieces = [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert whole == run(pieces)


@settings(max_examples=200)
@given(steps=st.lists(st.one_of(FRAME, st.sampled_from(["answer", "refuse", "expire", "read"])), max_size=25))
def test_whatever_comes_in_whatever_order_nothing_is_held_at_the_end(steps):
    room = Room(200_000)
    session = Http2Session(room)
    session.initiate()
    now, owed = 0.0, []
    # Bodies and windows large enough for each limit to matter.
    large = HeadersFrame(7, Encoder().encode(POST), flags=["END_HEADERS"]).serialize()
    body = DataFrame(7, bytes(16_000)).serialize() * 4
    for step in [PREFACE + SettingsFrame(0).serialize() + large + body, *steps]:
        match step:
            case "answer" | "refuse" if owed:
                response = Response(200, [], bytes(70_000 if step == "answer" else 0))
                session.respond(owed.pop(0), response, head_only=False, date=DATE)
            case "expire":
                now += 50.0
                session.expire(now, 60.0, 500)
            case "read":
                session.output()
            case bytes():
                owed += [received.stream_id for received in session.receive(step, now)]
    streams = list(owed)
    assert len(set(streams)) == len(streams)
    session.forsake()
    for stream_id in owed:
        session.release(stream_id)
    assert 0 == room.used
    assert session.idle


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_any_first_bytes_are_borne(octets):
    session = Http2Session(Room(2**40))
    session.initiate()
    assert [] == session.receive(octets, 0.0)
    assert session.output()
