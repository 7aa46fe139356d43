"""A certificate as a place on a path: what is compared when paths are searched, prepared once.

What this module knows: what ties a certificate to its issuer's: the names (RFC 5280 section 6.1.3 (a)(4)), the key
identifiers where both sides have them (section 4.2.1.1), and the signature.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.name import CanonicalName, canonicalize_name
from gatewright.core.x509.signature import is_signed_by

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, repr=False)
class PathCertificate:
    """One certificate with its names as they are compared; two are equal when their DER is."""

    facts: CertificateFacts
    subject: CanonicalName = field(compare=False)
    issuer: CanonicalName = field(compare=False)
    public_key: bytes = field(compare=False)
    key_identifier: bytes | None = field(compare=False)
    authority: x509.AuthorityKeyIdentifier | None = field(compare=False)
    name_constraints: x509.NameConstraints | None = field(compare=False)
    self_signed: bool = field(compare=False)

    @classmethod
    def from_facts(cls, facts: CertificateFacts) -> "PathCertificate":
        """The certificate with what paths need; its own signature is checked when its names call for it."""
        certificate = facts.certificate
        subject, issuer = canonicalize_name(certificate.subject), canonicalize_name(certificate.issuer)
        identifier = _extension(certificate, x509.SubjectKeyIdentifier)
        authority = _extension(certificate, x509.AuthorityKeyIdentifier)
        key_identifier = identifier.digest if identifier else None
        return cls(
            facts=facts,
            subject=subject,
            issuer=issuer,
            public_key=certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            key_identifier=key_identifier,
            authority=authority,
            name_constraints=_extension(certificate, x509.NameConstraints),
            # A CA that got a new key certifies it with the old one: same names, and not self-signed.
            self_signed=subject == issuer
            and not _identifiers_differ(authority, key_identifier, facts, issuer)
            and is_signed_by(certificate, certificate.public_key(), facts.der),
        )

    def __repr__(self) -> str:
        return f"<PathCertificate {self.facts!r}{', self-signed' if self.self_signed else ''}>"

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name (RFC 5280 section 3.2)."""
        return self.subject == self.issuer

    def names_key_of(self, issuer: "PathCertificate") -> bool:
        """The certificate's authority key identifier, as far as it goes, names this issuer's certificate."""
        return not _identifiers_differ(self.authority, issuer.key_identifier, issuer.facts, issuer.issuer)

    def identifies_key_of(self, issuer: "PathCertificate") -> bool:
        """Both have key identifiers and they are the same, so that nothing but a lie stands against a signature."""
        return (
            self.authority is not None
            and self.authority.key_identifier is not None
            and self.authority.key_identifier == issuer.key_identifier
        )

    def is_signed_by(self, issuer: "PathCertificate") -> bool:
        """The issuer's key made the signature."""
        return is_signed_by(self.facts.certificate, issuer.facts.certificate.public_key(), self.facts.der)


def _identifiers_differ(
    authority: x509.AuthorityKeyIdentifier | None,
    key_identifier: bytes | None,
    issuer: CertificateFacts,
    issuer_of_issuer: CanonicalName,
) -> bool:
    if authority is None:
        return False
    if authority.key_identifier is not None and key_identifier not in {None, authority.key_identifier}:
        return True
    serial = authority.authority_cert_serial_number
    if serial is not None and serial != issuer.certificate.serial_number:
        return True
    # As OpenSSL does, the first directory name is the one that counts.
    for name in authority.authority_cert_issuer or ():
        if isinstance(name, x509.DirectoryName):
            return canonicalize_name(name.value) != issuer_of_issuer
    return False


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
