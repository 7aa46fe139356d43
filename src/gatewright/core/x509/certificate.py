"""The facts about a certificate that the gateway and ACM speak of, read once from DER.

What this module knows: where RFC 5280 keeps each fact, PEM's text encoding (RFC 7468), and the spelling that ACM gives
the facts in DescribeCertificate (facts 13; the enumerations are the service model's `KeyUsageName` and
`ExtendedKeyUsageName`). Recorded answers exist for `RSA-2048` and `SHA256WITHRSA`; the other algorithm names follow
their pattern, which is a guess.

The rule this file keeps: a certificate whose extensions cannot be read does not become a value. After that, nothing
here can fail.
"""

import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

# RFC 7468 section 2: text may stand outside the boundaries, and labels are upper case.
_BOUNDARY = re.compile(rb"-----(BEGIN|END) ([^\r\n-]*)-----")

# The model's KeyUsageName for each bit of RFC 5280 section 4.2.1.3, by pyca's attribute. The last two have no meaning,
# and pyca no answer, without key agreement.
_KEY_USAGES = (
    ("digital_signature", "DIGITAL_SIGNATURE"),
    ("content_commitment", "NON_REPUDIATION"),
    ("key_encipherment", "KEY_ENCIPHERMENT"),
    ("data_encipherment", "DATA_ENCIPHERMENT"),
    ("key_agreement", "KEY_AGREEMENT"),
    ("key_cert_sign", "CERTIFICATE_SIGNING"),
    ("crl_sign", "CRL_SIGNING"),
)
_AGREEMENT_USAGES = (("encipher_only", "ENCIPHER_ONLY"), ("decipher_only", "DECIPHER_ONLY"))

# The model's ExtendedKeyUsageName by object identifier (RFC 5280 section 4.2.1.12; the IPsec ones are RFC 2459's).
_EXTENDED_KEY_USAGES = {
    ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "TLS_WEB_SERVER_AUTHENTICATION",
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "TLS_WEB_CLIENT_AUTHENTICATION",
    ExtendedKeyUsageOID.CODE_SIGNING.dotted_string: "CODE_SIGNING",
    ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string: "EMAIL_PROTECTION",
    "1.3.6.1.5.5.7.3.5": "IPSEC_END_SYSTEM",
    "1.3.6.1.5.5.7.3.6": "IPSEC_TUNNEL",
    "1.3.6.1.5.5.7.3.7": "IPSEC_USER",
    ExtendedKeyUsageOID.TIME_STAMPING.dotted_string: "TIME_STAMPING",
    ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string: "OCSP_SIGNING",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string: "ANY",
}

# The key's part of a signature algorithm's name, by object identifier; the hash's part comes before it.
_SIGNATURE_KEYS = {
    **dict.fromkeys(
        (
            SignatureAlgorithmOID.RSA_WITH_MD5,
            SignatureAlgorithmOID.RSA_WITH_SHA1,
            SignatureAlgorithmOID.RSA_WITH_SHA224,
            SignatureAlgorithmOID.RSA_WITH_SHA256,
            SignatureAlgorithmOID.RSA_WITH_SHA384,
            SignatureAlgorithmOID.RSA_WITH_SHA512,
        ),
        "RSA",
    ),
    **dict.fromkeys(
        (
            SignatureAlgorithmOID.ECDSA_WITH_SHA1,
            SignatureAlgorithmOID.ECDSA_WITH_SHA224,
            SignatureAlgorithmOID.ECDSA_WITH_SHA256,
            SignatureAlgorithmOID.ECDSA_WITH_SHA384,
            SignatureAlgorithmOID.ECDSA_WITH_SHA512,
        ),
        "ECDSA",
    ),
    SignatureAlgorithmOID.RSASSA_PSS: "RSAANDMGF1",
}

# ACM and OpenSSL call the curve by its X9.62 name, pyca by its SEC 2 name.
_CURVE_NAMES = {"secp256r1": "prime256v1"}

# Attribute types that OpenSSL has a name for and RFC 4514's short table lacks.
_ATTRIBUTE_NAMES = {
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.GIVEN_NAME: "GN",
    NameOID.SURNAME: "SN",
    NameOID.TITLE: "title",
}


class CertificateError(ValueError):
    """The bytes are not a certificate that can be read."""


