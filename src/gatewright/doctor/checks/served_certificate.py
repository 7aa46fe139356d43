"""Which certificate came back, and would the client take it? (seed 000; facts 1.7, 2.1 step 1)"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.pem import parse_pem_blocks
from gatewright.doctor.certificates import (
    EXPIRED,
    NOT_YET_VALID,
    covers,
    describe,
    find_time_fault,
    find_trust_fault,
    read_chain,
    render_instant,
)
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.dns import judge_dns
from gatewright.doctor.commands import aws, reimport, use_certificate
from gatewright.doctor.evidence import Domain, Evidence
from gatewright.doctor.finding import Outcome
from gatewright.doctor.names import is_default_certificate_name, parse_default_endpoint, region_of

#: A month is what AWS's own reminders give for what has to be renewed by hand (ACM's expiry events begin 45 days ahead).
_SOON: Final = timedelta(days=30)
_EDGE_REGION: Final = "us-east-1"
_LED_ASTRAY: Final = (
    "DOMAIN_NOT_FOUND", "DNS_POINTS_TO_STAGE_URL", "DNS_POINTS_TO_ADDRESS", "DNS_POINTS_TO_OTHER_TARGET",
    "DNS_NOT_PROPAGATED", "CERT_SHADOWED_BY_FQDN", "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN",
)  # fmt: skip
_WRONG_ONE: Final = (*_LED_ASTRAY, "CERT_DEFAULT_SERVED", "CERT_NAME_MISMATCH")


def _leaf(evidence: Evidence) -> CertificateFacts | None:
    chain = read_chain(evidence.tls)
    return chain[0] if chain else None


def _wrong_leaf(evidence: Evidence) -> CertificateFacts | None:
    leaf = _leaf(evidence)
    return leaf if leaf is not None and not covers(leaf, evidence.question.host) else None


def _stored(evidence: Evidence) -> CertificateFacts | None:
    """What ACM has for the domain name, where it could be read."""
    if evidence.certificate is None or not evidence.certificate.certificate:
        return None
    blocks = parse_pem_blocks(evidence.certificate.certificate.encode())
    try:
        return next((CertificateFacts.from_der(each.content) for each in blocks if each.content), None)
    except CertificateError:
        return None


def _where(evidence: Evidence) -> tuple[str, ...]:
    return (f"connected to {evidence.tcp.address}",) if evidence.tcp is not None else ()


def _is_default(leaf: CertificateFacts) -> bool:
    return any(is_default_certificate_name(name) for name in leaf.domain_names)


def _default_served(evidence: Evidence) -> Found | None:
    leaf = _wrong_leaf(evidence)
    if leaf is None or not _is_default(leaf):
        return None
    host, verdict = evidence.question.host, judge_dns(evidence)
    if evidence.tls is not None and evidence.tls.server_name is None:
        why, remedy = "the client sent no server name (SNI)", "Let the client connect by name, with SNI."
    elif parse_default_endpoint(host):
        why, remedy = f"{host} is a default endpoint of another region", "Correct the region in the name."
    elif verdict is not None:
        why, remedy = f"{host} leads to {verdict.pointed_at}", "Mend the DNS record first."
    elif evidence.domain is not None:
        why = f"the gateway that was reached does not have the domain name {evidence.domain.name}, which the API knows"
        remedy = "See that the address belongs to the region and account of the domain name."
    else:
        why = f"the gateway has no custom domain name that covers {host}"
        remedy = f"Create the custom domain name {host} with a certificate of its own."
    return Found(
        f"The gateway answered {host} with its default certificate, {leaf.domain_names[0]}, because {why}.",
        (f"server name {evidence.tls.server_name if evidence.tls else None}", describe(leaf)),
        remedy,
    )


def _reimport(evidence: Evidence) -> tuple[str, ...]:
    arn = evidence.domain.certificate_arn if evidence.domain else None
    return (reimport(arn),) if arn else ()


def _name_mismatch(evidence: Evidence) -> Found | None:
    leaf = _wrong_leaf(evidence)
    if leaf is None or _is_default(leaf):
        return None
    host, stored = evidence.question.host, _stored(evidence)
    told = f"The certificate that was served is for {', '.join(leaf.domain_names) or 'no name'}, which does not cover {host}"
    if stored is not None and covers(stored, host):
        return Found(
            f"{told}; the one that ACM has for the domain name does, so that somebody else has answered.",
            (
                describe(leaf),
                f"get-certificate {stored.subject}: for {', '.join(stored.domain_names)}",
                *_where(evidence),
            ),
            "See who answers there: a proxy that looks into TLS, or a server that has nothing to do with the gateway. The "
            "domain name's certificate is the right one.",
        )
    return Found(
        f"{told}.",
        (describe(leaf),),
        f"Have a certificate issued that covers {host}, and import it in place of the present one.",
        _reimport(evidence),
    )


def _outside_its_time(evidence: Evidence, number: int, cause: str, remedy: str) -> Found | None:
    """One finding for too old and too new, by OpenSSL's number for it."""
    chain = read_chain(evidence.tls)
    guilty = find_time_fault(evidence.tls, chain, number) if evidence.tls else None
    if guilty is None:
        return None
    who = guilty.subject or "that was served"
    said = cause.format(who=who, start=render_instant(guilty.not_before), end=render_instant(guilty.not_after))
    return Found(said, (f"now {evidence.now}", describe(guilty)), remedy, _reimport(evidence))


