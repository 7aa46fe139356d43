"""What one cause is, and the forms that many of them share."""

from dataclasses import dataclass
from enum import Enum


class Spelling(Enum):
    """How the service spells an error body (facts 2.5, recorded)."""

    COMPACT = '{"message":%s}'  # the front door: addressing, authorization, metering
    SPACED = '{"message": %s}'  # the execution engine: validation, mapping, integration
    CAPITAL = '{"Message":%s}'  # ACCESS_DENIED


class Evidence(Enum):
    """How we know what the real service answers; the value is said to users."""

    RECORDED = "recorded from Amazon API Gateway"
    DOCUMENTED = "documented by AWS"
    SEEN = "reported by users of Amazon API Gateway"
    GUESSED = "a guess: AWS does not say"
    OURS = "Gatewright's own"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause. `message` is `$context.error.message`; None is JSON null, as the service sends for authorizers."""

    code: str
    response_type: str
    status: int
    error_type: str
    message: str | None
    spelling: Spelling
    summary: str
    remedy: str
    evidence: Evidence
    citation: str
    log: str | None = None  # the execution log's literal line
    traced: bool = False  # the answer carries X-Amzn-Trace-Id (facts 2.5: seen on validation errors and timeouts)


def front(
    code: str,
    response_type: str,
    error_type: str,
    message: str,
    *,
    summary: str,
    remedy: str,
    evidence: Evidence,
    citation: str,
) -> Reason:
    """The front door refuses: 403, in compact spelling."""
    return Reason(code, response_type, 403, error_type, message, Spelling.COMPACT, summary, remedy, evidence, citation)


def configuration(
    code: str, response_type: str, *, summary: str, remedy: str, evidence: Evidence, citation: str, log: str
) -> Reason:
    """The API is configured so that it cannot be served: 500, and a log line of its own (facts 7.8)."""
    line = f"Execution failed due to configuration error: {log}"
    return Reason(
        code,
        response_type,
        500,
        "InternalServerErrorException",
        "Internal server error",
        Spelling.SPACED,
        summary,
        remedy,
        evidence,
        citation,
        line,
    )
