"""Signatures of certificates: which key made them, and the algorithm that stands twice."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from gatewright.core.x509.signature import is_signed_by
from support.client_chains import make, make_client

ROOTS = {kind: make("Root", key=kind) for kind in ("p256", "p384", "rsa2048", "ed25519")}


def signed_by(made, issuer):
    return is_signed_by(made.certificate, issuer.certificate.public_key(), made.der)


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
def test_the_issuers_key_made_it_and_no_other_did(kind):
    client = make_client("device", ROOTS[kind])
    assert signed_by(client, ROOTS[kind])
    others = [make("Root", key=kind), *(root for other, root in ROOTS.items() if other != kind)]
    assert not any(signed_by(client, other) for other in others)


def test_algorithms_that_mutual_tls_does_not_take_are_not_checked():
    assert not signed_by(make_client("device", ROOTS["ed25519"]), ROOTS["ed25519"])
    assert not signed_by(make_client("device", ROOTS["rsa2048"], pss=True), ROOTS["rsa2048"])


@pytest.mark.parametrize("version", [b"\xa0\x03\x02\x01\x02", b""], ids=["version 3", "version 1"])
def test_the_algorithm_inside_has_to_be_the_one_beside_the_signature(version):
    # What is signed says ECDSA with SHA-384, the field beside the signature SHA-256, and the signature verifies.
    issuer = ROOTS["p256"]
    client = make_client("device", issuer)
    sha256, sha384 = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303")
    body = client.certificate.tbs_certificate_bytes
    if not version:
        body = _without_extensions(body)
    for inside, agrees in ((sha256, True), (sha384, False)):
        altered = body.replace(sha256, inside, 1)
        signature = issuer.key.sign(altered, ec.ECDSA(hashes.SHA256()))
        content = altered + b"\x30\x0a" + sha256 + _element(0x03, b"\0" + signature)
        der = _element(0x30, content)
        certificate = x509.load_der_x509_certificate(der)
        assert agrees is is_signed_by(certificate, issuer.certificate.public_key(), der)


def _without_extensions(body: bytes) -> bytes:
    """The same certificate of version 1, which has neither a version nor extensions."""
    start = body.index(b"\xa0\x03\x02\x01\x02") + 5
    # `[3] EXPLICIT Extensions` is the last element.
    end = body.rindex(b"\xa3\x81") if b"\xa3\x81" in body else body.rindex(b"\xa3\x82")
    return _element(0x30, body[start:end])


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content
