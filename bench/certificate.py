"""The certificates that are served: ECDSA P-256 leaves of a P-256 root, made at each start, good for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class ServedCertificate:
    """Files in PEM: the leaf, its issuer, both as they are sent, the key, and all of it in one as HAProxy wants it."""

    leaf: Path
    issuer: Path
    chain: Path
    key: Path
    chain_and_key: Path


class Issuer:
    """A root and what it signs."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)
        self._key = generate_private_key(SECP256R1())
        root = (
            _build("Bench CA", self._key, self._now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.root_pem = root.public_bytes(Encoding.PEM)

    def issue(self, name: str) -> tuple[bytes, bytes]:
        """A leaf for this name and its own key, both in PEM."""
        key = generate_private_key(SECP256R1())
        leaf = (
            _build(name, key, self._now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return (
            leaf.public_bytes(Encoding.PEM),
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )


def make_certificate(folder: Path, name: str) -> ServedCertificate:
    """A certificate for this name, in files."""
    issuer = Issuer()
    leaf_pem, key_pem = issuer.issue(name)
    root_pem = issuer.root_pem

    def write(file: str, content: bytes) -> Path:
        path = folder / file
        path.write_bytes(content)
        return path

    return ServedCertificate(
        leaf=write("leaf.pem", leaf_pem),
        issuer=write("issuer.pem", root_pem),
        chain=write("chain.pem", leaf_pem + root_pem),
        key=write("key.pem", key_pem),
        chain_and_key=write("chain-and-key.pem", leaf_pem + root_pem + key_pem),
    )


def _build(subject: str, key: EllipticCurvePrivateKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bench CA")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
