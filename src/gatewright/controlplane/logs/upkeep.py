"""Retention and size of log groups: what is too old, or more than there is room for, is removed from disk."""

from typing import Final

from gatewright.controlplane.logs.groups import FoundGroup
from gatewright.model.records import LogGroup
from gatewright.store.log_files import LogFiles
from gatewright.store.port import Store

#: What all log groups may take. A stream has 64 MB at most; this bounds many streams. The oldest files go first.
MOST_BYTES: Final = 8 * 1024**3


def look_after_log_groups(store: Store, logs: LogFiles, now: float, *, most_bytes: int = MOST_BYTES) -> None:
    """Files in which every event has passed its group's retention are gone, and the oldest of what is too much."""
    with store.read() as reader:
        groups = [FoundGroup(name, reader.get(LogGroup, *name)) for name in logs.all_groups()]
    for group in groups:
        logs.drop_before(group.name, group.kept_since(now) / 1000)
    logs.trim(most_bytes)
