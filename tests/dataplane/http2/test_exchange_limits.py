"""When a connection of HTTP/2 has had its time, and how much is begun for a client that does not read."""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded, StreamReset

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.http.message import Response
from gatewright.dataplane import connection
from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, MIN_RATE, ClientConnection
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.http2 import exchange
from gatewright.dataplane.http2.exchange import Http2Exchange
from gatewright.dataplane.http2.session import MAX_BUFFERED
from support.wound_world import connect, open_after

HEAD = [(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/ping")]


class Http2Connection(ClientConnection):
    """HTTP/2 without TLS under it."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self._exchange = Http2Exchange(self)

    def facts(self, request):
        return ConnectionFacts("https", "192.0.2.1", 4000, "a")

    def data_received(self, data):
        if not self.closing:
            self._exchange.receive(data)


class Http2Client:
    """The other end; `ended` are the streams whose answers are whole, `reset` those that were given up."""

    def __init__(self, world):
        self.connection = connect(world, Http2Connection)
        self.transport = self.connection.transport
        self.h2 = H2Connection(H2Configuration(header_encoding=None))
        self.h2.initiate_connection()
        self.ended = []
        self.reset = []
        self.flush()

    def flush(self):
        """Say what there is to say, and listen."""
        self.connection.data_received(self.h2.data_to_send())
        self.listen()

    def listen(self, *, acknowledge=True):
        data, self.transport.written = self.transport.written, b""
        for event in self.h2.receive_data(data):
            if isinstance(event, DataReceived) and acknowledge:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self.ended.append(event.stream_id)
            elif isinstance(event, StreamReset):
                self.reset.append(event.stream_id)

    def begin(self, *, end=True):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, HEAD, end_stream=end)
        self.flush()
        return stream

    def send(self, stream, size):
        """A part of a body, in frames."""
        while size:
            part = min(size, 16_384)
            self.h2.send_data(stream, bytes(part))
            self.flush()
            size -= part


class Pipeline:
    """Requests that the test answers. What the event loop was given to do waits for `turn`."""

    def __init__(self):
        self.waiters = []
        self._soon = []

    async def invoke(self, _request, _facts, _world):
        waiter = Waiter()
        self.waiters.append(waiter)
        return await waiter

    def get_running_loop(self):
        return self

    def call_later(self, _seconds, _call):
        pass

    def call_soon(self, call):
        self._soon.append(call)

    def turn(self):
        while self._soon:
            self._soon.pop(0)()


@pytest.fixture
def pipeline(monkeypatch):
    made = Pipeline()
    monkeypatch.setattr(exchange, "invoke", made.invoke)
    monkeypatch.setattr(exchange, "asyncio", made)
    monkeypatch.setattr(connection, "asyncio", made)
    return made


def test_a_client_that_asks_nothing_is_let_go_like_any_other(world):
    client = Http2Client(world)
    assert open_after(client.connection, world, HEAD_SECONDS)
    assert not open_after(client.connection, world, 1)


def test_half_a_preface_is_no_reason_to_wait_longer(world):
    connection = connect(world, Http2Connection)
    connection.data_received(b"PRI * HTTP/2")
    assert open_after(connection, world, HEAD_SECONDS)
    assert not open_after(connection, world, 1)


def test_a_client_has_310_seconds_between_requests_and_pings_are_none(world):
    client = Http2Client(world)
    assert [client.begin()] == client.ended
    for _ in range(31):
        client.h2.ping(b"12345678")
        client.flush()
        assert open_after(client.connection, world, 10)
    assert not open_after(client.connection, world, 1)


def test_a_body_has_its_time_as_long_as_enough_of_it_comes(world):
    client = Http2Client(world)
    client.begin()
    stream = client.begin(end=False)
    minute = int(MIN_RATE * HEAD_SECONDS)
    assert open_after(client.connection, world, 1)
    for _ in range(4):
        assert open_after(client.connection, world, HEAD_SECONDS - 1)
        client.send(stream, minute)
        assert open_after(client.connection, world, 1)
    client.send(stream, minute - 1)
    assert open_after(client.connection, world, HEAD_SECONDS)
    client.listen()
    assert [] == client.reset
    assert open_after(client.connection, world, 1)  # the stream ends, not the connection
    client.listen()
    assert [stream] == client.reset


def test_a_body_that_comes_byte_by_byte_is_not_waited_for(world):
    client = Http2Client(world)
    client.begin()
    stream = client.begin(end=False)
    for _ in range(int(HEAD_SECONDS) + 1):
        assert open_after(client.connection, world, 1)
        client.send(stream, 1)
    client.listen()
    assert [] == client.reset
    assert open_after(client.connection, world, 1)
    client.listen()
    assert [stream] == client.reset


def test_a_request_under_way_is_waited_for(world, pipeline):
    client = Http2Client(world)
    client.begin()
    assert open_after(client.connection, world, IDLE_SECONDS + 1)
    client.connection.drain()
    assert not client.transport.closed
    pipeline.waiters[0].resolve(Response(200, [], b""))
    pipeline.turn()
    assert client.transport.closed


def test_nothing_is_sent_to_a_client_that_does_not_read_and_not_much_is_begun_for_it(world, pipeline):
    client = Http2Client(world)
    client.connection.pause_writing()
    before = client.transport.written
    for _ in range(4):
        client.begin()
    for waiter in pipeline.waiters:
        waiter.resolve(Response(200, [], bytes(MAX_BUFFERED // 4 + 1)))
    pipeline.turn()
    client.begin()
    assert (4, before) == (len(pipeline.waiters), client.transport.written)
    client.h2.increment_flow_control_window(2**30)
    for stream in (1, 3, 5, 7):
        client.h2.increment_flow_control_window(2**30, stream)
    client.flush()
    client.connection.resume_writing()
    client.listen(acknowledge=False)
    assert [1, 3, 5, 7] == sorted(client.ended)
    assert 5 == len(pipeline.waiters)


def test_an_answer_that_comes_too_late_is_dropped(world, pipeline):
    client = Http2Client(world)
    client.begin()
    client.connection.connection_lost(None)
    pipeline.waiters[0].resolve(Response(200, [], b"late"))
    pipeline.turn()
    assert b"" == client.transport.written


def test_answers_that_become_ready_together_leave_in_one_write(world, pipeline):
    client = Http2Client(world)
    for _ in range(3):
        client.begin()
    before = client.transport.writes
    for waiter in pipeline.waiters:
        waiter.resolve(Response(200, [], b"x"))
    pipeline.turn()
    client.listen()
    assert ([1, 3, 5], 1) == (client.ended, client.transport.writes - before)


def test_requests_of_a_client_that_broke_the_protocol_are_not_begun(world, pipeline):
    client = Http2Client(world)
    client.h2.send_headers(1, HEAD, end_stream=True)
    client.connection.data_received(client.h2.data_to_send() + b"\x00\x00\x00\x03\x00\x00\x00\x00\x00")
    assert ([], True) == (pipeline.waiters, client.connection.closing)
