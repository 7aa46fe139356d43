"""A certificate's place in listings: kept beside the record and changed with it, by the two functions here alone.

The place's key begins with the instant of creation, which a re-import keeps, and so does the place. It says what the filters
of ListCertificates ask for: a page reads no certificate that is not on it, and parses none.
"""

from gatewright.controlplane.acm.description import (
    read_certificate,
    shown_extended_key_usages,
    shown_key_usages,
)
from gatewright.model.records import Certificate, CertificateListing
from gatewright.store.port import Transaction


def store_certificate(transaction: Transaction, certificate: Certificate) -> None:
    """The certificate is stored and has its place."""
    transaction.put(certificate)
    transaction.put(_place_of(certificate))


def forget_certificate(transaction: Transaction, certificate: Certificate) -> None:
    """The certificate and its place are gone."""
    transaction.delete(certificate)
    transaction.delete(_place_of(certificate))


def place_key(created_at: float, certificate_id: str) -> tuple[str, str]:
    """The key of a place: microseconds are more than two imports are ever apart, and the id settles the rest."""
    return (f"{created_at:020.6f}", certificate_id)


def _place_of(certificate: Certificate) -> CertificateListing:
    facts = read_certificate(certificate.certificate_pem)
    instant, certificate_id = place_key(certificate.created_at, certificate.id)
    return CertificateListing(
        account=certificate.account,
        region=certificate.region,
        instant=instant,
        id=certificate_id,
        key_algorithm=facts.key_algorithm,
        key_usages=shown_key_usages(facts),
        extended_key_usages=tuple(name for name, _ in shown_extended_key_usages(facts)),
        not_after=certificate.not_after,
        type=certificate.type,
        status=certificate.status,
    )
