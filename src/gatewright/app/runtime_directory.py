"""The private folder of one running installation, where its local sockets lie.

What this module knows: a Unix socket's path has room for 107 bytes on Linux and 103 on macOS (unix(7)), so the folder is
not in the data directory, whose path may be long, but in the user's runtime folder or the system's temporary one. The
data directory has a link to it; by that link, a start removes what a killed predecessor left.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_PREFIX: Final = "gatewright-"

#: The longest name that we put into the folder, `/worker-255.sock`, must still fit; see above.
_LONGEST_FOLDER: Final = 103 - len("/worker-255.sock")


class RuntimeDirectoryRefused(Exception):
    """There is no folder for the local sockets; the text is a sentence that names what was tried."""


@dataclass(frozen=True, slots=True)
class RuntimeDirectory:
    """A folder of our user alone, for as long as the supervisor lives."""

    path: Path
    link: Path

    @classmethod
    def make(cls, data_directory: Path) -> Self:
        """A new folder; to be called by the holder of the data directory's lock, since it removes an older one."""
        link = data_directory / "run"
        try:
            _remove(link)
            path = _make_folder()
        except OSError as error:
            why = error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"
            raise RuntimeDirectoryRefused(
                f"No folder for the local sockets can be made ({why}); set "
                "XDG_RUNTIME_DIR to a folder of your own with room."
            ) from None
        try:
            link.symlink_to(path)
        except OSError as error:
            path.rmdir()
            raise RuntimeDirectoryRefused(
                f"The link {link} to the folder of the local sockets cannot be made ({error.strerror}); see that the "
                "data directory can be written to, has room, and has nothing else of that name."
            ) from None
        return cls(path, link)

    @property
    def feed(self) -> str:
        """Where workers connect to be told of changes."""
        return str(self.path / "feed.sock")

    def worker(self, number: int) -> str:
        """Where a worker takes requests from the control process."""
        return str(self.path / f"worker-{number}.sock")

    @property
    def clock(self) -> Path:
        """The file by which the clock is moved, where that is allowed."""
        return self.path / "clock"

    @property
    def usage_report(self) -> Path:
        """The directory of what GetUsage reports, where that lags behind."""
        return self.path / "usage"

    def remove(self) -> None:
        """The folder and the link to it are gone."""
        _remove(self.link)


def _make_folder() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = Path(base).is_absolute() and os.access(base, os.W_OK | os.X_OK)
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base if usable else None))
    if len(str(path)) <= _LONGEST_FOLDER:
        return path
    path.rmdir()
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir="/tmp"))


def _remove(link: Path) -> None:
    if not link.is_symlink():
        return
    target = link.readlink()
    # The link is in a folder of ours, but nothing that does not look like our own making is ever removed.
    with contextlib.suppress(OSError):
        if target.name.startswith(_PREFIX) and target.lstat().st_uid == os.getuid() and not target.is_symlink():
            shutil.rmtree(target, ignore_errors=True)
    link.unlink(missing_ok=True)
