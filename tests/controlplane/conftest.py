"""Fixtures of the control plane's tests."""

import pytest

from support.control import ControlHarness


@pytest.fixture
def harness(tmp_path):
    """The real dispatcher over a real store, see `support.control`."""
    harness = ControlHarness(tmp_path)
    yield harness
    harness.store.close()
