"""What UpdateUsage added to keys' quotas on this node alone, until all nodes know of it: a file for each, beside the meters.

An extension has an id, and whoever is told of it twice counts it once (`cache/scripts/extend.lua`). So a file is removed
after its extension was told, whatever was known before of an attempt that got no answer.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Final, NamedTuple

from gatewright.app.private_file import write_private
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import period_of

_PREFIX: Final = "extended."
#: A directory's time of change is as coarse as the kernel's clock for files, some milliseconds.
_SURELY_OLD: Final = 1_000_000_000


class Extension(NamedTuple):
    """In the period of that day the key has so many requests more (or fewer)."""

    id: str
    name: int
    quota: Quota
    day: int
    amount: int


def make_id() -> str:
    """Of an extension; ids of later ones come later in their order."""
    return f"{time.time_ns():016x}{secrets.token_hex(4)}"


class Extensions:
    """The files in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._changed = 0  # the directory, before it was last read; 0: it may have changed since
        self._pending: list[Extension] = []
        self._merged: dict[int, str] = {}  # by the key's name, the id of the last one that was merged here

    def note(self, extension: Extension) -> None:
        """All nodes are to be told of it."""
        name, quota = extension.name, extension.quota
        text = f"{extension.day} {quota.limit} {quota.offset} {quota.period} {extension.amount}\n"
        write_private(self._directory / f"{_PREFIX}{name:x}.{extension.id}", text)

    def merge(self, extension: Extension) -> None:
        """As `note`, together with what was merged here for the same period: for a node that tells nobody, maybe ever.

        What an earlier process noted stays apart: others may have been told of it, who would take no more under its id.
        """
        period = period_of(extension.quota.period, extension.day)
        for each in self._read(extension.day, f"{_PREFIX}{extension.name:x}.*"):
            if each.id == self._merged.get(extension.name) and period_of(each.quota.period, each.day) == period:
                extension = extension._replace(id=each.id, amount=extension.amount + each.amount)
                break
        self.note(extension)
        self._merged[extension.name] = extension.id

    def pending(self, today: int) -> list[Extension]:
        """What is still to be told, the earliest first. What was for a period that has ended is forgotten."""
        changed = self._directory.stat().st_mtime_ns
        if changed != self._changed:
            self._pending = self._read(today, f"{_PREFIX}*")
            self._changed = changed if time.time_ns() - changed > _SURELY_OLD else 0
        return self._pending

    def forget(self, extension: Extension) -> None:
        """All know it."""
        (self._directory / f"{_PREFIX}{extension.name:x}.{extension.id}").unlink(missing_ok=True)
        self._changed = 0

    def _read(self, today: int, pattern: str) -> list[Extension]:
        found = []
        for path in self._directory.glob(pattern):
            _, name, identifier = path.name.split(".")
            day, limit, offset, period, amount = path.read_text(encoding="ascii").split()
            extension = Extension(
                identifier, int(name, 16), Quota(int(limit), int(offset), period), int(day), int(amount)
            )
            if today in period_of(period, extension.day):
                found.append(extension)
            else:
                path.unlink(missing_ok=True)
        return sorted(found)
