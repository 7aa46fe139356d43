import json

import pytest

from gatewright.core.context import MethodFacts
from gatewright.core.metrics.stage_metrics import SeriesName, StageMetrics
from gatewright.dataplane.request_metrics import RequestMetrics
from support.interpreted import on_sources

NAME = SeriesName("000000000000", "us-east-1", "abcdefghij", "pets", "dev")
METHOD = MethodFacts("r", "/pets", "MOCK", "GET")
NOON = 1_700_006_400.0  # a minute begins


class Timers:
    """An event loop's `call_later`, for tests that let time pass themselves."""

    def __init__(self):
        self.set = []

    def call_later(self, seconds, callback):
        self.set.append((seconds, callback))

    def pass_all(self):
        due, self.set = self.set, []
        for _, callback in due:
            callback()


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def metrics(tmp_path, timers):
    return RequestMetrics(tmp_path, 0, timers.call_later)


def lines(folder):
    texts = "".join(path.read_text() for path in sorted(folder.glob("worker-0-*.jsonl")))
    return [json.loads(line) for line in texts.splitlines()]


def test_a_second_s_requests_are_one_line(metrics, timers, tmp_path):
    stage = StageMetrics(NAME, {})
    metrics.count(stage, METHOD, NOON + 1, 200, 7, 5)
    metrics.count(stage, None, NOON + 1.5, 404, 2, None)
    assert [1.0] == [seconds for seconds, _ in timers.set]
    assert [] == lines(tmp_path)
    timers.pass_all()
    assert [[NOON, list(NAME), [0, 1, 0, [2, 9, 2, 7, [7, 1, 2, 1]], [1, 5, 5, 5, [5, 1]]]]] == lines(tmp_path)
    timers.pass_all()
    assert 1 == len(lines(tmp_path))
    assert [] == timers.set


def test_nothing_is_counted_twice_and_methods_have_their_own_line(metrics, timers, tmp_path):
    stage = StageMetrics(NAME, {("*", "*"): True})
    for _ in range(3):
        metrics.count(stage, METHOD, NOON, 200, 1, None)
        metrics.count(stage, None, NOON, 403, 1, None)
        timers.pass_all()
    found = [(name[5:], counts[3][0]) for _, name, counts in lines(tmp_path)]
    assert [(["/pets", "GET"], 1), ([None, None], 1)] * 3 == found


def test_requests_of_two_minutes_are_not_mixed(metrics, timers, tmp_path):
    stage = StageMetrics(NAME, {})
    for instant in (NOON + 59.9, NOON + 59.999, NOON + 60.001, NOON + 59.998):
        metrics.count(stage, None, instant, 200, 1, None)
    timers.pass_all()
    # The last one ended in the minute before, by less than it took to say so.
    assert [(NOON, 2), (NOON + 60, 2)] == [(minute, counts[3][0]) for minute, _, counts in lines(tmp_path)]


def test_a_clock_that_was_set_back_is_followed(metrics, timers, tmp_path):
    stage = StageMetrics(NAME, {})
    metrics.count(stage, None, NOON, 200, 1, None)
    metrics.count(stage, None, NOON - 86_400, 200, 1, None)
    timers.pass_all()
    assert [NOON, NOON - 86_400] == [minute for minute, _, _ in lines(tmp_path)]


def test_many_tallies_are_written_in_slices_and_all_of_them(metrics, timers, tmp_path):
    for number in range(600):
        metrics.count(StageMetrics(NAME._replace(stage=f"s{number}"), {}), None, NOON, 200, 1, None)
    timers.pass_all()
    assert 250 == len(lines(tmp_path))
    timers.pass_all()
    timers.pass_all()
    assert {f"s{number}" for number in range(600)} == {name[4] for _, name, _ in lines(tmp_path)}
    assert [] == timers.set


def test_the_end_of_a_worker_loses_nothing(metrics, tmp_path):
    for number in range(600):
        metrics.count(StageMetrics(NAME._replace(stage=f"s{number}"), {}), None, NOON, 200, 1, None)
    metrics.close()
    assert 600 == len(lines(tmp_path))


def test_a_disk_that_takes_nothing_loses_counts_and_says_so_once(metrics, tmp_path, caplog):
    stage = StageMetrics(NAME, {})
    tmp_path.rmdir()
    for _ in range(2):
        metrics.count(stage, None, NOON, 200, 1, None)
        metrics.flush()
    assert 2 == metrics.lost
    assert 1 == caplog.text.count("cannot be written")


def test_a_disk_that_does_not_answer_keeps_the_counts_waiting_and_nobody_else(timers, tmp_path):
    handed_over = []
    metrics = RequestMetrics(tmp_path, 0, timers.call_later, handed_over.append)
    stage = StageMetrics(NAME, {})
    for second in range(5):
        metrics.count(stage, METHOD, NOON + second, 200, 1, None)
        timers.pass_all()
    assert 1 == len(handed_over), "one block at a time"
    metrics.count(stage, METHOD, NOON + 61, 200, 1, None)
    timers.pass_all()
    assert 1 == len(timers.set)
    while handed_over:  # the disk answers
        handed_over.pop(0)()
        timers.pass_all()
    assert [[NOON, 1], [NOON, 4], [NOON + 60, 1]] == [[minute, counts[3][0]] for minute, _, counts in lines(tmp_path)]
    assert 0 == metrics.lost


@on_sources
def test_of_what_waits_too_long_the_oldest_is_lost_and_counted(timers, tmp_path, monkeypatch):
    monkeypatch.setattr("gatewright.dataplane.request_metrics._MAX_WAITING", 3)
    handed_over = []
    metrics = RequestMetrics(tmp_path, 0, timers.call_later, handed_over.append)
    stage = StageMetrics(NAME, {})
    for minute in range(7):
        metrics.count(stage, METHOD, NOON + 60 * minute, 200, 1, None)
        timers.pass_all()
    while handed_over:
        handed_over.pop(0)()
        timers.pass_all()
    assert [NOON, *(NOON + 60 * minute for minute in (4, 5, 6))] == [line[0] for line in lines(tmp_path)]
    assert 3 == metrics.lost
