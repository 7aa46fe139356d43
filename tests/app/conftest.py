"""Fixtures of the tests of whole installations."""

import pytest

from support.gateway import Gateway, running_gateway


@pytest.fixture
def gateway(tmp_path):
    """A gateway of the test's own, which must still end well after the test."""
    with running_gateway(tmp_path) as running:
        yield running


@pytest.fixture
def unstarted(tmp_path):
    """A gateway that the test starts; it is ended after the test, however it is."""
    made = Gateway(tmp_path / "data")
    yield made
    if made.is_running:
        made.kill_tree()
