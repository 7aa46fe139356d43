"""What GetUsage is answered from: the memory that workers count in, at once or some time later."""

import asyncio
from dataclasses import replace

import pytest

from gatewright.app.clock import MachineClock
from gatewright.app.usage_book import LaggingUsage, MeteredUsage
from gatewright.core.metering.charge import Ledger
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.meter_names import name_ledger
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters
from gatewright.model.records import QuotaSettings, UsagePlan

DAY = 20_000
NOON = (DAY + 0.5) * 86_400
PLAN = UsagePlan("123456789012", "us-east-1", "plan12", "gold", NOON, quota=QuotaSettings(10, "DAY"))


@pytest.fixture
def memory(tmp_path):
    prepare_meters(tmp_path / "meters")
    return tmp_path / "meters"


def use(memory, count, plan=PLAN):
    """Requests of the key, as a worker counts them."""
    meters = SharedMeters(memory)
    quota = Quota(plan.quota.limit, plan.quota.offset, plan.quota.period)
    return [meters.take(Ledger(name_ledger(plan.id, "key1"), quota), [], int(NOON * SECOND)) for _ in range(count)]


def test_what_a_worker_counts_is_read_at_once(memory):
    book = MeteredUsage(memory)
    assert [(0, 10)] == book.read(PLAN, "key1", range(DAY, DAY + 1))
    use(memory, 3)
    assert [(0, 10), (3, 7)] == book.read(PLAN, "key1", range(DAY - 1, DAY + 1))


def test_without_a_quota_nothing_is_left_or_gone(memory):
    use(memory, 1)
    assert [(1, None)] == MeteredUsage(memory).read(replace(PLAN, quota=None), "key1", range(DAY, DAY + 1))


def test_an_extension_lets_more_through(memory):
    assert 2 == sum(shortage is not None for shortage in use(memory, 12))
    MeteredUsage(memory).set_remaining(PLAN, "key1", 3, NOON)
    assert [None, None, None, True] == [shortage and True for shortage in use(memory, 4)]


def test_a_lagging_book_reports_what_it_saw_last(memory, tmp_path):
    use(memory, 3)
    book = LaggingUsage(MeteredUsage(memory), tmp_path / "report")
    use(memory, 4)
    assert [(3, 7)] == book.read(PLAN, "key1", range(DAY, DAY + 1))
    book.look()
    assert [(7, 3)] == book.read(PLAN, "key1", range(DAY, DAY + 1))
    assert ["meters", "report"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_lagging_book_extends_at_once_and_shows_it_later(memory, tmp_path):
    use(memory, 10)
    book = LaggingUsage(MeteredUsage(memory), tmp_path / "report")
    book.set_remaining(PLAN, "key1", 2, NOON)
    assert [(10, 0)] == book.read(PLAN, "key1", range(DAY, DAY + 1))
    assert [None, None, True] == [shortage and True for shortage in use(memory, 3)]


def test_it_looks_again_and_again(memory, tmp_path):
    book = LaggingUsage(MeteredUsage(memory), tmp_path / "report")
    use(memory, 5)

    async def follow():
        following = asyncio.create_task(book.follow(MachineClock(), 0.02))
        for _ in range(250):
            await asyncio.sleep(0.02)
            if book.read(PLAN, "key1", range(DAY, DAY + 1)) == [(5, 5)]:
                break
        following.cancel()

    asyncio.run(follow())
    assert [(5, 5)] == book.read(PLAN, "key1", range(DAY, DAY + 1))
