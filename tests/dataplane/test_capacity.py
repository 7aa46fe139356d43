"""What a worker takes on, by how many files it may have open."""

import pytest

from gatewright.dataplane.capacity import MAX_CALLS, MAX_CONNECTIONS, fit_limits


@pytest.mark.parametrize(
    ("files", "connections", "calls"),
    [(1_048_576, MAX_CONNECTIONS, MAX_CALLS), (20_000, 11_744, MAX_CALLS), (1_024, 480, 240), (16, 16, 8)],
)
def test_limits_follow_the_number_of_files(files, connections, calls):
    limits = fit_limits(files)
    assert (connections, calls, calls // 2) == (limits.connections, limits.calls, limits.calls_per_backend)


def test_fewer_connections_can_be_asked_for_and_more_than_the_files_allow_cannot():
    assert (100, 480) == (fit_limits(1_024, 100).connections, fit_limits(1_024, 100_000).connections)
    assert 100_000 == fit_limits(1_048_576, 100_000).connections


@pytest.mark.parametrize("files", [256, 1_024, 4_096, 65_536])
def test_all_at_once_still_leaves_files(files):
    limits = fit_limits(files)
    # A client each, a backend's connection for each call, as many idle ones; the rest is the worker's own.
    assert limits.connections + 2 * limits.calls <= files - 64
