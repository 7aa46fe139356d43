"""What an import brings, checked: one certificate, its private key, and the chain of those who signed it.

Everything that makes a certificate unfit for ACM is refused here, in ACM's words, before anything is stored: the rest
of the service never meets a certificate that it cannot read, or a key of another certificate.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatewright.controlplane.acm import refusals
from gatewright.controlplane.acm.refusals import validation_error
from gatewright.core.x509.certificate import CertificateError, CertificateFacts, parse_certificate_pem
from gatewright.core.x509.chain import ChainError, ChainFault, verify_chain_order, verify_validity
from gatewright.core.x509.private_key import (
    KeyMismatchError,
    PrivateKey,
    PrivateKeyError,
    PrivateKeyFault,
    parse_private_key_pem,
    verify_key_matches,
)


@dataclass(frozen=True, slots=True)
class Material:
    """A certificate that can be served: with `key_pem`, and with the certificates that lead to its root."""

    certificate: CertificateFacts
    chain: tuple[CertificateFacts, ...]
    key_pem: bytes = field(repr=False)  # PKCS#8, unencrypted

    @property
    def domain_name(self) -> str:
        """R: the common name. Guess: the first DNS name of a certificate without one."""
        return self.certificate.common_name or self.certificate.domain_names[0]

    @property
    def subject_alternative_names(self) -> tuple[str, ...]:
        """M: "the subject alternative names include the canonical domain name (CN)"; each once, as they are written."""
        return tuple(dict.fromkeys((self.domain_name, *self.certificate.domain_names)))

    @property
    def certificate_pem(self) -> str:
        """The certificate alone, without whatever text stood around it."""
        return self.certificate.pem

    @property
    def chain_pem(self) -> str | None:
        """The chain, nearest issuer first; None for a self-signed certificate."""
        return "".join(certificate.pem for certificate in self.chain) or None


def verify_material(certificate: bytes, private_key: bytes, chain: bytes | None, *, now: float) -> Material:
    """The material of an import; raises ValidationException where the three do not make a usable certificate."""
    leaf = _parse_certificate(certificate)
    _verify_leaf(leaf, now)
    key = _parse_private_key(private_key)
    try:
        verify_key_matches(leaf, key)
    except KeyMismatchError:
        raise validation_error(refusals.KEY_MISMATCH) from None
    issuers = _verify_chain(leaf, chain)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Material(certificate=leaf, chain=issuers, key_pem=key_pem)


def _parse_certificate(pem: bytes) -> CertificateFacts:
    try:
        certificates = parse_certificate_pem(pem)
    except CertificateError:
        raise validation_error(refusals.UNREADABLE_CERTIFICATE) from None
    if len(certificates) > 1:
        raise validation_error(refusals.SEVERAL_CERTIFICATES)
    return certificates[0]


def _verify_leaf(leaf: CertificateFacts, now: float) -> None:
    # D (ImportCertificate): "The current time must be between the Not Before and Not After certificate fields", "The
    # Issuer field must not be empty".
    try:
        verify_validity(leaf, datetime.fromtimestamp(now, UTC))
    except ChainError as error:
        expired = error.fault is ChainFault.EXPIRED
        raise validation_error(refusals.EXPIRED if expired else refusals.NOT_YET_VALID) from None
    if not leaf.issuer:
        raise validation_error(refusals.WITHOUT_ISSUER)
    if not leaf.common_name and not leaf.domain_names:
        raise validation_error(refusals.WITHOUT_NAMES)


def _parse_private_key(pem: bytes) -> PrivateKey:
    try:
        return parse_private_key_pem(pem)
    except PrivateKeyError as error:
        raise validation_error(_explain_key(error)) from None


def _explain_key(error: PrivateKeyError) -> str:
    match error.fault:
        case PrivateKeyFault.ENCRYPTED:
            return refusals.ENCRYPTED_KEY
        case PrivateKeyFault.NOT_A_KEY:
            return refusals.NOT_A_PRIVATE_KEY
        case PrivateKeyFault.LENGTH:
            return refusals.unsupported_key_length(error.bits)
        case _:
            return refusals.UNSUPPORTED_KEY


def _verify_chain(leaf: CertificateFacts, chain: bytes | None) -> tuple[CertificateFacts, ...]:
    if chain is None:
        # D: "If your certificate is self-signed", no chain is needed; every other certificate needs one.
        if not _is_self_signed(leaf):
            raise validation_error(refusals.NOT_SELF_SIGNED)
        return ()
    try:
        issuers = parse_certificate_pem(chain)
    except CertificateError:
        raise validation_error(refusals.UNREADABLE_CHAIN) from None
    try:
        verify_chain_order(leaf, issuers)
    except ChainError as error:
        raise validation_error(_explain_chain(error)) from None
    return tuple(issuers)


def _is_self_signed(leaf: CertificateFacts) -> bool:
    # Not `verify_issued_by`: a leaf that signs itself need not be a certificate authority.
    try:
        leaf.certificate.verify_directly_issued_by(leaf.certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _explain_chain(error: ChainError) -> str:
    # R: the wrong CA beside the leaf gives the one sentence, a fault further up the other. `position` counts the leaf.
    if error.position == 0:
        return refusals.CHAIN_OF_ANOTHER
    return refusals.chain_out_of_order(error.position - 1)
