"""How late a worker's event loop is, and the share of calls that it refuses because of that.

Whatever arrives waits for its turn of the loop, where no limit on connections or calls sees it: clients enough, and each
waits for all others. So the loop's lateness is measured, by a timer that should fire every `TICK` seconds. Lateness that
lasts means that more is asked than the processor can do; then a growing share of calls is refused before it costs a
backend's connection, until those that are taken on wait no longer than `TARGET`. Lateness that passes (a neighbour on the
machine, a collection, a process that was stopped) refuses nobody, however long it was: the next tick tells. This is
CoDel's distinction between good and bad queues (RFC 8289), with the share in the place of its drop interval, since a
client whose request is refused asks again.
"""

import asyncio
import time
from typing import Final

#: How often it is measured.
TICK: Final = 0.1
#: Longer than this nobody should wait for the loop. 10,000 requests a second in bursts make it some 10 ms late.
TARGET: Final = 0.25
#: How long it must last.
_PATIENCE: Final = 1.0
#: A tick more or less of lateness changes the share by so much. Rising is quick, since everybody waits meanwhile.
_RISE: Final = 0.1
_FALL: Final = 0.05
#: Some are always let in: what they cost is what is measured.
_LARGEST: Final = 0.9


class Lateness:
    """Of one event loop. `share` of calls are to be refused, 0.0 in good times."""

    __slots__ = ("_late_for", "_owed", "share")

    def __init__(self) -> None:
        self.share = 0.0
        self._late_for = 0.0
        self._owed = 0.0

    def __repr__(self) -> str:
        return f"<Lateness for {self._late_for:.1f} s, {self.share:.0%} refused>"

    def note(self, late: float) -> None:
        """A tick came so many seconds late."""
        if late > TARGET:
            self._late_for += min(TICK + late, _PATIENCE)  # one tick alone does not last
            if self._late_for > _PATIENCE:
                self.share = min(_LARGEST, self.share + _RISE)
        else:
            self._late_for = 0.0
            self.share = max(0.0, self.share - _FALL)

    def refuses(self) -> bool:
        """Whether this call is one of the share. Spread evenly, without chance."""
        self._owed += self.share
        if self._owed < 1.0:
            return False
        self._owed -= 1.0
        return True

    async def watch(self) -> None:
        """Measure, for as long as the task runs."""
        due = time.monotonic() + TICK
        while True:
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self.note(now - due)
            due = now + TICK