def _expired(evidence: Evidence) -> Found | None:
    cause = "The certificate {who} has expired at {end}."
    return _outside_its_time(evidence, EXPIRED, cause, "Renew it and import the new one in its place.")


def _not_yet_valid(evidence: Evidence) -> Found | None:
    cause = "The certificate {who} is not valid before {start}."
    remedy = "Set this machine's clock if it is wrong; otherwise wait, or import a certificate that is valid now."
    return _outside_its_time(evidence, NOT_YET_VALID, cause, remedy)


def _leads_nowhere(evidence: Evidence, causes: Mapping[str, str], remedy: str) -> Found | None:
    """One finding for a chain that leads to no trusted root: the causes by the kind of fault (`find_trust_fault`)."""
    chain = read_chain(evidence.tls)
    fault = find_trust_fault(evidence.tls, chain) if evidence.tls else None
    if fault is None or fault.kind not in causes:
        return None
    seen = (*map(describe, chain), *_openssl(evidence))
    return Found(causes[fault.kind].format(missing=fault.missing), seen, remedy, _reimport(evidence))


def _chain_incomplete(evidence: Evidence) -> Found | None:
    cause = (
        "The server does not send the certificate of {missing}, which issued the last one that it does send, and which is "
        "no root that the client trusts."
    )
    remedy = (
        "Import the certificate again with its whole chain, from the issuer's certificate up (fullchain without the "
        "leaf); if the issuer is a root of your own, give it to the client (--cacert)."
    )
    return _leads_nowhere(evidence, {"INCOMPLETE": cause}, remedy)


def _untrusted(evidence: Evidence) -> Found | None:
    causes = {
        "SELF_SIGNED": "The certificate that was served is self-signed, which the client does not trust.",
        "UNTRUSTED_ROOT": "The certificate that was served leads to the root {missing}, which the client does not trust.",
    }
    remedy = "Import a certificate of a publicly trusted authority, or give the root to the client (--cacert)."
    return _leads_nowhere(evidence, causes, remedy)


def _openssl(evidence: Evidence) -> tuple[str, ...]:
    faults = evidence.tls.faults if evidence.tls else ()
    return tuple(f"openssl: error {each.number} at {each.depth} depth lookup: {each.text}" for each in faults)


def _expires_soon(evidence: Evidence) -> Found | None:
    leaf, now = _leaf(evidence), datetime.fromisoformat(evidence.now)
    if leaf is None or not covers(leaf, evidence.question.host) or evidence.domain is None:
        return None
    # Certificates of a few days are renewed late in their life and are no news.
    margin = min(_SOON, (leaf.not_after - leaf.not_before) / 3)
    left = leaf.not_after - now
    if not timedelta() < left < margin:
        return None
    return Found(
        f"The certificate expires at {render_instant(leaf.not_after)}, in {left.days} days.",
        (f"now {evidence.now}", describe(leaf)),
        "Renew it and import the new one in its place.",
        _reimport(evidence),
    )


