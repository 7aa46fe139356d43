"""The data directory: where each file of an installation lies, and the lock that gives it to one `serve`.

What it keeps to: the directory is made for its owner alone. The lock is `flock` on a file that is never removed, so
it ends with the processes that hold it, however they die; the process id in the file is for people only.
"""

import errno
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from gatewright.store.port import StoreError, StoreLocked


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The places inside one data directory. Only the directory itself is known to exist."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Self:
        """The directory, made with mode 0700 if it is not there; one that is there keeps its mode."""
        absolute = path.expanduser().absolute()
        try:
            absolute.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise StoreError(f"the data directory {absolute} is a file: choose another --data-dir") from None
        except OSError as error:
            raise StoreError(f"the data directory {absolute} cannot be made: {error.strerror}") from error
        return cls(absolute)

    @property
    def lock_file(self) -> Path:
        """Locked by the `serve` that owns the directory; holds its process id."""
        return self.path / "lock"

    @property
    def credentials(self) -> Path:
        """Root credentials, in the AWS ini form, mode 0600."""
        return self.path / "credentials"

    @property
    def secret_key(self) -> Path:
        """The key that secrets in the database are sealed with, mode 0600."""
        return self.path / "secret.key"

    @property
    def database(self) -> Path:
        """Records, sealed secrets and the change log (SQLite)."""
        return self.path / "gatewright.db"

    @property
    def ca_certificate(self) -> Path:
        """The local certificate authority, PEM, for clients to trust."""
        return self.path / "ca.pem"

    @property
    def logs(self) -> Path:
        """The folder of all that is written of requests."""
        return self.path / "logs"

    @property
    def meters(self) -> Path:
        """The folder of token buckets and of what keys have used."""
        return self.path / "meters"

    @property
    def metrics(self) -> Path:
        """The folder of what was counted of requests, by stage and minute."""
        return self.path / "metrics"

    @property
    def metric_spool(self) -> Path:
        """The folder in which workers hand over what they counted."""
        return self.metrics / "spool"

    @property
    def log_groups(self) -> Path:
        """The folder of log groups: access and execution logs, and what users put there."""
        return self.logs / "groups"

    def lock(self) -> "DirectoryLock":
        """The directory is ours until the lock is released; `StoreLocked` if another process has it."""
        try:
            descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"the lock file {self.lock_file} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise StoreError(f"the lock file {self.lock_file} cannot be locked: {error.strerror}") from error
            raise StoreLocked(_explain_holder(self.lock_file, holder)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        # Processes that are started, not only forked, by the holder are part of what serves the directory.
        os.set_inheritable(descriptor, True)
        return DirectoryLock(self.lock_file, descriptor)


class DirectoryLock:
    """An exclusive lock that is held until `release`, or until every process that inherited it has ended."""

    __slots__ = ("_descriptor", "path")

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    def __repr__(self) -> str:
        return f"DirectoryLock({str(self.path)!r}, {'released' if self._descriptor is None else 'held'})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def fileno(self) -> int:
        """The descriptor that keeps the lock, to hand to a process that should keep it too."""
        assert self._descriptor is not None, "the lock was released"
        return self._descriptor

    def release(self) -> None:
        """This process no longer holds the lock. Others that inherited it still do, so release in the last one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _explain_holder(path: Path, holder: str) -> str:
    if not holder.isdecimal():
        return (
            f"{path} is held by another process: a gatewright already serves this data directory; "
            f"stop it or choose another --data-dir"
        )
    if _is_alive(int(holder)):
        return (
            f"{path} is held by process {holder}: a gatewright already serves this data directory; "
            f"stop it or choose another --data-dir"
        )
    return (
        f"{path} is held by a process that {holder} started before it ended: wait until that one has ended too, "
        f"or choose another --data-dir"
    )


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
