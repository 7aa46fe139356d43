"""When a client connection has had its time: limits by the clock of a world that the test winds."""

import asyncio

import pytest

from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, READ_SECONDS
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.tls_connection import TlsConnection
from support.wound_world import connect, open_after

REQUEST = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("kind", [LocalConnection, TlsConnection])
def test_a_client_that_says_nothing_is_let_go(world, kind):
    connection = connect(world, kind)
    assert open_after(connection, world, HEAD_SECONDS)
    assert not open_after(connection, world, 1)


def test_a_client_that_sends_its_head_in_drops_has_one_limit_for_all_of_it(world):
    connection = connect(world, LocalConnection)
    for byte in REQUEST[:6]:
        connection.data_received(bytes((byte,)))
        assert open_after(connection, world, HEAD_SECONDS / 6)
    connection.data_received(b" ")
    assert not open_after(connection, world, 1)


def test_a_body_on_its_way_has_its_time_from_part_to_part(world):
    connection = connect(world, LocalConnection)
    connection.data_received(b"POST /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    for _ in range(5):
        assert open_after(connection, world, HEAD_SECONDS)
        connection.data_received(b"x")
    assert not open_after(connection, world, HEAD_SECONDS + 1)


def test_between_requests_a_client_has_310_seconds(world):
    connection = connect(world, LocalConnection)
    connection.data_received(REQUEST)
    assert connection.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert 310 == IDLE_SECONDS
    assert open_after(connection, world, 310)
    assert not open_after(connection, world, 1)


def test_a_drain_closes_what_has_not_begun_and_waits_for_what_has(world):
    fresh, begun = connect(world, LocalConnection), connect(world, LocalConnection)
    begun.data_received(REQUEST[:10])
    for connection in (fresh, begun):
        connection.drain()
    assert (True, False) == (fresh.transport.closed, begun.transport.closed)
    begun.data_received(REQUEST[10:])
    assert begun.transport.closed
    assert b"Connection: close\r\n" in begun.transport.written


def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(world):
    connection = connect(world, LocalConnection)
    connection.data_received(REQUEST)
    for left in (3_000, 2_000, 1_000):  # it reads, if slowly
        connection.transport.unread = left
        assert open_after(connection, world, READ_SECONDS)
    assert open_after(connection, world, READ_SECONDS)
    assert not connection.transport.aborted
    connection.expire(world.clock + 1)
    assert connection.transport.aborted


def test_a_client_that_takes_nothing_is_cut_off_after_the_end_too(world):
    connection = connect(world, LocalConnection)
    connection.data_received(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert connection.transport.closed
    connection.transport.unread = 1_000
    for seconds in (0, READ_SECONDS):
        connection.expire(world.clock + seconds)
        assert not connection.transport.aborted
    connection.expire(world.clock + READ_SECONDS + 1)
    assert connection.transport.aborted


def test_a_connection_that_is_gone_is_forgotten(world):
    connection = connect(world, LocalConnection)
    assert {connection} == world.connections
    connection.connection_lost(None)
    assert set() == world.connections
    connection.expire(world.clock + 1_000)
    assert not connection.transport.closed
    assert asyncio.Protocol in type(connection).__mro__
