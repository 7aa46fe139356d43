"""Whose connection ends when memory for answers is short."""

import pytest

from gatewright.dataplane.connection import READ_SECONDS
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.relief import READING_SECONDS, relieve
from support.wound_world import connect


class Reader:
    """A client that holds so much and will take so long for it."""

    def __init__(self, world, held, seconds):
        self.held = held
        self._seconds = seconds
        self._answers = world.capacity.answers
        self.was_cut = False
        self._answers.occupy(held)
        world.connections.add(self)

    def seconds_to_read(self, now):
        return self._seconds

    def cut(self):
        self.was_cut = True
        self._answers.give_back(self.held)


@pytest.fixture
def short_world(world):
    world.capacity.answers.limit = 1_000
    return world


def test_nobody_is_cut_while_there_is_memory(short_world):
    slow = Reader(short_world, 999, 1e9)
    relieve(short_world, 0.0)
    assert not slow.was_cut


def test_the_slowest_go_first_and_no_more_of_them_than_it_takes(short_world):
    slowest, slower, slow = (Reader(short_world, 400, seconds) for seconds in (300, 200, 100))
    relieve(short_world, 0.0)
    assert (True, False, False) == (slowest.was_cut, slower.was_cut, slow.was_cut)
    assert 1 == short_world.counters()["gatewright_slow_readers_cut_total"]


def test_who_is_nearly_through_is_let_be_even_then(short_world):
    quick = Reader(short_world, 2_000, READING_SECONDS)
    relieve(short_world, 0.0)
    assert not quick.was_cut


def test_little_that_many_do_not_read_counts_and_only_who_stands_still_is_cut_for_it(world):
    answers = world.capacity.answers
    answers.limit = 200_000
    stalled, moving = connect(world, LocalConnection), connect(world, LocalConnection)
    for connection in (stalled, moving):
        connection.send(bytes(60_000))  # less than what a transport takes before it says that it is full
        connection.transport.unread = 60_000
        connection.expire(world.clock)
    assert 120_000 == answers.used
    for _ in range(2):
        world.clock += 1
        moving.send(bytes(60_000))
        for connection in (stalled, moving):
            connection.expire(world.clock)
        relieve(world, world.clock)
    assert [False, False] == [stalled.transport.aborted, moving.transport.aborted]
    answers.occupy(80_000)
    relieve(world, world.clock)
    assert [True, False] == [stalled.transport.aborted, moving.transport.aborted]
    assert 140_000 == answers.used
    moving.transport.unread = 0
    moving.expire(world.clock)
    assert 80_000 == answers.used


def test_what_was_read_is_given_back_by_the_next_look_and_by_the_end(world):
    gone, read = connect(world, LocalConnection), connect(world, LocalConnection)
    for connection in (gone, read):
        connection.transport.unread = 9_000
        connection.expire(world.clock)
    assert 18_000 == world.capacity.answers.used
    gone.connection_lost(None)
    assert 9_000 == world.capacity.answers.used
    read.transport.unread = 0
    read.expire(world.clock + READ_SECONDS + 1)
    assert 0 == world.capacity.answers.used
    assert not read.transport.aborted
