"""The certificate of a private CA itself: ImportCertificateAuthorityCertificate, GetCertificateAuthorityCertificate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.authorities import current_status, find_authority, load_issuer, with_status
from gatewright.controlplane.acmpca.crl_publication import store_and_publish
from gatewright.controlplane.acmpca.refusals import (
    certificate_mismatch,
    forbidden_critical_extension,
    invalid_request,
    invalid_state,
    malformed_certificate,
    without_certificate,
)
from gatewright.controlplane.call import Call
from gatewright.core.x509.certificate import CertificateError, CertificateFacts, parse_certificate_pem
from gatewright.core.x509.chain import ChainError, verify_chain_order, verify_issued_by, verify_validity
from gatewright.core.x509.private_key import KeyMismatchError, verify_key_matches
from gatewright.model.records import PrivateCertificateAuthority

# M (ImportCertificateAuthorityCertificate, "Enforcement of Critical Constraints"): everything else is rejected.
_MAY_BE_CRITICAL = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_DIRECTORY_ATTRIBUTES,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_INFORMATION_ACCESS,
    }
)

# U: an expired CA gets a new certificate, and a disabled one stays disabled.
_STATUS_AFTER_IMPORT = {
    "PENDING_CERTIFICATE": "ACTIVE",
    "ACTIVE": "ACTIVE",
    "EXPIRED": "ACTIVE",
    "DISABLED": "DISABLED",
}


def import_certificate_authority_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The CA has its certificate and can issue."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    status = _STATUS_AFTER_IMPORT.get(current_status(authority, call.now))
    if status is None:
        raise invalid_state(refusals.NOT_FOR_IMPORT)
    certificate = _parse_certificate(params["Certificate"])
    chain = _parse_chain(params.get("CertificateChain"))
    _verify_own(call, authority, certificate)
    _verify_chain(authority, certificate, chain, datetime.fromtimestamp(call.now, UTC))
    installed = replace(
        with_status(authority, status, call.now),
        certificate_pem=certificate.pem,
        chain_pem="".join(each.pem for each in chain) or None,
        # U: in colon hex, as ACM and the CLI reference's examples show serials.
        serial=certificate.serial,
        not_before=certificate.not_before.timestamp(),
        not_after=certificate.not_after.timestamp(),
    )
    store_and_publish(call, installed)


def get_certificate_authority_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The CA's certificate, and the chain above it; a root has none."""
    authority = find_authority(call, params["CertificateAuthorityArn"], deleted=True)
    if authority.certificate_pem is None or authority.status == "DELETED":
        raise without_certificate(authority.arn)
    return {"Certificate": authority.certificate_pem, "CertificateChain": authority.chain_pem}


def _parse_certificate(pem: bytes) -> CertificateFacts:
    try:
        certificates = parse_certificate_pem(pem)
    except CertificateError:
        raise malformed_certificate(refusals.UNREADABLE_CERTIFICATE) from None
    if len(certificates) != 1:
        raise malformed_certificate(refusals.UNREADABLE_CERTIFICATE)
    return certificates[0]


def _parse_chain(pem: bytes | None) -> Sequence[CertificateFacts]:
    if not pem:
        return ()
    try:
        return parse_certificate_pem(pem)
    except CertificateError:
        raise malformed_certificate(refusals.UNREADABLE_CHAIN) from None


def _verify_own(call: Call, authority: PrivateCertificateAuthority, certificate: CertificateFacts) -> None:
    try:
        verify_key_matches(certificate, load_issuer(call.transaction, authority).key)
    except KeyMismatchError:
        raise certificate_mismatch(refusals.OTHER_KEY) from None
    _verify_extensions(certificate)


def _verify_extensions(certificate: CertificateFacts) -> None:
    for extension in certificate.certificate.extensions:
        if extension.critical and extension.oid not in _MAY_BE_CRITICAL:
            raise forbidden_critical_extension(extension.oid.dotted_string)
    try:
        constraints = certificate.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        raise malformed_certificate(refusals.NOT_A_CA) from None
    if not (constraints.critical and constraints.value.ca):
        raise malformed_certificate(refusals.NOT_A_CA)
    if certificate.key_usages and "CERTIFICATE_SIGNING" not in certificate.key_usages:
        raise malformed_certificate(refusals.MAY_NOT_SIGN)


def _verify_chain(
    authority: PrivateCertificateAuthority,
    certificate: CertificateFacts,
    chain: Sequence[CertificateFacts],
    at: datetime,
) -> None:
    """That the certificate leads to a root, as far above as it is, and that its signers allowed what it is."""
    is_self_signed = _is_self_signed(certificate)
    if authority.type == "ROOT":
        if not is_self_signed:
            raise invalid_request(refusals.ROOT_NOT_SELF_SIGNED)
        if chain:
            raise invalid_request(refusals.ROOT_WITH_CHAIN)
    else:
        if is_self_signed:
            raise invalid_request(refusals.SELF_SIGNED_SUBORDINATE)
        if not chain:
            raise invalid_request(refusals.WITHOUT_CHAIN)
        for issuer in chain:
            _verify_extensions(issuer)
        try:
            verify_chain_order(certificate, chain)
        except ChainError as error:
            raise malformed_certificate(str(error)) from None
        if not _is_self_signed(chain[-1]):
            raise malformed_certificate(refusals.CHAIN_WITHOUT_ROOT)
    for position, each in enumerate((certificate, *chain)):
        try:
            verify_validity(each, at, position=position)
        except ChainError:
            raise invalid_request(refusals.OUTSIDE_VALIDITY) from None
        # RFC 5280 section 4.2.1.9: how many CAs may stand between this one and a leaf; itself does not count.
        if each.path_length is not None and each.path_length < position:
            raise certificate_mismatch(refusals.DEPTH)


def _is_self_signed(certificate: CertificateFacts) -> bool:
    try:
        verify_issued_by(certificate, certificate)
    except ChainError:
        return False
    return True
