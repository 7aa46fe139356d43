import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.store.lock import DataDirectory
from gatewright.store.port import StoreError, StoreLocked

HOLD = """
import subprocess, sys
from pathlib import Path
from gatewright.store.lock import DataDirectory
lock = DataDirectory.open(Path(sys.argv[1])).lock()
if "with child" in sys.argv:
    child = subprocess.Popen(["sleep", "60"], close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
else:
    print("held", flush=True)
sys.stdin.read()
"""


def start_holder(folder, *more):
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def end(process):
    process.kill()
    process.communicate()


def test_the_directory_is_made_for_its_owner_alone(tmp_path):
    directory = DataDirectory.open(tmp_path / "a" / "b")
    assert 0o700 == stat.S_IMODE(directory.path.stat().st_mode)
    assert tmp_path / "a" / "b" == directory.path


def test_every_file_of_an_installation_has_its_place_inside():
    directory = DataDirectory(Path("/data"))
    names = ["lock_file", "credentials", "secret_key", "database", "ca_certificate", "logs"]
    places = [str(getattr(directory, name)) for name in names]
    assert [
        "/data/lock",
        "/data/credentials",
        "/data/secret.key",
        "/data/gatewright.db",
        "/data/ca.pem",
        "/data/logs",
    ] == places


def test_a_file_in_the_directorys_place_is_refused(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="is a file: choose another --data-dir"):
        DataDirectory.open(tmp_path / "data")
    with pytest.raises(StoreError, match="cannot be made: Not a directory"):
        DataDirectory.open(tmp_path / "data" / "inside")


def test_a_second_server_is_told_which_process_holds_the_directory(tmp_path):
    holder = start_holder(tmp_path)
    try:
        assert "held\n" == holder.stdout.readline()
        with pytest.raises(StoreLocked) as refusal:
            DataDirectory.open(tmp_path).lock()
        assert (
            f"{tmp_path}/lock is held by process {holder.pid}: a gatewright already serves this data directory; "
            "stop it or choose another --data-dir"
        ) == str(refusal.value)
    finally:
        end(holder)


def test_the_lock_is_free_after_its_holder_was_killed(tmp_path):
    holder = start_holder(tmp_path)
    holder.stdout.readline()
    end(holder)
    with DataDirectory.open(tmp_path).lock() as lock:
        assert f"{os.getpid()}\n" == lock.path.read_text()
        assert "held" in repr(lock)
    assert "released" in repr(lock)


def test_the_lock_outlives_its_holder_in_a_child_that_inherited_it(tmp_path):
    holder = start_holder(tmp_path, "with child")
    child = int(holder.stdout.readline())
    try:
        end(holder)
        with pytest.raises(StoreLocked, match=f"held by a process that {holder.pid} started before it ended"):
            DataDirectory.open(tmp_path).lock()
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_released_lock_can_be_taken_again_and_released_twice(tmp_path):
    directory = DataDirectory.open(tmp_path)
    lock = directory.lock()
    assert os.get_inheritable(lock.fileno())
    with pytest.raises(StoreLocked):
        directory.lock()
    lock.release()
    lock.release()
    directory.lock().release()


def test_a_holder_that_has_not_yet_written_its_name_is_another_process(tmp_path):
    directory = DataDirectory.open(tmp_path)
    with directory.lock():
        directory.lock_file.write_text("")
        with pytest.raises(StoreLocked, match="is held by another process: a gatewright already serves"):
            directory.lock()


def test_a_lock_file_that_cannot_be_opened_is_named(tmp_path):
    directory = DataDirectory.open(tmp_path)
    directory.lock_file.mkdir()
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
        directory.lock()
