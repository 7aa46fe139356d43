"""What an answer takes of the worker's memory, and how it waits for it."""

import asyncio

import pytest

from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.room import FREE_BYTES, Room
from gatewright.dataplane.upstream import answer_memory
from gatewright.dataplane.upstream.answer_memory import AnswerMemory


class Transport:
    def __init__(self):
        self.reading = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def is_closing(self):
        return False


def run(scenario):
    asyncio.run(scenario())


def never():
    pytest.fail("it was given up")


def test_an_announced_answer_takes_all_of_it_at_once_and_gives_it_back():
    room = Room(20_000_000)
    memory = AnswerMemory(room, never)
    memory.grow(FREE_BYTES + 1, b"1000000", Transport())
    assert (1_000_000 - FREE_BYTES, 1_000_000) == (room.used, memory.allowed)
    memory.release()
    assert (0, FREE_BYTES) == (room.used, memory.allowed)


@pytest.mark.parametrize("announced", [b"99999999999999", None])
def test_no_answer_takes_more_than_the_largest_there_is(announced):
    memory = AnswerMemory(Room(100_000_000), never)
    size = FREE_BYTES + 1
    while memory.allowed < MAX_PAYLOAD:
        memory.grow(size, announced, Transport())
        size = memory.allowed + 1
    assert MAX_PAYLOAD == memory.allowed


def test_without_memory_the_backend_is_not_read_until_there_is():
    async def scenario():
        room, transport = Room(1_000_000), Transport()
        room.take(500_000)
        memory = AnswerMemory(room, never)
        memory.grow(FREE_BYTES + 1, b"900000", transport)
        assert (False, True) == (transport.reading, memory.waits)
        memory.grow(FREE_BYTES + 2, b"900000", transport)  # what was read before asks for nothing more
        room.give_back(500_000)
        assert (True, False, 900_000) == (transport.reading, memory.waits, memory.allowed)
        memory.release()
        assert 0 == room.used

    run(scenario)


def test_the_wait_is_bounded(monkeypatch):
    monkeypatch.setattr(answer_memory, "WAIT_SECONDS", 0.01)

    async def scenario():
        room, transport, given_up = Room(100_000), Transport(), asyncio.Event()
        memory = AnswerMemory(room, given_up.set)
        memory.grow(FREE_BYTES + 1, b"900000", transport)
        await asyncio.wait_for(given_up.wait(), 5)
        memory.release()
        assert (True, 0, False) == (transport.reading, room.used, room.short)

    run(scenario)


def test_an_answer_that_ends_while_it_waits_leaves_the_queue():
    async def scenario():
        room, transport = Room(100_000), Transport()
        memory = AnswerMemory(room, never)
        memory.grow(FREE_BYTES + 1, b"900000", transport)
        assert (0, True, False) == (memory.detach(), transport.reading, room.short)

    run(scenario)
