"""The request journal on disk: lines gathered, written in blocks, bounded in size.

Each worker appends to its own files `{folder}/worker-{number}-{sequence}.jsonl`. A file is closed when it has grown
enough and the oldest are removed, so the journal has a bound and a crash loses at most one interval's lines. A full
disk loses lines, which are counted, and never a request.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_LOG = logging.getLogger(__name__)

#: How long a line may wait. Half of what a person needs to ask `explain` for the id they just saw.
FLUSH_SECONDS: Final = 0.05
#: 4 files of 16 MB a worker: some 130,000 requests to look back on.
_FILE_BYTES: Final = 16 * 1024 * 1024
_FILES: Final = 4
#: Lines waiting for a disk that does not answer; beyond this they are dropped and counted.
_MAX_WAITING: Final = 100_000


class Journal:
    """The journal of one worker. `flush` is called by a timer of whoever owns it."""

    def __init__(self, folder: Path, worker: int, *, file_bytes: int = _FILE_BYTES, files: int = _FILES) -> None:
        self._folder = folder
        self._worker = worker
        self._file_bytes = file_bytes
        self._files = files
        self._lines: list[str] = []
        self._fd: int | None = None
        self._size = 0
        self.lost = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = [int(path.stem.rpartition("-")[2]) for path in self._paths()]
        self._sequence = max(taken, default=0)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"worker-{self._worker}-*.jsonl"))

    def append(self, line: str) -> bool:
        """Keep a line until the next flush. True when it is the first one waiting: time to set a timer."""
        lines = self._lines
        if len(lines) >= _MAX_WAITING:
            self.lost += 1
            return False
        lines.append(line)
        return len(lines) == 1

    def flush(self) -> None:
        """Write what waits."""
        if not self._lines:
            return
        block, count = "".join(self._lines).encode(), len(self._lines)
        self._lines = []
        try:
            if self._fd is None or self._size + len(block) > self._file_bytes:
                self._open_next()
            assert self._fd is not None
            written = 0
            while written < len(block):
                written += os.write(self._fd, block[written:])
            self._size += len(block)
        except OSError as error:
            if self._fd is not None:
                with suppress(OSError):
                    os.ftruncate(self._fd, self._size)  # no half of a line before those to come
            if self.lost == 0:
                _LOG.error("The request journal in %s cannot be written: %s. Lines are lost.", self._folder, error)
            self.lost += count

    def _open_next(self) -> None:
        self._close_file()
        self._sequence += 1
        path = self._folder / f"worker-{self._worker}-{self._sequence:08d}.jsonl"
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = 0
        for old in self._paths()[: -self._files]:
            old.unlink(missing_ok=True)

    def _close_file(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def close(self) -> None:
        """Write what waits and release the file."""
        self.flush()
        self._close_file()
