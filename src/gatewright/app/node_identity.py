"""What tells this node from others that share meters with it: a name that goes with what it has counted.

The name is beside the counts, with the number of the file that it is in. A copy of the directory is another file: it is
the beginning of another node, which has counted nothing yet.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def open_node(directory: Path) -> str:
    """The node's name; it is made if the directory has none, or another node's."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
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
