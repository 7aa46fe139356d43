"""ListCertificates: which certificates are listed, in which order, and in which pages."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gatewright.controlplane.acm.associations import ids_in_use
from gatewright.controlplane.acm.certificates import current_status, instant
from gatewright.controlplane.acm.description import (
    filter_key_type,
    read_certificate,
    shown_extended_key_usages,
    shown_key_usages,
)
from gatewright.controlplane.acm.refusals import INVALID_NEXT_TOKEN, SORT_BY_WITHOUT_ORDER, validation_error
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.core.x509.certificate import CertificateFacts
from gatewright.model.records import Certificate

# M: MaxItems goes to 1,000. Guess: that many are given when it is absent.
DEFAULT_MAX_ITEMS = 1_000
# M: "will only return the first 100 subject alternative names".
SUMMARY_NAMES = 100
# M: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
DEFAULT_KEY_TYPES = ("RSA_1024", "RSA_2048")


def list_certificates(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the summaries of those certificates that pass all filters."""
    if ("SortBy" in params) != ("SortOrder" in params):
        raise validation_error(SORT_BY_WITHOUT_ORDER)
    newest_first = params.get("SortOrder") == "DESCENDING"
    certificates = sorted(
        call.transaction.list_under(Certificate, call.account, call.region), key=_order, reverse=newest_first
    )
    if "NextToken" in params:
        last = _parse_token(params["NextToken"])
        certificates = [each for each in certificates if (_order(each) < last if newest_first else _order(each) > last)]
    limit = params.get("MaxItems", DEFAULT_MAX_ITEMS)
    page: list[tuple[Certificate, CertificateFacts]] = []
    for certificate in certificates:
        # Only certificates as far as the page goes are parsed; one beyond it tells whether there is another page.
        facts = read_certificate(certificate.certificate_pem)
        if not _passes(certificate, facts, params, call.now):
            continue
        if len(page) == limit:
            return _render_page(call, page, next_token=_render_token(page[-1][0]))
        page.append((certificate, facts))
    return _render_page(call, page, next_token=None)


def _passes(certificate: Certificate, facts: CertificateFacts, params: Mapping[str, Any], now: float) -> bool:
    includes = params.get("Includes") or {}
    statuses = params.get("CertificateStatuses")
    origins = params.get("CertificateKeyPairOrigins")
    origin = "CUSTOMER_PROVIDED" if certificate.type == "IMPORTED" else "AWS_MANAGED"
    purposes = {name for name, _ in shown_extended_key_usages(facts)}
    return (
        (not statuses or current_status(certificate, now) in statuses)
        and (not origins or origin in origins)
        and filter_key_type(facts) in (includes.get("keyTypes") or DEFAULT_KEY_TYPES)
        # Guess: one of the values that are asked for is enough, as it is for the key types (D).
        and _shares(includes.get("keyUsage"), shown_key_usages(facts))
        and _shares(includes.get("extendedKeyUsage"), purposes)
        # Nothing here can be exported yet, and no other service manages a certificate.
        and includes.get("exportOption") != "ENABLED"
        and "managedBy" not in includes
    )


def _shares(wanted: Sequence[str] | None, present: Sequence[str] | set[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(present)


def _render_page(
    call: Call, page: list[tuple[Certificate, CertificateFacts]], *, next_token: str | None
) -> Mapping[str, Any]:
    used = ids_in_use(call.transaction, call.account, call.region)
    summaries = [
        _render_summary(certificate, facts, in_use=certificate.id in used, now=call.now) for certificate, facts in page
    ]
    return {"CertificateSummaryList": summaries, "NextToken": next_token}


def _render_summary(certificate: Certificate, facts: CertificateFacts, *, in_use: bool, now: float) -> dict[str, Any]:
    names = certificate.subject_alternative_names
    return {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNameSummaries": list(names[:SUMMARY_NAMES]),
        "HasAdditionalSubjectAlternativeNames": len(names) > SUMMARY_NAMES,
        "Status": current_status(certificate, now),
        "Type": certificate.type,
        "KeyAlgorithm": facts.key_algorithm,
        "KeyUsages": list(shown_key_usages(facts)),
        "ExtendedKeyUsages": [name for name, _ in shown_extended_key_usages(facts)],
        "InUse": in_use,
        "RenewalEligibility": "INELIGIBLE",
        "NotBefore": instant(certificate.not_before),
        "NotAfter": instant(certificate.not_after),
        "CreatedAt": instant(certificate.created_at),
        "ImportedAt": instant(certificate.imported_at),
    }


def _order(certificate: Certificate) -> tuple[float, str]:
    return (certificate.created_at, certificate.id)


def _render_token(last: Certificate) -> str:
    return base64.urlsafe_b64encode(json.dumps(_order(last)).encode()).decode("ascii")


def _parse_token(token: str) -> tuple[float, str]:
    try:
        match json.loads(base64.b64decode(token, altchars=b"-_", validate=True)):
            case [float() | int() as created_at, str(certificate_id)]:
                return (created_at, certificate_id)
    except (ValueError, binascii.Error):
        pass
    raise ServiceError("InvalidArgsException", INVALID_NEXT_TOKEN)
