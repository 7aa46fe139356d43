"""The memory that the workers of a node meter in: files in `{data-dir}/meters`, mapped by every process.

    head       a page: which generation of the slots is in use, how many ledgers there are, and the lock
    slots.{n}  the n-th generation of the slots (`dataplane/slots.py`)
    ledgers    what keys have used (`dataplane/ledgers.py`)

What is written is the kernel's at once: it outlives every process, however that ends. (It does not outlive a loss of
power: the kernel writes pages to the disk when it likes, and meters do not wait for that.) Everything is aligned words
of eight bytes, and of four for days, which are written whole or not at all.

Without a directory the memory is this process's alone: for what needs meters and shares them with nobody.
"""

import mmap
import os
import shutil
from pathlib import Path
from typing import Final

from gatewright.dataplane.robust_lock import FileLock, Lock, RobustMutex

#: Changed when the layout does: meters of another layout begin anew.
_LAYOUT: Final = 0x67_77_6D_74_72_01
_FILES: Final = ("head", "slots", "ledgers")
_HEAD_BYTES: Final = 4_096
_LOCK_AT: Final = 128

#: Words of the head; the first one is the layout.
GENERATION: Final = 1
LEDGERS: Final = 2
HAND: Final = 3  # the ledger that is looked at next for one that can be taken again


class MeterMemory:
    """The files, mapped."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._private: dict[str, mmap.mmap] = {}  # without a directory
        self._head = self.map("head", _HEAD_BYTES)
        if directory is None:
            _make_lock(self._head)
        self.words: memoryview[int] = memoryview(self._head).cast("q")
        self.lock = self._find_lock()

    def map(self, name: str, size: int) -> mmap.mmap:
        """A file of at least that size, mapped whole; it is made if it is not there."""
        if self._directory is None:
            return self._map_private(name, size)
        descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < size:
                # With its blocks: on a full disk this fails, and writing to a page without a block would kill us.
                os.posix_fallocate(descriptor, 0, size)
            return mmap.mmap(descriptor, 0)
        finally:
            os.close(descriptor)

    def _map_private(self, name: str, size: int) -> mmap.mmap:
        before = self._private.get(name)
        if before is not None and len(before) >= size:
            return before
        mapped = mmap.mmap(-1, size)
        if before is not None:
            mapped[: len(before)] = before[:]
        self._private[name] = mapped
        return mapped

    def remove(self, name: str) -> None:
        """The file need not be kept; who has mapped it keeps it."""
        if self._directory is None:
            self._private.pop(name, None)
        else:
            (self._directory / name).unlink(missing_ok=True)

    def copy_to(self, directory: Path) -> None:
        """The files, into a directory that is there; to be called by the holder of the lock."""
        if self._directory is None:
            raise ValueError("meters without files cannot be copied")
        for file in self._directory.iterdir():
            if file.name.partition(".")[0] in _FILES:  # beside them are others, which come and go
                shutil.copyfile(file, directory / file.name)

    def _find_lock(self) -> Lock:
        if RobustMutex.is_available():
            return RobustMutex(self._head, _LOCK_AT)
        if self._directory is None:
            raise OSError("this platform has no robust mutexes, and meters without files have nothing else to lock")
        return FileLock(os.open(self._directory / "head", os.O_RDWR | os.O_CLOEXEC))


def prepare_meters(directory: Path) -> None:
    """Make the memory usable: called once, before any process opens it.

    The lock is made anew, since its holder may have gone with the whole machine; what was counted stays.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = directory / "head"
    if head.exists() and head.read_bytes()[:8] != _LAYOUT.to_bytes(8, "little"):
        for each in directory.iterdir():
            each.unlink()
    descriptor = os.open(head, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, _HEAD_BYTES)
        with mmap.mmap(descriptor, _HEAD_BYTES) as memory:
            _make_lock(memory)
            memory[:8] = _LAYOUT.to_bytes(8, "little")
            generation = int.from_bytes(memory[8:16], "little")
    finally:
        os.close(descriptor)
    for left in directory.glob("slots.*"):
        if left.name != f"slots.{generation}":
            left.unlink()


def _make_lock(memory: mmap.mmap) -> None:
    if RobustMutex.is_available():
        RobustMutex.make(memory, _LOCK_AT)
