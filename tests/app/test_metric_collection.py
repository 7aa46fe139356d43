import asyncio
import time

from gatewright.app import metric_collection
from gatewright.app.metric_collection import collect_metrics
from gatewright.app.request_totals import RequestTotals
from gatewright.store.metric_points import MetricPoints, SeriesKey
from support.spool import Spool

MINUTE = 1_700_006_400
STAGE = SeriesKey("000000000000", "us-east-1", "pets", "dev")


def run_until(seconds, points, totals, done):
    async def run():
        task = asyncio.create_task(collect_metrics(points, totals, lambda: MINUTE + 90.0))
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:  # noqa: ASYNC110  what is waited for sets no event
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def count(points):
    return sum(point.counts.latency.count for point in points.find_points(STAGE, 0, 1e12, (60,)))


def classes(totals):
    requests, *_ = totals.collect()
    return [sample.value for sample in requests.samples]


def test_what_is_in_the_spool_comes_to_disk_and_to_the_totals(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_collection, "COLLECT_SECONDS", 0.01)
    points, totals, spool = MetricPoints(tmp_path), RequestTotals(), Spool(tmp_path)
    spool.put(MINUTE, [(200, 1, None)] * 2)
    run_until(10, points, totals, lambda: classes(totals) == [2, 0, 0, 0])
    spool.put(MINUTE, [(200, 1, None)] * 3)
    run_until(10, points, totals, lambda: classes(totals) == [5, 0, 0, 0])
    assert ([5, 0, 0, 0], 5) == (classes(totals), count(points))
    points.close()


def test_a_failure_is_said_once_and_what_was_counted_is_not_lost(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(metric_collection, "COLLECT_SECONDS", 0.01)
    points, totals, spool = MetricPoints(tmp_path), RequestTotals(), Spool(tmp_path)
    spool.put(MINUTE, [(200, 1, None)])
    failed = []

    def fail():
        failed.append(1)
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(points, "take_in", fail)
        run_until(10, points, totals, lambda: len(failed) > 2)
    assert 1 == caplog.text.count("cannot be taken in")
    run_until(10, points, totals, lambda: count(points) == 1)
    assert 1 == count(points)
    points.close()
