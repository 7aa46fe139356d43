"""What each key has used under a plan, by day, for 92 days: records of 416 bytes in shared memory.

    word 0       the name; 0: nobody's
    word 1       the last day that anything was counted on; the 91 before it are there too
    word 2       the first day
    word 3       the day, the days since its period began, and what the other days of that period sum up to: for speed
    word 4       what UpdateUsage granted, and the start of the period that it is for; where nodes share quotas, what makes
                 of the quota the part that this node was leased
    word 5       where nodes share quotas: what word 4 would be if this node were alone
    words 6-51   92 counts of four bytes, that of a day at its number modulo 92

A request changes one count, and nothing else that could not be found again from the counts: whoever is killed at any
moment has counted or has not. A ledger that nobody used for longer than its days are kept is taken for another name.
"""

from typing import Final, NamedTuple

from gatewright.core.metering.charge import DayUsage, Ledger
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import Period, allowance, period_of
from gatewright.dataplane.meter_memory import HAND, LEDGERS, MeterMemory
from gatewright.dataplane.slots import LEDGER, Slots

#: GetUsage reaches back 90 days (facts 4.4), and a period has 31.
DAYS_KEPT: Final = 92
_WORDS: Final = 52
_BYTES: Final = _WORDS * 8
_CHUNK: Final = 2_048
_NAME, _LAST, _FIRST, _CARRIED, _GRANTED, _ALONE, _COUNTS = 0, 1, 2, 3, 4, 5, 12
_SUM_BITS: Final = 40
_SUM_MASK: Final = (1 << _SUM_BITS) - 1
_GRANT_ZERO: Final = 1 << (_SUM_BITS - 1)
_MOST: Final = 0xFFFF_FFFF
#: How many ledgers are looked at, for one that can be taken again, before another is added.
_GLANCES: Final = 4


class Standing(NamedTuple):
    """What a key has used on this node, and may use yet."""

    used: int  # in the present period
    left: int
    first_day: int
    used_today: int
    used_yesterday: int