def _shadowed(evidence: Evidence) -> Found | None:
    verdict, leaf = judge_dns(evidence), _leaf(evidence)
    if verdict is None or verdict.code != "CERT_SHADOWED_BY_FQDN" or evidence.domains is None:
        return None
    own = evidence.domains[0]
    wildcard = next(
        other for other in evidence.domains[1:] if verdict.pointed_at in {target for target, _ in other.targets}
    )
    return Found(
        f"{evidence.question.host} leads to the wildcard domain name {wildcard.name}, and the certificate of the domain "
        f"name {own.name} is served, since the name itself comes before a wildcard.",
        (f"{evidence.question.host} → {verdict.pointed_at}, the target of {wildcard.name}",)
        + ((describe(leaf),) if leaf else ()),
        f"Delete the domain name {own.name} once {wildcard.name} has its mappings; if it is to stay, let the DNS lead to "
        f"{own.targets[0][0] if own.targets else 'its own target'} instead.",
        (aws("apigateway", "delete-domain-name", "--domain-name", own.name),),
    )


def _import_another(domain: Domain, *where: str) -> tuple[str, ...]:
    """A certificate is imported and the domain name given it; `where` are further words of the import."""
    imported = aws("acm", "import-certificate", *where, "--certificate", "fileb://certificate.pem", "--private-key",
                   "fileb://private-key.pem", "--certificate-chain", "fileb://chain.pem",
                   "--query", "CertificateArn", "--output", "text")  # fmt: skip
    return (f"CERTIFICATE_ARN=$({imported})", use_certificate(domain))


def _wrong_region(evidence: Evidence) -> Found | None:
    domain = evidence.domain
    if domain is None or "EDGE" not in domain.endpoint_types or not domain.certificate_arn:
        return None
    region = region_of(domain.certificate_arn)
    if region in ("", _EDGE_REGION) or (domain.regional_name and "REGIONAL" in domain.endpoint_types):
        return None
    return Found(
        f"The edge-optimized domain name {domain.name} has a certificate of {region}; edge takes them from us-east-1 only.",
        (f"certificateArn {domain.certificate_arn}",),
        "Import or request the certificate in us-east-1 and give the domain name that one.",
        _import_another(domain, "--region", _EDGE_REGION),
    )


def _not_in_acm(evidence: Evidence) -> Found | None:
    stored, domain = evidence.certificate, evidence.domain
    if stored is None or stored.found or domain is None:
        return None
    return Found(
        f"The domain name {domain.name} names a certificate that ACM does not have: {stored.arn}.",
        (f"acm describe-certificate {stored.arn}: ResourceNotFoundException",),
        "Import the certificate again and give the domain name the new ARN.",
        _import_another(domain),
    )


CERTIFICATE_CHECKS: Final = (
    Check("CERT_SHADOWED_BY_FQDN", Link.TLS, "The certificate of the exact name is served, not the wildcard's",
          "seed 003, incorrect returned certificate", _shadowed),
    Check("CERT_DEFAULT_SERVED", Link.TLS, "The gateway's default certificate was served",
          "seed 000; facts 2.1 step 1", _default_served, after=_LED_ASTRAY),
    Check("CERT_NAME_MISMATCH", Link.TLS, "The certificate is for another name", "RFC 9525 section 6",
          _name_mismatch, after=_LED_ASTRAY),
    Check("CERT_EXPIRED", Link.TLS, "The certificate has expired", "RFC 5280 section 4.1.2.5", _expired,
          after=_WRONG_ONE),
    Check("CERT_NOT_YET_VALID", Link.TLS, "The certificate is not valid yet", "RFC 5280 section 4.1.2.5",
          _not_yet_valid, after=_WRONG_ONE),
    Check("CERT_CHAIN_INCOMPLETE", Link.TLS, "The server does not send its whole chain", "RFC 8446 section 4.4.2",
          _chain_incomplete, after=_WRONG_ONE),
    Check("CERT_UNTRUSTED", Link.TLS, "The client does not trust the certificate's root", "RFC 5280 section 6.1",
          _untrusted, after=_WRONG_ONE),
    Check("CERT_WRONG_REGION_FOR_EDGE", Link.DOMAIN, "An edge domain name's certificate is of another region",
          "facts 1.7", _wrong_region),
    Check("CERT_NOT_IN_ACM", Link.DOMAIN, "ACM does not have the domain name's certificate", "facts 13", _not_in_acm),
    Check("CERT_EXPIRES_SOON", Link.TLS, "The certificate expires soon", "facts 13", _expires_soon, Outcome.WARNING),
)  # fmt: skip
