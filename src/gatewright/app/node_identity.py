"""What tells this node from others that share meters with it: a name that goes with what it has counted.

The name is beside the counts, with the number of the file that it is in. A copy of the directory is another file: it is
the beginning of another node, which has counted nothing yet.

Another file says that leases were taken. A node that then starts to meter by itself is not bound by them.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters

_SHARED: Final = "shared"


def join_nodes(directory: Path, *, shares: bool) -> str | None:
    """The meters in a directory are ready; the name by which others know this node, or None where it meters by itself."""
    prepare_meters(directory)
    if not shares:
        leave_others(directory)
        return None
    node = open_node(directory)
    prepare_meters(directory)  # of a copy nothing is left
    return node


def open_node(directory: Path) -> str:
    """The name of the node whose meters are in a directory; it is made if that has none, or another node's."""
    name = _open_name(directory)
    (directory / _SHARED).touch(mode=0o600)
    return name


def leave_others(directory: Path) -> None:
    """The node meters by itself from now on: what it was leased is no bound any more."""
    shared = directory / _SHARED
    if shared.exists():
        SharedMeters(directory).forget_leases()
        shared.unlink()


def _open_name(directory: Path) -> str:
    path = directory / "node"
    try:
        name, number = path.read_text(encoding="ascii").split()
        if int(number) == path.stat().st_ino:
            return name
    except FileNotFoundError:
        pass
    except ValueError:
        path.unlink()
    else:
        for each in directory.iterdir():
            each.unlink()
    name = secrets.token_hex(8)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{name} {os.fstat(descriptor).st_ino}\n")
    return name
