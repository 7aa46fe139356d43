"""What a check says: an outcome, the cause in one sentence, what it was seen by, and the commands that mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The words of DESIGN 9. What a check finds nothing to say of is `ok` or `not applicable`, and is not reported."""

    OK = "ok"
    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"
    NOT_APPLICABLE = "not applicable"
    UNKNOWN = "unknown"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends it, in words and as commands for a POSIX shell."""

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or that could not be told. Its article in the knowledge base is that of its code."""

    code: str
    outcome: Outcome
    title: str
    cause: str
    evidence: tuple[str, ...] = ()
    remedy: Remedy = field(default_factory=lambda: Remedy(""))

    def to_document(self) -> Mapping[str, Any]:
        """The finding as the JSON report has it."""
        return {
            "code": self.code,
            "outcome": self.outcome.value,
            "title": self.title,
            "cause": self.cause,
            "evidence": list(self.evidence),
            "remedy": {"text": self.remedy.text, "commands": list(self.remedy.commands)},
            "article": self.code,
        }
