"""`{data-dir}/serve.json`: where a running installation can be reached, for commands beside it.

Written when everything accepts, removed at the end. After a kill -9 the file stays; it is believed only while a process
of the number that it names is alive.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from gatewright.app.private_file import write_private

NAME: Final = "serve.json"


@dataclass(frozen=True, slots=True)
class Serving:
    """One running installation."""

    pid: int
    control: str  # URL
    https: str  # URL
    suffix: str
    region: str
    account: str
    dns: str | None = None  # HOST:PORT; None: off

    def write(self, data_directory: Path) -> None:
        """Others can read it from now on."""
        write_private(data_directory / NAME, json.dumps(asdict(self), indent=2) + "\n")


def read_serving(data_directory: Path) -> Serving | None:
    """The installation that serves this directory now, or None."""
    try:
        serving = Serving(**json.loads((data_directory / NAME).read_text()))
        os.kill(serving.pid, 0)
    except (OSError, ValueError, TypeError):
        # Gone, cut off, written by another release, or its process is gone (a number that is another user's now too).
        return None
    return serving


def forget_serving(data_directory: Path) -> None:
    """Nobody serves this directory any more."""
    (data_directory / NAME).unlink(missing_ok=True)
