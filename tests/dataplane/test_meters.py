"""Meters in shared memory: exact over processes, and over their deaths at any moment."""

import multiprocessing
import os
import signal
import time

import pytest

from gatewright.core.metering.charge import Bucket, Ledger, Level, Shortage
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.meter_names import name_of
from gatewright.core.metering.quota import DAY_NANOSECONDS, day_of, period_of
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.dataplane.meter_memory import GENERATION, MeterMemory, prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.slots import Slots

T0 = 20_000 * DAY_NANOSECONDS  # a Friday, 2024-10-04
PROCESSES = multiprocessing.get_context("fork")


@pytest.fixture
def directory(tmp_path):
    prepare_meters(tmp_path / "meters")
    return tmp_path / "meters"


def bucket(name, rate, burst, level=Level.STAGE):
    return Bucket(level, name_of(name), Limit(Throttle(rate, burst)))


def ledger(limit, period="DAY", offset=0):
    return Ledger(name_of("ledger"), Quota(limit, offset, period))


def run(count, work):
    """So many processes at once; what each gave."""
    results = PROCESSES.SimpleQueue()

    def begin():
        results.put(work())

    children = [PROCESSES.Process(target=begin) for _ in range(count)]
    for child in children:
        child.start()
    given = [results.get() for _ in children]
    for child in children:
        child.join()
    return given


def test_processes_share_a_bucket_to_the_token(directory):
    def work():
        meters, mine = SharedMeters(directory), bucket("b", 1, 1_000)
        return sum(meters.take(None, [mine], T0) is None for _ in range(700))

    assert 1_000 == sum(run(4, work))


def test_processes_share_a_quota_to_the_request(directory):
    def work():
        meters, mine = SharedMeters(directory), ledger(500)
        return sum(meters.take(mine, [], T0) is None for _ in range(300))

    assert 500 == sum(run(4, work))
    assert SharedMeters(directory).take(ledger(500), [], T0) is not None


@pytest.mark.parametrize(("rate", "burst", "seconds"), [(5, 10, 30), (1_000, 2_000, 4), (10_000, 5_000, 1)])
def test_twice_the_limit_over_processes_admits_the_limit(directory, rate, burst, seconds):
    """One clock for all; the next test has instants that come out of order."""
    expected = rate * seconds + burst
    step = seconds * SECOND // (2 * expected)
    clock = PROCESSES.Value("q", 0)

    def work():
        meters, mine, admitted = SharedMeters(directory), bucket("b", rate, burst), 0
        while True:
            with clock.get_lock():
                clock.value += step
                if clock.value > seconds * SECOND:
                    return admitted
                admitted += meters.take(None, [mine], T0 + clock.value) is None

    assert expected == pytest.approx(sum(run(3, work)), rel=0.01, abs=1)


