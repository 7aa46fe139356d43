"""Where things are kept: the data directory, and the database of records."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gatewright.settings.refusal import refuse


def default_data_dir(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The platform's folder for a user's data (XDG Base Directory Specification; Apple's File System Programming Guide)."""
    home = Path(environment.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / "gatewright"
    # The specification has relative paths ignored.
    given = Path(environment.get("XDG_DATA_HOME", ""))
    return (given if given.is_absolute() else home / ".local" / "share") / "gatewright"


def parse_data_dir(text: str | None) -> Path:
    """The data directory, absolute; it need not exist."""
    return (Path(text) if text else default_data_dir()).expanduser().absolute()


def parse_database(text: str | None) -> Path | None:
    """The path of an SQLite file, from `sqlite:///PATH` or a bare path; None for the one in the data directory."""
    if not text:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Path(text).expanduser().absolute()
    if scheme != "sqlite":
        refuse(
            "--database",
            f"expected sqlite:///PATH, found a URL of {scheme}, which is not served yet",
            "leave it out to keep records in the data directory",
        )
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path:
        refuse(
            "--database",
            f"expected three slashes and a path after sqlite:, found {text!r}",
            "write sqlite:////var/lib/gatewright.db for an absolute path",
        )
    return Path(path).expanduser().absolute()
