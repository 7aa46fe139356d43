"""How ACM tells of a certificate: its words for the facts of X.509, and the `CertificateDetail` of each kind.

Subjects are written in the order of their encoding and without spaces; an issuer is shown by its organization (R:
DescribeCertificate of an imported certificate, 2024-02). A certificate without a Key Usage extension is usable for
`ANY`, one without Extended Key Usage has `NONE` (R: ListCertificates of an imported P-256 certificate, 2025-02).
Requests and issued certificates follow answers of 2023-04 and 2024-01 (R).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.controlplane.acm.holding import Holding
from gatewright.controlplane.acm.validation import render_validations
from gatewright.core.x509.certificate import CertificateFacts, parse_certificate_pem
from gatewright.model.records import Certificate, CertificateRequest

#: The names that stand for an absent extension.
NO_KEY_USAGE = "ANY"
NO_EXTENDED_KEY_USAGE = "NONE"


def read_certificate(certificate_pem: str) -> CertificateFacts:
    """The facts of a stored certificate."""
    (facts,) = parse_certificate_pem(certificate_pem.encode("ascii"))
    return facts


def filter_key_type(key_algorithm: str) -> str:
    """How filters spell what answers spell `RSA-2048` (M: `RSA_2048`)."""
    return key_algorithm.replace("-", "_")


def answered_key_type(key_algorithm: str) -> str:
    """The other way."""
    return key_algorithm.replace("_", "-")


def shown_key_usages(facts: CertificateFacts) -> tuple[str, ...]:
    """The names of the key usages."""
    return facts.key_usages or (NO_KEY_USAGE,)


def shown_extended_key_usages(facts: CertificateFacts) -> tuple[tuple[str, str | None], ...]:
    """Name and object identifier of each purpose; the absence of the extension has no identifier."""
    return tuple((usage.name, usage.oid) for usage in facts.extended_key_usages) or ((NO_EXTENDED_KEY_USAGE, None),)


def shown_subject(facts: CertificateFacts) -> str:
    """R: `C=AU,ST=Some-State,O=LocalStack Org,CN=localhost`."""
    return ",".join(part.rfc4514_string() for part in facts.certificate.subject.rdns)


def shown_issuer(facts: CertificateFacts) -> str:
    """R: the issuer's organization (`Amazon`, `LocalStack Org`). Guess: else its common name, else all of it."""
    issuer = facts.certificate.issuer
    return _first(issuer, NameOID.ORGANIZATION_NAME) or _first(issuer, NameOID.COMMON_NAME) or facts.issuer


def render_imported(certificate: Certificate, *, in_use_by: list[str], now: float) -> dict[str, Any]:
    """The detail of an imported certificate, with the members that the service gave (R, 2024-02)."""
    return {
        **_render_material(certificate, in_use_by),
        # R: an imported certificate has them without any validation.
        "DomainValidationOptions": [{"DomainName": name} for name in certificate.subject_alternative_names],
        "CreatedAt": instant(certificate.created_at),
        "ImportedAt": instant(certificate.imported_at),
        "Status": Holding(certificate).status(now),
        "Type": "IMPORTED",
        # D: only what ACM issued is renewed by it.
        "RenewalEligibility": "INELIGIBLE",
        # R: DISABLED for imported certificates.
        "Options": {"CertificateTransparencyLoggingPreference": "DISABLED"},
        "CertificateKeyPairOrigin": "CUSTOMER_PROVIDED",
    }


def render_pending(request: CertificateRequest, status: str) -> dict[str, Any]:
    """The detail of a request that has no certificate yet, or never will."""
    return {
        **_render_request(request, status),
        "Subject": f"CN={request.domain_name}",
        # R: a request names Amazon, whoever will issue it, and the usual signature. Guess: that of a private CA names nobody.
        "Issuer": None if request.issuer == "PRIVATE" else "Amazon",
        "KeyAlgorithm": answered_key_type(request.key_algorithm),
        "SignatureAlgorithm": "SHA256WITHRSA",
        "InUseBy": [],
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "RenewalEligibility": "INELIGIBLE",
    }


def render_issued(
    request: CertificateRequest, certificate: Certificate, *, in_use_by: list[str], now: float
) -> dict[str, Any]:
    """The detail of a certificate that ACM issued."""
    holding = Holding(certificate, request)
    status = holding.status(now)
    return {
        **_render_request(request, status),
        **_render_material(certificate, in_use_by),
        "IssuedAt": instant(certificate.issued_at),
        "RenewalEligibility": shown_eligibility(holding, in_use=bool(in_use_by)),
        "RenewalSummary": _render_renewal(request, status),
        "RevokedAt": instant(request.revoked_at),
        "RevocationReason": request.revocation_reason,
    }


def shown_eligibility(holding: Holding, *, in_use: bool) -> str:
    """D: what ACM issued is renewed by it when a service uses it or it has been exported."""
    request, certificate = holding.request, holding.certificate
    if request is None or certificate is None or certificate.status != "ISSUED":
        return "INELIGIBLE"
    return "ELIGIBLE" if in_use or request.exported_at is not None else "INELIGIBLE"


def instant(seconds: float | None) -> datetime | None:
    """An instant of a record as the wire layer takes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _render_material(certificate: Certificate, in_use_by: Sequence[str]) -> dict[str, Any]:
    facts = read_certificate(certificate.certificate_pem)
    return {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNames": list(certificate.subject_alternative_names),
        "Serial": facts.serial,
        "Subject": shown_subject(facts),
        "Issuer": shown_issuer(facts),
        "NotBefore": instant(certificate.not_before),
        "NotAfter": instant(certificate.not_after),
        "KeyAlgorithm": facts.key_algorithm,
        "SignatureAlgorithm": facts.signature_algorithm,
        "InUseBy": list(in_use_by),
        "KeyUsages": [{"Name": name} for name in shown_key_usages(facts)],
        "ExtendedKeyUsages": [
            {"Name": name} if oid is None else {"Name": name, "OID": oid}
            for name, oid in shown_extended_key_usages(facts)
        ],
    }


def _render_request(request: CertificateRequest, status: str) -> dict[str, Any]:
    is_private = request.issuer == "PRIVATE"
    return {
        "CertificateArn": request.arn,
        "DomainName": request.domain_name,
        "SubjectAlternativeNames": list(request.subject_alternative_names),
        "DomainValidationOptions": render_validations(request, status) or None,
        "CreatedAt": instant(request.created_at),
        "Status": status,
        "FailureReason": request.failure_reason,
        "Type": Holding(None, request).type,
        "CertificateAuthorityArn": request.certificate_authority_arn,
        "Options": {
            # M: the default. Guess: a private certificate is in no log unless that was asked for.
            "CertificateTransparencyLoggingPreference": request.transparency_logging
            or ("DISABLED" if is_private else "ENABLED"),
            "Export": request.export,
        },
        "CertificateKeyPairOrigin": "AWS_MANAGED",
    }


def _render_renewal(request: CertificateRequest, status: str) -> dict[str, Any] | None:
    if request.renewal_status is None:
        return None
    return {
        "RenewalStatus": request.renewal_status,
        "DomainValidationOptions": render_validations(request, status),
        "RenewalStatusReason": request.renewal_failure_reason,
        "UpdatedAt": instant(request.renewal_updated_at),
    }


def _first(name: x509.Name, kind: x509.ObjectIdentifier) -> str | None:
    return next((str(attribute.value) for attribute in name.get_attributes_for_oid(kind)), None)
