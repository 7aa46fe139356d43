"""ListCertificates: which certificates are listed, in which order, and in which pages."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from gatewright.controlplane.acm.associations import is_used
from gatewright.controlplane.acm.certificates import current_status, instant
from gatewright.controlplane.acm.description import filter_key_type
from gatewright.controlplane.acm.places import place_key
from gatewright.controlplane.acm.refusals import INVALID_NEXT_TOKEN, SORT_BY_WITHOUT_ORDER, validation_error
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.model.records import Certificate, CertificateListing

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
    certificates = call.transaction.get_many(Certificate, call.account, call.region, [(place.id,) for place in page])
    shown = [(certificates[place.id,], place) for place in page]
    return {
        "CertificateSummaryList": [_render_summary(call, certificate, place) for certificate, place in shown],
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
        # Nothing here can be exported yet, and no other service manages a certificate.
        and includes.get("exportOption") != "ENABLED"
        and "managedBy" not in includes
    )


def _shares(wanted: Sequence[str] | None, present: Sequence[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(present)


def _render_summary(call: Call, certificate: Certificate, place: CertificateListing) -> dict[str, Any]:
    names = certificate.subject_alternative_names
    return {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNameSummaries": list(names[:SUMMARY_NAMES]),
        "HasAdditionalSubjectAlternativeNames": len(names) > SUMMARY_NAMES,
        "Status": current_status(certificate, call.now),
        "Type": certificate.type,
        "KeyAlgorithm": place.key_algorithm,
        "KeyUsages": list(place.key_usages),
        "ExtendedKeyUsages": list(place.extended_key_usages),
        "InUse": is_used(call.transaction, certificate),
        "RenewalEligibility": "INELIGIBLE",
        "NotBefore": instant(certificate.not_before),
        "NotAfter": instant(certificate.not_after),
        "CreatedAt": instant(certificate.created_at),
        "ImportedAt": instant(certificate.imported_at),
    }


def _render_token(last: Certificate) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.created_at, last.id]).encode()).decode("ascii")


def _parse_token(token: str) -> tuple[float, str]:
    try:
        match json.loads(base64.b64decode(token, altchars=b"-_", validate=True)):
            case [float() | int() as created_at, str(certificate_id)]:
                return (created_at, certificate_id)
    except (ValueError, binascii.Error):
        pass
    raise ServiceError("InvalidArgsException", INVALID_NEXT_TOKEN)
