"""DescribeCertificate, GetCertificate, DeleteCertificate, and how a certificate is found and shown (facts 13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gatewright.controlplane.acm.associations import parse_certificate_arn, users_of
from gatewright.controlplane.acm.description import (
    read_certificate,
    shown_extended_key_usages,
    shown_issuer,
    shown_key_usages,
    shown_subject,
)
from gatewright.controlplane.acm.places import forget_certificate
from gatewright.controlplane.acm.refusals import certificate_in_use, certificate_not_found, not_a_certificate_arn
from gatewright.controlplane.call import Call
from gatewright.model.records import Certificate, CertificateListing


def describe_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything about one certificate but the certificate itself."""
    certificate = find_certificate(call, params["CertificateArn"])
    return {
        "Certificate": render_certificate(certificate, in_use_by=users_of(call.transaction, certificate), now=call.now)
    }


def get_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The PEM of the certificate and of its chain; the private key never leaves."""
    certificate = find_certificate(call, params["CertificateArn"])
    return {"Certificate": certificate.certificate_pem, "CertificateChain": certificate.chain_pem}


def delete_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate and its private key are gone, unless something uses them."""
    certificate = find_certificate(call, params["CertificateArn"])
    if users_of(call.transaction, certificate):
        raise certificate_in_use(certificate.arn, certificate.account)
    forget_certificate(call.transaction, certificate)
    call.transaction.delete_secret(certificate.secret_name)


def find_certificate(call: Call, arn: str) -> Certificate:
    """The caller's certificate of this ARN in the called region; other accounts' certificates cannot be seen."""
    parts = parse_certificate_arn(arn)
    if parts is None:
        raise not_a_certificate_arn(arn)
    if (parts.account, parts.region) != (call.account, call.region):
        raise certificate_not_found(arn, call.account)
    certificate = call.transaction.get(Certificate, call.account, call.region, parts.id)
    if certificate is None:
        raise certificate_not_found(arn, call.account)
    return certificate


def current_status(certificate: Certificate | CertificateListing, now: float) -> str:
    """EXPIRED follows from the clock; the record keeps what ACM decided."""
    return "EXPIRED" if certificate.status == "ISSUED" and certificate.not_after < now else certificate.status


def render_certificate(certificate: Certificate, *, in_use_by: list[str], now: float) -> dict[str, Any]:
    """A `CertificateDetail`, with the members that the service gave for an imported certificate (R, 2024-02)."""
    facts = read_certificate(certificate.certificate_pem)
    imported = certificate.type == "IMPORTED"
    return {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNames": list(certificate.subject_alternative_names),
        # R: an imported certificate has them without any validation.
        "DomainValidationOptions": [{"DomainName": name} for name in certificate.subject_alternative_names],
        "Serial": facts.serial,
        "Subject": shown_subject(facts),
        "Issuer": shown_issuer(facts),
        "CreatedAt": instant(certificate.created_at),
        "ImportedAt": instant(certificate.imported_at),
        "Status": current_status(certificate, now),
        "NotBefore": instant(certificate.not_before),
        "NotAfter": instant(certificate.not_after),
        "KeyAlgorithm": facts.key_algorithm,
        "SignatureAlgorithm": facts.signature_algorithm,
        "InUseBy": in_use_by,
        "Type": certificate.type,
        "KeyUsages": [{"Name": name} for name in shown_key_usages(facts)],
        "ExtendedKeyUsages": [
            {"Name": name} if oid is None else {"Name": name, "OID": oid}
            for name, oid in shown_extended_key_usages(facts)
        ],
        # D: only what ACM issued is renewed by it.
        "RenewalEligibility": "INELIGIBLE",
        # R: DISABLED for imported certificates.
        "Options": {"CertificateTransparencyLoggingPreference": "DISABLED" if imported else "ENABLED"},
        "CertificateKeyPairOrigin": "CUSTOMER_PROVIDED" if imported else "AWS_MANAGED",
    }


def instant(seconds: float | None) -> datetime | None:
    """An instant of a record as the wire layer takes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
