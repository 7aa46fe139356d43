"""Bytes that many may hold together, and who waits for some.

A worker's memory for bodies is such a room: a hundred clients that read slowly must not hold a hundred times what one
may. Whoever can do without asks with `take` and is told no; whoever can wait (an answer whose backend is not read
meanwhile) waits with `wait`, first come, first served. What cannot be undone is entered with `occupy`, also beyond the
limit: then nobody is given any until there is less. No IO, no clock.
"""

from typing import Final, Protocol

#: A body up to this size is not asked about: it is less than what sockets and parsers hold of a connection anyway.
FREE_BYTES: Final = 65_536


class Claim(Protocol):
    """Somebody who waits for room."""

    def granted(self) -> None:
        """The room is there and taken. Must not give it back at once."""


class Room:
    """So many bytes. What was taken, occupied or granted is given back once."""

    __slots__ = ("_waiting", "limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._waiting: dict[Claim, int] = {}  # dictionaries keep the order of insertion

    def __repr__(self) -> str:
        return f"<Room {self.used} of {self.limit} bytes used, {len(self._waiting)} waiting>"

    @property
    def full(self) -> bool:
        """True while everything is taken, so that nothing more should be begun that may need some."""
        return self.used >= self.limit

    @property
    def short(self) -> bool:
        """True while somebody waits, or everything is taken."""
        return bool(self._waiting) or self.used >= self.limit

    def take(self, size: int) -> bool:
        """Take so many bytes; False, and nothing is taken, when they are not there or others wait already."""
        if self._waiting or self.used + size > self.limit:
            return False
        self.used += size
        return True

    def occupy(self, size: int) -> None:
        """So many bytes are held; nobody was asked."""
        self.used += size

    def give_back(self, size: int) -> None:
        """So many bytes are held no longer."""
        self.used -= size
        waiting = self._waiting
        while waiting:
            claim, wanted = next(iter(waiting.items()))
            if self.used + wanted > self.limit:
                return
            del waiting[claim]
            self.used += wanted
            claim.granted()

    def wait(self, claim: Claim, size: int) -> None:
        """`claim` is granted so many bytes when they are there and its turn has come."""
        self._waiting[claim] = size

    def cancel(self, claim: Claim) -> None:
        """`claim` waits no longer; nothing happens if it did not."""
        if self._waiting.pop(claim, None) is not None:
            self.give_back(0)  # those behind it may fit
