"""Log groups and their streams; the lines themselves lie beside (`gatewright.store.log_files`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group that somebody made, or of which somebody set something. Its events are in files, not in the store."""

    KIND: ClassVar[str] = "log_group"

    account: str
    region: str
    name: str
    created_date: float
    retention_in_days: int | None = None
    deletion_protection_enabled: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(group name,)."""
        return (self.name,)

    @property
    def arn(self) -> str:
        """Without the `:*` that older answers have at its end."""
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.name}"


@dataclass(frozen=True, slots=True)
class LogStream:
    """A log stream that a user made; those of workers are told by their files alone."""

    KIND: ClassVar[str] = "log_stream"

    account: str
    region: str
    group: str
    name: str
    created_date: float

    @property
    def key(self) -> tuple[str, ...]:
        """(group name, stream name)."""
        return (self.group, self.name)
