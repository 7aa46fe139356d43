"""The two locks that meters may have: held by one process at a time, and by none that is dead."""

import mmap
import os
import signal
import time

import pytest

from gatewright.core.metering.charge import Bucket, Ledger, Level
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.meter_names import name_of
from gatewright.core.metering.quota import DAY_NANOSECONDS
from gatewright.core.metering.token_bucket import Limit
from gatewright.dataplane.meter_memory import MeterMemory, prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.robust_lock import LOCK_BYTES, FileLock, RobustMutex
from support.interpreted import on_sources

T0 = 20_000 * DAY_NANOSECONDS
ROUNDS = 3_000


@pytest.fixture(params=[RobustMutex, FileLock])
def make_lock(request, tmp_path):
    """Called in each process that uses it, the lock of the test."""
    memory = mmap.mmap(-1, LOCK_BYTES)
    (tmp_path / "file").touch()
    if request.param is RobustMutex:
        RobustMutex.make(memory, 0)
        return lambda: RobustMutex(memory, 0)
    return lambda: FileLock(os.open(tmp_path / "file", os.O_RDWR | os.O_CLOEXEC))


def fork(work):
    """The id of a process that does the work and ends."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def test_processes_hold_it_one_at_a_time(make_lock):
    counter = memoryview(mmap.mmap(-1, 8)).cast("q")

    def work():
        lock = make_lock()
        for _ in range(ROUNDS):
            lock.acquire()
            before = counter[0]
            if before % 100 == 0:
                time.sleep(0)  # others may run in between, and would spoil the count if they could
            counter[0] = before + 1
            lock.release()

    for pid in [fork(work) for _ in range(3)]:
        os.waitpid(pid, 0)
    assert 3 * ROUNDS == counter[0]


def test_it_is_free_again_when_its_holder_was_killed(make_lock):
    def work():
        make_lock().acquire()
        os.kill(os.getpid(), signal.SIGKILL)

    for _ in range(3):
        os.waitpid(fork(work), 0)
        lock = make_lock()
        lock.acquire()
        lock.release()


# Meters where the C library has no robust mutexes


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setattr(RobustMutex, "is_available", lambda: False)
    prepare_meters(tmp_path / "meters")
    return tmp_path / "meters"


def ledger(limit):
    return Ledger(name_of("ledger"), Quota(limit, 0, "DAY"))


def bucket(burst):
    return Bucket(Level.STAGE, name_of("bucket"), Limit(Throttle(0.01, burst)))


@on_sources
def test_meters_go_by_the_lock_of_a_file_and_are_exact_over_processes(directory):
    assert isinstance(MeterMemory(directory).lock, FileLock)
    reading, writing = os.pipe()

    def work():
        meters, quota, tokens = SharedMeters(directory), ledger(1_500), bucket(1_000)
        for _ in range(700):
            if meters.take(quota, [tokens], T0) is None:
                os.write(writing, b".")

    children = [fork(work) for _ in range(3)]
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert 1_000 == len(file.read())
    for pid in children:
        os.waitpid(pid, 0)
    quota = ledger(1_500)
    assert [(1_000, 500)] == SharedMeters(directory).read_usage(quota.name, quota.quota, range(20_000, 20_001))


@on_sources
def test_killed_processes_lose_no_count_with_the_lock_of_a_file(directory):
    told = 0
    for _ in range(6):
        reading, writing = os.pipe()

        def work(writing=writing):
            meters, quota = SharedMeters(directory), ledger(10**6)
            while meters.take(quota, [], T0) is None:
                os.write(writing, b".")

        pid = fork(work)
        os.close(writing)
        with os.fdopen(reading, "rb") as file:
            assert file.read(1)
            time.sleep(0.01)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            told += 1 + len(file.read())
    quota = ledger(10**6)
    ((used, _),) = SharedMeters(directory).read_usage(quota.name, quota.quota, range(20_000, 20_001))
    assert told <= used <= told + 6


@on_sources
def test_the_lock_of_a_file_holds_while_the_meters_are_copied(directory, tmp_path):
    (tmp_path / "copy").mkdir()
    meters = SharedMeters(directory)
    meters.take(ledger(5), [], T0)
    holder = MeterMemory(directory)
    holder.lock.acquire()
    holder.copy_to(tmp_path / "copy")  # opens and closes the very file that the lock is of
    reading, writing = os.pipe()

    def work():
        SharedMeters(directory).take(ledger(5), [], T0)
        os.write(writing, b"in")

    pid = fork(work)
    os.close(writing)
    os.set_blocking(reading, False)
    time.sleep(0.1)
    with pytest.raises(BlockingIOError):
        os.read(reading, 2)
    holder.lock.release()
    os.set_blocking(reading, True)
    assert b"in" == os.read(reading, 2)
    os.close(reading)
    os.waitpid(pid, 0)