class Ledgers:
    """All ledgers. Every method but `day_usage` is called under the lock."""

    def __init__(self, memory: MeterMemory, slots: Slots) -> None:
        self._memory = memory
        self._slots = slots
        self._map(_CHUNK)
        self._period_key = ""  # the last period that was asked for, and its day
        self._period_day = -1
        self._period = Period(0, 0)

    def _map(self, count: int) -> None:
        mapped = self._memory.map("ledgers", count * _BYTES)
        self.words: memoryview[int] = memoryview(mapped).cast("q")
        self._counts: memoryview[int] = memoryview(mapped).cast("I")
        self._mapped = len(self.words) // _WORDS

    def period(self, quota: Quota, day: int) -> Period:
        """The period that a day lies in."""
        if self._period_day != day or self._period_key != quota.period:
            self._period = period_of(quota.period, day)
            self._period_key = quota.period
            self._period_day = day
        return self._period

    def find(self, name: int) -> int:
        """The first word of the name's ledger, or -1."""
        place = self._slots.find(name)
        return -1 if place < 0 else self.at(place, name)

    def at(self, place: int, name: int) -> int:
        """The first word of the ledger that a slot names, or -1 if it names none, or one that is another's by now."""
        number = self._slots.words[2 * place + 1] - LEDGER
        if number < 0 or number >= self._memory.words[LEDGERS]:
            return -1
        if number >= self._mapped:
            self._map(number + 1)
        start = number * _WORDS
        return start if self.words[start] == name else -1

    def known(self, ledger: Ledger) -> int:
        """The first word of a ledger that is where it was last found, else -1.

        (A shortcut: who has the name in the record need not ask the slots. A record is one name's until another takes it.)
        """
        start = ledger.start
        return start if 0 <= start < self._mapped * _WORDS and self.words[start] == ledger.name else -1

    def open(self, name: int, day: int, now: int) -> int:
        """The first word of a new ledger for the name."""
        place = self._slots.claim(name, now)
        start = self._vacant(day)
        words = self.words
        for index in range(start + 1, start + _WORDS):
            words[index] = 0
        words[start + _FIRST] = day
        words[start + _LAST] = day
        words[start] = name
        self._slots.words[2 * place + 1] = LEDGER + start // _WORDS
        return start

    def _vacant(self, day: int) -> int:
        head = self._memory.words
        count = head[LEDGERS]
        for _ in range(min(_GLANCES, count)):
            number = head[HAND] % count
            head[HAND] = number + 1
            if number >= self._mapped:
                self._map(number + 1)
            start = number * _WORDS
            if self.words[start + _LAST] + DAYS_KEPT < day:
                self.words[start] = 0
                return start
        if count >= self._mapped:
            self._map(max(2 * count, _CHUNK))  # mapping again is rare, whatever their number
        head[LEDGERS] = count + 1
        return count * _WORDS

    def turn(self, start: int, day: int) -> None:
        """Make the day one that can be counted on."""
        words = self.words
        last = words[start + _LAST]
        if day == last or (day < last and last - day < DAYS_KEPT):
            return  # a clock that was set back finds the counts of its day as they were
        counts, base = self._counts, 2 * start + _COUNTS
        if day < last or day - last >= DAYS_KEPT:
            for index in range(DAYS_KEPT):
                counts[base + index] = 0
        else:
            for each in range(last + 1, day + 1):
                counts[base + each % DAYS_KEPT] = 0
        words[start + _LAST] = day

    def used(self, start: int, period: Period, day: int) -> int:
        """What the key has used in the period; `turn` came before."""
        counts, base = self._counts, 2 * start + _COUNTS
        today = counts[base + day % DAYS_KEPT]
        key = (day << 5) | (day - period.start)
        carried = self.words[start + _CARRIED]
        if carried >> _SUM_BITS == key:
            return (carried & _SUM_MASK) + today
        last = self.words[start + _LAST]
        others = 0
        for each in range(max(period.start, last - DAYS_KEPT + 1), min(period.end, last + 1)):
            if each != day:
                others += counts[base + each % DAYS_KEPT]
        self.words[start + _CARRIED] = (key << _SUM_BITS) | others
        return others + today

    def left(self, start: int, quota: Quota, day: int) -> int:
        """What the quota has left in the day's period."""
        period = self.period(quota, day)
        return self._allowance(start, quota, period) - self.used(start, period, day)

    def _allowance(self, start: int, quota: Quota, period: Period, word: int = _GRANTED) -> int:
        granted = self.words[start + word]
        extra = (granted & _SUM_MASK) - _GRANT_ZERO if granted and granted >> _SUM_BITS == period.start else 0
        return allowance(quota, is_first=self.words[start + _FIRST] >= period.start, granted=extra)

    def count(self, start: int, day: int) -> None:
        """One request more."""
        at = 2 * start + _COUNTS + day % DAYS_KEPT
        counted = self._counts[at]
        if counted < _MOST:
            self._counts[at] = counted + 1

    def grant(self, start: int, quota: Quota, day: int, remaining: int) -> None:
        """What is left in the day's period is `remaining` from now on."""
        period = self.period(quota, day)
        used = self.used(start, period, day)
        plain = allowance(quota, is_first=self.words[start + _FIRST] >= period.start)
        self.words[start + _GRANTED] = (period.start << _SUM_BITS) | (remaining - (plain - used) + _GRANT_ZERO)

    def is_leased(self, start: int, quota: Quota, day: int) -> bool:
        """Whether anybody has said what is left in the day's period."""
        return self.words[start + _GRANTED] >> _SUM_BITS == self.period(quota, day).start

    def lease(self, start: int, quota: Quota, day: int, up_to: int, beside: int) -> None:
        """In the day's period the key may use `up_to` requests; were this node alone, the quota and `beside`."""
        period = self.period(quota, day)
        self.grant(start, quota, day, up_to - self.used(start, period, day))
        self.words[start + _ALONE] = (period.start << _SUM_BITS) | (beside + _GRANT_ZERO)

    def is_used_up(self, start: int, quota: Quota, day: int) -> bool:
        """Whether this node and, as far as it knows, the others have used all of the quota, whatever anybody was leased."""
        period = self.period(quota, day)
        used = self.used(start, period, day)
        if self.words[start + _ALONE] >> _SUM_BITS != period.start:
            return used >= quota.limit  # nobody has said yet whether it is the key's first period
        return self._allowance(start, quota, period, _ALONE) <= used

    def fall_back(self, start: int, quota: Quota, day: int) -> None:
        """What was leased no longer counts."""
        alone = self.words[start + _ALONE]
        self.words[start + _GRANTED] = alone if alone >> _SUM_BITS == self.period(quota, day).start else 0

    def extend(self, start: int, quota: Quota, day: int, remaining: int) -> int:
        """As `grant`, and what is left is this node's alone. By how much the quota is larger for that."""
        period = self.period(quota, day)
        before = self._allowance(start, quota, period, _ALONE)
        self.grant(start, quota, day, remaining)
        self.words[start + _ALONE] = self.words[start + _GRANTED]
        return self._allowance(start, quota, period, _ALONE) - before

    def forget_leases(self) -> None:
        """As `fall_back`, of every ledger."""
        count = self._memory.words[LEDGERS]
        if count > self._mapped:
            self._map(count)
        for start in range(0, count * _WORDS, _WORDS):
            self.words[start + _GRANTED] = self.words[start + _ALONE]

    def standing(self, start: int, quota: Quota | None, day: int) -> Standing:
        """What was used; `turn` came before."""
        today = self._count_on(start, day)
        used, left = today, 0
        if quota is not None:
            used, left = self.used(start, self.period(quota, day), day), self.left(start, quota, day)
        return Standing(used, left, self.words[start + _FIRST], today, self._count_on(start, day - 1))

    def day_usage(self, start: int, quota: Quota | None, day: int, *, alone: bool = False) -> DayUsage:
        """What was used on a day, and what was left at its end; `start` -1: a key that never called.

        `alone`: left of the quota and not of what was leased of it.
        """
        used = self._count_on(start, day)
        if quota is None:
            return DayUsage(used, None)
        period = period_of(quota.period, day)
        if start < 0:
            return DayUsage(0, allowance(quota, is_first=True))
        used_so_far = sum([self._count_on(start, each) for each in range(period.start, day + 1)])
        return DayUsage(
            used, max(0, self._allowance(start, quota, period, _ALONE if alone else _GRANTED) - used_so_far)
        )

    def _count_on(self, start: int, day: int) -> int:
        if start < 0:
            return 0
        last = self.words[start + _LAST]
        if not last - DAYS_KEPT < day <= last:
            return 0
        return self._counts[2 * start + _COUNTS + day % DAYS_KEPT]
