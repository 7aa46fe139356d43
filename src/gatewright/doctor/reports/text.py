"""The report for a person at a terminal: the broken link first, with what mends it; then what else was seen."""

from collections.abc import Callable, Iterator

from gatewright.doctor.evidence import Evidence
from gatewright.doctor.examine import Diagnosis
from gatewright.doctor.finding import Finding, Outcome

_VERDICTS = {
    "ok": "{target} is healthy.",
    "problem": "{target} has a problem.",
    "unknown": "{target}: it could not be told whether all is well.",
}


def render_text(
    evidence: Evidence, diagnosis: Diagnosis, address: Callable[[str], str] = lambda command: command
) -> Iterator[str]:
    """The lines of the report."""
    yield _VERDICTS[diagnosis.verdict].format(target=printable(evidence.question.target))
    if diagnosis.verdict == "ok" and evidence.http is not None:
        yield f"  {evidence.question.method} {evidence.question.path} was answered {evidence.http.status}."
    for number, finding in enumerate(diagnosis.findings):
        yield ""
        yield from _render(finding, address, whole=number == 0 or finding.outcome is not Outcome.NOTE)


def _render(finding: Finding, address: Callable[[str], str], *, whole: bool) -> Iterator[str]:
    yield f"{finding.outcome.value:9}{finding.code}: {finding.title}"
    yield f"  {printable(finding.cause)}"
    if not whole:
        return
    for line in finding.evidence:
        yield f"    seen: {printable(line)}"
    if finding.remedy.text:
        yield f"  To mend it: {printable(finding.remedy.text)}"
    for command in finding.remedy.commands:
        yield f"    {printable(address(command))}"
    yield f"  More: gatewright kb {finding.code}"


def printable(text: str) -> str:
    """The text as a terminal may show it: servers and certificates choose their own characters."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
