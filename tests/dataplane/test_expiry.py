"""When a client connection has had its time: limits by the clock of a world that the test winds."""

import asyncio

import pytest

from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, LocalConnection, TlsConnection
from gatewright.dataplane.journal import Journal
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import empty_snapshot
from gatewright.model.snapshot import InstallationNames

REQUEST = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


class Transport:
    def __init__(self):
        self.written = b""
        self.closed = False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True

    def is_reading(self):
        return True


@pytest.fixture
def world(tmp_path):
    made = World(
        empty_snapshot(InstallationNames("gateway.localhost", "us-east-1")),
        None,
        Journal(tmp_path, 0),
        lambda _seconds, _call: None,
        8443,
    )
    made.clock = 1_000.0
    made.now = lambda: made.clock
    return made


def connect(world, kind=LocalConnection):
    connection = kind(world)
    connection.connection_made(Transport())
    return connection


def open_after(connection, world, seconds):
    world.clock += seconds
    connection.expire(world.clock)
    return not connection.transport.closed


@pytest.mark.parametrize("kind", [LocalConnection, TlsConnection])
def test_a_client_that_says_nothing_is_let_go(world, kind):
    connection = connect(world, kind)
    assert open_after(connection, world, HEAD_SECONDS)
    assert not open_after(connection, world, 1)


def test_a_client_that_sends_its_head_in_drops_has_one_limit_for_all_of_it(world):
    connection = connect(world)
    for byte in REQUEST[:6]:
        connection.data_received(bytes((byte,)))
        assert open_after(connection, world, HEAD_SECONDS / 6)
    connection.data_received(b" ")
    assert not open_after(connection, world, 1)


def test_a_body_on_its_way_has_its_time_from_part_to_part(world):
    connection = connect(world)
    connection.data_received(b"POST /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    for _ in range(5):
        assert open_after(connection, world, HEAD_SECONDS)
        connection.data_received(b"x")
    assert not open_after(connection, world, HEAD_SECONDS + 1)


def test_between_requests_a_client_has_310_seconds(world):
    connection = connect(world)
    connection.data_received(REQUEST)
    assert connection.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert 310 == IDLE_SECONDS
    assert open_after(connection, world, 310)
    assert not open_after(connection, world, 1)


def test_a_drain_closes_what_has_not_begun_and_waits_for_what_has(world):
    fresh, begun = connect(world), connect(world)
    begun.data_received(REQUEST[:10])
    for connection in (fresh, begun):
        connection.drain()
    assert (True, False) == (fresh.transport.closed, begun.transport.closed)
    begun.data_received(REQUEST[10:])
    assert begun.transport.closed
    assert b"Connection: close\r\n" in begun.transport.written


def test_a_connection_that_is_gone_is_forgotten(world):
    connection = connect(world)
    assert {connection} == world.connections
    connection.connection_lost(None)
    assert set() == world.connections
    connection.expire(world.clock + 1_000)
    assert not connection.transport.closed
    assert asyncio.Protocol in type(connection).__mro__
