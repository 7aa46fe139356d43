"""One issuer a subject: which names the server certificates of mutual-TLS domain names have, and from whom.

What this module knows (seed 003, facts 3.1): "For each subject in the certificate, there can only be one issuer in API
Gateway for mutual TLS domains". P: among the domain names of a region, whoever has them. What ACM issued is of one
issuer, Amazon, however many intermediate certificates sign for it (guess); of other certificates the issuer's whole
distinguished name counts.
"""

from typing import Final

from gatewright.controlplane.acm.description import read_certificate
from gatewright.model.records import Certificate, DomainName, MutualTlsSubject
from gatewright.store.port import Reader, Transaction

_ACM: Final = "Amazon"


def subjects_of(certificate: Certificate) -> tuple[str, ...]:
    """The domain names that the certificate is for, each once: by them a client finds it right or wrong.

    A common name counts only where there is no DNS name beside it (as in `core.x509.coverage`): it may be any text.
    """
    presented = read_certificate(certificate.certificate_pem).domain_names
    return tuple(sorted({name.lower().removesuffix(".") for name in presented}))


def issuer_of(certificate: Certificate) -> str:
    """Who issued the certificate, as far as it matters here."""
    return _ACM if certificate.type == "AMAZON_ISSUED" else read_certificate(certificate.certificate_pem).issuer


def find_conflict(reader: Reader, domain: DomainName, certificate: Certificate) -> str | None:
    """What the service says when another mutual-TLS domain name has one of the subjects from somebody else."""
    issuer = issuer_of(certificate)
    for subject in subjects_of(certificate):
        for held in reader.list_under(MutualTlsSubject, "", domain.region, subject):
            if held.issuer != issuer and held.domain_name != domain.domain_name:
                return describe_conflict(subject)
    return None


def describe_conflict(subject: str) -> str:
    """S: the guide's words."""
    return f"The certificate subject {subject} conflicts with an existing certificate from a different issuer."


def hold_subjects(transaction: Transaction, before: DomainName | None, after: DomainName | None) -> None:
    """The domain name `before` it was changed held its validated subjects; now it holds those of `after`."""
    old, new = _held_by(before), _held_by(after)
    for held in sorted(old - new, key=lambda each: each.key):
        transaction.delete_under(MutualTlsSubject, held.account, held.region, *held.key)
    for held in sorted(new - old, key=lambda each: each.key):
        transaction.put(held)


def _held_by(domain: DomainName | None) -> set[MutualTlsSubject]:
    if domain is None or domain.mutual_tls_authentication is None:
        return set()
    validated = domain.mutual_tls_authentication
    return {
        MutualTlsSubject("", domain.region, subject, domain.domain_name, validated.validated_issuer or "")
        for subject in validated.validated_subjects
    }
