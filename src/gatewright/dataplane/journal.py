"""The request journal on disk: lines gathered, written in blocks, bounded in size.

Each worker appends to its own files `{folder}/worker-{number}-{sequence}.jsonl`. A file is closed when it has grown
enough and the oldest are removed, so the journal has a bound and a crash loses at most one interval's lines. A full
disk loses lines, which are counted, and so does one that does not keep up; neither costs a request anything.
"""

import logging
from pathlib import Path
from threading import Lock
from typing import Final

from gatewright.dataplane.bounded_files import FILE_BYTES, FILES, BoundedFiles
from gatewright.dataplane.disk import Disk, do_now

_LOG = logging.getLogger(__name__)

#: How long a line may wait. Half of what a person needs to ask `explain` for the id they just saw.
FLUSH_SECONDS: Final = 0.05
#: Lines waiting for a disk that does not answer; beyond this they are dropped and counted.
_MAX_WAITING: Final = 100_000


class Journal:
    """The journal of one worker. `flush` is called by a timer of whoever owns it; `disk` is where the writing is done.

    By default 4 files of 16 MB a worker: some 130,000 requests to look back on.
    """

    def __init__(
        self, folder: Path, worker: int, *, file_bytes: int = FILE_BYTES, files: int = FILES, disk: Disk = do_now
    ) -> None:
        self._folder = folder
        self._disk = disk
        self._files = BoundedFiles(folder, f"worker-{worker}", file_bytes=file_bytes, files=files)
        self._lines: list[str] = []
        # Each of these has one writer: the loop, and the disk.
        self._handed_over = 0
        self._dealt_with = 0
        self._losing = Lock()
        self.lost = 0

    def append(self, line: str) -> bool:
        """Keep a line until the next flush. True when it is the first one waiting: time to set a timer."""
        lines = self._lines
        if len(lines) >= _MAX_WAITING:
            self._lose(1)
            return False
        lines.append(line)
        return len(lines) == 1

    def flush(self) -> None:
        """Have what waits written."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        if self._handed_over - self._dealt_with >= _MAX_WAITING:
            if self.lost == 0:
                _LOG.error("The request journal in %s is written too slowly. Lines are lost.", self._folder)
            self._lose(len(lines))
            return
        self._handed_over += len(lines)
        block = "".join(lines).encode()
        self._disk(lambda: self._write(block, len(lines)))

    def _write(self, block: bytes, count: int) -> None:
        try:
            self._files.write(block)
        except OSError as error:
            if self.lost == 0:
                _LOG.error("The request journal in %s cannot be written: %s. Lines are lost.", self._folder, error)
            self._lose(count)
        self._dealt_with += count

    def _lose(self, count: int) -> None:
        with self._losing:
            self.lost += count

    def close(self) -> None:
        """Have what waits written and the file released."""
        self.flush()
        self._disk(self._files.close)
