"""The request journal on disk: lines gathered, written in blocks, bounded in size.

Each worker appends to its own files `{folder}/worker-{number}-{sequence}.jsonl`. A file is closed when it has grown
enough and the oldest are removed, so the journal has a bound and a crash loses at most one interval's lines. A full
disk loses lines, which are counted, and never a request.
"""

import logging
from pathlib import Path
from typing import Final

from gatewright.dataplane.bounded_files import FILE_BYTES, FILES, BoundedFiles

_LOG = logging.getLogger(__name__)

#: How long a line may wait. Half of what a person needs to ask `explain` for the id they just saw.
FLUSH_SECONDS: Final = 0.05
#: Lines waiting for a disk that does not answer; beyond this they are dropped and counted.
_MAX_WAITING: Final = 100_000


class Journal:
    """The journal of one worker. `flush` is called by a timer of whoever owns it.

    By default 4 files of 16 MB a worker: some 130,000 requests to look back on.
    """

    def __init__(self, folder: Path, worker: int, *, file_bytes: int = FILE_BYTES, files: int = FILES) -> None:
        self._folder = folder
        self._files = BoundedFiles(folder, f"worker-{worker}", file_bytes=file_bytes, files=files)
        self._lines: list[str] = []
        self.lost = 0

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
            self._files.write(block)
        except OSError as error:
            if self.lost == 0:
                _LOG.error("The request journal in %s cannot be written: %s. Lines are lost.", self._folder, error)
            self.lost += count

    def close(self) -> None:
        """Write what waits and release the file."""
        self.flush()
        self._files.close()
