"""Token buckets and quotas of one node, exact across its workers. The embedded form of `ports.Meters`.

All levels of a request are looked at, and then taken from, under one lock of shared memory: no two workers see the same
token, and a request that is refused takes nothing. Whoever is killed within the lock has written some whole words or
none: buckets first, each a word, then the quota's count. So a request that went on is counted, and one that died on the
way has cost a token at most. Counts outlive all processes (`dataplane/meter_memory.py`).

What nothing protects from: a process that is stopped (SIGSTOP) within the three microseconds of the lock stops the
others' metering until it goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gatewright.core.metering.charge import Bucket, DayUsage, Ledger, Shortage
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import DAY_NANOSECONDS, day_of, first_few
from gatewright.core.metering.token_bucket import CLOCK_SLACK, LONGEST, remaining_at, retry_in_at
from gatewright.dataplane.ledgers import Ledgers, Standing
from gatewright.dataplane.meter_memory import GENERATION, MeterMemory
from gatewright.dataplane.slots import Slots


class SharedMeters:
    """The meters in a directory, which `prepare_meters` has made; or of this process alone.

    `bursts` are what a bucket can owe at most; what it seems to owe beyond is of a clock that was set back.
    """

    def __init__(self, directory: Path | None = None, bursts: int = 1) -> None:
        self._bursts = bursts
        self._memory = MeterMemory(directory)
        self._lock = self._memory.lock
        self._head = self._memory.words
        self._slots = Slots(self._memory)
        self._ledgers = Ledgers(self._memory, self._slots)

    def take(self, ledger: Ledger | None, buckets: Sequence[Bucket], now: int) -> Shortage | None:
        """One request at the instant `now` (nanoseconds since the epoch): None lets it through, and it is counted."""
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            while True:
                generation = self._slots.generation
                shortage = self._take(ledger, buckets, now, generation)
                if shortage is None or self._slots.generation == generation:
                    return shortage
        finally:
            self._lock.release()

    def _take(self, ledger: Ledger | None, buckets: Sequence[Bucket], now: int, generation: int) -> Shortage | None:
        start, day = -1, now // DAY_NANOSECONDS
        if ledger is not None:
            start = self._open(ledger, day, now)
            quota = ledger.quota
            if quota is not None and self._ledgers.left(start, quota, day) <= 0:
                period = self._ledgers.period(quota, day)
                return Shortage(None, 0, period.end * DAY_NANOSECONDS - now)
        words, size = self._slots.words, self._slots.size
        for bucket in buckets:
            place, limit = bucket.place, bucket.limit
            if place < 0 or place >= size or words[2 * place] != bucket.name:
                shortage = self._claim_and_take(buckets, now, generation)
                break
            debt = words[2 * place + 1] - now
            if debt <= 1:
                debt = 0
            elif debt > limit.capacity:
                debt = limit.last if debt > self._bursts * limit.capacity + CLOCK_SLACK else limit.capacity
            debt += limit.interval
            if debt > limit.capacity:
                return _refuse(bucket, now + debt - limit.interval, now)
            bucket.next_state = now + debt
        else:
            shortage = None
            for bucket in buckets:
                words[2 * bucket.place + 1] = bucket.next_state
        if shortage is None and start >= 0:
            self._ledgers.count(start, day)
        return shortage

    def _claim_and_take(self, buckets: Sequence[Bucket], now: int, generation: int) -> Shortage | None:
        """As above where a bucket is not where it was, or was never looked for: a full one may have to leave its place."""
        debts: list[int] = []
        for bucket in buckets:
            place = self._place(bucket, now)
            words = self._slots.words
            limit = bucket.limit
            debt = words[2 * place + 1] - now
            if debt <= 0:
                debt = 0
                words[2 * place + 1] = now + 1  # so that no other level of this request takes the place over
            elif debt == 1:
                debt = 0
            elif debt > limit.capacity:
                debt = limit.last if debt > self._bursts * limit.capacity + CLOCK_SLACK else limit.capacity
            if debt + limit.interval > limit.capacity:
                if self._slots.generation == generation:
                    _let_go(words, buckets, len(debts) + 1, now)
                return _refuse(bucket, now + debt, now)
            debts.append(debt)
        if self._slots.generation != generation:
            return _AGAIN
        words = self._slots.words
        for index, bucket in enumerate(buckets):
            words[2 * bucket.place + 1] = now + debts[index] + bucket.limit.interval
        return None

    def _place(self, bucket: Bucket, now: int) -> int:
        place = bucket.place
        slots = self._slots
        if place < 0 or place >= slots.size or slots.words[2 * place] != bucket.name:
            place = slots.claim(bucket.name, now)
            bucket.place = place
        return place

    def _open(self, ledger: Ledger, day: int, now: int) -> int:
        start = self._ledgers.known(ledger)
        if start < 0:
            place = self._slots.find(ledger.name)
            start = -1 if place < 0 else self._ledgers.at(place, ledger.name)
            if start < 0:
                start = ledger.start = self._ledgers.open(ledger.name, day, now)
                return start
            ledger.start = start
        self._ledgers.turn(start, day)
        return start

    def read_usage(self, name: int, quota: Quota | None, days: range, *, alone: bool = False) -> list[DayUsage]:
        """What a key used on each of these days (their numbers since the epoch), and what it had left then.

        `alone`: left of the quota, with what other nodes were last known to have used, and not of what was leased of it.
        """
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            start = self._ledgers.find(name)
            return [self._ledgers.day_usage(start, quota, day, alone=alone) for day in days]
        finally:
            self._lock.release()

    def set_remaining(self, name: int, quota: Quota, remaining: int, now: int) -> int:
        """In the present period the key has so many requests left, from now on (UpdateUsage); how many more that are."""
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            start = self._open(Ledger(name, quota), day, now)
            return self._ledgers.extend(start, quota, day, remaining)
        finally:
            self._lock.release()

    def copy_to(self, directory: Path) -> None:
        """The counts as they are, for who reads them later (`prepare_meters` makes the copy usable). All metering waits."""
        self._lock.acquire()
        try:
            self._memory.copy_to(directory)
        finally:
            self._lock.release()

    # -- what nodes share (docs/decisions/0007): the answers of others, put into this node's own meters -------------

    def set_debts(self, debts: Mapping[int, int], now: int) -> None:
        """What is missing in these buckets, by name, as the time in which it flows in."""
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            for name, debt in debts.items():
                place = self._slots.claim(name, now)
                self._slots.words[2 * place + 1] = now + min(debt, LONGEST)
        finally:
            self._lock.release()

    def open_lease(self, ledger: Ledger, now: int) -> None:
        """Nobody has leased this node a part of the quota in this period: it goes on for the first few requests only."""
        quota = ledger.quota
        assert quota is not None, "only quotas are leased"
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            start = self._open(ledger, day, now)
            if not self._ledgers.is_leased(start, quota, day):
                left = self._ledgers.left(start, quota, day)
                self._ledgers.grant(start, quota, day, min(left, first_few(quota)))
        finally:
            self._lock.release()

    def read_standing(self, name: int, quota: Quota | None, now: int, *, gives_back: bool) -> Standing:
        """What the key has used here; `gives_back`: and from now on it may use no more than that."""
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            start = self._open(Ledger(name, quota), day, now)
            if quota is not None and gives_back:
                self._ledgers.grant(start, quota, day, min(0, self._ledgers.left(start, quota, day)))
            return self._ledgers.standing(start, quota, day)
        finally:
            self._lock.release()

    def lease(self, name: int, quota: Quota, up_to: int, beside: int, now: int) -> None:
        """The key may use `up_to` requests here in the present period. `beside` is what `fall_back` goes by."""
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            start = self._open(Ledger(name, quota), day, now)
            self._ledgers.lease(start, quota, day, up_to, beside)
        finally:
            self._lock.release()

    def is_used_up(self, ledger: Ledger, now: int) -> bool:
        """Whether the key's quota is known to be used up: by this node, and by what the others said that they have used."""
        quota = ledger.quota
        assert quota is not None, "only quotas are leased"
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            return self._ledgers.is_used_up(self._open(ledger, day, now), quota, day)
        finally:
            self._lock.release()

    def forget_leases(self) -> None:
        """All quotas are this node's alone, but for what others were last known to have used of them."""
        self._lock.acquire()
        try:
            self._ledgers.forget_leases()
        finally:
            self._lock.release()

    def fall_back(self, ledger: Ledger, now: int) -> None:
        """The key's quota is this node's alone, but for what others were last known to have used of it."""
        quota = ledger.quota
        assert quota is not None, "only quotas are leased"
        self._lock.acquire()
        try:
            if self._head[GENERATION] != self._slots.generation:
                self._slots.adopt()
            day = day_of(now)
            self._ledgers.fall_back(self._open(ledger, day, now), quota, day)
        finally:
            self._lock.release()


#: The table was doubled under way, and places are others now.
_AGAIN = Shortage(None, 0, 0)


def _refuse(bucket: Bucket, state: int, now: int) -> Shortage:
    return Shortage(bucket, remaining_at(state, now, bucket.limit), retry_in_at(state, now, bucket.limit))


def _let_go(words: "memoryview[int]", buckets: Sequence[Bucket], count: int, now: int) -> None:
    """The first buckets are full as they were, and may be taken over."""
    for index in range(count):
        at = 2 * buckets[index].place + 1
        if words[at] == now + 1:
            words[at] = now
