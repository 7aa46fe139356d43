"""Proof that a domain name is its user's: the ownership verification certificate of mutual TLS (facts 3.1, seed 003).

What this module knows: a server certificate that ACM issued proves it by itself. One that was imported, or issued by a
private CA, says nothing of who owns the name; so the domain name has an ownership verification certificate beside it, a
public one that ACM issued. It serves no handshake. It covers the domain name and every name of the server certificate,
has to stay valid, and serves no other domain name with mutual TLS.
"""

from typing import Final

from gatewright.controlplane.acm.associations import parse_certificate_arn, users_of
from gatewright.controlplane.acm.description import read_certificate
from gatewright.controlplane.acm.holding import current_status
from gatewright.controlplane.apigateway.certificate_subjects import subjects_of
from gatewright.controlplane.apigateway.domain_endpoints import verify_domain_certificate
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request
from gatewright.core.x509.coverage import find_covering_name
from gatewright.model.identifiers import apigateway_arn
from gatewright.model.records import Certificate, DomainName
from gatewright.store.port import Reader

MISSING: Final = "Missing ownershipVerificationCertificate."  # P (an issue of the Terraform provider, 2024)
# Guesses: the rules are documented, the sentences are not.
NOT_ISSUED_BY_ACM: Final = "The ownershipVerificationCertificate must be a public certificate issued by ACM."
SERVES_ANOTHER: Final = (
    "The ownershipVerificationCertificate cannot be used as a server certificate for another mutual TLS domain."
)
VERIFIES_ANOTHER: Final = (
    "The provided certificate is the ownershipVerificationCertificate of another mutual TLS domain."
)


def needs_proof(certificate: Certificate) -> bool:
    """Whether the server certificate leaves open whose the name is."""
    return certificate.type != "AMAZON_ISSUED"


def find_certificate(reader: Reader, arn: str | None) -> Certificate | None:
    """The certificate of that ARN, if it is one and there."""
    parts = None if arn is None else parse_certificate_arn(arn)
    return None if parts is None else reader.get(Certificate, parts.account, parts.region, parts.id)


def verify_ownership_certificate(call: Call, domain: DomainName) -> None:
    """Raises BadRequest unless the ownership verification certificate, newly named, can be one."""
    arn = domain.ownership_verification_certificate_arn
    assert arn is not None, "who has none is asked elsewhere whether one is needed"
    certificate = verify_domain_certificate(call, arn, domain.region, domain.domain_name)
    if certificate.type != "AMAZON_ISSUED":
        raise bad_request(NOT_ISSUED_BY_ACM)
    if any(
        other.regional_certificate_arn == arn
        for other in _others_with_mutual_tls(call.transaction, domain, certificate)
    ):
        raise bad_request(SERVES_ANOTHER)


def verify_no_others_proof(call: Call, domain: DomainName, certificate: Certificate) -> None:
    """Raises BadRequest when the server certificate, newly named, is what proves another's ownership (guess)."""
    others = _others_with_mutual_tls(call.transaction, domain, certificate)
    if any(other.ownership_verification_certificate_arn == certificate.arn for other in others):
        raise bad_request(VERIFIES_ANOTHER)


def find_uncovered_name(server: Certificate, proof: Certificate) -> str | None:
    """The first name of the server certificate that the ownership verification certificate does not cover."""
    presented = read_certificate(proof.certificate_pem).domain_names
    return next((name for name in subjects_of(server) if find_covering_name(presented, name) is None), None)


def is_proof_valid(reader: Reader, domain: DomainName, now: float) -> bool:
    """Whether the ownership verification certificate is there and has neither expired nor been revoked."""
    proof = find_certificate(reader, domain.ownership_verification_certificate_arn)
    return proof is not None and current_status(proof, now) == "ISSUED"


def _others_with_mutual_tls(reader: Reader, domain: DomainName, certificate: Certificate) -> list[DomainName]:
    """The other domain names with mutual TLS that use the certificate for whatever."""
    prefix = apigateway_arn(domain.region, "/domainnames/")
    names = [arn.removeprefix(prefix) for arn in users_of(reader, certificate) if arn.startswith(prefix)]
    found = [
        reader.get(DomainName, domain.account, domain.region, name) for name in names if name != domain.domain_name
    ]
    return [other for other in found if other is not None and other.mutual_tls_authentication is not None]
