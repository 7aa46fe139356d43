"""The control process looks after private CAs and domain names by itself, and goes on when that fails."""

import asyncio
import dataclasses

import pytest

from gatewright.app import upkeep
from gatewright.app.clock import MachineClock
from support.control import ControlHarness


@pytest.mark.parametrize(
    ("name", "what"), [("look_after_authorities", "private CAs"), ("look_after_domain_names", "domain names")]
)
@pytest.mark.parametrize("fails", [False, True])
def test_it_looks_at_once_and_again_later(monkeypatch, caplog, name, what, fails):
    seen, twice = [], asyncio.Event()

    def look(*arguments):
        seen.append(arguments[-1])
        if len(seen) > 1:
            twice.set()
        if fails:
            raise OSError("the disk is full")

    monkeypatch.setattr(upkeep, name, look)
    monkeypatch.setattr(upkeep, "UPKEEP_SECONDS", 0.001)
    context = dataclasses.replace(ControlHarness().context, now=lambda: 1.0)

    async def watch():
        task = asyncio.create_task(upkeep.keep_up(context, MachineClock()))
        await twice.wait()
        task.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert [1.0, 1.0] == seen[:2]
    assert fails == (f"Looking after {what} failed; trying again: " in caplog.text)


def test_renewals_are_ordered_and_ends_told(monkeypatch, caplog):
    told, done = [], asyncio.Event()

    class Watch:
        def look(self, store, now):
            told.append(now)
            if len(told) > 1:
                done.set()
                raise OSError("the disk is full")

    class Request:
        arn, domain_name = "arn:aws:acm:us-east-1:000000000000:certificate/a", "www.example.com"

    looks, ordered = [], []

    def look(store, now):
        looks.append(now)
        if len(looks) > 1:
            raise OSError("the disk is full")
        return [Request]

    monkeypatch.setattr(upkeep, "find_renewals", look)
    monkeypatch.setattr(upkeep, "order_renewals", lambda store, due, now: ordered.extend(due))
    monkeypatch.setattr(upkeep, "UPKEEP_SECONDS", 0.001)
    context = dataclasses.replace(ControlHarness().context, now=lambda: 1.0)

    async def watch():
        task = asyncio.create_task(upkeep.keep_up(context, MachineClock(), Watch()))
        await done.wait()
        await asyncio.sleep(0.05)
        task.cancel()

    with caplog.at_level("INFO"):
        asyncio.run(asyncio.wait_for(watch(), 10))
    assert [Request] == ordered
    assert f"The certificate {Request.arn} (www.example.com) is near its end and will be renewed." in caplog.text
    assert "Looking after certificates failed; trying again: " in caplog.text
    assert "Looking for ends of certificates failed; trying again: " in caplog.text
