"""What a directory's problem documents (RFC 8555 section 6.7) mean for an order: give up, or ask again later.

The table has those that asking again cannot mend; each has the FailureReason of ACM's service model that says the same. All
others (a name server that did not answer, a limit, a fault of the directory) may be gone by the next attempt.
"""

from __future__ import annotations

from typing import Final, Protocol


class OrderRefused(Exception):
    """The directory will not issue this certificate; `reason` is the service model's FailureReason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class OrderDelayed(Exception):
    """There is no certificate yet; `retry_after` are the seconds that the directory asked to wait, or 0."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Problem(Protocol):
    """As the library reads them."""

    @property
    def code(self) -> str | None:
        """The type without `urn:ietf:params:acme:error:`."""

    @property
    def detail(self) -> str | None:
        """The directory's words."""

    @property
    def subproblems(self) -> tuple[Problem, ...] | None:
        """Section 6.7.1: what is wrong with each identifier."""


FINAL: Final = {
    "rejectedIdentifier": "DOMAIN_NOT_ALLOWED",
    "unsupportedIdentifier": "INVALID_PUBLIC_DOMAIN",
    "caa": "CAA_ERROR",
    "badCSR": "OTHER",
    "badPublicKey": "OTHER",
}


def judge_problem(problem: Problem, retry_after: float = 0.0, *, name: str = "") -> OrderRefused | OrderDelayed:
    """The error to raise; a subproblem that is final makes the whole final."""
    about = f"{name}: " if name else ""
    for each in (*(problem.subproblems or ()), problem):
        reason = FINAL.get(each.code or "")
        if reason is not None:
            return OrderRefused(reason, about + _describe(each))
    return OrderDelayed(about + _describe(problem), retry_after)


def _describe(problem: Problem) -> str:
    return f"{problem.detail or 'no details'} ({problem.code or 'no type'})"
