"""From evidence to findings: every check is run, the deciding finding stands first, the verdict follows.

What this module knows: which finding decides. Of those that no other finding explains, the first problem on the walk
from client to backend; what it explains is listed as a note, since it will go away with it. "Could not look" is never
"fine": where nothing is wrong and a step could not be looked at, the verdict is `unknown`.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from gatewright.doctor.check import STEPS, Link
from gatewright.doctor.checks import CHECKS
from gatewright.doctor.checks.authorization import RECORDED_REFUSAL
from gatewright.doctor.checks.mutual_tls import code_of_refusal
from gatewright.doctor.evidence import Evidence, Unknown
from gatewright.doctor.finding import Finding, Outcome, Remedy

#: The code of a step that could not be looked at.
COULD_NOT_LOOK: Final = "COULD_NOT_LOOK"
#: The code of an answer of the gateway's own that no check explains.
ANSWER_UNEXPLAINED: Final = "ANSWER_UNEXPLAINED"

_RANK: Final = {
    Outcome.PROBLEM: 0, Outcome.BROKEN: 1, Outcome.UNKNOWN: 2, Outcome.WARNING: 3, Outcome.NOTE: 4,
}  # fmt: skip


class Diagnosis(NamedTuple):
    """What was found: `problem`, `unknown` or `ok`, and the findings, the deciding one first."""

    verdict: str
    findings: tuple[Finding, ...]


def examine(evidence: Evidence) -> Diagnosis:
    """The diagnosis of the evidence."""
    found: list[tuple[Link, Finding, tuple[str, ...]]] = []
    for check in CHECKS:
        finding = check.run(evidence)
        if finding is not None:
            found.append((check.link, finding, check.after))
    recorded = _examine_record(evidence)
    if recorded is not None:
        found.append((Link.CLIENT, recorded, ()))
    present = {finding.code for _, finding, _ in found}
    ordered = [
        (link, replace(finding, outcome=Outcome.NOTE) if present & set(after) else finding)
        for link, finding, after in found
    ]
    ordered += [(STEPS.get(unknown.step, Link.CLIENT), _could_not_look(unknown)) for unknown in evidence.unknowns]
    if not any(finding.outcome is Outcome.PROBLEM for _, finding in ordered):
        unexplained = _unexplained(evidence)
        if unexplained is not None:
            ordered.append((Link.INTEGRATION, unexplained))
    ordered.sort(key=lambda pair: (_RANK[pair[1].outcome], pair[0]))
    findings = tuple(finding for _, finding in ordered)
    outcomes = {finding.outcome for finding in findings}
    if Outcome.PROBLEM in outcomes:
        return Diagnosis("problem", findings)
    if outcomes & {Outcome.UNKNOWN, Outcome.BROKEN}:
        return Diagnosis("unknown", findings)
    return Diagnosis("ok", findings)


def _could_not_look(unknown: Unknown) -> Finding:
    remedy = Remedy(
        f"Allow the action {unknown.action} to the caller; `gatewright doctor --iam-policy` prints all that is needed."
        if unknown.action
        else "See that it can be reached from here, and ask again."
    )
    evidence = (f"step {unknown.step}", *([f"missing permission {unknown.action}"] if unknown.action else []))
    return Finding(
        COULD_NOT_LOOK, Outcome.UNKNOWN, f"Could not look: {unknown.step}",
        f"The step {unknown.step} could not be looked at: {unknown.why}.", evidence, remedy,
    )  # fmt: skip


def _unexplained(evidence: Evidence) -> Finding | None:
    """A refusal of the gateway's own that nothing explains; what a backend answers is the backend's business."""
    answer, record = evidence.http, evidence.record
    if record is not None and "message" in record and "code" not in record:
        return Finding(
            ANSWER_UNEXPLAINED, Outcome.UNKNOWN, "The text is not explained",
            "The text tells of no cause that is known here.", (record["message"],),
            Remedy("Ask with the URL that was called, or with the request id (x-amzn-RequestId) of the answer."),
        )  # fmt: skip
    if answer is None or answer.status < 400 or not answer.error_type or not evidence.question.asks_for_resource:
        return None
    request_id = answer.headers.get("x-amzn-requestid", "")
    return Finding(
        ANSWER_UNEXPLAINED, Outcome.UNKNOWN, "The gateway's answer is not explained",
        f"The gateway answered {answer.status} {answer.error_type}, and no check knows why.",
        (f"{answer.status} {answer.body}", f"x-amzn-requestid {request_id or 'none'}"),
        Remedy(
            "Look at what the gateway recorded of the request.",
            (f"gatewright explain {request_id}",) if request_id else (),
        ),
    )  # fmt: skip


def _examine_record(evidence: Evidence) -> Finding | None:
    if evidence.record is None:
        return None
    found = RECORDED_REFUSAL(evidence)
    if found is None:
        return None
    code = evidence.record["code"]
    code = code_of_refusal(code) if code.startswith("CLIENT_") else code
    return Finding(code, Outcome.PROBLEM, "The gateway refused the request", found.cause, found.evidence,
                   Remedy(found.remedy, found.commands))  # fmt: skip
