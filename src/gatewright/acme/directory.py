"""What an order needs to know before it begins: which directory, as whom, and where TXT records can be put."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Directory:
    """Where certificates are ordered, and as whom. `ca_file` has the roots that its own TLS is verified by, if not usual."""

    url: str
    contact: str | None = None
    ca_file: Path | None = None


class Zone(Protocol):
    """Where TXT records for DNS-01 are put; both return when the record can be asked for."""

    def put(self, domain_name: str, value: str) -> None:
        """The value is at `_acme-challenge` of the domain name; raises `OrderDelayed` when there is no place for it."""

    def remove(self, domain_name: str, value: str) -> None:
        """It is there no longer."""
