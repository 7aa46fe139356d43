import errno
import os
import shutil

import pytest

from gatewright.dataplane.bounded_files import BoundedFiles


def texts(folder):
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_the_next_writer_goes_on_with_the_newest_file(tmp_path):
    for block in (b"a\n", b"b\n"):
        files = BoundedFiles(tmp_path, "s", continued=True)
        files.write(block)
        files.close()
    assert {"s-00000001.jsonl": "a\nb\n"} == texts(tmp_path)


def test_a_line_that_was_cut_by_a_kill_is_ended_first(tmp_path):
    (tmp_path / "s-00000007.jsonl").write_text("whole\nhal")
    files = BoundedFiles(tmp_path, "s", continued=True)
    files.write(b"next\n")
    files.close()
    assert {"s-00000007.jsonl": "whole\nhal\nnext\n"} == texts(tmp_path)


def test_a_full_newest_file_is_followed_by_another(tmp_path):
    (tmp_path / "s-00000001.jsonl").write_text("0123456789\n")
    files = BoundedFiles(tmp_path, "s", file_bytes=12, continued=True)
    files.write(b"next\n")
    files.close()
    assert {"s-00000001.jsonl": "0123456789\n", "s-00000002.jsonl": "next\n"} == texts(tmp_path)


@pytest.mark.parametrize("whole_folder", [True, False])
def test_what_somebody_removed_is_begun_anew(tmp_path, whole_folder):
    folder = tmp_path / "group"
    files = BoundedFiles(folder, "s", continued=True)
    files.write(b"lost with the group\n")
    if whole_folder:
        shutil.rmtree(folder)
    else:
        (folder / "s-00000001.jsonl").unlink()
    files.write(b"new\n")
    files.close()
    assert {"s-00000001.jsonl": "new\n"} == texts(folder)


def test_a_block_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    files = BoundedFiles(tmp_path, "s", continued=True)
    files.write(b"kept\n")
    write, room = os.write, [3]

    def write_until_full(fd, data):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data[: room.pop()])

    monkeypatch.setattr(os, "write", write_until_full)
    with pytest.raises(OSError, match="No space left"):
        files.write(b"lost\n")
    monkeypatch.setattr(os, "write", write)
    files.write(b"kept too\n")
    files.close()
    assert {"s-00000001.jsonl": "kept\nkept too\n"} == texts(tmp_path)