def _explain(error: Exception) -> str:
    """Pyca's words, where they are some: of bytes that are no ASN.1 it shows the state of its parser."""
    words = str(error).rstrip(".")
    return "its bytes are not the DER form of X.509" if "ParseError" in words else words


class ExtendedKeyUsage(NamedTuple):
    """One purpose, by the service model's name (`CUSTOM` for those it has none for) and its object identifier."""

    name: str
    oid: str


@dataclass(frozen=True, slots=True, repr=False)
class CertificateFacts:
    """One certificate. Two are equal when their DER is; names are written as OpenSSL does, `C=US, CN=a.example`."""

    der: bytes
    certificate: x509.Certificate = field(compare=False)
    subject: str = field(compare=False)
    issuer: str = field(compare=False)
    common_name: str | None = field(compare=False)
    dns_names: tuple[str, ...] = field(compare=False)
    ip_addresses: tuple[str, ...] = field(compare=False)
    serial: str = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    key_algorithm: str = field(compare=False)
    signature_algorithm: str = field(compare=False)
    is_ca: bool = field(compare=False)
    path_length: int | None = field(compare=False)
    key_usages: tuple[str, ...] = field(compare=False)
    extended_key_usages: tuple[ExtendedKeyUsage, ...] = field(compare=False)

    @classmethod
    def from_der(cls, der: bytes) -> "CertificateFacts":
        """The facts of one DER certificate; raises CertificateError when it cannot be read."""
        try:
            return cls._from_certificate(x509.load_der_x509_certificate(der), der)
        # What pyca raises for a certificate that is broken inside is not of one family; TypeError is for a name whose
        # value is of a type that it does not take there.
        except (
            ValueError,
            TypeError,
            UnsupportedAlgorithm,
            x509.DuplicateExtension,
            x509.InvalidVersion,
            x509.UnsupportedGeneralNameType,
        ) as error:
            raise CertificateError(f"The certificate cannot be read: {_explain(error)}.") from None

    @classmethod
    def _from_certificate(cls, certificate: x509.Certificate, der: bytes) -> "CertificateFacts":
        extensions = certificate.extensions
        constraints = _extension(extensions, x509.BasicConstraints)
        names = _extension(extensions, x509.SubjectAlternativeName)
        usage = _extension(extensions, x509.KeyUsage)
        purposes = _extension(extensions, x509.ExtendedKeyUsage)
        # The last one is the most specific (RFC 6125 section 1.8).
        common_names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return cls(
            der=der,
            certificate=certificate,
            subject=render_name(certificate.subject),
            issuer=render_name(certificate.issuer),
            common_name=str(common_names[-1].value) if common_names else None,
            dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
            ip_addresses=tuple(map(str, names.get_values_for_type(x509.IPAddress))) if names else (),
            serial=_render_serial(certificate.serial_number),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key_algorithm=render_key_algorithm(certificate.public_key()),
            signature_algorithm=_render_signature_algorithm(certificate),
            is_ca=constraints is not None and constraints.ca,
            path_length=constraints.path_length if constraints else None,
            key_usages=_key_usages(usage) if usage else (),
            extended_key_usages=tuple(
                ExtendedKeyUsage(_EXTENDED_KEY_USAGES.get(oid.dotted_string, "CUSTOM"), oid.dotted_string)
                for oid in purposes or ()
            ),
        )

    def __repr__(self) -> str:
        return (
            f"<CertificateFacts {self.subject!r} issued by {self.issuer!r}, serial {self.serial}, "
            f"{self.key_algorithm}, valid {self.not_before:%Y-%m-%dT%H:%M:%SZ} to {self.not_after:%Y-%m-%dT%H:%M:%SZ}>"
        )

    @property
    def domain_names(self) -> tuple[str, ...]:
        """The DNS names, the common name first when it is one of them; the common name alone when there are none.

        ACM shows the first as DomainName and all as SubjectAlternativeNames.
        """
        if not self.dns_names:
            return (self.common_name,) if self.common_name else ()
        first = [name for name in self.dns_names if name == self.common_name]
        return tuple(dict.fromkeys([*first, *self.dns_names]))

    @property
    def subject_rfc4514(self) -> str:
        """The subject as RFC 4514 writes it: the most specific part first."""
        return self.certificate.subject.rfc4514_string(_ATTRIBUTE_NAMES)

    @property
    def issuer_rfc4514(self) -> str:
        """The issuer as RFC 4514 writes it: the most specific part first."""
        return self.certificate.issuer.rfc4514_string(_ATTRIBUTE_NAMES)

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name (RFC 5280 section 3.2); who *signed* it is the chain's question."""
        return self.certificate.subject == self.certificate.issuer

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER as `openssl x509 -fingerprint -sha256` prints it."""
        return _colons(sha256(self.der).hexdigest().upper())

    @property
    def pem(self) -> str:
        """The certificate's PEM block."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")


