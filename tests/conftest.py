"""Fixtures every test may use: where the shared corpora are, if they are. And what must hold when all tests are over."""

import faulthandler
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
#: Seconds; the interpreter has nothing left to do by then but to free what it holds.
TIME_TO_END = 60

# The same examples each time, however busy the machine is: a run that fails is one that was broken. New ones are looked for
# by `make fuzz`, and by `pytest --hypothesis-seed=random`.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that others made; tests that read it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared corpora are not beside this checkout ({SHARED} is not a folder)")
    return SHARED


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """A thread that a test left behind fails the run: the interpreter would wait for it, and nobody would know why."""
    threads = [thread for thread in threading.enumerate() if thread.is_alive() and not thread.daemon]
    left = [thread.name for thread in threads if thread is not threading.main_thread() and not _ends_by_itself(thread)]
    if left:
        faulthandler.dump_traceback(sys.__stderr__, all_threads=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        sys.__stderr__.write(f"\nTests left threads behind, whose stacks are above: {', '.join(left)}\n")


def pytest_unconfigure():
    """Whatever else keeps the interpreter from ending is shown, and does not keep it for longer."""
    faulthandler.dump_traceback_later(TIME_TO_END, exit=True, file=sys.__stderr__)


def _ends_by_itself(thread: threading.Thread) -> bool:
    """Whether a thread is only at its last instructions, or a pool's that is woken when the interpreter ends."""
    thread.join(1)
    return not thread.is_alive() or thread.name.startswith(("ThreadPoolExecutor", "asyncio_"))
