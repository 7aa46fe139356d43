"""The shape of a check: what it is called, which link of the walk it belongs to, where its rule stands, and `examine`.

The rules this file keeps: `examine` is a pure function of the evidence. It returns None when it does not apply or has
nothing to say. When a check raises, that is our bug: it becomes a finding of its own and hides none of the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from gatewright.doctor.evidence import Evidence
from gatewright.doctor.finding import Finding, Outcome, Remedy


class Link(IntEnum):
    """The links from client to backend in the order in which a request meets them (DESIGN 9)."""

    CLIENT = 0
    DNS = 1
    TCP = 2
    TLS = 3
    DOMAIN = 4
    MAPPING = 5
    STAGE = 6
    METHOD = 7
    AUTHORIZATION = 8
    THROTTLE = 9
    INTEGRATION = 10
    BACKEND = 11


#: The steps that evidence can be missing for, by the link that they look at.
STEPS: Final[Mapping[str, Link]] = {
    "dns": Link.DNS,
    "zone": Link.DNS,
    "vpc-endpoint": Link.DNS,
    "tcp": Link.TCP,
    "tls": Link.TLS,
    "http": Link.INTEGRATION,
    "front": Link.DOMAIN,
    "origin": Link.DOMAIN,
    "domain": Link.DOMAIN,
    "certificate": Link.DOMAIN,
    "truststore": Link.DOMAIN,
    "mapping": Link.MAPPING,
    "api": Link.STAGE,
    "caller": Link.AUTHORIZATION,
    "signer": Link.AUTHORIZATION,
    "limits": Link.THROTTLE,
    "execution-log": Link.THROTTLE,
    "integration": Link.INTEGRATION,
    "backend": Link.BACKEND,
    "request": Link.CLIENT,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What `examine` returns: the check adds code, title and outcome."""

    cause: str
    evidence: tuple[str, ...] = ()
    remedy: str = ""
    commands: tuple[str, ...] = ()
    outcome: Outcome | None = None  # None: the check's own


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. `after` names codes whose findings explain this one: beside them it is only their consequence."""

    code: str
    link: Link
    title: str
    source: str
    examine: Callable[[Evidence], Found | None]
    outcome: Outcome = Outcome.PROBLEM
    after: tuple[str, ...] = ()

    def run(self, evidence: Evidence) -> Finding | None:
        """The finding, if there is one."""
        try:
            found = self.examine(evidence)
        except Exception as error:  # noqa: BLE001  one broken check must not hide the others
            return Finding(
                self.code, Outcome.BROKEN, self.title, f"The check itself failed ({error!r}). This is a bug of Gatewright.",
                remedy=Remedy("Report it with the output of `gatewright doctor … --json`."),
            )  # fmt: skip
        if found is None:
            return None
        remedy = Remedy(found.remedy, found.commands)
        return Finding(self.code, found.outcome or self.outcome, self.title, found.cause, found.evidence, remedy)
