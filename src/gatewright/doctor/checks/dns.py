"""Does the name lead to the domain name's own target? (seed 000: "why was the wrong certificate returned")

What this module knows: a custom domain name's record has to lead to `d-….execute-api…` (Regional) or to the
distribution (edge), as CNAME or alias; never to a stage URL's host or to an address. An alias is answered as addresses,
so without the hosted zone it can only be told from an address by comparing with what the target itself resolves to.

One judgement, `judge_dns`, gives one verdict; each check reports its own.
"""

from typing import Final, NamedTuple

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import point_dns
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.names import is_gateway_target, parse_default_endpoint

_SOURCE: Final = "seed 000, steps 2 to 6; facts 1.7"


class DnsVerdict(NamedTuple):
    """What is wrong with the name, and what it leads to instead."""

    code: str
    pointed_at: str


def judge_dns(evidence: Evidence) -> DnsVerdict | None:
    """What is wrong, or None: nothing, or nothing that can be told."""
    name, question = evidence.name, evidence.question
    if name is None or question.http_host != question.host:
        return None
    if parse_default_endpoint(question.host):
        return None if name.addresses else DnsVerdict("DNS_MISSING", "nothing")
    if evidence.front is not None:
        return None  # it leads to the account's own distribution, as it is meant to
    if evidence.domains == ():
        return None  # there is nothing that it could lead to: the domain name is missing
    targets = {target for target, _ in evidence.domain.targets} if evidence.domain else set()
    aliases = {record.alias for record in evidence.zone.records if record.alias} if evidence.zone else set()
    values = {value.rstrip(".").lower() for record in (evidence.zone.records if evidence.zone else ())
              for value in record.values}  # fmt: skip
    zone_is_right = bool(targets & (aliases | values))
    found = _judge_answer(evidence, targets, aliases, values)
    if found is not None and zone_is_right:
        return DnsVerdict("DNS_NOT_PROPAGATED", found.pointed_at)
    return found


def _judge_answer(evidence: Evidence, targets: set[str], aliases: set[str], values: set[str]) -> DnsVerdict | None:
    name = evidence.name
    assert name is not None, "judge_dns has looked"
    if targets & set(name.canonical_names):
        return None
    addresses = set(name.addresses)
    expected = {address for target in targets for address in evidence.target_addresses.get(target, ())}
    for pointed_at in name.canonical_names:
        if parse_default_endpoint(pointed_at):
            return DnsVerdict("DNS_POINTS_TO_STAGE_URL", pointed_at)
    # A zone of the account says what the record is; its alias is the only sign that the answer itself does not have.
    for alias in sorted(aliases - targets):
        if parse_default_endpoint(alias):
            return DnsVerdict("DNS_POINTS_TO_STAGE_URL", alias)
        if is_gateway_target(alias):
            return _other(evidence, alias)
    if name.canonical_names:
        last = name.canonical_names[-1]
        if targets and (is_gateway_target(last) or not addresses & expected):
            return _other(evidence, last)
        return None
    if not addresses:
        return DnsVerdict("DNS_MISSING", "nothing")
    if not targets or addresses & expected or (not values and _serves_the_name(evidence)):
        return None
    return DnsVerdict("DNS_POINTS_TO_ADDRESS", ", ".join(sorted(addresses)))


def _other(evidence: Evidence, pointed_at: str) -> DnsVerdict:
    others = evidence.domains[1:] if evidence.domains else ()
    if any(pointed_at == target for other in others for target, _ in other.targets):
        return DnsVerdict("CERT_SHADOWED_BY_FQDN", pointed_at)
    return DnsVerdict("DNS_POINTS_TO_OTHER_TARGET", pointed_at)


def _serves_the_name(evidence: Evidence) -> bool:
    """Whatever is at that address answers for the name: a target whose addresses change, or a front of the user's."""
    if evidence.led_nowhere is not None:
        return False
    return (
        evidence.tls is not None and evidence.tls.error is None and not evidence.tls.faults and bool(evidence.tls.chain)
    )


def _seen(evidence: Evidence) -> tuple[str, ...]:
    name, domain = evidence.name, evidence.domain
    assert name is not None, "only asked when there was an answer"
    leads = " → ".join((evidence.question.host, *name.canonical_names, ", ".join(name.addresses) or "no address"))
    lines = [f"{name.resolver} answers {name.status}: {leads}"]
    if domain is not None:
        lines += [f"GetDomainName: {domain.name} has the target {target}" for target, _ in domain.targets]
    if evidence.zone is not None:
        lines += [
            f"hosted zone {evidence.zone.zone_id}: {record.name} {record.type} {record.alias or ' '.join(record.values)}"
            for record in evidence.zone.records
        ]
    return tuple(lines)


def _report(evidence: Evidence, code: str, cause: str, remedy: str) -> Found | None:
    verdict = judge_dns(evidence)
    if verdict is None or verdict.code != code:
        return None
    targets = evidence.domain.targets if evidence.domain else ()
    facts = {
        "host": evidence.question.host,
        "pointed_at": verdict.pointed_at,
        "resolver": evidence.name.resolver if evidence.name else "",
        "target": targets[0][0] if targets else "the API Gateway domain name that get-domain-name shows",
    }
    return Found(cause.format_map(facts), _seen(evidence), remedy.format_map(facts), point_dns(evidence))


_POINT: Final = "Let the DNS record of {host} lead to {target}, as an alias or CNAME."


def _missing(evidence: Evidence) -> Found | None:
    return _report(evidence, "DNS_MISSING", "{resolver} knows no address of {host}.",
                   "Make a DNS record for {host} that leads to {target}.")  # fmt: skip


def _stage_url(evidence: Evidence) -> Found | None:
    cause = "{host} leads to {pointed_at}, the host of a stage URL, whose certificate is not that of {host}."
    return _report(evidence, "DNS_POINTS_TO_STAGE_URL", cause, _POINT)


def _address(evidence: Evidence) -> Found | None:
    cause = "{host} leads to the fixed address {pointed_at}, which is none of {target}."
    return _report(evidence, "DNS_POINTS_TO_ADDRESS", cause, _POINT)


def _other_target(evidence: Evidence) -> Found | None:
    cause = "{host} leads to {pointed_at}, and the domain name's own target is {target}."
    return _report(evidence, "DNS_POINTS_TO_OTHER_TARGET", cause, _POINT)


def _not_propagated(evidence: Evidence) -> Found | None:
    cause = "The hosted zone has the right record for {host}, and {resolver} still leads to {pointed_at}."
    remedy = (
        "Wait for the old record's time to live to pass; if it lasts, compare the name servers of the hosted zone with "
        "those that the domain's registrar names."
    )
    found = _report(evidence, "DNS_NOT_PROPAGATED", cause, remedy)
    # The record is right already: there is nothing to change.
    return Found(found.cause, found.evidence, found.remedy) if found else None


DNS_CHECKS: Final = (
    Check("DNS_MISSING", Link.DNS, "The name is not in the DNS", _SOURCE, _missing),
    Check("DNS_POINTS_TO_STAGE_URL", Link.DNS, "The name leads to a stage URL", _SOURCE, _stage_url),
    Check("DNS_POINTS_TO_ADDRESS", Link.DNS, "The name leads to a fixed address", _SOURCE, _address),
    Check("DNS_POINTS_TO_OTHER_TARGET", Link.DNS, "The name leads to another target", _SOURCE, _other_target),
    Check("DNS_NOT_PROPAGATED", Link.DNS, "The resolver has not seen the new record yet", _SOURCE, _not_propagated),
)
