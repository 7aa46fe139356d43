"""What every proxy is given, and what it is once it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.certificate import ServedCertificate
from bench.children import accepts, running, wait_until

#: The name that clients use; the load generators are told its address, no name server is asked.
DOMAIN: Final = "api.bench.example"
#: The base path that the domain maps to the API. Peers, which know none, hand it on.
BASE_PATH: Final = "v1"


@dataclass(frozen=True)
class Site:
    """The surroundings of a proxy."""

    folder: Path
    certificate: ServedCertificate
    backend_port: int
    workers: int


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its TLS port, and the process whose tree does its work."""

    name: str
    port: int
    pid: int


@contextmanager
def running_proxy(name: str, command: Sequence[str], site: Site, port: int) -> Iterator[Proxy]:
    """The proxy of a fixed configuration accepts inside the block."""
    with running(name, command, site.folder) as process:
        wait_until(lambda: accepts(port), process, site.folder / f"{name}.log")
        yield Proxy(name, port, process.pid)
