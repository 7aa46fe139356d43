"""CLOUDFRONT_NOT_DEPLOYED: a distribution that is on its way to the edge locations, or is disabled (facts 12)."""

from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, patch_distribution
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.finding import Outcome


def _not_deployed(evidence: Evidence) -> Found | None:
    front, answer, name = evidence.front, evidence.http, evidence.name
    if front is None or (front.enabled and front.status == "Deployed"):
        return None
    answered = answer is not None and 0 < answer.status < 500
    seen: tuple[str, ...] = (
        f"list-distributions: {front.id} {front.status}, {'enabled' if front.enabled else 'disabled'}",
    )
    seen += (f"the answer was {answer.status}",) if answer and answer.status else ()
    seen += (f"{name.resolver} knows no address",) if name and not name.addresses else ()
    if front.enabled:
        return Found(
            f"The distribution {front.id} is being deployed: some edge locations have its configuration and some do not.",
            seen, "Wait until it is deployed.",
            (aws("cloudfront", "wait", "distribution-deployed", "--id", front.id),),
            Outcome.WARNING if answered else None,
        )  # fmt: skip
    return Found(
        f"The distribution {front.id} is disabled and answers nobody.", seen,
        "Enable the distribution.", patch_distribution(front.id, ".Enabled = true"),
    )  # fmt: skip


CLOUDFRONT_NOT_DEPLOYED: Final = Check(
    "CLOUDFRONT_NOT_DEPLOYED", Link.DNS, "The distribution is not deployed", "facts 12", _not_deployed
)
