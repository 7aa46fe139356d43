import json

import pytest

from gatewright.core.metrics.stage_metrics import SeriesName
from gatewright.store.metric_spool import clear_spool, read_spool

NAME = SeriesName("000000000000", "us-east-1", "abcdefghij", "pets", "dev")


def line(minute):
    return json.dumps([minute, NAME, [0, 0, 0, [1, 5, 5, 5, [5, 1]], [0, 0, 0, 0, []]]]) + "\n"


def minutes(part):
    return [each.minute for each in part.lines]


def test_a_spool_that_is_not_there_is_empty(tmp_path):
    part = read_spool(tmp_path / "none", {})
    assert ([], {}, False) == (part.lines, part.read, part.more)


def test_every_whole_line_is_read_once(tmp_path):
    file = tmp_path / "worker-0-00000001.jsonl"
    file.write_text(line(60) + line(120)[:-10])
    first = read_spool(tmp_path, {})
    assert [60] == minutes(first)
    file.write_text(line(60) + line(120) + line(180))
    second = read_spool(tmp_path, first.read)
    assert [120, 180] == minutes(second)
    assert [] == read_spool(tmp_path, second.read).lines
    assert NAME == second.lines[0].name


def test_a_line_that_cannot_be_read_is_passed_over_and_said(tmp_path, caplog):
    file = tmp_path / "worker-0-00000001.jsonl"
    file.write_text(line(60) + "[60,\n" + "\x00\n" + '[1,["a"],[]]\n' + line(120))
    assert [60, 120] == minutes(read_spool(tmp_path, {}))
    assert 3 == caplog.text.count("passed over")


def test_files_of_several_workers_are_read_and_those_that_are_gone_forgotten(tmp_path):
    for number in (0, 1, 10):
        (tmp_path / f"worker-{number}-00000001.jsonl").write_text(line(number))
    part = read_spool(tmp_path, {"worker-9-00000001.jsonl": 7})
    assert [0, 1, 10] == sorted(minutes(part))
    assert {f"worker-{number}-00000001.jsonl" for number in (0, 1, 10)} == part.read.keys()


def test_a_backlog_is_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewright.store.metric_spool._READ_BYTES", 3 * len(line(1000)))
    for number in (0, 1):
        (tmp_path / f"worker-{number}-00000001.jsonl").write_text("".join(line(1000 + n) for n in range(5)))
    found, read, more = [], {}, True
    while more:
        part = read_spool(tmp_path, read)
        found += minutes(part)
        read, more = part.read, part.more
    assert sorted([1000, 1001, 1002, 1003, 1004] * 2) == sorted(found)


@pytest.mark.parametrize(("unread", "left"), [(0, ["worker-0-00000002", "worker-1-00000001"]), (1, None)])
def test_only_a_file_that_is_read_and_has_a_successor_is_removed(tmp_path, unread, left):
    names = ["worker-0-00000001", "worker-0-00000002", "worker-1-00000001"]
    for name in names:
        (tmp_path / f"{name}.jsonl").write_text(line(60))
    read = {f"{name}.jsonl": len(line(60)) - unread for name in names}
    clear_spool(tmp_path, read)
    assert (left or names) == sorted(path.stem for path in tmp_path.iterdir())
