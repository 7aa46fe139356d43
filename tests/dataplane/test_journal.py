import errno
import os

import pytest

from gatewright.dataplane import journal as module
from gatewright.dataplane.journal import Journal
from support.interpreted import on_sources


def texts(folder):
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_lines_are_written_when_flushed_and_once(tmp_path):
    journal = Journal(tmp_path / "j", 3)
    assert [True, False] == [journal.append("a\n"), journal.append("b\n")]
    assert {} == texts(tmp_path / "j")
    journal.flush()
    journal.flush()
    assert {"worker-3-00000001.jsonl": "a\nb\n"} == texts(tmp_path / "j")
    assert journal.append("c\n")
    journal.close()
    assert {"worker-3-00000001.jsonl": "a\nb\nc\n"} == texts(tmp_path / "j")
    journal.close()


def test_nobody_else_may_read_it(tmp_path):
    journal = Journal(tmp_path / "j", 0)
    journal.append("a\n")
    journal.close()
    assert (0o700, 0o600) == (
        (tmp_path / "j").stat().st_mode & 0o777,
        (tmp_path / "j" / "worker-0-00000001.jsonl").stat().st_mode & 0o777,
    )


def test_a_file_that_has_grown_enough_is_followed_by_the_next_and_the_oldest_go(tmp_path):
    journal = Journal(tmp_path, 0, file_bytes=10, files=2)
    (tmp_path / "worker-1-00000001.jsonl").write_text("another worker's\n")
    for line in ("aaaa\n", "bbbb\n", "cccc\n", "dddddddddddddd\n", "e\n"):
        journal.append(line)
        journal.flush()
    journal.close()
    assert {
        "worker-0-00000003.jsonl": "dddddddddddddd\n",
        "worker-0-00000004.jsonl": "e\n",
        "worker-1-00000001.jsonl": "another worker's\n",
    } == texts(tmp_path)


def test_a_new_worker_goes_on_after_the_files_of_the_last(tmp_path):
    for line in ("a\n", "b\n"):
        journal = Journal(tmp_path, 0)
        journal.append(line)
        journal.close()
    assert {"worker-0-00000001.jsonl": "a\n", "worker-0-00000002.jsonl": "b\n"} == texts(tmp_path)


def test_a_full_disk_loses_whole_lines_counts_them_and_recovers(tmp_path, monkeypatch):
    journal = Journal(tmp_path, 0)
    journal.append("kept\n")
    journal.flush()
    write, room = os.write, [3]

    def write_until_full(fd, data):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data[: room.pop()])

    monkeypatch.setattr(os, "write", write_until_full)
    for line in ("lost one\n", "lost two\n"):
        journal.append(line)
    journal.flush()
    journal.append("lost three\n")
    journal.flush()
    assert 3 == journal.lost
    monkeypatch.setattr(os, "write", write)
    journal.append("kept too\n")
    journal.close()
    assert {"worker-0-00000001.jsonl": "kept\nkept too\n"} == texts(tmp_path)


def test_a_folder_that_is_gone_loses_lines_and_no_more(tmp_path):
    journal = Journal(tmp_path / "j", 0)
    (tmp_path / "j").rmdir()
    journal.append("lost\n")
    journal.flush()
    assert 1 == journal.lost
    (tmp_path / "j").mkdir()
    journal.append("kept\n")
    journal.close()
    assert {"worker-0-00000002.jsonl": "kept\n"} == texts(tmp_path / "j")


@on_sources
@pytest.mark.parametrize("limit", [2])
def test_a_disk_that_does_not_answer_costs_lines_and_not_memory(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(module, "_MAX_WAITING", limit)
    journal = Journal(tmp_path, 0)
    assert [True, False, False] == [journal.append(f"{number}\n") for number in range(3)]
    assert 1 == journal.lost
    journal.close()
    assert {"worker-0-00000001.jsonl": "0\n1\n"} == texts(tmp_path)


@on_sources
def test_lines_wait_for_a_disk_that_is_busy_and_beyond_a_bound_are_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_WAITING", 4)
    handed_over = []
    journal = Journal(tmp_path, 0, disk=handed_over.append)
    for number in range(6):
        assert journal.append(f"{number}\n")
        journal.flush()
    assert ({}, 2) == (texts(tmp_path), journal.lost)
    for work in handed_over:
        work()
    journal.append("again\n")
    journal.close()
    for work in handed_over[4:]:
        work()
    assert {"worker-0-00000001.jsonl": "0\n1\n2\n3\nagain\n"} == texts(tmp_path)
