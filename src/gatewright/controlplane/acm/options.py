"""UpdateCertificateOptions, ResendValidationEmail, and the account's configuration."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.holding import Holding, find_holding
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acm.refusals import invalid_state, validation_error
from gatewright.controlplane.call import Call
from gatewright.model.records import CertificateConfiguration
from gatewright.store.port import Reader

# M: "If you have not specified a value ... the default is 45".
DEFAULT_DAYS_BEFORE_EXPIRY = 45


def update_certificate_options(call: Call, params: Mapping[str, Any]) -> None:
    """The options of a certificate that ACM issues are these; those that are not named stay as they are."""
    holding = find_holding(call, params["CertificateArn"])
    request, options = holding.request, params["Options"]
    if request is None:
        raise validation_error(refusals.OPTIONS_OF_IMPORTED)
    if request.issuer == "PRIVATE" and (options.get("Export") or options.get("ValidationMethod")):
        raise validation_error(refusals.OPTIONS_OF_PRIVATE)
    if options.get("ValidationMethod") == "HTTP":
        raise validation_error(refusals.HTTP_WITHOUT_CLOUDFRONT)
    if holding.certificate is not None and holding.certificate.status != "ISSUED":
        raise invalid_state(refusals.options_of_state(holding.certificate.status))
    request = replace(
        request,
        transparency_logging=options.get("CertificateTransparencyLoggingPreference", request.transparency_logging),
        export=options.get("Export", request.export),
        validation_method=options.get("ValidationMethod", request.validation_method),
    )
    store_holding(call.transaction, Holding(holding.certificate, request))


def resend_validation_email(call: Call, params: Mapping[str, Any]) -> None:
    """Always refused: no mail is sent here, and saying nothing would leave somebody waiting for it."""
    holding = find_holding(call, params["CertificateArn"])
    request = holding.request
    if request is None or request.validation_method != "EMAIL" or holding.status(call.now) != "PENDING_VALIDATION":
        raise invalid_state(refusals.NO_MAIL_AWAITED)
    if params["Domain"].lower() not in request.subject_alternative_names:
        raise refusals.invalid_validation_options(params["Domain"], params["ValidationDomain"])
    raise invalid_state(refusals.NO_MAIL_SENT)


def get_account_configuration(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001  it has none
    """How many days before the end of a certificate ACM begins to speak of it."""
    return {"ExpiryEvents": {"DaysBeforeExpiry": days_before_expiry(call.transaction, call.account, call.region)}}


def put_account_configuration(call: Call, params: Mapping[str, Any]) -> None:
    """The number of days is this from now on. To put the same again is harmless, so the token is not needed."""
    days = (params.get("ExpiryEvents") or {}).get("DaysBeforeExpiry")
    if days is not None:
        call.transaction.put(CertificateConfiguration(call.account, call.region, days))


def days_before_expiry(reader: Reader, account: str, region: str) -> int:
    """The account's choice, or the service's."""
    chosen = reader.get(CertificateConfiguration, account, region)
    return DEFAULT_DAYS_BEFORE_EXPIRY if chosen is None else chosen.days_before_expiry
