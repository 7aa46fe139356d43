"""Bytes held together: who gets some, who waits, and that none are lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.dataplane.room import Room


class Waiting:
    def __init__(self):
        self.has = False

    def granted(self):
        self.has = True


def test_what_is_not_there_is_not_taken():
    room = Room(10)
    assert room.take(7)
    assert not room.take(4)
    assert (7, False) == (room.used, room.short)
    assert room.take(3)
    assert (10, True) == (room.used, room.short)


def test_who_waits_is_served_in_turn_and_before_those_who_ask_later():
    room = Room(10)
    room.take(8)
    large, small = Waiting(), Waiting()
    room.wait(large, 6)
    room.wait(small, 1)
    assert not room.take(1)
    room.give_back(3)  # room for the small one, whose turn it is not
    assert (False, False) == (large.has, small.has)
    room.give_back(2)
    assert (True, True, 10) == (large.has, small.has, room.used)


def test_who_gives_up_lets_those_behind_pass():
    room = Room(10)
    room.take(8)
    large, small = Waiting(), Waiting()
    room.wait(large, 6)
    room.wait(small, 2)
    room.cancel(large)
    room.cancel(large)
    assert (False, True, 10) == (large.has, small.has, room.used)


def test_what_is_held_unasked_counts_and_nobody_is_given_any_meanwhile():
    room = Room(10)
    room.occupy(15)
    waiting = Waiting()
    room.wait(waiting, 1)
    room.give_back(5)
    assert (False, True) == (waiting.has, room.short)
    room.give_back(1)
    assert waiting.has


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["take", "wait", "cancel", "back"]), st.integers(1, 12)), max_size=40))
def test_nothing_is_lost_and_the_limit_is_kept(steps):
    room = Room(20)
    held, waiting = [], []
    for what, size in steps:
        if what == "take" and room.take(size):
            held.append(size)
        elif what == "wait":
            claim = Waiting()
            room.wait(claim, size)
            waiting.append((claim, size))
            room.give_back(0)
        elif what == "cancel" and waiting:
            room.cancel(waiting.pop()[0])
        elif what == "back" and held:
            room.give_back(held.pop())
        held += [size for claim, size in waiting if claim.has]
        waiting = [(claim, size) for claim, size in waiting if not claim.has]
        assert sum(held) == room.used <= 20
        assert not waiting or room.used + waiting[0][1] > 20
