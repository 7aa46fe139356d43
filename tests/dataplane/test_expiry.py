"""When a client connection has had its time: limits by the clock of a world that the test winds."""

import asyncio

import pytest

from gatewright.dataplane.connection import HEAD_SECONDS, IDLE_SECONDS, MIN_RATE, READ_SECONDS
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


def test_a_body_has_its_time_as_long_as_enough_of_it_comes(world):
    connection = connect(world, LocalConnection)
    connection.data_received(b"POST /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
    for _ in range(5):
        connection.data_received(bytes(int(MIN_RATE * HEAD_SECONDS)))
        assert open_after(connection, world, HEAD_SECONDS)
    connection.data_received(bytes(int(MIN_RATE * HEAD_SECONDS) - 1))
    assert not open_after(connection, world, HEAD_SECONDS + 1)


def test_a_body_that_comes_byte_by_byte_is_not_waited_for(world):
    connection = connect(world, LocalConnection)
    connection.data_received(b"POST /ping HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
    for _ in range(int(HEAD_SECONDS)):
        assert open_after(connection, world, 1)
        connection.data_received(b"x")
    assert not open_after(connection, world, 1)


def test_a_body_has_a_minute_of_its_own_behind_a_slow_head(world):
    connection = connect(world, LocalConnection)
    connection.data_received(b"POST /ping HTTP/1.1\r\nHost: a\r\n")
    assert open_after(connection, world, HEAD_SECONDS)
    connection.data_received(b"Content-Length: 9\r\n\r\n")
    assert open_after(connection, world, HEAD_SECONDS)
    connection.data_received(b"123456789")
    assert connection.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")


def test_line_ends_before_a_request_are_no_reason_to_wait_longer(world):
    connection = connect(world, LocalConnection)
    for _ in range(6):
        assert open_after(connection, world, HEAD_SECONDS / 6)
        connection.data_received(b"\r\n")
    assert not open_after(connection, world, 1)


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
    connection.transport.unread = 1_000
    assert open_after(connection, world, 5)
    assert open_after(connection, world, READ_SECONDS)
    assert not connection.transport.aborted
    connection.expire(world.clock + 1)
    assert connection.transport.aborted


def unread_answer(world, size):
    connection = connect(world, LocalConnection)
    connection.data_received(REQUEST)
    connection.write(bytes(size))
    connection.transport.unread = size
    connection.pause_writing()
    connection.expire(world.clock)
    return connection


def test_a_client_that_reads_slowly_and_enough_is_waited_for(world):
    connection = unread_answer(world, 1_000_000)
    for _ in range(20):
        connection.transport.unread -= int(MIN_RATE * READ_SECONDS)
        assert open_after(connection, world, READ_SECONDS)
    assert not connection.transport.aborted


def test_a_client_that_reads_byte_by_byte_is_cut_off(world):
    connection = unread_answer(world, 1_000_000)
    for _ in range(int(READ_SECONDS) + 1):
        assert not connection.transport.aborted
        connection.transport.unread -= 400
        open_after(connection, world, 1)
    assert connection.transport.aborted


def test_the_memory_for_answers_knows_what_a_client_has_not_taken(world):
    answers = world.capacity.answers
    connection = unread_answer(world, 1_000_000)
    assert 1_000_000 == answers.used
    connection.transport.unread = 400_000
    connection.expire(world.clock)
    assert 400_000 == answers.used
    connection.transport.unread = 10_000
    connection.resume_writing()
    assert 0 == answers.used
    connection.pause_writing()
    connection.connection_lost(None)
    assert 0 == answers.used


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
