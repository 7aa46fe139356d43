"""Append-only files of one writer, bounded in number and size: `{folder}/{name}-{sequence}.jsonl`, the newest last.

A file is closed when it has grown enough and the oldest are removed. A block is written whole or not at all: what a full
disk took of it is taken back, so that no half of a line stands before those to come.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

#: 4 files of 16 MB.
FILE_BYTES: Final = 16 * 1024 * 1024
FILES: Final = 4


class BoundedFiles:
    """The files of one name. `continued`: the newest file is gone on with by the next writer, unless it is full.

    A file that somebody removed is noticed (`is_gone`), and another one begun.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        file_bytes: int = FILE_BYTES,
        files: int = FILES,
        continued: bool = False,
    ) -> None:
        self._folder = folder
        self._name = name
        self._file_bytes = file_bytes
        self._files = files
        self._continued = continued
        self._fd: int | None = None
        self._size = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sequence = self._newest()

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-*.jsonl"))

    def _newest(self) -> int:
        return max((int(path.stem.rpartition("-")[2]) for path in self._paths()), default=0)

    @property
    def is_gone(self) -> bool:
        """Whether the file that is written to was removed."""
        return self._fd is not None and os.fstat(self._fd).st_nlink == 0

    def write(self, block: bytes) -> None:
        """The block is in the files, or an `OSError` is raised and nothing of it is."""
        if self._continued and self.is_gone:
            self.close()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sequence = self._newest()
        if self._fd is None and self._continued:
            self._open_last()
        if self._fd is None or self._size + len(block) > self._file_bytes:
            self._open_next()
        assert self._fd is not None
        try:
            written = 0
            while written < len(block):
                written += os.write(self._fd, block[written:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += len(block)

    def _path(self) -> Path:
        return self._folder / f"{self._name}-{self._sequence:08d}.jsonl"

    def _open_last(self) -> None:
        """Go on with the newest file, behind its last whole line: its writer may have been killed within one."""
        if not self._sequence:
            return
        with suppress(FileNotFoundError):
            fd = os.open(self._path(), os.O_RDWR | os.O_APPEND)
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                os.write(fd, b"\n")
                size += 1
            self._fd, self._size = fd, size

    def _open_next(self) -> None:
        self.close()
        self._sequence += 1
        self._fd = os.open(self._path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = 0
        for old in self._paths()[: -self._files]:
            old.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
