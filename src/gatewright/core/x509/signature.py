"""Whether a key made a certificate's signature.

What this module knows: RFC 5280 section 4.1.1.2 (the algorithm stands twice, and both must be the same) and the two
kinds of signature that mutual TLS takes: RSA with PKCS #1 v1.5, and ECDSA. pyca's `verify_directly_issued_by` compares
names byte by byte first, and a path compares them otherwise (`core.x509.name`).
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

#: `[0] version`, which stands before the serial number and the algorithm (RFC 5280 section 4.1).
_VERSION: Final = 0xA0


def is_signed_by(certificate: x509.Certificate, key: CertificatePublicKeyTypes, der: bytes) -> bool:
    """The key made the certificate's signature; `der` is the whole certificate."""
    body = certificate.tbs_certificate_bytes
    if not _algorithms_agree(body, der):
        return False
    try:
        digest = certificate.signature_hash_algorithm
        if digest is None:
            return False
        parameters = certificate.signature_algorithm_parameters
        if isinstance(key, rsa.RSAPublicKey) and isinstance(parameters, padding.PKCS1v15):
            key.verify(certificate.signature, body, parameters, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
            key.verify(certificate.signature, body, parameters)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _algorithms_agree(body: bytes, der: bytes) -> bool:
    """The algorithm inside what is signed is the one beside the signature, byte for byte."""
    _, inside, end = _element(body, 0)
    start = inside
    if body[start] == _VERSION:
        _, _, start = _element(body, start)
    _, _, start = _element(body, start)  # the serial number
    _, _, end = _element(body, start)
    inner = body[start:end]
    _, inside, _ = _element(der, 0)
    _, _, start = _element(der, inside)  # what is signed
    _, _, end = _element(der, start)
    return inner == der[start:end]


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Tag, and where the content begins and ends, of the element at that place; pyca has read it all before."""
    length = der[at + 1]
    content = at + 2
    if length & 0x80:
        content += length & 0x7F
        length = int.from_bytes(der[at + 2 : content], "big")
    return der[at], content, content + length
