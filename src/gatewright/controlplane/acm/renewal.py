"""RenewCertificate, and the renewal of what is near its end without anybody calling."""

from collections.abc import Iterable, Mapping
from typing import Any

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.associations import is_used
from gatewright.controlplane.acm.description import shown_eligibility
from gatewright.controlplane.acm.holding import find_holding, not_issued_of
from gatewright.controlplane.acm.orders import order_renewal, renewals_due
from gatewright.controlplane.acm.refusals import validation_error
from gatewright.controlplane.call import Call
from gatewright.model.records import CertificateOrder, CertificateRequest
from gatewright.store.port import Store


def renew_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate is renewed shortly, under its ARN.

    NOTE: the real service takes private certificates only. What the local authority or an ACME directory has issued is
    renewed here too, so that a rotation can be rehearsed.
    """
    holding = find_holding(call, params["CertificateArn"])
    if holding.request is None:
        raise validation_error(refusals.IMPORTED_NOT_RENEWED)
    if holding.certificate is None:
        raise not_issued_of(holding, call.now)
    in_use = is_used(call.transaction, holding.certificate)
    if shown_eligibility(holding, in_use=in_use) != "ELIGIBLE":
        raise validation_error(refusals.not_eligible(holding.arn))
    if call.transaction.get(CertificateOrder, call.account, call.region, holding.request.id) is None:
        order_renewal(call.transaction, holding.request, call.now)


def find_renewals(store: Store, now: float) -> list[CertificateRequest]:
    """Those whose time has come; of thousands, this takes a moment, and may be asked in a thread."""
    with store.read() as reader:
        return list(renewals_due(reader, now))


def order_renewals(store: Store, due: Iterable[CertificateRequest], now: float) -> None:
    """Each is ordered, unless it has been deleted meanwhile."""
    with store.transaction() as transaction:
        for request in due:
            current = transaction.get(CertificateRequest, request.account, request.region, request.id)
            if current is not None:
                order_renewal(transaction, current, now)
