"""One worker for all tests that do not end it; a world for those that need none."""

import pytest

from gatewright.cli.version import is_compiled
from support.interpreted import WHY
from support.worker import Worker
from support.wound_world import make_world


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    running = Worker(tmp_path_factory.mktemp("worker"))
    yield running
    assert 0 == running.stop()
    assert "Traceback" not in (running.folder / "worker.log").read_text()


@pytest.fixture
def own_worker(tmp_path):
    """A worker that the test may end."""
    running = Worker(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def world(tmp_path):
    """A worker's world, with a clock that the test winds."""
    if is_compiled():
        pytest.skip(WHY)
    return make_world(tmp_path)
