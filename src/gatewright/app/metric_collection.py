"""The control process gathers what the workers counted: once a second into the points on disk and Prometheus' totals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from gatewright.app.request_totals import RequestTotals
from gatewright.controlplane.failure import describe_failure
from gatewright.store.metric_points import MetricPoints

logger = logging.getLogger(__name__)

COLLECT_SECONDS: Final = 1.0
AGE_SECONDS: Final = 60.0


async def collect_metrics(points: MetricPoints, totals: RequestTotals, now: Callable[[], float]) -> None:
    """Takes in what is new, and adds up what is old, until cancelled."""
    loop = asyncio.get_running_loop()
    age_at = loop.time()
    failing = False
    while True:
        try:
            more = True
            while more:
                part = await asyncio.to_thread(points.take_in)
                totals.note(part.lines)
                more = part.more
            if loop.time() >= age_at:
                age_at = loop.time() + AGE_SECONDS
                await asyncio.to_thread(points.age, now())
            failing = False
        except Exception as failure:  # noqa: BLE001  whatever it is, what was counted waits in the spool
            if not failing:
                told = describe_failure(failure)
                logger.error("The counts of requests cannot be taken in; trying again: %s", told)  # noqa: TRY400  `told` has it all
            failing = True
        await asyncio.sleep(COLLECT_SECONDS)