def test_an_earlier_instant_that_comes_later_frees_nothing(directory):
    meters, mine = SharedMeters(directory), bucket("b", 1_000, 10)
    admitted = 0
    for number in range(1_000):
        late = SECOND // 100 if number % 2 else 0  # a request that waited for 10 ms
        admitted += meters.take(None, [mine], T0 + number * SECOND // 10_000 - late) is None
    assert 100 + 10 >= admitted


@pytest.mark.parametrize("limits", [((1, 1), (1_000, 1_000)), ((1_000, 1_000), (1, 1)), ((5, 10), (5, 11))])
def test_a_changed_limit_begins_with_a_full_bucket(directory, limits):
    meters = SharedMeters(directory)
    for rate, burst in limits:
        mine = bucket("b", rate, burst)
        assert burst == sum(meters.take(None, [mine], T0) is None for _ in range(burst + 5))
    (rate, burst), _ = limits
    assert meters.take(None, [bucket("b", rate, burst)], T0) is not None, "changed back it is what it was"


def test_buckets_of_limits_that_were_changed_are_forgotten_when_they_are_full(directory):
    meters = SharedMeters(directory)
    meters._slots = Slots(meters._memory, 64)
    meters._ledgers._slots = meters._slots
    size = meters._slots.size
    for number in range(size):
        assert meters.take(None, [bucket("b", 1_000, 1 + number)], T0 + number * SECOND) is None
    assert (0, size) == (meters._slots.generation, meters._slots.size)


def test_a_clock_that_was_set_back_lets_one_request_through_and_then_what_flows_in(directory):
    meters, mine, wide = SharedMeters(directory), bucket("b", 5, 10), bucket("wide", 10, 1_000)
    assert 10 == sum(meters.take(None, [wide, mine], T0) is None for _ in range(12))
    for before in (T0 - 3 * SECOND, T0 - 3_600 * SECOND):
        assert [True, False] == [meters.take(None, [wide, mine], before) is None for _ in range(2)]
        again = bucket("b", 5, 10)  # another worker, which has not found the bucket yet
        assert meters.take(None, [again], before) is not None
        assert 5 == sum(meters.take(None, [again], before + number * SECOND // 10) is None for number in range(1, 11))


def test_a_request_that_is_refused_takes_nothing_anywhere(directory):
    meters = SharedMeters(directory)
    wide, narrow, quota = bucket("wide", 1, 10, Level.PLAN), bucket("narrow", 1, 1), ledger(100)
    assert meters.take(quota, [wide, narrow], T0) is None
    for _ in range(5):
        shortage = meters.take(quota, [wide, narrow], T0)
        assert Shortage(narrow, 0, SECOND) == shortage
    assert 9 == sum(meters.take(None, [wide], T0) is None for _ in range(20))
    assert [(1, 99)] == meters.read_usage(quota.name, quota.quota, range(20_000, 20_001))


def test_the_first_level_that_has_nothing_left_speaks_and_the_quota_before_all(directory):
    meters = SharedMeters(directory)
    first, second, quota = bucket("first", 1, 1), bucket("second", 1, 1), ledger(1)
    assert meters.take(quota, [first, second], T0) is None
    assert Shortage(None, 0, DAY_NANOSECONDS) == meters.take(quota, [first, second], T0)
    assert first is meters.take(None, [first, second], T0).bucket
    assert second is meters.take(None, [second, first], T0).bucket


def test_killed_processes_lose_no_count_and_free_none(directory):
    """Each tells of a request after it was let through; what was told is counted, and one more each at most."""
    told = []
    for _ in range(12):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            meters, mine, tokens = SharedMeters(directory), ledger(10**6), bucket("b", 1, 10**6)
            while True:
                if meters.take(mine, [tokens], T0) is None:
                    os.write(writing, b".")
        os.close(writing)
        time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with os.fdopen(reading, "rb") as file:
            told.append(len(file.read()))
    mine = ledger(10**6)
    ((used, remaining),) = SharedMeters(directory).read_usage(mine.name, mine.quota, range(20_000, 20_001))
    assert 10**6 == used + remaining
    assert sum(told) <= used <= sum(told) + len(told)
    assert sum(told) > 100


def test_counts_outlive_all_processes_and_a_new_start(directory):
    def work():
        return sum(SharedMeters(directory).take(ledger(500), [], T0) is None for _ in range(200))

    assert [200] == run(1, work)
    prepare_meters(directory)
    assert [200] == run(1, work)
    prepare_meters(directory)
    assert [100] == run(1, work)


def test_a_lock_whose_holder_was_killed_is_taken(directory):
    pid = os.fork()
    if pid == 0:
        memory = MeterMemory(directory)
        memory.lock.acquire()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert SharedMeters(directory).take(ledger(1), [], T0) is None


@pytest.mark.parametrize("period", ["DAY", "WEEK", "MONTH"])
def test_a_quota_is_of_its_period(directory, period):
    meters, mine = SharedMeters(directory), ledger(5, period, offset=2)
    start, end = period_of(period, day_of(T0))
    days = range(start, end)
    first = [meters.take(mine, [], days[number % len(days)] * DAY_NANOSECONDS) is None for number in range(5)]
    # The first period is the one that the first request is in.
    assert [True] * 3 + [False] * 2 == first
    next_one = [meters.take(mine, [], end * DAY_NANOSECONDS) is None for _ in range(6)]
    assert [True] * 5 + [False] == next_one


def test_more_of_the_present_period(directory):
    meters, mine = SharedMeters(directory), ledger(2, "MONTH")
    assert [True, True, False] == [meters.take(mine, [], T0) is None for _ in range(3)]
    meters.set_remaining(mine.name, mine.quota, 3, T0)
    assert [True] * 3 + [False] == [meters.take(mine, [], T0 + DAY_NANOSECONDS) is None for _ in range(4)]
    after = period_of("MONTH", 20_000).end * DAY_NANOSECONDS
    assert [True, True, False] == [meters.take(mine, [], after) is None for _ in range(3)]


def test_usage_by_day(directory):
    meters, mine = SharedMeters(directory), ledger(10, "WEEK")
    for day, count in ((0, 3), (2, 1), (4, 2)):  # Friday, Sunday, Tuesday of the week after
        for _ in range(count):
            meters.take(mine, [], T0 + day * DAY_NANOSECONDS)
    days = range(20_000, 20_006)
    assert [(3, 7), (0, 7), (1, 6), (0, 10), (2, 8), (0, 8)] == meters.read_usage(mine.name, mine.quota, days)
    assert [(3, None), (0, None)] == meters.read_usage(mine.name, None, range(20_000, 20_002))
    assert [(0, 10)] == meters.read_usage(name_of("nobody"), mine.quota, range(20_000, 20_001))


def test_days_are_forgotten_after_ninety_of_them(directory):
    meters, mine = SharedMeters(directory), ledger(10)
    meters.take(mine, [], T0)
    meters.take(mine, [], T0 + 90 * DAY_NANOSECONDS)
    assert [(1, 9)] == meters.read_usage(mine.name, mine.quota, range(20_000, 20_001))
    meters.take(mine, [], T0 + 92 * DAY_NANOSECONDS)
    assert [(0, 10), (1, 9)] == [
        *meters.read_usage(mine.name, mine.quota, range(20_000, 20_001)),
        *meters.read_usage(mine.name, mine.quota, range(20_092, 20_093)),
    ]


def test_a_clock_that_is_set_back_over_midnight_finds_its_day_as_it_was(directory):
    meters, mine = SharedMeters(directory), ledger(2)
    for now in (T0 - 1, T0, T0):
        assert meters.take(mine, [], now) is None
    assert [True, False] == [meters.take(mine, [], T0 - 1) is None for _ in range(2)]
    assert meters.take(mine, [], T0) is not None


def test_a_table_without_room_is_doubled_and_forgets_full_buckets(directory):
    meters, now = SharedMeters(directory), T0
    meters._slots = Slots(meters._memory, 64)  # the file is larger; so few places make the case
    meters._ledgers._slots = meters._slots
    slots = Slots(MeterMemory(), 64)
    for number in range(1, 200):
        slots.claim(name_of(str(number)), now)
    assert slots.generation > 0
    assert slots.size >= 199
    size = slots.size
    for number in range(1, 20_000):
        slots.claim(name_of(f"later {number}"), now + 10 * number)
    assert size == slots.size


def test_other_processes_follow_to_the_doubled_table(directory):
    meters, other = SharedMeters(directory), SharedMeters(directory)
    mine, theirs = bucket("b", 1, 3), bucket("b", 1, 3)
    assert meters.take(None, [mine], T0) is None
    assert other.take(None, [theirs], T0) is None
    meters._slots._double(T0)
    assert 1 == meters._head[GENERATION]
    assert [True, False] == [other.take(None, [theirs], T0) is None for _ in range(2)]
    assert meters.take(None, [mine], T0) is not None


def test_a_hundred_ledgers_of_long_ago_are_used_again(directory):
    meters = SharedMeters(directory)
    for number in range(100):
        meters.take(Ledger(name_of(str(number)), None), [], T0)
    for number in range(100):
        meters.take(Ledger(name_of(f"new {number}"), None), [], T0 + 100 * DAY_NANOSECONDS)
    assert 100 == meters._head[2]
    today = range(20_100, 20_101)
    assert [[(1, None)]] * 100 == [meters.read_usage(name_of(f"new {number}"), None, today) for number in range(100)]
    assert [(0, None)] == meters.read_usage(name_of("5"), None, today)
