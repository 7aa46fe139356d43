import stat

import pytest

from gatewright.app.runtime_directory import RuntimeDirectory


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
