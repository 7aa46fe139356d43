"""Children end with the block that they run in."""

import sys
import time
from pathlib import Path

import pytest
from bench.children import ChildFailed, running, wait_until


def is_running(pid: int) -> bool:
    """False for a zombie too: an orphan may stay one where nobody reaps."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not stat.rpartition(") ")[2].startswith("Z")


def test_a_child_and_what_it_started_are_gone_after_the_block_even_if_it_ignores_being_told(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("bench.children.STOP_SECONDS", 0.3)
    stubborn = (
        "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\ntime.sleep(60)"
    )
    log = tmp_path / "stubborn.log"
    with pytest.raises(KeyError), running("stubborn", [sys.executable, "-c", stubborn], tmp_path) as process:  # noqa: PT012
        wait_until(lambda: log.read_text().endswith("\n"), process, log)
        grandchild = int(log.read_text())
        raise KeyError
    assert process.returncode is not None
    deadline = time.monotonic() + 5
    while is_running(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(grandchild)


def test_a_child_that_ends_early_is_quoted(tmp_path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such directive')"]
    with (
        running("hasty", command, tmp_path) as process,
        pytest.raises(ChildFailed, match=r"code 1; it wrote:\nno such directive"),
    ):
        wait_until(lambda: False, process, tmp_path / "hasty.log")
