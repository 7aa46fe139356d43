"""RequestCertificate: the request is kept, and what can be issued at once is.

The local authority and private CAs answer within the call, so that the certificate is ISSUED when the client looks for it
the first time. What goes over ACME is PENDING_VALIDATION until its order is done (`gatewright.controlplane.acm.orders`).
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.holding import Holding
from gatewright.controlplane.acm.issuing import (
    ACME,
    PRIVATE,
    IssuanceRefused,
    issue_here,
    select_issuer,
    store_issued,
    store_refused,
)
from gatewright.controlplane.acm.local_authority import COMMON_NAME_MAX
from gatewright.controlplane.acm.orders import place_order
from gatewright.controlplane.acm.places import store_holding
from gatewright.controlplane.acm.refusals import validation_error
from gatewright.controlplane.acm.tags import TAG_RULES
from gatewright.controlplane.acmpca.idempotency import once
from gatewright.controlplane.call import Call, Operation, Prepared
from gatewright.controlplane.private_keys import generate_key
from gatewright.core.x509.private_key import PrivateKey
from gatewright.model.identifiers import make_uuid
from gatewright.model.records import CertificateRequest

logger = logging.getLogger(__name__)

# D: "RSA is the default key algorithm".
DEFAULT_KEY_ALGORITHM = "RSA_2048"
# R: a request that names no method is validated by mail.
DEFAULT_METHOD = "EMAIL"
# M: "Idempotency tokens time out after one hour".
TOKEN_SECONDS = 3600.0


def _prepare(params: Mapping[str, Any]) -> Operation:
    if len(params["DomainName"]) > COMMON_NAME_MAX:
        raise validation_error(refusals.FIRST_NAME_TOO_LONG)
    # D: HTTP validation is for certificates that CloudFront manages.
    if "HTTP" in (params.get("ValidationMethod"), (params.get("Options") or {}).get("ValidationMethod")):
        raise validation_error(refusals.HTTP_WITHOUT_CLOUDFRONT)
    if "ManagedBy" in params:
        raise validation_error(refusals.MANAGED_BY_CLOUDFRONT)
    if "CertificateAuthorityArn" in params and (params.get("Options") or {}).get("Export"):
        raise validation_error(refusals.OPTIONS_OF_PRIVATE)
    return partial(_request, generate_key(params.get("KeyAlgorithm", DEFAULT_KEY_ALGORITHM)))


#: The certificate is issued, or its order is placed; the answer is the ARN.
request_certificate = Prepared(_prepare)


def _request(key: PrivateKey, call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    def make() -> str:
        request = _make_request(call, params)
        if request.issuer == ACME:
            store_holding(call.transaction, Holding(None, request))
            place_order(call.transaction, request, call.now)
        else:
            _issue_at_once(call, request, key)
        return request.arn

    return {"CertificateArn": once(call, params, "acm", make, seconds=TOKEN_SECONDS)}


def _issue_at_once(call: Call, request: CertificateRequest, key: PrivateKey) -> None:
    try:
        issued = issue_here(call.transaction, request, key, now=call.now, random_text=call.random_text)
    except IssuanceRefused as refused:
        # D: the request stands, and its description tells why it failed.
        store_refused(call.transaction, request, refused.reason, call.now)
        logger.error(  # noqa: TRY400  a sentence for the operator, not a failure of ours
            "The certificate %s (%s) will not be issued (%s): %s",
            request.arn, request.domain_name, refused.reason, refused,
        )  # fmt: skip
    else:
        store_issued(call.transaction, request, issued, key, call.now)


def _make_request(call: Call, params: Mapping[str, Any]) -> CertificateRequest:
    names = parse_names(params)
    authority_arn = params.get("CertificateAuthorityArn")
    issuer = select_issuer(call.installation, names, authority_arn)
    options = params.get("Options") or {}
    return CertificateRequest(
        account=call.account,
        region=call.region,
        id=make_uuid(call.random_text),
        issuer=issuer,
        domain_name=names[0],
        subject_alternative_names=names,
        key_algorithm=params.get("KeyAlgorithm", DEFAULT_KEY_ALGORITHM),
        created_at=call.now,
        validation_method=None if issuer == PRIVATE else _method(params, options),
        validation_domains=_validation_domains(params, names),
        certificate_authority_arn=authority_arn,
        transparency_logging=options.get("CertificateTransparencyLoggingPreference"),
        export=options.get("Export"),
        tags=TAG_RULES.add({}, params.get("Tags") or ()),
    )


def parse_names(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the certificate: the domain name first, each once, in lower case."""
    given = (params["DomainName"], *(params.get("SubjectAlternativeNames") or ()))
    return tuple(dict.fromkeys(name.lower() for name in given))


def _method(params: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    method: str = params.get("ValidationMethod") or options.get("ValidationMethod") or DEFAULT_METHOD
    return method


def _validation_domains(params: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    domains = {}
    for option in params.get("DomainValidationOptions") or ():
        name, domain = option["DomainName"].lower(), option["ValidationDomain"].lower()
        base = name.removeprefix("*.")
        # M: "must be the same as the DomainName value or a superdomain".
        if name not in names or not (base == domain or base.endswith(f".{domain}")):
            raise refusals.invalid_validation_options(option["DomainName"], option["ValidationDomain"])
        domains[name] = domain
    return domains
