"""Private keys as ACM takes them, and the proof that one belongs to a certificate.

What this module knows: which keys can be imported (facts 13: unencrypted PEM; RSA of 1024 to 4096 bits; ECDSA on P-256,
P-384 and P-521) and that a certificate and a key belong together when their public keys are the same.

The rule this file keeps: no message and no `repr` holds a byte of a key, nor the words of a library that may have one.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gatewright.core.x509.certificate import CertificateFacts, render_key_algorithm

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

# Facts 13, the service model's KeyAlgorithm, in DescribeCertificate's spelling.
SUPPORTED_KEY_ALGORITHMS = (
    "RSA-1024",
    "RSA-2048",
    "RSA-3072",
    "RSA-4096",
    "EC-prime256v1",
    "EC-secp384r1",
    "EC-secp521r1",
)

# PKCS#8 (RFC 5958) says it in the label; the older formats in a header (RFC 1421 section 4.6.1.1).
_ENCRYPTED = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:\s*4\s*,\s*ENCRYPTED", re.MULTILINE)
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")


class PrivateKeyFault(Enum):
    """Why a text is no private key that can be used."""

    ENCRYPTED = auto()
    NOT_A_KEY = auto()  # PEM of something else
    UNREADABLE = auto()
    KIND = auto()  # an algorithm or curve that is not supported
    LENGTH = auto()  # RSA of another size


class PrivateKeyError(ValueError):
    """The text is not a private key that can be used; `bits` is the length of a key that has the wrong one."""

    def __init__(self, fault: PrivateKeyFault, message: str, *, bits: int = 0) -> None:
        super().__init__(message)
        self.fault = fault
        self.bits = bits


class KeyMismatchError(ValueError):
    """The private key is another certificate's."""


class CertifiedKey(NamedTuple):
    """The proof that a private key is its certificate's: made by `verify_key_matches` only."""

    certificate: CertificateFacts
    key: PrivateKey

    def __repr__(self) -> str:
        return f"<CertifiedKey of {self.certificate!r}>"


def parse_private_key_pem(data: bytes) -> PrivateKey:
    """The private key of a PEM text; raises PrivateKeyError, which says what is wrong and shows nothing of the key."""
    if _ENCRYPTED.search(data):
        raise PrivateKeyError(
            PrivateKeyFault.ENCRYPTED, "The private key is encrypted; it must be given without a passphrase."
        )
    labels = [label.decode("ascii") for label in _LABEL.findall(data)]
    keys = [label for label in labels if label.endswith("PRIVATE KEY")]
    if not keys:
        found = f"a {labels[0]}" if labels else "no PEM block"
        fault = PrivateKeyFault.NOT_A_KEY if labels else PrivateKeyFault.UNREADABLE
        raise PrivateKeyError(
            fault, f"The text contains {found}; a private key begins with -----BEGIN PRIVATE KEY-----."
        )
    if len(keys) > 1:
        raise PrivateKeyError(
            PrivateKeyFault.UNREADABLE, f"The text contains {len(keys)} private keys; one is expected."
        )
    # `openssl ecparam -genkey` writes the curve's parameters before the key.
    start = data.index(f"-----BEGIN {keys[0]}-----".encode())
    try:
        key = load_pem_private_key(data[start:], password=None)
    except UnsupportedAlgorithm:
        key = None
    except (ValueError, TypeError):
        raise PrivateKeyError(
            PrivateKeyFault.UNREADABLE, "The private key cannot be read: its PEM block is damaged or no key."
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise PrivateKeyError(
            PrivateKeyFault.KIND, f"The private key is of an unsupported kind; {_supported()} can be used."
        )
    algorithm = render_key_algorithm(key.public_key())
    if algorithm not in SUPPORTED_KEY_ALGORITHMS:
        message = f"The private key is {algorithm}; {_supported()} can be used."
        if isinstance(key, rsa.RSAPrivateKey):
            raise PrivateKeyError(PrivateKeyFault.LENGTH, message, bits=key.key_size)
        raise PrivateKeyError(PrivateKeyFault.KIND, message)
    return key


def verify_key_matches(certificate: CertificateFacts, key: PrivateKey) -> CertifiedKey:
    """The proof that the key belongs to the certificate; raises KeyMismatchError when it does not."""
    mine = key.public_key()
    if _public_bytes(mine) == _public_bytes(certificate.certificate.public_key()):
        return CertifiedKey(certificate, key)
    algorithm = render_key_algorithm(mine)
    if algorithm == certificate.key_algorithm:
        raise KeyMismatchError(
            f"The private key and the certificate {certificate.subject!r} have different public keys "
            f"(both {algorithm})."
        )
    raise KeyMismatchError(
        f"The private key is {algorithm}, and the certificate {certificate.subject!r} is for a key of "
        f"{certificate.key_algorithm}."
    )


def _public_bytes(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _supported() -> str:
    return f"{', '.join(SUPPORTED_KEY_ALGORITHMS[:-1])} and {SUPPORTED_KEY_ALGORITHMS[-1]}"
