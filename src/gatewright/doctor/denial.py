"""The sentence with which a caller is refused that the gateway knows, read (facts 6.5)."""

import re
from typing import Final, NamedTuple

_DENIED: Final = re.compile(
    r"User: (?P<user>\S+) is not authorized to perform: execute-api:Invoke on resource: (?P<resource>[^\s\"\\]+)"
    r"(?P<why> (?:with an explicit deny|because no)[^\"\\]*)?"
)
_CALLED: Final = re.compile(
    r"arn:[\w-]+:execute-api:[\w-]+:[\d*]*:(?P<api>[a-z0-9]+)/(?P<stage>[^/]+)/[A-Z]+(?P<path>/.*)?"
)


class Denial(NamedTuple):
    """Who may not do what on which ARN, why (with the sentence's own words, if it has any), and the sentence."""

    user: str
    resource: str
    why: str
    said: str


class Called(NamedTuple):
    """What a method's ARN names."""

    api_id: str
    stage: str
    path: str


def parse_denial(text: str) -> Denial | None:
    """The denial in an answer's body or a pasted text; None when there is none."""
    found = _DENIED.search(text)
    return Denial(found["user"], found["resource"], (found["why"] or "").strip(), found[0]) if found else None


def parse_called(arn: str) -> Called | None:
    """API, stage and path of a called method's ARN; None of another."""
    found = _CALLED.fullmatch(arn)
    return Called(found["api"], found["stage"], found["path"] or "/") if found else None
