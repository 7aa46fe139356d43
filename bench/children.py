"""Child processes that end with the bench, however it ends.

Each child leads a process group of its own, so that Ctrl-C reaches the bench alone, which then ends the groups in order. A
bench that is killed without a chance to do so leaves it to the kernel, which signals each child at its parent's death
(PR_SET_PDEATHSIG, prctl(2)).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Gatewright and nginx end connections in good order when told; nobody should need longer on loopback.
STOP_SECONDS: Final = 5.0

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class ChildFailed(Exception):
    """A process did not start, ended before its time or did not answer; the text has what it wrote."""


@contextmanager
def running(
    name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The command runs inside the block, in `folder`, with its output in `{name}.log` there."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  the bench has one thread
        )
    try:
        yield process
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Nothing of the group is left: it was asked, and after some time killed."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    # Whoever is left of the group, the leader or an orphan of it, had its time.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(
    condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 15.0
) -> None:
    """Returns as soon as the condition holds; `ChildFailed` with the log's end if the process dies or time runs out."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            raise ChildFailed(f"it ended with code {process.returncode}; it wrote:\n{read_end(log)}")
        if time.monotonic() > deadline:
            raise ChildFailed(f"it was not ready within {seconds:.0f} s; it wrote:\n{read_end(log)}")
        time.sleep(0.02)


def accepts(port: int) -> bool:
    """True when somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_end(log: Path, characters: int = 2000) -> str:
    """The last of what was written."""
    return log.read_text(errors="replace")[-characters:].strip() if log.exists() else ""


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
