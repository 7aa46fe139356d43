"""RevokeCertificate: a public certificate that has been exported is taken back, for good."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.associations import is_used
from gatewright.controlplane.acm.holding import Holding, find_holding, not_issued_of
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acm.refusals import certificate_in_use, validation_error
from gatewright.controlplane.call import Call
from gatewright.model.records import CertificateOrder

# M: the enumeration has both spellings of the one reason.
_SPELLINGS = {"SUPERCEDED": "SUPERSEDED"}


def revoke_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certificate is REVOKED: nothing can use it any more, and it is not renewed.

    NOTE: this is ACM's own record only. The local authority publishes no revocation list, and an ACME directory is not
    told; `docs/divergences.md` says so.
    """
    holding = find_holding(call, params["CertificateArn"])
    request, certificate = holding.request, holding.certificate
    if holding.type != "AMAZON_ISSUED" or request is None:
        raise validation_error(refusals.REVOKE_NOT_ISSUED)
    if certificate is None:
        raise not_issued_of(holding, call.now)
    if request.exported_at is None:
        raise validation_error(refusals.REVOKE_NOT_EXPORTED)
    if is_used(call.transaction, certificate):
        raise certificate_in_use(certificate.arn, certificate.account)
    if certificate.status != "REVOKED":
        reason = params["RevocationReason"]
        request = replace(request, revoked_at=call.now, revocation_reason=_SPELLINGS.get(reason, reason))
        store_holding(call.transaction, Holding(replace(certificate, status="REVOKED"), request))
        call.transaction.delete_under(CertificateOrder, request.account, request.region, request.id)
    return {"CertificateArn": holding.arn}
