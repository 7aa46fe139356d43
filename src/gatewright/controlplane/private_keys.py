"""The private keys that the services make: by the service models' algorithm names, and as the store keeps them.

An RSA key of 4,096 bits takes a second or more. Operations that need keys are therefore `Prepared` (see
`gatewright.controlplane.call`): the key is made in a thread, before the transaction begins.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gatewright.core.x509.private_key import PrivateKey

# M: KeyAlgorithm of acm and acm-pca.
_RSA_BITS: Mapping[str, int] = MappingProxyType(
    {"RSA_1024": 1024, "RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
)
_CURVES: Mapping[str, type[ec.EllipticCurve]] = MappingProxyType(
    {"EC_prime256v1": ec.SECP256R1, "EC_secp384r1": ec.SECP384R1, "EC_secp521r1": ec.SECP521R1}
)

# RFC 8017 leaves the choice; this one every implementation takes.
_PUBLIC_EXPONENT = 65537


def can_generate(algorithm: str) -> bool:
    """Whether keys of this algorithm can be made here."""
    return algorithm in _RSA_BITS or algorithm in _CURVES


def generate_key(algorithm: str) -> PrivateKey:
    """A new key; `can_generate` must have said yes."""
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm]())
    return rsa.generate_private_key(_PUBLIC_EXPONENT, _RSA_BITS[algorithm])


def key_to_pem(key: PrivateKey) -> bytes:
    """PKCS#8 in PEM, unencrypted, as the store's secrets are."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_from_pem(pem: bytes) -> PrivateKey:
    """A key that `key_to_pem` wrote."""
    key = load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey), "the store holds no other keys"
    return key
