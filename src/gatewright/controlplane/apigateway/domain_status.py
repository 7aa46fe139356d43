"""`domainNameStatus` and its message: what mutual TLS asks of a domain name's certificates while time goes by (seed 003).

What this module knows: two things happen to a domain name that nobody calls an operation of. Its ownership verification
certificate expires (PENDING_OWNERSHIP_VERIFICATION, which locks updates until a valid one is set), and its server
certificate is imported anew under the same ARN with contents that would not have been accepted
(PENDING_CERTIFICATE_REIMPORT). So the status is found from the records and the clock whenever somebody asks, and what
a record holds is only what was last told. UPDATING, which follows from the workers, is in `domain_rollout`.

Without mutual TLS nothing is asked of a re-imported certificate. The messages are ours: AWS has published none.
"""

from typing import Final, NamedTuple

from gatewright.controlplane.acm.description import read_certificate
from gatewright.controlplane.apigateway import ownership
from gatewright.controlplane.apigateway.certificate_subjects import (
    describe_conflict,
    find_conflict,
    issuer_of,
    subjects_of,
)
from gatewright.core.x509.coverage import evaluate_coverage
from gatewright.model.records import Certificate, DomainName
from gatewright.store.port import Reader


class DomainStatus(NamedTuple):
    """A status of the model's enum DomainNameStatus, and why."""

    status: str
    message: str | None = None

    @property
    def locks_updates(self) -> bool:
        """S: nothing else can be changed before a valid ownership verification certificate is set."""
        return self.status == "PENDING_OWNERSHIP_VERIFICATION"


AVAILABLE: Final = DomainStatus("AVAILABLE")


def current_status(reader: Reader, domain: DomainName, now: float) -> DomainStatus:
    """The domain name's status at that instant."""
    if domain.mutual_tls_authentication is None:
        return AVAILABLE
    server = ownership.find_certificate(reader, domain.regional_certificate_arn)
    if server is None:
        return DomainStatus("PENDING_CERTIFICATE_REIMPORT", "The certificate of the domain name does not exist.")
    if ownership.needs_proof(server) and not ownership.is_proof_valid(reader, domain, now):
        return DomainStatus(
            "PENDING_OWNERSHIP_VERIFICATION",
            "The ownership verification certificate has expired and was not renewed. Set "
            "ownershipVerificationCertificateArn to a valid certificate that ACM issued; until then no other change of "
            "the domain name is accepted.",
        )
    fault = find_reimport_fault(reader, domain, server)
    return AVAILABLE if fault is None else DomainStatus("PENDING_CERTIFICATE_REIMPORT", fault)


def find_reimport_fault(reader: Reader, domain: DomainName, server: Certificate) -> str | None:
    """Why the certificate, imported under the ARN that the domain name has already, cannot take the other's place."""
    return find_certificate_fault(reader, domain, server) or _find_change_of_issuer(domain, server)


def find_certificate_fault(reader: Reader, domain: DomainName, server: Certificate) -> str | None:
    """Why the certificate cannot serve the domain name with mutual TLS, whenever it was imported."""
    coverage = evaluate_coverage(read_certificate(server.certificate_pem), domain.domain_name)
    if coverage.covered_by is None:
        return coverage.explain()
    if ownership.needs_proof(server):
        proof = ownership.find_certificate(reader, domain.ownership_verification_certificate_arn)
        if proof is None:
            return ownership.MISSING
        uncovered = ownership.find_uncovered_name(server, proof)
        if uncovered is not None:
            return (
                f"The certificate has the subject alternative name {uncovered}, which the "
                "ownershipVerificationCertificate does not cover."
            )
    return find_conflict(reader, domain, server)


def _find_change_of_issuer(domain: DomainName, server: Certificate) -> str | None:
    """S: "If a certificate is directly re-imported into ACM, the issuer must stay the same"."""
    assert domain.mutual_tls_authentication is not None
    validated = domain.mutual_tls_authentication.validated_issuer
    if validated is None or validated == issuer_of(server):
        return None
    return describe_conflict(subjects_of(server)[0])
