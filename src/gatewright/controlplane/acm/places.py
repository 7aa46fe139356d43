"""A certificate's place in listings: kept beside its records and changed with them, by the two functions here alone.

The place's key begins with the instant of creation, which a re-import and a renewal keep, and so does the place. It says
what the filters of ListCertificates ask for: a page reads no certificate that is not on it, and parses none.
"""

from dataclasses import replace

from gatewright.controlplane.acm.description import (
    answered_key_type,
    read_certificate,
    shown_extended_key_usages,
    shown_key_usages,
)
from gatewright.controlplane.acm.holding import Holding
from gatewright.model.records import CertificateListing
from gatewright.store.port import Transaction


def store_holding(transaction: Transaction, holding: Holding) -> None:
    """The request and the certificate are stored, as far as there are, and have their place."""
    for record in (holding.request, holding.certificate):
        if record is not None:
            transaction.put(record)
    transaction.put(_place_of(holding))


def forget_holding(transaction: Transaction, holding: Holding) -> None:
    """The request, the certificate and their place are gone."""
    for record in (holding.request, holding.certificate):
        if record is not None:
            transaction.delete(record)
    transaction.delete(_place_of(holding))


def place_key(created_at: float, certificate_id: str) -> tuple[str, str]:
    """The key of a place: microseconds are more than two imports are ever apart, and the id settles the rest."""
    return (f"{created_at:020.6f}", certificate_id)


def _place_of(holding: Holding) -> CertificateListing:
    record, certificate, request = holding.record, holding.certificate, holding.request
    instant, certificate_id = place_key(record.created_at, record.id)
    place = CertificateListing(
        account=record.account,
        region=record.region,
        instant=instant,
        id=certificate_id,
        key_algorithm=answered_key_type(request.key_algorithm) if request else "",
        key_usages=(),
        extended_key_usages=(),
        not_after=None,
        type=holding.type,
        status=record.status,
        is_exportable=holding.is_exportable,
    )
    if certificate is None:
        return place
    facts = read_certificate(certificate.certificate_pem)
    return replace(
        place,
        key_algorithm=facts.key_algorithm,
        key_usages=shown_key_usages(facts),
        extended_key_usages=tuple(name for name, _ in shown_extended_key_usages(facts)),
        not_after=certificate.not_after,
        status=certificate.status,
    )
