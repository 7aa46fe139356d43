"""Where buckets and ledgers are found by name: an open hash table in shared memory, of two words an entry.

    name   62 bits of a hash (`core/metering/meter_names.py`); 0: free, and never was anything else
    word   of a bucket its state, an instant; of a ledger `LEDGER` and its number

What it keeps to:

- A name lies within `_PROBES` places of where its hash points, and before the first free place. Entries are never
  removed, only taken over, so that a search may end at a free place.
- A bucket that is full again is the same as one that is not there: a new name takes its place. So memory is bounded by
  what is in use at one time. Ledgers stay.
- Where there is no place, the table is doubled: a file is written whole, and then one word says that it is the one.
- Everything happens under the lock, and every step leaves a table that can be read: a process may die after each.
"""

from typing import Final

from gatewright.dataplane.meter_memory import GENERATION, MeterMemory

#: Above every instant (2^62 ns are the year 2116): an entry that never is a full bucket.
LEDGER: Final = 4_500_000_000_000_000_000
#: 16 bytes each: 8 MB, of which the kernel holds what is used.
_FIRST_SIZE: Final = 524_288
#: With half of the places taken, the longest way of a million is some 50 (measured); beyond, the table is doubled.
_PROBES: Final = 64


class Slots:
    """The present generation."""

    def __init__(self, memory: MeterMemory, first_size: int = _FIRST_SIZE) -> None:
        self._memory = memory
        self.generation = memory.words[GENERATION]
        mapped = memory.map(f"slots.{self.generation}", first_size * 16)
        self.words: memoryview[int] = memoryview(mapped).cast("q")
        self.size = len(self.words) // 2

    def adopt(self) -> None:
        """Another process has doubled the table: use that one."""
        generation = self._memory.words[GENERATION]
        self._use(generation, self.size)

    def _use(self, generation: int, size: int) -> None:
        mapped = self._memory.map(f"slots.{generation}", size * 16)
        self.words = memoryview(mapped).cast("q")
        self.size = len(self.words) // 2
        self.generation = generation

    def find(self, name: int) -> int:
        """The place of a name, or -1."""
        words, mask = self.words, self.size - 1
        place = name & mask
        for _ in range(_PROBES):
            there = words[2 * place]
            if there == name:
                return place
            if there == 0:
                return -1
            place = (place + 1) & mask
        return -1

    def claim(self, name: int, now: int) -> int:
        """The place of a name, which it gets if it has none; `generation` is another one if the table was doubled.

        The word of a new entry is `now + 1`: a bucket that is full in a moment, which nobody takes over at `now`.
        """
        while True:
            place = _claim(self.words, self.size, name, now)
            if place >= 0:
                return place
            self._double(now)

    def _double(self, now: int) -> None:
        size, generation = self.size * 2, self.generation + 1
        while True:
            self._memory.remove(f"slots.{generation}")  # of a process that died while it wrote it
            mapped = self._memory.map(f"slots.{generation}", size * 16)
            if _copy(self.words, memoryview(mapped).cast("q"), size, now):
                break
            size *= 2
        before = self.generation
        self._memory.words[GENERATION] = generation
        self.words, self.size, self.generation = memoryview(mapped).cast("q"), size, generation
        self._memory.remove(f"slots.{before}")


def _claim(words: "memoryview[int]", size: int, name: int, now: int) -> int:
    mask = size - 1
    place = name & mask
    vacant = -1
    for _ in range(_PROBES):
        there = words[2 * place]
        if there == name:
            return place
        if there == 0:
            if vacant < 0:
                vacant = place
            break
        if vacant < 0 and words[2 * place + 1] <= now:
            vacant = place
        place = (place + 1) & mask
    if vacant >= 0:
        # In this order: neither name ever has the other's word, but for one that says "full".
        words[2 * vacant + 1] = 0
        words[2 * vacant] = name
        words[2 * vacant + 1] = now + 1
    return vacant


def _copy(words: "memoryview[int]", target: "memoryview[int]", size: int, now: int) -> bool:
    """Everything that is in use; False when the target is too small."""
    for place in range(len(words) // 2):
        name, word = words[2 * place], words[2 * place + 1]
        if name != 0 and word > now:
            copied = _claim(target, size, name, now)
            if copied < 0:
                return False
            target[2 * copied + 1] = word
    return True
