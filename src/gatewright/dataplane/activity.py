"""What a worker has metered since the last look of the process that talks to other nodes: in shared memory, by turns.

    turns      a page: the number of the present turn, and what that process has to say to the workers
    used.{n}   of the worker n two sheets, one for turns of even numbers and one for odd ones; an entry is 40 bytes

The worker writes on the sheet of the present turn, and nobody else does. The other process begins the next turn, a
hundred times a second, and then reads the sheet of the turn before. What a worker writes in the microseconds around that
may be missed: a token less is told, of a bucket that will be told of again; ledgers count by themselves, in
`dataplane/ledgers.py`, and what is missed is only that the key was there.

A sheet that is full, since nobody reads it, takes no further names.
"""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from time import monotonic_ns
from typing import Final

from gatewright.core.metering.charge import Bucket, Ledger
from gatewright.core.metering.limits import Quota

#: Words of the page.
_TURN: Final = 0
_FRESH_UNTIL: Final = 1  # CLOCK_MONOTONIC, which is the same for all processes
_TOTALS: Final = 8  # what is counted of exchanges, one word each
_PAGE_BYTES: Final = 4_096

#: Requests of four buckets that a worker serves in 0.2 s when each has a key of its own.
_ENTRIES: Final = 8_192
_WORDS: Final = 5  # the name; of a bucket interval, capacity, tokens; of a ledger minus its period, limit, offset
_HEAD: Final = 2  # the turn, and how many entries there are
_SHEET: Final = _HEAD + _ENTRIES * _WORDS
_PERIODS: Final[list[str | None]] = [None, None, "DAY", "WEEK", "MONTH"]  # by code; 1: no quota


class Turns:
    """The page."""

    def __init__(self, directory: Path) -> None:
        self.words: memoryview[int] = memoryview(_map(directory / "turns", _PAGE_BYTES)).cast("q")

    def is_fresh(self) -> bool:
        """Whether the other nodes were heard of lately."""
        return self.words[_FRESH_UNTIL] > monotonic_ns()

    def keep_fresh(self, until: int) -> None:
        """They were; 0: they cannot be reached. `until` is of CLOCK_MONOTONIC."""
        self.words[_FRESH_UNTIL] = until

    def add(self, total: int, amount: int) -> None:
        """One of the totals grows. Written by one process only."""
        self.words[_TOTALS + total] += amount

    def put(self, total: int, amount: int) -> None:
        """One of the totals is so much."""
        self.words[_TOTALS + total] = amount

    def total(self, total: int) -> int:
        """How much it is."""
        return self.words[_TOTALS + total]


class Activity:
    """The two sheets of one worker, for writing."""

    def __init__(self, directory: Path, number: int, turns: Turns) -> None:
        self._turns = turns
        self._page = turns.words
        self._words: memoryview[int] = memoryview(_map(directory / f"used.{number}", 2 * _SHEET * 8)).cast("q")
        self._turn = -1
        self._base = 0
        self._places: dict[int, int] = {}

    def spend(self, buckets: Sequence[Bucket]) -> None:
        """A token of each."""
        if self._page[_TURN] != self._turn:
            self._begin()
        words = self._words
        for bucket in buckets:
            place = self._places.get(bucket.name, 0)
            if place == 0:
                place = self._enter(bucket.name, bucket.limit.interval, bucket.limit.capacity, 0)
                if place == 0:
                    continue
            words[place + 3] += 1

    def want(self, bucket: Bucket) -> None:
        """It had none."""
        if self._page[_TURN] != self._turn:
            self._begin()
        if bucket.name not in self._places and bucket.limit.capacity > 0:
            self._enter(bucket.name, bucket.limit.interval, bucket.limit.capacity, 0)

    def note(self, ledger: Ledger) -> bool:
        """True when the ledger is new in this turn."""
        if self._page[_TURN] != self._turn:
            self._begin()
        if ledger.name in self._places:
            return False
        quota = ledger.quota
        if quota is None:
            self._enter(ledger.name, -1, 0, 0)
        else:
            self._enter(ledger.name, -_PERIODS.index(quota.period), quota.limit, quota.offset)
        return True

    def forget(self) -> None:
        """Whatever comes next is new in this turn. What was noted stays, and is added to what will be."""
        self._places.clear()

    def _begin(self) -> None:
        self._turn = self._page[_TURN]
        self._base = (self._turn & 1) * _SHEET
        self._words[self._base + 1] = 0
        self._words[self._base] = self._turn
        self._places.clear()

    def _enter(self, name: int, first: int, second: int, third: int) -> int:
        words = self._words
        count = words[self._base + 1]
        if count >= _ENTRIES:
            return 0
        place = self._base + _HEAD + count * _WORDS
        words[place] = name
        words[place + 1] = first
        words[place + 2] = second
        words[place + 3] = third
        words[self._base + 1] = count + 1
        self._places[name] = place
        return place


class Used:
    """What all workers did in one turn: tokens by bucket with its interval and capacity, and ledgers with their quotas."""

    def __init__(self) -> None:
        self.buckets: dict[int, tuple[int, int, int]] = {}
        self.ledgers: dict[int, Quota | None] = {}


class Activities:
    """The sheets of all workers, for reading, and the turns."""

    def __init__(self, directory: Path, workers: int, turns: Turns) -> None:
        self._page = turns.words
        self._sheets: list[memoryview[int]] = [
            memoryview(_map(directory / f"used.{number}", 2 * _SHEET * 8)).cast("q") for number in range(workers)
        ]

    def has_any(self) -> bool:
        """Whether anything is on the present sheets."""
        turn = self.present
        base = (turn & 1) * _SHEET
        return any(words[base] == turn and words[base + 1] > 0 for words in self._sheets)

    @property
    def present(self) -> int:
        """The number of the present turn."""
        return self._page[_TURN]

    def turn(self) -> int:
        """Begin the next turn; the number of the one that has ended."""
        ended = self._page[_TURN]
        self._page[_TURN] = ended + 1
        return ended

    def read(self, turn: int) -> Used:
        """All of that turn, which is the present one or the one before."""
        used = Used()
        base = (turn & 1) * _SHEET
        for words in self._sheets:
            if words[base] != turn:
                continue
            first = base + _HEAD
            for place in range(first, first + min(words[base + 1], _ENTRIES) * _WORDS, _WORDS):
                name, kind = words[place], words[place + 1]
                if kind > 0:
                    before = used.buckets.get(name)
                    tokens = words[place + 3] + (0 if before is None else before[2])
                    used.buckets[name] = (kind, words[place + 2], tokens)
                else:
                    period = _PERIODS[-kind]
                    used.ledgers[name] = None if period is None else Quota(words[place + 2], words[place + 3], period)
        return used


def _map(path: Path, size: int) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size < size:
            os.posix_fallocate(descriptor, 0, size)
        return mmap.mmap(descriptor, 0)
    finally:
        os.close(descriptor)
