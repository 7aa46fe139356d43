import sqlite3

import pytest

from gatewright.core.metrics.periods import DAY, HOUR, MINUTE, RESOLUTIONS
from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.store.metric_points import NO_METRICS, MetricPoints, SeriesKey
from gatewright.store.port import StoreError
from support.spool import Spool, take_in_all

ACCOUNT, REGION = "000000000000", "us-east-1"
API = SeriesKey(ACCOUNT, REGION, "pets")
STAGE = API._replace(stage="dev")
METHOD = STAGE._replace(resource="/pets", method="GET")
HOUR_BEGINS = 1_700_006_400
ALL = tuple(resolution.length for resolution in RESOLUTIONS)


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path)


@pytest.fixture
def points(tmp_path):
    made = MetricPoints(tmp_path)
    yield made
    made.close()


def found(points, key, lengths=ALL, start=0, end=1e12):
    """(start, length): how many requests."""
    return {
        (point.start, point.length): point.counts.latency.count
        for point in points.find_points(key, start, end, lengths)
    }


def test_a_method_s_requests_are_its_stage_s_and_its_api_s(points, spool):
    spool.put(HOUR_BEGINS, [(200, 5, 3), (404, 1, None)], resource="/pets", method="GET")
    spool.put(HOUR_BEGINS, [(403, 1, None)])
    spool.put(HOUR_BEGINS, [(200, 1, None)] * 4, stage="prod")
    take_in_all(points)
    at = (HOUR_BEGINS, MINUTE)
    assert [{at: 2}, {at: 3}, {at: 4}, {at: 7}] == [
        found(points, key) for key in (METHOD, STAGE, API._replace(stage="prod"), API)
    ]
    listed = points.list_series(ACCOUNT, REGION)
    assert [API, STAGE, METHOD, API._replace(stage="prod")] == [series.key for series in listed]
    assert [True, True, True, False] == [series.calls_backend for series in listed]
    assert () == tuple(points.list_series("111111111111", REGION))
    (point,) = points.find_points(METHOD, 0, 1e12, ALL)
    assert (1, 0, 6, 3) == (
        point.counts.client_errors,
        point.counts.server_errors,
        point.counts.latency.total,
        point.counts.integration_latency.total,
    )


def test_counts_of_a_minute_add_up_over_many_collections(points, spool):
    for _ in range(3):
        spool.put(HOUR_BEGINS, [(200, 5, None)])
        take_in_all(points)
        take_in_all(points)
    assert {(HOUR_BEGINS, MINUTE): 3} == found(points, STAGE)


def test_a_new_process_goes_on_where_the_last_one_was_killed(points, spool, tmp_path):
    spool.put(HOUR_BEGINS, [(200, 5, None)])
    take_in_all(points)
    spool.put(HOUR_BEGINS, [(200, 5, None)])
    heir = MetricPoints(tmp_path)  # the first one is not closed: it was killed
    take_in_all(heir)
    assert {(HOUR_BEGINS, MINUTE): 2} == found(heir, STAGE)
    heir.close()


