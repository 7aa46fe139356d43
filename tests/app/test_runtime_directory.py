import errno
import os
import stat

import pytest

from gatewright.app.runtime_directory import RuntimeDirectory, RuntimeDirectoryRefused


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path, monkeypatch):
    folder = tmp_path / "r"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def test_it_is_in_the_user_s_runtime_folder_and_private(tmp_path, runtime_folder, monkeypatch):
    made = RuntimeDirectory.make(tmp_path)
    assert 0o700 == stat.S_IMODE(made.path.stat().st_mode)
    assert made.path == (tmp_path / "run").readlink()
    made.remove()
    assert [] == list(runtime_folder.iterdir())
    assert not (tmp_path / "run").is_symlink()


def test_what_a_killed_predecessor_left_is_removed(tmp_path):
    left = RuntimeDirectory.make(tmp_path)
    (left.path / "feed.sock").touch()
    made = RuntimeDirectory.make(tmp_path)
    assert not left.path.exists()
    assert made.path.exists()
    made.remove()


def test_a_link_to_something_else_removes_nothing_but_the_link(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "run").symlink_to(precious)
    RuntimeDirectory.make(tmp_path).remove()
    assert precious.is_dir()


def test_sockets_fit_however_long_the_runtime_folder_is(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    made = RuntimeDirectory.make(tmp_path)
    assert len(made.worker(255)) <= 103
    made.remove()


def test_no_room_for_the_folder_is_told_in_a_sentence(tmp_path, runtime_folder, monkeypatch):
    def full(prefix, dir):  # noqa: A002  the name is the replaced function's
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{dir}/{prefix}x")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    sentence = (
        rf"No folder for the local sockets can be made \(No space left on device: {runtime_folder}/gatewright-x\)"
    )
    with pytest.raises(RuntimeDirectoryRefused, match=sentence):
        RuntimeDirectory.make(tmp_path)


def test_a_name_that_is_taken_in_the_data_directory_is_told_and_no_folder_stays(tmp_path, runtime_folder):
    (tmp_path / "run").mkdir()
    with pytest.raises(RuntimeDirectoryRefused, match=f"The link {tmp_path}/run to .* cannot be made .File exists."):
        RuntimeDirectory.make(tmp_path)
    assert [] == list(runtime_folder.iterdir())
