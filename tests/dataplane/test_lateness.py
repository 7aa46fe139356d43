"""When a worker's loop is late, and which calls are refused for it."""

import asyncio
import time

import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest
from gatewright.core.integration.uri import Endpoint
from gatewright.dataplane.capacity import Capacity, Limits
from gatewright.dataplane.lateness import TARGET, TICK, Lateness
from gatewright.dataplane.upstream.pool import UpstreamPool


def noted(*ticks):
    lateness = Lateness()
    for late in ticks:
        lateness.note(late)
    return lateness


@pytest.mark.parametrize(
    "ticks",
    [
        pytest.param((0.0,) * 100, id="in time"),
        pytest.param((TARGET,) * 100, id="just in time"),
        pytest.param((0.8,), id="a pause"),
        pytest.param((60.0,), id="a long pause"),
        pytest.param((2.0, 0.0) * 30, id="long pauses that pass"),
        pytest.param((0.3, 0.3, 0.0) * 30, id="pauses that pass"),
    ],
)
def test_nobody_is_refused(ticks):
    lateness = noted(*ticks)
    assert (0.0, False) == (lateness.share, lateness.refuses())


def test_a_loop_that_is_late_twice_in_a_row_for_long_refuses_some():
    assert 0.1 == pytest.approx(noted(2.0, 0.3).share)


def test_the_share_grows_while_it_is_late_and_shrinks_more_slowly_when_it_is_not():
    late = noted(*(0.3,) * 4)
    assert 0.2 == pytest.approx(late.share)
    assert 0.9 == pytest.approx(noted(*(0.3,) * 100).share)
    late.note(0.0)
    assert 0.15 == pytest.approx(late.share)
    for _ in range(10):
        late.note(0.0)
    assert 0.0 == late.share


def test_the_share_is_refused_evenly():
    lateness = Lateness()
    lateness.share = 0.25
    assert [False, False, False, True] * 5 == [lateness.refuses() for _ in range(20)]


def test_a_blocked_loop_is_found_late():
    async def block():
        lateness = Lateness()
        watching = asyncio.create_task(lateness.watch())
        await asyncio.sleep(0)
        for _ in range(4):
            time.sleep(TICK + TARGET + 0.05)  # noqa: ASYNC251  what is tested
            await asyncio.sleep(0.01)
        watching.cancel()
        return lateness.share

    assert asyncio.run(block()) > 0.0


def test_a_late_worker_calls_fewer_backends():
    capacity = Capacity(Limits())
    pool = UpstreamPool(lambda: None, capacity)
    capacity.lateness.share = 1.0
    with pytest.raises(GatewayError) as refused:
        pool.call(BackendRequest(Endpoint("http", "127.0.0.1", 9), "GET", b"", b"", 1_000))
    assert ("GATEWAY_OVERLOADED", 503) == (refused.value.reason.code, refused.value.reason.status)
    assert "waited too long" in refused.value.facts["what"]
    assert 0 == capacity.calls