def test_a_collection_that_fails_takes_nothing_in_and_loses_nothing(points, spool, monkeypatch):
    spool.put(HOUR_BEGINS, [(200, 5, None)])
    with monkeypatch.context() as broken:
        broken.setattr("gatewright.store.metric_points._put_point", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            points.take_in()
    take_in_all(points)
    assert {(HOUR_BEGINS, MINUTE): 1} == found(points, STAGE)


def test_points_are_found_by_their_begin_and_length(points, spool):
    for minute in range(5):
        spool.put(HOUR_BEGINS + minute * MINUTE, [(200, 1, None)])
    take_in_all(points)
    begins = [HOUR_BEGINS + minute * MINUTE for minute in (1, 2)]
    assert begins == [at for at, _ in found(points, STAGE, start=begins[0], end=begins[1] + 0.5)]
    assert begins[:1] == [at for at, _ in found(points, STAGE, start=begins[0], end=begins[1])]
    assert {} == found(points, STAGE, lengths=(300, HOUR))
    assert {} == found(points, API._replace(api_name="others"))


def test_points_are_added_up_with_age_and_nothing_is_lost_before_its_time(points, spool):
    for minute in range(120):
        spool.put(HOUR_BEGINS + minute * MINUTE, [(200, minute, None), (500, 2 * minute, None)])
    take_in_all(points)
    both = HOUR_BEGINS + 2 * HOUR
    lengths = {}
    for age in (0, DAY, 3 * DAY, 15 * DAY - 3 * HOUR, 15 * DAY + 1):
        points.age(both + age)
        some = points.find_points(API, 0, 1e12, ALL)
        lengths[age] = sorted({point.length for point in some})
        whole = RequestCounts()
        for point in some:
            whole.merge(point.counts)
        count = 240 if age < 15 * DAY else 0
        assert (count, count // 2) == (whole.latency.count, whole.server_errors)
        if count:
            assert (3 * sum(range(120)), 0, 238) == (whole.latency.total, whole.latency.least, whole.latency.most)
    assert {0: [60], DAY: [300], 3 * DAY: [HOUR], 15 * DAY - 3 * HOUR: [HOUR], 15 * DAY + 1: []} == lengths
    assert () == tuple(points.list_series(ACCOUNT, REGION))


def test_points_are_added_up_when_the_longer_point_is_past_its_age_whole(points, spool):
    for minute in range(10):
        spool.put(HOUR_BEGINS + minute * MINUTE, [(200, 1, None)])
    take_in_all(points)
    points.age(HOUR_BEGINS + 8 * MINUTE + DAY)
    minutes = {(HOUR_BEGINS + minute * MINUTE, MINUTE): 1 for minute in range(5, 10)}
    assert {(HOUR_BEGINS, 300): 5} | minutes == found(points, STAGE)


def test_counts_that_come_late_are_added_to_the_longer_point(points, spool):
    for _ in range(2):
        spool.put(HOUR_BEGINS, [(200, 1, None)])
        take_in_all(points)
        points.age(HOUR_BEGINS + 2 * DAY)
    assert {(HOUR_BEGINS, 300): 2} == found(points, STAGE)


def test_there_are_never_more_points_than_allowed_and_no_request_is_forgotten_for_it(tmp_path, spool):
    points = MetricPoints(tmp_path, most_points=60)
    for minute in range(60):
        spool.put(HOUR_BEGINS + minute * MINUTE, [(200, 1, None)])
    take_in_all(points)
    points.age(HOUR_BEGINS + HOUR + 1)
    found_now = found(points, STAGE)
    assert len(found(points, API)) + len(found_now) <= 60
    assert 60 == sum(found_now.values())
    points.close()


def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path, spool, caplog):
    (tmp_path / "metrics.db").write_bytes(b"no database" * 1000)
    points = MetricPoints(tmp_path)
    spool.put(HOUR_BEGINS, [(200, 1, None)])
    take_in_all(points)
    assert {(HOUR_BEGINS, MINUTE): 1} == found(points, STAGE)
    assert (tmp_path / "metrics.unusable.db").exists()
    assert "set aside" in caplog.text
    points.close()


def test_a_file_of_another_release_is_set_aside(tmp_path, caplog):
    connection = sqlite3.connect(tmp_path / "metrics.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    MetricPoints(tmp_path).close()
    assert "another release (version 99)" in caplog.text


def test_a_file_that_cannot_be_opened_is_said(tmp_path):
    (tmp_path / "metrics.db").mkdir()
    with pytest.raises(StoreError, match=r"the counts of requests in .*metrics.db cannot be opened"):
        MetricPoints(tmp_path)


def test_without_metrics_there_are_none():
    assert ((), ()) == (NO_METRICS.list_series(ACCOUNT, REGION), NO_METRICS.find_points(API, 0, 1, ALL))
