"""Certificates and revocation lists, made from what is handed in: names, keys, serial numbers, instants, extensions.

What this module knows: which signing algorithms a key can be used with, by the names of the service models of ACM and
ACM PCA (`SigningAlgorithm`), and which extensions tie a certificate to its issuer (RFC 5280 sections 4.2.1.1, 4.2.1.2).

The rules this file keeps: no clock and no serial number of its own. A signature is made by the key that is handed in; an
ECDSA or PSS signature is different each time, since the library draws its nonce or salt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from gatewright.core.x509.private_key import PrivateKey

Family = Literal["RSA", "ECDSA"]


class SigningAlgorithm(NamedTuple):
    """How a signature is made: with a key of which family, over which hash, and whether RSA pads as PSS has it."""

    family: Family
    hash: type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]
    pss: bool = False


#: M: `SigningAlgorithm` of acm-pca, but for ML-DSA and SM2, for which there are no keys here.
SIGNING_ALGORITHMS: Mapping[str, SigningAlgorithm] = MappingProxyType(
    {
        "SHA256WITHECDSA": SigningAlgorithm("ECDSA", hashes.SHA256),
        "SHA384WITHECDSA": SigningAlgorithm("ECDSA", hashes.SHA384),
        "SHA512WITHECDSA": SigningAlgorithm("ECDSA", hashes.SHA512),
        "SHA256WITHRSA": SigningAlgorithm("RSA", hashes.SHA256),
        "SHA384WITHRSA": SigningAlgorithm("RSA", hashes.SHA384),
        "SHA512WITHRSA": SigningAlgorithm("RSA", hashes.SHA512),
        "SHA256WITHRSA_PSS": SigningAlgorithm("RSA", hashes.SHA256, pss=True),
        "SHA384WITHRSA_PSS": SigningAlgorithm("RSA", hashes.SHA384, pss=True),
        "SHA512WITHRSA_PSS": SigningAlgorithm("RSA", hashes.SHA512, pss=True),
    }
)


class Extension(NamedTuple):
    """An extension and whether who does not understand it must refuse the certificate."""

    value: x509.ExtensionType
    critical: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Issuer:
    """Who signs: name, key, and the key's identifier as the issuer's own certificate has it."""

    name: x509.Name
    key: PrivateKey
    key_identifier: x509.SubjectKeyIdentifier

    def __repr__(self) -> str:
        return f"<Issuer {self.name.rfc4514_string()!r}>"


def family_of(key: PrivateKey) -> Family:
    """The family of signing algorithms that a key can be used with."""
    return "RSA" if isinstance(key, rsa.RSAPrivateKey) else "ECDSA"


def issuer_of(certificate: x509.Certificate, key: PrivateKey) -> Issuer:
    """The issuer whose certificate and key these are."""
    try:
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        identifier = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return Issuer(certificate.subject, key, identifier)


def self_issuer(name: x509.Name, key: PrivateKey) -> Issuer:
    """Who signs a certificate of its own, and has none yet."""
    return Issuer(name, key, x509.SubjectKeyIdentifier.from_public_key(key.public_key()))


def issue_certificate(
    issuer: Issuer,
    algorithm: SigningAlgorithm,
    *,
    subject: x509.Name,
    public_key: CertificatePublicKeyTypes,
    serial: int,
    not_before: datetime,
    not_after: datetime,
    extensions: Iterable[Extension],
) -> x509.Certificate:
    """The certificate, with these extensions and the two key identifiers."""
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.key_identifier)
    builder = (
        x509.CertificateBuilder(issuer_name=issuer.name, subject_name=subject)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(authority_key, critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(issuer.key, algorithm.hash(), rsa_padding=_padding(algorithm))


def make_signing_request(
    key: PrivateKey, algorithm: SigningAlgorithm, subject: x509.Name, extensions: Iterable[Extension] = ()
) -> x509.CertificateSigningRequest:
    """A request (PKCS#10, RFC 2986) for a certificate of this key."""
    builder = x509.CertificateSigningRequestBuilder(subject)
    for extension in extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(key, algorithm.hash(), rsa_padding=_padding(algorithm))


class Revocation(NamedTuple):
    """An entry of a revocation list."""

    serial: int
    at: datetime
    reason: x509.ReasonFlags


def issue_revocation_list(
    issuer: Issuer,
    algorithm: SigningAlgorithm,
    revocations: Iterable[Revocation],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> x509.CertificateRevocationList:
    """A complete revocation list (RFC 5280 section 5), version 2."""
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.key_identifier)
    builder = (
        x509.CertificateRevocationListBuilder(issuer_name=issuer.name, last_update=this_update, next_update=next_update)
        .add_extension(authority_key, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for revocation in revocations:
        entry = x509.RevokedCertificateBuilder(serial_number=revocation.serial, revocation_date=revocation.at)
        # RFC 5280 section 5.3.1: "SHOULD be absent instead of using the unspecified (0) reasonCode value".
        if revocation.reason is not x509.ReasonFlags.unspecified:
            entry = entry.add_extension(x509.CRLReason(revocation.reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, algorithm.hash(), rsa_padding=_padding(algorithm))


def key_usage(*usages: str) -> x509.KeyUsage:
    """The extension with these bits, by pyca's names (`key_cert_sign`), which are RFC 5280's in snake_case."""
    bits = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**{**bits, **dict.fromkeys(usages, True)})


def _padding(algorithm: SigningAlgorithm) -> padding.PSS | padding.PKCS1v15 | None:
    if algorithm.family == "ECDSA":
        return None
    if not algorithm.pss:
        return padding.PKCS1v15()
    # RFC 4055 section 3.1: the salt is as long as the hash, the mask's hash is the signature's.
    return padding.PSS(mgf=padding.MGF1(algorithm.hash()), salt_length=padding.PSS.DIGEST_LENGTH)
