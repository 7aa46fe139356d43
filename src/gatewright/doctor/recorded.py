"""Causes that somebody else wrote down: the journal's record of a request, an execution log, a pasted error message.

What this module knows: the literal log lines of the catalogue of reasons (facts 7.8, 3.2), as patterns; what is filled
into them are the facts of that refusal.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from gatewright.core.reasons import CATALOGUE
from gatewright.doctor.checks.authorization import code_of_text


def _pattern(log: str) -> re.Pattern[str]:
    """The line with its facts as groups; one that stands at the end reaches to the next space."""
    pieces = re.split(r"\{([^{}]*)\}", log.replace("Execution failed due to configuration error: ", ""))
    parts: list[str] = []
    named: set[str] = set()
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts.append(re.escape(piece))
            continue
        ends_line = index == len(pieces) - 2 and not pieces[-1]
        anything = r"\S*" if ends_line else ".*?"
        parts.append(f"(?:{anything})" if piece in named else f"(?P<{piece}>{anything})")
        named.add(piece)
    return re.compile("".join(parts))


#: The longest first, so that a line that contains another's is not taken for it.
_LINES: Final = sorted(
    ((_pattern(reason.log), code) for code, reason in CATALOGUE.items() if reason.log and len(reason.log) > 20),
    key=lambda pair: -len(pair[0].pattern),
)


def read_refusal(record: Mapping[str, Any]) -> Mapping[str, str]:
    """Of a journal's record: the refusal's code, message and facts as texts; empty of a request that was not refused."""
    refusal = record.get("reason")
    names = {name: str(value) for name, value in record.items() if isinstance(value, str | int)}
    if not refusal:
        return {}
    return {**names, **refusal.get("facts", {}), "code": refusal["code"], "message": str(refusal.get("message") or "")}


def find_cause_in_text(text: str) -> Mapping[str, str] | None:
    """The cause that a log or an error message tells of; None when it tells of none that is known."""
    if (code := code_of_text(text)) is not None:
        return {"code": code, "message": text}
    for pattern, code in _LINES:
        if found := pattern.search(text):
            return {**found.groupdict(), "code": code, "message": found[0]}
    return None
