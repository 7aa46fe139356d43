"""What a connection's bodies take of the worker's memory follows what they hold."""

from hypothesis import given
from hypothesis import strategies as st

from gatewright.dataplane.http2.body_memory import BodyMemory
from gatewright.dataplane.room import FREE_BYTES, Room

STEP = 65_536


@given(st.lists(st.integers(min_value=-200_000, max_value=200_000), max_size=30))
def test_what_is_taken_covers_what_is_held_and_not_much_more(changes):
    room, held = Room(1_000_000), 0
    memory = BodyMemory(room)
    for change in changes:
        if change >= 0 and memory.grow(change):
            held += change
        elif change >= 0:
            assert held + change - FREE_BYTES > room.limit - STEP
        else:
            less = min(-change, held)
            memory.shrink(less)
            held -= less
        assert max(held - FREE_BYTES, 0) <= room.used < max(held - FREE_BYTES, 0) + STEP
    memory.shrink(held)
    assert 0 == room.used


def test_what_finds_no_memory_changes_nothing():
    room = Room(STEP)
    memory = BodyMemory(room)
    assert memory.grow(FREE_BYTES)
    assert not memory.grow(STEP + 1)
    assert f"<BodyMemory of {FREE_BYTES} bytes, 0 taken>" == repr(memory)
    assert memory.grow(STEP)
