import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.logs.log_group import LogGroupName
from gatewright.store import log_files as module
from gatewright.store.log_files import NO_LOGS, LogFiles

GROUP = LogGroupName("000000000000", "us-east-1", "/aws/x")
LATE = 1 << 60


@pytest.fixture
def files(tmp_path):
    return LogFiles(tmp_path)


def write(tmp_path, stream, instants, sequence=1):
    folder = tmp_path / GROUP.folder
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{json.dumps([instant, f'{stream} {instant}'])}\n" for instant in instants)
    (folder / f"{stream}-{sequence:08d}.jsonl").write_text(lines)


@settings(max_examples=60, deadline=None)
@given(instants=st.lists(st.integers(0, 4_000), min_size=1, max_size=3_000).map(sorted), start=st.integers(0, 4_100))
def test_halving_finds_what_a_plain_walk_finds(tmp_path_factory, instants, start):
    folder = tmp_path_factory.mktemp("groups")
    write(folder, "s" * 40, instants)
    found = [event.timestamp for event in LogFiles(folder).events(GROUP, ["s" * 40], start, LATE, settled=LATE)]
    assert [instant for instant in instants if instant >= start] == found


def test_streams_are_merged_by_instant_and_files_follow_each_other(files, tmp_path):
    write(tmp_path, "a", [1, 4])
    write(tmp_path, "a", [6, 7], sequence=2)
    write(tmp_path, "b", [2, 6])
    found = [(event.timestamp, event.stream) for event in files.events(GROUP, ["a", "b"], 2, 7, settled=LATE)]
    assert [(2, "b"), (4, "a"), (6, "a"), (6, "b")] == found
    assert (1, 7) == (files.first(GROUP, "a").timestamp, files.last(GROUP, "a").timestamp)


def test_what_users_send_is_bounded_and_told_in_order(files, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_FILE_BYTES", 60)
    for instant in (9, 3, 8, 2, 7, 1):
        files.append(GROUP, "u", [(instant, "x" * 30)], 10)
    assert 4 == len(list((tmp_path / GROUP.folder).iterdir()))
    found = [event.timestamp for event in files.events(GROUP, ["u"], 0, LATE, settled=0, unordered=["u"])]
    assert [1, 2, 7, 8] == found


def test_where_there_are_no_logs_nothing_is_found():
    assert [] == NO_LOGS.groups("000000000000", "us-east-1")
    assert [] == list(NO_LOGS.all_groups())
    assert not NO_LOGS.exists(GROUP)
    assert 0 == NO_LOGS.trim(0)
