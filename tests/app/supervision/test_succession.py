"""Who gets a data directory: nobody while its supervisor lives, the next one once the children of a dead one have ended."""

import os
import threading
import time

import pytest

from gatewright.app.supervision import succession
from gatewright.app.supervision.succession import take_directory
from gatewright.store.lock import DataDirectory
from gatewright.store.port import StoreLocked


def a_dead_process():
    """The number of a process that was, and is reaped."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


@pytest.fixture
def directory(tmp_path):
    return DataDirectory.open(tmp_path)


def test_a_directory_that_nobody_has_is_taken_at_once(directory):
    with take_directory(directory):
        assert f"{os.getpid()}\n" == directory.lock_file.read_text()


def test_nobody_waits_for_a_supervisor_that_lives(directory):
    with directory.lock():
        started = time.monotonic()
        with pytest.raises(StoreLocked, match=f"held by process {os.getpid()}"):
            take_directory(directory)
        assert time.monotonic() - started < succession.HEIR_PATIENCE / 2


def test_the_children_of_a_dead_supervisor_are_waited_for(directory):
    left = directory.lock()
    directory.lock_file.write_text(f"{a_dead_process()}\n")
    ending = threading.Timer(0.2, left.release)
    ending.start()
    try:
        with take_directory(directory):
            assert f"{os.getpid()}\n" == directory.lock_file.read_text()
    finally:
        ending.join(5)


def test_children_that_do_not_end_are_not_waited_for_without_end(directory, monkeypatch):
    monkeypatch.setattr(succession, "HEIR_PATIENCE", 0.1)
    with directory.lock():
        directory.lock_file.write_text(f"{a_dead_process()}\n")
        with pytest.raises(StoreLocked):
            take_directory(directory)