def parse_certificate_pem(data: bytes) -> list[CertificateFacts]:
    """The certificates of a PEM text in order; at least one. The error says which block cannot be read and why."""
    found: list[CertificateFacts] = []
    for number, label, der in _pem_blocks(data):
        if label != "CERTIFICATE":
            raise CertificateError(f"Block {number} of the PEM text is a {label}; a CERTIFICATE is expected.")
        try:
            found.append(CertificateFacts.from_der(der))
        except CertificateError as error:
            raise CertificateError(f"Block {number} of the PEM text: {error}") from None
    if not found:
        raise CertificateError("The text contains no PEM block; a certificate begins with -----BEGIN CERTIFICATE-----.")
    return found


def _pem_blocks(data: bytes) -> list[tuple[int, str, bytes]]:
    """Number (from 1), label and content of each block; of a block that is no certificate, the content is not read."""
    blocks = []
    boundaries = list(_BOUNDARY.finditer(data))
    for number, start in enumerate(range(0, len(boundaries), 2), 1):
        begin, end = boundaries[start], boundaries[start + 1] if start + 1 < len(boundaries) else None
        label = begin[2].decode("latin-1")
        if begin[1] != b"BEGIN":
            raise CertificateError(f"Block {number} of the PEM text ends ({label}) without having begun.")
        if end is None or (end[1], end[2]) != (b"END", begin[2]):
            raise CertificateError(f"Block {number} of the PEM text ({label}) has no matching END line.")
        der = b""
        if label == "CERTIFICATE":
            try:
                der = binascii.a2b_base64(b"".join(data[begin.end() : end.start()].split()), strict_mode=True)
            except binascii.Error:
                raise CertificateError(
                    f"Block {number} of the PEM text is not base64 between its boundaries."
                ) from None
        blocks.append((number, label, der))
    return blocks


def render_name(name: x509.Name) -> str:
    """A distinguished name in the certificate's own order, as `openssl x509 -subject` of OpenSSL 3.2 and later."""
    return ", ".join(part.rfc4514_string(_ATTRIBUTE_NAMES) for part in name.rdns)


def render_key_algorithm(key: CertificatePublicKeyTypes) -> str:
    """The key's kind and size as DescribeCertificate spells it."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC-{_CURVE_NAMES.get(key.curve.name, key.curve.name)}"
    # ED25519, ED448, DSA: no certificate that ACM takes, and yet a trust anchor or a client may have one.
    return type(key).__name__.removesuffix("PublicKey").upper()


def _render_signature_algorithm(certificate: x509.Certificate) -> str:
    key = _SIGNATURE_KEYS.get(certificate.signature_algorithm_oid)
    if key is None:
        return certificate.signature_algorithm_oid._name.upper()  # noqa: SLF001 - pyca's only name for an identifier
    algorithm = certificate.signature_hash_algorithm
    assert algorithm is not None, "each algorithm in the table has a hash"
    return f"{algorithm.name.upper()}WITH{key}"


def _extension(extensions: x509.Extensions, kind: type[_Extension]) -> _Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _key_usages(usage: x509.KeyUsage) -> tuple[str, ...]:
    table = _KEY_USAGES + _AGREEMENT_USAGES if usage.key_agreement else _KEY_USAGES
    return tuple(name for attribute, name in table if getattr(usage, attribute))


def _render_serial(serial: int) -> str:
    """Whole bytes in lower-case hex with colons; a negative one (RFC 5280 forbids it) keeps its sign, as in OpenSSL."""
    digits = f"{abs(serial):x}"
    return "-" * (serial < 0) + _colons(digits.zfill(len(digits) + len(digits) % 2))


def _colons(digits: str) -> str:
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
