"""Log groups on disk, as those who read them see them: groups, streams, and events in the order of their instants.

What this module knows: a group is a folder (`core.logs.log_group`), a stream is a set of files in it
(`{stream}-{sequence}.jsonl`), an event a line `[milliseconds, "message"]`, or `[milliseconds, "message", ingested]` where
somebody sent it. Workers append to streams of their own while we read: a line that is not whole is not there yet, and a
line that is no event is passed over. The files of one stream are in the order of their sequence; a worker's events are in
the order of their instants too, so that a reader begins near what is asked for.
"""

import heapq
import json
import os
import shutil
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from gatewright.core.logs.log_group import LogGroupName, parse_folder

#: What users send is in files of as much, and as many of them, as a worker's.
_FILE_BYTES: Final = 16 * 1024 * 1024
_FILES: Final = 4


class LogEvent(NamedTuple):
    """One event; `order` places it among all of its group."""

    timestamp: int
    stream: str
    sequence: int
    offset: int
    message: str
    ingested: int

    @property
    def order(self) -> tuple[int, str, int, int]:
        """Its place: by instant, then by where it stands."""
        return self[:4]


class LogFiles:
    """The log groups below one folder."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def groups(self, account: str, region: str) -> list[LogGroupName]:
        """The groups that have a folder which tells their name."""
        with suppress(FileNotFoundError, NotADirectoryError):
            leaves = sorted((self._folder / account / region).iterdir())
            return [group for leaf in leaves if (group := parse_folder(account, region, leaf.name)) is not None]
        return []

    def all_groups(self) -> Iterator[LogGroupName]:
        """The same, of every account and region."""
        for folder in sorted(self._folder.glob("*/*")):
            yield from self.groups(folder.parent.name, folder.name)

    def exists(self, group: LogGroupName) -> bool:
        """Whether anything was ever written to it."""
        return (self._folder / group.folder).is_dir()

    def created(self, group: LogGroupName) -> float:
        """When it was first written to, as far as its files tell."""
        first = [event.timestamp / 1000 for name in self.streams(group) if (event := self.first(group, name))]
        return min(first) if first else (self._folder / group.folder).stat().st_mtime

    def streams(self, group: LogGroupName) -> list[str]:
        """The names of the file sets in a group."""
        return sorted({path.stem.rpartition("-")[0] for path in self._paths(group)})

    def size(self, group: LogGroupName, stream: str | None = None) -> int:
        """Bytes on disk, of a group or of one stream."""
        total = 0
        for path in self._paths(group, stream):
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def first(self, group: LogGroupName, stream: str) -> LogEvent | None:
        """The event that stands first."""
        return next((event for path in self._paths(group, stream) for event in _read(path, 0)), None)

    def last(self, group: LogGroupName, stream: str) -> LogEvent | None:
        """The event that stands last."""
        for path in reversed(self._paths(group, stream)):
            size = path.stat().st_size
            for reach in (65_536, size):
                found = list(_read(path, _line_behind(path, max(0, size - reach))))
                if found:
                    return found[-1]
        return None

    def events(
        self,
        group: LogGroupName,
        streams: Iterable[str],
        start: int,
        end: int,
        *,
        settled: int,
        unordered: Container[str] = (),
    ) -> Iterator[LogEvent]:
        """The events of these streams with start <= instant < end, in their order.

        Of the `unordered` streams (those that users write) every event in reach is held at one time. Of the others, which
        several workers write at one time, only what happened before `settled` is told: when every worker has written
        what it knows of an instant, nothing comes before what was told.
        """
        return heapq.merge(
            *(
                iter(sorted(self._of(group, name, start, end, ordered=False)))
                if name in unordered
                else self._of(group, name, start, min(end, settled), ordered=True)
                for name in streams
            )
        )

    def _of(self, group: LogGroupName, stream: str, start: int, end: int, *, ordered: bool) -> Iterator[LogEvent]:
        for path in self._paths(group, stream):
            for event in _read(path, _seek(path, start) if ordered else 0):
                if ordered and event.timestamp >= end:
                    return
                if start <= event.timestamp < end:
                    yield event

    def append(self, group: LogGroupName, stream: str, events: Iterable[tuple[int, str]], ingested: int) -> None:
        """Write what a user sent, behind what is there."""
        folder = self._folder / group.folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        paths = self._paths(group, stream)
        block = "".join(f"{json.dumps([instant, text, ingested])}\n" for instant, text in events).encode()
        number = _sequence(paths[-1]) if paths else 1
        if paths and paths[-1].stat().st_size + len(block) > _FILE_BYTES:
            number += 1
        path = folder / f"{stream}-{number:08d}.jsonl"
        path.touch(mode=0o600)
        with path.open("ab") as file:
            file.write(block)
        for old in self._paths(group, stream)[:-_FILES]:
            old.unlink(missing_ok=True)

    def delete(self, group: LogGroupName, stream: str | None = None) -> None:
        """Forget a stream, or the group. A worker that has more to write begins anew."""
        for path in self._paths(group, stream):
            path.unlink(missing_ok=True)
        if stream is None:
            shutil.rmtree(self._folder / group.folder, ignore_errors=True)

    def drop_before(self, group: LogGroupName, instant: float) -> int:
        """Remove the files that nothing was written to since; how many there were."""
        dropped = 0
        for path in self._paths(group):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < instant:
                    path.unlink()
                    dropped += 1
        return dropped

    def trim(self, limit: int) -> int:
        """Remove the files that were written longest ago until all take at most `limit` bytes; how many they were."""
        found = [(path.stat(), path) for path in self._folder.glob("*/*/*/*.jsonl")]
        total = sum(status.st_size for status, _ in found)
        dropped = 0
        for status, path in sorted(found, key=lambda each: each[0].st_mtime):
            if total <= limit:
                break
            path.unlink(missing_ok=True)
            total -= status.st_size
            dropped += 1
        return dropped

    def _paths(self, group: LogGroupName, stream: str | None = None) -> list[Path]:
        name = "*" if stream is None else stream
        return sorted((self._folder / group.folder).glob(f"{name}-*.jsonl"))


#: For those who have no logs: nothing is below a device, and nothing can be made there.
NO_LOGS: Final = LogFiles(Path(os.devnull) / "groups")


def _sequence(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _read(path: Path, offset: int) -> Iterator[LogEvent]:
    """The events of a file from the line at an offset on."""
    stream, _, number = path.stem.rpartition("-")
    sequence = int(number)
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            with suppress(ValueError, TypeError, LookupError):
                values = json.loads(line)
                ingested = values[2] if len(values) > 2 else values[0]
                yield LogEvent(int(values[0]), stream, sequence, offset, str(values[1]), int(ingested))
            offset += len(line)


def _line_behind(path: Path, offset: int) -> int:
    """Where the first line begins that does so at this offset or behind it."""
    if offset == 0:
        return 0
    with path.open("rb") as file:
        file.seek(offset - 1)
        return offset - 1 + len(file.readline())


def _seek(path: Path, start: int) -> int:
    """The offset of a line from which on every event may be at `start` or later: found by halving."""
    low, high = 0, path.stat().st_size
    while high - low > 65_536:
        middle = _line_behind(path, (low + high) // 2)
        event = next(_read(path, middle), None)
        if event is None or event.timestamp >= start:
            high = (low + high) // 2
        else:
            low = event.offset
    return low
