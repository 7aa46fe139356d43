"""What mutual TLS asks of a certificate by itself, whoever issued it.

What this module knows: the limits of API Gateway's truststores (facts 3.1: SHA-256 or stronger; RSA of 2048 bits or
more, P-256, P-384; four CA certificates at most), which critical extensions are processed (RFC 5280 section 4.2), and
what makes a certificate a CA's and fit for TLS clients.

The rule this file keeps: a fault is a `GatewayError` that nobody has raised yet, so the log's line, the client's answer,
a truststore's warning and `truststore check` all speak from `core.reasons`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from gatewright.core import reasons
from gatewright.core.errors import GatewayError
from gatewright.core.x509.certificate import CertificateFacts

#: The CA certificates of a path, the root among them and the leaf not (facts 3.2).
MAXIMUM_CAS: Final = 4

#: Facts 3.1. RSASSA-PSS and EdDSA are not among what the service names.
SIGNATURE_ALGORITHMS: Final = frozenset(
    f"SHA{bits}WITH{family}" for bits in (256, 384, 512) for family in ("RSA", "ECDSA")
)
CURVES: Final = frozenset({"EC-prime256v1", "EC-secp384r1"})
MINIMUM_RSA_BITS: Final = 2_048

# Those that the path's checks process, and those that cannot make a path worse: key identifiers choose among issuers, a
# policy is not asked for, a place to find CRLs is no condition. PolicyConstraints can demand a policy, and so is not here.
_PROCESSED: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
_CLIENT_PURPOSES: Final = frozenset(
    {ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string}
)


def find_standing_faults(certificate: CertificateFacts, *, issues: bool) -> Iterator[GatewayError]:
    """What will be wrong with the certificate at any time: as a CA on the path when it `issues`, else as the leaf."""
    subject = certificate.subject
    if certificate.signature_algorithm not in SIGNATURE_ALGORITHMS:
        yield GatewayError(reasons.CLIENT_CERT_WEAK_SIGNATURE, subject=subject, found=certificate.signature_algorithm)
    if not _is_strong_key(certificate):
        yield GatewayError(reasons.CLIENT_CERT_WEAK_KEY, subject=subject, found=certificate.key_algorithm)
    unknown = [
        extension.oid.dotted_string
        for extension in certificate.certificate.extensions
        if extension.critical and extension.oid not in _PROCESSED
    ]
    if unknown:
        yield GatewayError(reasons.CLIENT_CERT_UNKNOWN_EXTENSION, subject=subject, found=", ".join(unknown))
    if issues and (why := _why_not_ca(certificate)):
        yield GatewayError(reasons.CLIENT_CHAIN_NOT_CA, subject=subject, found=why)
    if why := _why_not_for_clients(certificate, issues=issues):
        yield GatewayError(reasons.CLIENT_CERT_WRONG_PURPOSE, subject=subject, found=why)


def find_validity_fault(certificate: CertificateFacts, now: datetime) -> GatewayError | None:
    """Why the certificate is not valid at that instant (RFC 5280 section 4.1.2.5: both ends count)."""
    if now < certificate.not_before:
        return GatewayError(
            reasons.CLIENT_CERT_NOT_YET_VALID,
            subject=certificate.subject,
            not_before=f"{certificate.not_before:%Y-%m-%dT%H:%M:%SZ}",
        )
    if now > certificate.not_after:
        return GatewayError(
            reasons.CLIENT_CERT_EXPIRED,
            subject=certificate.subject,
            not_after=f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}",
        )
    return None


def _is_strong_key(certificate: CertificateFacts) -> bool:
    if certificate.key_algorithm in CURVES:
        return True
    key = certificate.certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS


def _why_not_ca(certificate: CertificateFacts) -> str | None:
    # RFC 5280 section 6.1.4 (k), (n). Version 1 certificates say nothing of themselves and are no CAs.
    if not certificate.is_ca:
        return "its basic constraints do not say CA:TRUE"
    usage = _key_usage(certificate)
    return "its key usage does not allow keyCertSign" if usage and not usage.key_cert_sign else None


def _why_not_for_clients(certificate: CertificateFacts, *, issues: bool) -> str | None:
    # NOTE: AWS's list of checks does not name the purpose. RFC 5280 section 4.2.1.12 forbids any other use of a
    # certificate that has one, and OpenSSL refuses it on every certificate of the path; so do we. We also take
    # anyExtendedKeyUsage, as the RFC does.
    purposes = certificate.extended_key_usages
    if purposes and not any(purpose.oid in _CLIENT_PURPOSES for purpose in purposes):
        names = ", ".join(purpose.oid if purpose.name == "CUSTOM" else purpose.name for purpose in purposes)
        return f"its extended key usage is {names}"
    usage = _key_usage(certificate)
    # RFC 8446 section 4.4.2.4: the key signs the handshake. OpenSSL takes keyAgreement too, for suites of old.
    if not issues and usage and not (usage.digital_signature or usage.key_agreement):
        return "its key usage does not allow digitalSignature"
    return None


def _key_usage(certificate: CertificateFacts) -> x509.KeyUsage | None:
    try:
        return certificate.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
