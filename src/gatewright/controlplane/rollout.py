"""The port through which operations learn how far changes have come: which of them not every worker acts upon yet."""

from collections.abc import Container
from typing import Final, Protocol, TypeAlias

from gatewright.model.records import Record

#: Which record: its kind, account, region and key.
Place: TypeAlias = tuple[str, str, str, tuple[str, ...]]


class Rollout(Protocol):
    """Who tells the workers of changes."""

    def unacknowledged(self) -> Container[Place]:
        """The records of which some worker acts upon an older state, or is about to."""


class _WithoutWorkers:
    """Nobody acts upon anything, so nobody acts upon what is old."""

    def unacknowledged(self) -> Container[Place]:
        return frozenset()


NO_WORKERS: Final[Rollout] = _WithoutWorkers()


def place_of(record: Record) -> Place:
    """Where the record is."""
    return record.KIND, record.account, record.region, record.key
