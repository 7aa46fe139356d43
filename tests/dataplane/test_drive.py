import asyncio

import pytest

from gatewright.dataplane.drive import Waiter, drive


async def total(waiters):
    return sum([await waiter for waiter in waiters])


def test_a_coroutine_goes_on_in_whoever_brings_what_it_waits_for():
    waiters, results = [Waiter() for _ in range(3)], []
    drive(total(waiters), results.append)
    waiters[1].resolve(20)  # before it is asked for
    assert [] == results
    waiters[0].resolve(1)
    assert [] == results
    waiters[2].resolve(300)
    assert [321] == results


def test_a_coroutine_that_never_waits_is_done_at_once():
    results = []
    drive(total([]), results.append)
    assert [0] == results


def test_a_failure_is_raised_where_it_was_awaited():
    async def caught(waiter):
        try:
            return await waiter
        except LookupError as error:
            return error

    for early in (True, False):
        waiter, results, error = Waiter(), [], LookupError("x")
        if early:
            waiter.fail(error)
        drive(caught(waiter), results.append)
        waiter.fail(error)
        assert [error] == results


@pytest.mark.parametrize("second", ["resolve", "fail"])
def test_only_the_first_result_counts(second):
    waiter, results = Waiter(), []
    drive(total([waiter]), results.append)
    waiter.resolve(1)
    getattr(waiter, second)(2 if second == "resolve" else LookupError())
    assert ([1], True) == (results, waiter.done)


def test_the_plain_version_agrees():
    """`asyncio.Task` over futures gives what `drive` gives over waiters."""

    async def plain():
        futures = [asyncio.get_running_loop().create_future() for _ in range(3)]
        task = asyncio.ensure_future(total(futures))
        for number, future in enumerate(futures):
            asyncio.get_running_loop().call_soon(future.set_result, number)
        return await task

    waiters, results = [Waiter() for _ in range(3)], []
    drive(total(waiters), results.append)
    for number, waiter in enumerate(waiters):
        waiter.resolve(number)
    assert [asyncio.run(plain())] == results
