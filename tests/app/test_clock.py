"""The clock of an installation: the machine's, or ahead of it by what any process of the installation has set."""

import asyncio
import time

import pytest

from gatewright.app.clock import MachineClock, MovableClock, open_clock


@pytest.fixture
def file(tmp_path):
    MovableClock.make(tmp_path / "clock")
    return tmp_path / "clock"


def test_without_the_file_it_is_the_machines(tmp_path):
    clock = open_clock(tmp_path / "clock")
    assert isinstance(clock, MachineClock)
    assert abs(clock.now() - time.time()) < 1


def test_a_new_one_goes_with_the_machine(file):
    assert 0.0 == open_clock(file).ahead


def test_a_move_is_seen_by_everybody_at_once(file):
    mover, other = MovableClock(file), open_clock(file)
    mover.move(86_400.0)
    assert abs(other.now() - time.time() - 86_400) < 1
    mover.move(-0.5)
    assert -0.5 == other.ahead


def test_only_its_owner_may_move_it(file):
    assert 0o600 == file.stat().st_mode & 0o777


def test_who_sleeps_is_woken_by_a_move(file):
    async def sleep_and_move():
        sleeping = asyncio.create_task(open_clock(file).sleep(3_600))
        await asyncio.sleep(0.05)
        assert not sleeping.done()
        MovableClock(file).move(1.0)
        await asyncio.wait_for(sleeping, 5)

    asyncio.run(sleep_and_move())


def test_who_sleeps_wakes_when_the_time_has_passed(file):
    began = time.monotonic()
    asyncio.run(open_clock(file).sleep(0.1))
    assert 0.1 <= time.monotonic() - began + 0.01 < 3
