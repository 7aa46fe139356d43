"""What the bodies of one connection's requests hold of the worker's memory for them.

Flow control alone lets each connection send 28 MB before anybody answers (`uploads`); a thousand of them would be 28 GB. So what
a connection holds beyond `FREE_BYTES` is asked for, in steps that spare most frames the question; a stream whose body is
not granted is refused, as a connection of HTTP/1.1 is.
"""

from typing import Final

from gatewright.dataplane.room import FREE_BYTES, Room

_STEP: Final = 65_536


class BodyMemory:
    """Bytes are held from their arrival until their request is answered, also when its client is gone by then."""

    __slots__ = ("_held", "_room", "_taken")

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0
        self._taken = 0

    def __repr__(self) -> str:
        return f"<BodyMemory of {self._held} bytes, {self._taken} taken>"

    def grow(self, size: int) -> bool:
        """Hold so many more; False, and nothing is held, when there is no memory for them."""
        missing = self._held + size - FREE_BYTES - self._taken
        if missing > 0:
            more = -(-missing // _STEP) * _STEP
            if not self._room.take(more):
                return False
            self._taken += more
        self._held += size
        return True

    def shrink(self, size: int) -> None:
        """Hold so many less."""
        self._held -= size
        surplus = self._taken - max(self._held - FREE_BYTES, 0)
        if surplus >= _STEP:
            less = surplus // _STEP * _STEP
            self._taken -= less
            self._room.give_back(less)
