"""Orders: certificates that are to be issued or renewed outside of any call, and what becomes of each attempt.

    order is due → attempt → settled (the certificate is stored) | postponed (with growing pauses) | refused

What this module knows is the book-keeping; the control process makes the attempts. A renewal is ordered `LEAD` before the
end of a certificate that is used or was exported (D), and sooner for those that live shortly. Orders are records: what was
begun when a process died is begun again by the next.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from gatewright.controlplane.acm.associations import is_used
from gatewright.controlplane.acm.description import shown_eligibility
from gatewright.controlplane.acm.holding import VALIDATION_SECONDS, Holding
from gatewright.controlplane.acm.issuing import ACME, Issued, store_issued, store_refused
from gatewright.controlplane.acm.places import store_holding
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.records import Certificate, CertificateOrder, CertificateRequest
from gatewright.store.port import Reader, Transaction

#: D: "ACM begins the renewal 45 days before expiry".
LEAD: Final = timedelta(days=45).total_seconds()

#: Let's Encrypt asks for renewal when a third of the lifetime is left; some authorities give certificates of six days.
LEAD_OF_LIFE: Final = 1 / 3

#: The first pause after a failed attempt, how it grows, and the longest: five attempts in the first hour, which is what
#: Let's Encrypt lets fail for a name, and one in each hour after.
FIRST_PAUSE: Final = 15.0
GROWTH: Final = 4.0
LAST_PAUSE: Final = 3600.0


def place_order(transaction: Transaction, request: CertificateRequest, now: float) -> None:
    """The certificate will be issued, or issued anew, as soon as may be."""
    transaction.put(CertificateOrder(request.account, request.region, request.id, due_at=now))


def due_orders(reader: Reader, now: float) -> list[CertificateOrder]:
    """Those whose time has come, the longest due first."""
    return sorted(
        (order for order in reader.all(CertificateOrder) if order.due_at <= now), key=lambda each: each.due_at
    )


def find_request(reader: Reader, order: CertificateOrder) -> CertificateRequest | None:
    """What the order is for; None when it has been deleted meanwhile."""
    return reader.get(CertificateRequest, order.account, order.region, order.id)


def settle(
    transaction: Transaction, order: CertificateOrder, issued: Issued, key: PrivateKey, now: float
) -> Certificate | None:
    """The certificate is stored and the order done; nothing is, when the request is gone."""
    request = _close(transaction, order)
    return None if request is None else store_issued(transaction, request, issued, key, now)


def refuse(transaction: Transaction, order: CertificateOrder, reason: str, now: float) -> None:
    """There will be no certificate of this order; `reason` is the service model's FailureReason."""
    request = _close(transaction, order)
    if request is not None:
        store_refused(transaction, request, reason, now)


def postpone(transaction: Transaction, order: CertificateOrder, now: float, retry_after: float = 0.0) -> float | None:
    """The next attempt is made after a pause, which is answered; None when the time for validation is over (D: 72 hours).

    A renewal is tried as long as the certificate is wanted.
    """
    request = find_request(transaction, order)
    if request is None:
        _close(transaction, order)
        return None
    certificate = transaction.get(Certificate, order.account, order.region, order.id)
    pause = max(retry_after, min(LAST_PAUSE, FIRST_PAUSE * GROWTH ** min(order.attempts, 10)))
    if certificate is None and now + pause > request.created_at + VALIDATION_SECONDS:
        _close(transaction, order)
        return None
    current = transaction.get(CertificateOrder, *_place(order)) or order
    transaction.put(replace(current, due_at=now + pause, attempts=order.attempts + 1))
    if certificate is not None:
        status = "PENDING_VALIDATION" if request.issuer == ACME else "PENDING_AUTO_RENEWAL"
        request = replace(request, renewal_status=status, renewal_updated_at=now)
        store_holding(transaction, Holding(certificate, request))
    return pause


def note_challenge(transaction: Transaction, order: CertificateOrder, domain_name: str, value: str) -> None:
    """A TXT value is put into the DNS for the order, which is remembered until it is taken away."""
    current = transaction.get(CertificateOrder, *_place(order))
    if current is not None:
        transaction.put(replace(current, challenges={**current.challenges, value: domain_name}))


def forget_challenge(transaction: Transaction, order: CertificateOrder, value: str) -> None:
    """The value has been taken away."""
    current = transaction.get(CertificateOrder, *_place(order))
    if current is not None:
        left = {each: name for each, name in current.challenges.items() if each != value}
        transaction.put(replace(current, challenges=left))


def renewals_due(reader: Reader, now: float) -> Iterator[CertificateRequest]:
    """Requests whose certificate is to be renewed now and has no order yet.

    One that has run out is renewed too: an installation that was off for months comes back to good certificates.
    """
    for request in reader.all(CertificateRequest):
        certificate = reader.get(Certificate, request.account, request.region, request.id)
        if certificate is None or now < renewal_starts(certificate):
            continue
        in_use = is_used(reader, certificate)
        if shown_eligibility(Holding(certificate, request), in_use=in_use) != "ELIGIBLE":
            continue
        if reader.get(CertificateOrder, request.account, request.region, request.id) is None:
            yield request


def order_renewal(transaction: Transaction, request: CertificateRequest, now: float) -> None:
    """The certificate is going to be renewed, and says so."""
    certificate = transaction.get(Certificate, request.account, request.region, request.id)
    request = replace(
        request, renewal_status="PENDING_AUTO_RENEWAL", renewal_failure_reason=None, renewal_updated_at=now
    )
    store_holding(transaction, Holding(certificate, request))
    place_order(transaction, request, now)


def renewal_starts(certificate: Certificate) -> float:
    """When a certificate is to be renewed."""
    life = certificate.not_after - certificate.not_before
    return certificate.not_after - min(LEAD, life * LEAD_OF_LIFE)


def _close(transaction: Transaction, order: CertificateOrder) -> CertificateRequest | None:
    # The order may have been taken back, or placed anew, while it was worked on.
    transaction.delete_under(CertificateOrder, *_place(order))
    return find_request(transaction, order)


def _place(order: CertificateOrder) -> tuple[str, str, str]:
    return (order.account, order.region, order.id)
