"""One worker for all tests that do not end it."""

import pytest

from support.worker import Worker


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
