"""The one certificate that every proxy of a run serves: an ECDSA P-256 leaf of a P-256 root, made at each start."""

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


def make_certificate(folder: Path, name: str) -> ServedCertificate:
    """A certificate for this name, good for a day."""
    now = datetime.now(UTC)
    root_key, leaf_key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    root = (
        _build("Bench CA", "Bench CA", root_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _build(name, "Bench CA", leaf_key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf_pem, root_pem = leaf.public_bytes(Encoding.PEM), root.public_bytes(Encoding.PEM)
    key_pem = leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

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


def _build(subject: str, issuer: str, key: EllipticCurvePrivateKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
