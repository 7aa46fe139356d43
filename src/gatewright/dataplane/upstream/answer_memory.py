"""The memory that one backend connection's answer takes of the worker's, and the wait for it.

Small answers take none. A larger one takes what it announces, or, of unknown length, some multiple of what it has.
Where there is none the backend is not read until there is: TCP then holds it back, just as it holds the clients whose
slow reading took the memory. The wait is bounded, so two answers that wait for each other's part do not wait for ever.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from gatewright.core.http.message import MAX_PAYLOAD
from gatewright.dataplane.room import FREE_BYTES, Room

#: How long an answer waits for memory before it is given up: clients that read at all have made room by then.
WAIT_SECONDS: Final = 5.0
#: Why an answer was given up, or not begun.
MEMORY_FULL: Final = "clients that read slowly hold all its memory for answers"
#: An answer of unknown length asks for so many times what it has.
_GROWTH: Final = 4


class AnswerMemory:
    """Of one connection, answer after answer. `allowed` is how large the present one may grow without asking again."""

    __slots__ = ("_give_up", "_room", "_transport", "_wait", "_wanted", "allowed")

    def __init__(self, room: Room, give_up: Callable[[], None]) -> None:
        """`give_up` is called when an answer has waited for too long."""
        self._room = room
        self._give_up = give_up
        self._transport: Any = None
        self._wanted = 0  # what it waits for
        self._wait: asyncio.TimerHandle | None = None
        self.allowed = FREE_BYTES

    @property
    def waits(self) -> bool:
        """True while the answer is not read because there is no memory for it."""
        return self._wanted > 0

    def grow(self, size: int, announced: bytes | None, transport: Any) -> None:
        """The answer has `size` bytes, of the number that was announced. Reading stops where there is no memory."""
        if self._wanted:
            return  # the rest of what was read before
        whole = self.allowed * _GROWTH if announced is None else int(announced)
        more = max(min(whole, MAX_PAYLOAD), size) - self.allowed
        if self._room.take(more):
            self.allowed += more
            return
        self._wanted, self._transport = more, transport
        transport.pause_reading()
        self._room.wait(self, more)
        self._wait = asyncio.get_running_loop().call_later(WAIT_SECONDS, self._give_up)

    def granted(self) -> None:
        """There is memory again: the backend is read on."""
        self.allowed += self._wanted
        self._stop_waiting()

    def detach(self) -> int:
        """The answer is whole, or nobody's any more; what it had of the room, which the caller gives back."""
        if self._wanted:
            self._stop_waiting()
            self._room.cancel(self)
        taken, self.allowed = self.allowed - FREE_BYTES, FREE_BYTES
        return taken

    def release(self) -> None:
        """As `detach`, and it is given back at once."""
        taken = self.detach()
        if taken:
            self._room.give_back(taken)

    def give_back(self, taken: int) -> None:
        """What `detach` told, when whoever got the answer holds it on their own account."""
        self._room.give_back(taken)

    def _stop_waiting(self) -> None:
        self._wanted = 0
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        transport, self._transport = self._transport, None
        if transport is not None and not transport.is_closing():
            transport.resume_reading()
