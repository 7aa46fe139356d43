"""Revocation by CRL files beside a truststore: of Gatewright's own, since the service asks none (facts 3.2).

What this module knows: RFC 5280 sections 5 and 6.3 for complete lists of the CA that issued the certificates. The
policy, which is ours:

- A CA without a list is not asked about: one lays beside the truststore the lists one has.
- A CA with a list is asked, and without an answer nobody passes: a list that has run out (`nextUpdate`), is not in force
  yet (`thisUpdate`) or was not signed by the CA's key refuses the certificates that it should speak of. A certificate
  that is on a list of the CA that has run out is revoked all the same. A list without `nextUpdate` does not run out.
- Of several lists of a CA the newest one in force counts.
- The root is not asked about: it would have to revoke itself.
- A certificate on hold is revoked for as long as it is on the list.

The rule this file keeps: a list that cannot be understood whole (delta, indirect, by reason or kind of certificate, an
unknown critical extension) does not become a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gatewright.core import reasons
from gatewright.core.errors import GatewayError
from gatewright.core.x509.name import CanonicalName, canonicalize_name
from gatewright.core.x509.path_certificate import PathCertificate
from gatewright.core.x509.pem import parse_pem_blocks

_PEM: Final = re.compile(rb"-----BEGIN ")
_STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class RevocationListError(ValueError):
    """The bytes are no revocation list that can be used."""


@dataclass(frozen=True, slots=True, repr=False)
class RevocationLists:
    """The lists, by the canonical name of the CA that made them; whether it did, is seen when a path is at hand."""

    by_issuer: Mapping[CanonicalName, tuple[x509.CertificateRevocationList, ...]]

    @classmethod
    def from_files(cls, files: Iterable[bytes]) -> "RevocationLists":
        """The lists of several files, each PEM (one list or more) or DER; raises RevocationListError."""
        found: dict[CanonicalName, list[x509.CertificateRevocationList]] = {}
        for data in files:
            for crl in _parse_lists(data):
                found.setdefault(canonicalize_name(crl.issuer), []).append(crl)
        # The newest first.
        for lists in found.values():
            lists.sort(key=lambda crl: crl.last_update_utc, reverse=True)
        return cls(MappingProxyType({issuer: tuple(lists) for issuer, lists in found.items()}))

    def __repr__(self) -> str:
        return f"<RevocationLists of {len(self.by_issuer)} CAs>"

    def verify_path(self, path: Sequence[PathCertificate], now: datetime) -> tuple[datetime, ...]:
        """The instants at which the lists that were asked run out; raises GatewayError when the path may not pass."""
        return tuple(
            self._verify_one(certificate, issuer, now)
            for certificate, issuer in pairwise(path)
            if certificate.issuer in self.by_issuer
        ) or (_NEVER,)

    def _verify_one(self, certificate: PathCertificate, issuer: PathCertificate, now: datetime) -> datetime:
        lists = [crl for crl in self.by_issuer[certificate.issuer] if _is_signed_by(crl, issuer)]
        if not lists:
            raise _unknown(certificate, "no list of that name was signed with the CA's key")
        in_force = [crl for crl in lists if crl.last_update_utc <= now]
        if not in_force:
            raise _unknown(certificate, "its list is not in force yet")
        newest = in_force[0]
        revoked = newest.get_revoked_certificate_by_serial_number(certificate.facts.certificate.serial_number)
        if revoked is not None and revoked.revocation_date_utc <= now:
            raise GatewayError(
                reasons.CLIENT_CERT_REVOKED,
                subject=certificate.facts.subject,
                issuer=certificate.facts.issuer,
                serial=certificate.facts.serial,
                revoked_at=f"{revoked.revocation_date_utc:%Y-%m-%dT%H:%M:%SZ}",
            )
        end = newest.next_update_utc
        if end is not None and end < now:
            raise _unknown(certificate, f"its list has run out at {end:%Y-%m-%dT%H:%M:%SZ}")
        return end or _NEVER


def _unknown(certificate: PathCertificate, why: str) -> GatewayError:
    return GatewayError(
        reasons.CLIENT_CERT_REVOCATION_UNKNOWN,
        subject=certificate.facts.subject,
        issuer=certificate.facts.issuer,
        why=why,
    )


def _parse_lists(data: bytes) -> Iterator[x509.CertificateRevocationList]:
    if not _PEM.search(data):
        yield _parse_list(data, "The file")
        return
    for block in parse_pem_blocks(data):
        if block.content is None or block.label != "X509 CRL":
            why = block.fault or f"it is a {block.label}"
            raise RevocationListError(f"Block {block.number} of the PEM text is no X509 CRL: {why}.")
        yield _parse_list(block.content, f"Block {block.number} of the PEM text")


def _parse_list(der: bytes, place: str) -> x509.CertificateRevocationList:
    try:
        crl = x509.load_der_x509_crl(der)
        critical = [extension.oid.dotted_string for extension in crl.extensions if extension.critical]
        canonicalize_name(crl.issuer)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise RevocationListError(f"{place} is no CRL that can be read: {str(error).rstrip('.')}.") from None
    # RFC 5280 section 5.2: deltas, indirect lists and those of some certificates only say so in a critical extension.
    if critical:
        raise RevocationListError(
            f"{place} is a CRL with critical extensions that are not processed ({', '.join(critical)}); expected is the "
            "complete list of the CA that issued the certificates."
        )
    return crl


def _is_signed_by(crl: x509.CertificateRevocationList, issuer: PathCertificate) -> bool:
    key = issuer.facts.certificate.public_key()
    # RFC 5280 section 6.3.3 (f): with a key usage, cRLSign is in it.
    if issuer.facts.key_usages and "CRL_SIGNING" not in issuer.facts.key_usages:
        return False
    try:
        digest = crl.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return False
    strong = digest is not None and digest.name in _STRONG
    return strong and isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)
