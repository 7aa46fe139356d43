"""Whose connection ends when memory for answers is short."""

import pytest

from gatewright.dataplane.relief import READING_SECONDS, relieve


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
