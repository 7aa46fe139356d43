"""ListCertificates: which certificates are listed, in which order, and in which pages."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from gatewright.controlplane.acm.associations import is_used
from gatewright.controlplane.acm.description import filter_key_type, instant, shown_eligibility
from gatewright.controlplane.acm.holding import Holding, current_status
from gatewright.controlplane.acm.places import place_key
from gatewright.controlplane.acm.refusals import INVALID_NEXT_TOKEN, SORT_BY_WITHOUT_ORDER, validation_error
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.model.records import Certificate, CertificateListing, CertificateRequest

# M: MaxItems goes to 1,000. Guess: that many are given when it is absent.
DEFAULT_MAX_ITEMS = 1_000
# So many places are read at one time while a page is gathered.
PLACES_AT_ONCE = 1_000
# M: "will only return the first 100 subject alternative names".
SUMMARY_NAMES = 100
# M: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
DEFAULT_KEY_TYPES = ("RSA_1024", "RSA_2048")


def list_certificates(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the summaries of those certificates that pass all filters."""
    if ("SortBy" in params) != ("SortOrder" in params):
        raise validation_error(SORT_BY_WITHOUT_ORDER)
    after = place_key(*_parse_token(params["NextToken"])) if "NextToken" in params else None
    places = _places(call, after, newest_first=params.get("SortOrder") == "DESCENDING")
    passing = (place for place in places if _passes(place, params, call.now))
    limit = params.get("MaxItems", DEFAULT_MAX_ITEMS)
    # One beyond the page tells whether there is another.
    found = list(islice(passing, limit + 1))
    page = found[:limit]
    keys = [(place.id,) for place in page]
    certificates = call.transaction.get_many(Certificate, call.account, call.region, keys)
    requests = call.transaction.get_many(CertificateRequest, call.account, call.region, keys)
    shown = [(Holding(certificates.get(place.key[1:]), requests.get(place.key[1:])), place) for place in page]
    return {
        "CertificateSummaryList": [_render_summary(call, holding, place) for holding, place in shown],
        "NextToken": _render_token(shown[-1][0]) if len(found) > limit else None,
    }


def _places(call: Call, after: tuple[str, ...] | None, *, newest_first: bool) -> Iterator[CertificateListing]:
    """The places behind one, read as far as somebody asks for them."""
    while True:
        part = call.transaction.list_under(
            CertificateListing, call.account, call.region, after=after, limit=PLACES_AT_ONCE, descending=newest_first
        )
        yield from part
        if len(part) < PLACES_AT_ONCE:
            return
        after = part[-1].key


def _passes(place: CertificateListing, params: Mapping[str, Any], now: float) -> bool:
    includes = params.get("Includes") or {}
    statuses = params.get("CertificateStatuses")
    origins = params.get("CertificateKeyPairOrigins")
    origin = "CUSTOMER_PROVIDED" if place.type == "IMPORTED" else "AWS_MANAGED"
    return (
        (not statuses or current_status(place, now) in statuses)
        and (not origins or origin in origins)
        and filter_key_type(place.key_algorithm) in (includes.get("keyTypes") or DEFAULT_KEY_TYPES)
        # Guess: one of the values that are asked for is enough, as it is for the key types (D).
        and _shares(includes.get("keyUsage"), place.key_usages)
        and _shares(includes.get("extendedKeyUsage"), place.extended_key_usages)
        and includes.get("exportOption") in (None, "ENABLED" if place.is_exportable else "DISABLED")
        # No other service manages a certificate.
        and "managedBy" not in includes
    )


def _shares(wanted: Sequence[str] | None, present: Sequence[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(present)


def _render_summary(call: Call, holding: Holding, place: CertificateListing) -> dict[str, Any]:
    record, certificate, request = holding.record, holding.certificate, holding.request
    names = record.subject_alternative_names
    in_use = certificate is not None and is_used(call.transaction, certificate)
    return {
        "CertificateArn": record.arn,
        "DomainName": record.domain_name,
        "SubjectAlternativeNameSummaries": list(names[:SUMMARY_NAMES]),
        "HasAdditionalSubjectAlternativeNames": len(names) > SUMMARY_NAMES,
        "Status": current_status(place, call.now),
        "Type": place.type,
        "KeyAlgorithm": place.key_algorithm,
        "KeyUsages": list(place.key_usages),
        "ExtendedKeyUsages": list(place.extended_key_usages),
        "InUse": in_use,
        "Exported": request.exported_at is not None if request and holding.is_exportable else None,
        "ExportOption": request.export if request else None,
        "RenewalEligibility": shown_eligibility(holding, in_use=in_use),
        "NotBefore": instant(certificate.not_before) if certificate else None,
        "NotAfter": instant(certificate.not_after) if certificate else None,
        "CreatedAt": instant(record.created_at),
        "IssuedAt": instant(certificate.issued_at) if certificate else None,
        "ImportedAt": instant(certificate.imported_at) if certificate else None,
        "RevokedAt": instant(request.revoked_at) if request else None,
    }


def _render_token(last: Holding) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.record.created_at, last.record.id]).encode()).decode("ascii")


def _parse_token(token: str) -> tuple[float, str]:
    try:
        match json.loads(base64.b64decode(token, altchars=b"-_", validate=True)):
            case [float() | int() as created_at, str(certificate_id)]:
                return (created_at, certificate_id)
    except (ValueError, binascii.Error):
        pass
    raise ServiceError("InvalidArgsException", INVALID_NEXT_TOKEN)
