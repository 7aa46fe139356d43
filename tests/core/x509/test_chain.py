"""Chains: each link judged with pyca's signature check, and OpenSSL's verdict on the whole."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.chain import (
    ChainError,
    ChainFault,
    Link,
    verify_chain_order,
    verify_issued_by,
    verify_validity,
)
from support.ca import CertificateAuthority, issue_self_signed, make_key

ROOT_CA = CertificateAuthority("Root")
INTERMEDIATE_CA = ROOT_CA.intermediate("Intermediate")


def facts(thing):
    certificate = thing if isinstance(thing, x509.Certificate) else thing.certificate
    return CertificateFacts.from_der(certificate.public_bytes(Encoding.DER))


ISSUED = INTERMEDIATE_CA.issue("www.example.com")
LEAF, INTERMEDIATE, ROOT = facts(ISSUED), facts(INTERMEDIATE_CA), facts(ROOT_CA)


def fault(leaf, *chain):
    with pytest.raises(ChainError) as caught:
        verify_chain_order(leaf, chain)
    return caught.value


@pytest.mark.parametrize("chain", [[INTERMEDIATE, ROOT], [INTERMEDIATE], []])
def test_a_chain_in_order_is_proven_with_or_without_its_root(chain):
    proof = verify_chain_order(LEAF, chain)
    assert (LEAF, *chain) == proof.certificates
    assert [(LEAF, INTERMEDIATE), (INTERMEDIATE, ROOT)][: len(chain)] == list(proof.links)


def test_a_self_signed_leaf_needs_no_chain():
    leaf = facts(issue_self_signed("a.example"))
    assert (leaf,) == verify_chain_order(leaf, []).certificates


def test_a_chain_in_reverse_is_refused_at_its_first_certificate():
    error = fault(LEAF, ROOT, INTERMEDIATE)
    assert (ChainFault.ISSUER_DIFFERS, 0, LEAF, ROOT) == (error.fault, error.position, error.certificate, error.issuer)
    assert (
        "The certificate 'CN=www.example.com' names 'O=Gatewright tests, CN=Intermediate' as its issuer, "
        "and the next in the chain is 'O=Gatewright tests, CN=Root'."
    ) == str(error)


def test_a_stranger_at_the_end_is_refused_where_it_stands():
    stranger = facts(CertificateAuthority("Stranger"))
    error = fault(LEAF, INTERMEDIATE, ROOT, stranger)
    assert (ChainFault.ISSUER_DIFFERS, 2) == (error.fault, error.position)


def test_an_issuer_with_the_right_name_and_another_key_is_refused():
    impostor = facts(CertificateAuthority("Intermediate"))
    error = fault(LEAF, impostor)
    assert (ChainFault.SIGNATURE_WRONG, 0) == (error.fault, error.position)
    assert (
        "The signature of the certificate 'CN=www.example.com' was not made with the key of "
        "'O=Gatewright tests, CN=Intermediate'."
    ) == str(error)


def test_a_leaf_is_not_its_own_chain():
    self_signed = facts(issue_self_signed("a.example"))
    assert (ChainFault.REPEATED, 1) == (fault(self_signed, self_signed).fault, fault(self_signed, self_signed).position)
    error = fault(LEAF, INTERMEDIATE, INTERMEDIATE)
    assert (ChainFault.REPEATED, 2) == (error.fault, error.position)
    assert "The certificate 'O=Gatewright tests, CN=Intermediate' stands in the chain twice." == str(error)


def signed(subject, key, issuer, signer, *extensions, digest=hashes.SHA256):
    """A certificate with just these extensions."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]),
        key.public_key(),
        x509.random_serial_number(),
    )
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return facts(builder.sign(signer, digest() if digest else None))


CA_CONSTRAINTS = x509.BasicConstraints(ca=True, path_length=None)


def test_an_issuer_that_is_no_authority_is_refused_at_its_own_place():
    key = make_key()
    issuer = signed("Issuer", key, "Issuer", key)
    error = fault(signed("leaf", make_key(), "Issuer", key), issuer)
    assert (ChainFault.ISSUER_NOT_CA, 1) == (error.fault, error.position)
    assert "The certificate 'CN=Issuer' stands as an issuer and is not a certificate authority's." == str(error)


def test_an_authority_without_the_usage_to_sign_is_refused():
    key = make_key()
    usage = x509.KeyUsage(True, *[False] * 8)
    issuer = signed("Issuer", key, "Issuer", key, CA_CONSTRAINTS, usage)
    error = fault(signed("leaf", make_key(), "Issuer", key), issuer)
    assert (ChainFault.ISSUER_MAY_NOT_SIGN, 1) == (error.fault, error.position)
    assert "The certificate 'CN=Issuer' stands as an issuer, and its key usage does not allow signing." == str(error)


def test_an_authority_without_key_usage_may_sign():
    key = make_key()
    issuer = signed("Issuer", key, "Issuer", key, CA_CONSTRAINTS)
    leaf = signed("leaf", make_key(), "Issuer", key)
    assert Link(leaf, issuer) == verify_issued_by(leaf, issuer)


def test_a_signature_of_another_kind_of_key_cannot_be_checked():
    key = make_key()
    issuer = signed("Issuer", make_key("rsa2048"), "Issuer", key, CA_CONSTRAINTS)
    error = fault(signed("leaf", make_key(), "Issuer", key), issuer)
    assert (ChainFault.SIGNATURE_UNSUPPORTED, 0) == (error.fault, error.position)
    assert "The signature of the certificate 'CN=leaf' cannot be checked with the key of 'CN=Issuer'." == str(error)


@pytest.mark.parametrize(("seconds", "expected"), [(0, None), (-1, ChainFault.NOT_YET_VALID)])
def test_the_first_second_of_validity_counts(seconds, expected):
    at = LEAF.not_before + timedelta(seconds=seconds)
    if expected is None:
        assert LEAF is verify_validity(LEAF, at)
    else:
        with pytest.raises(ChainError) as caught:
            verify_validity(LEAF, at, position=3)
        assert (expected, 3) == (caught.value.fault, caught.value.position)
        assert f"The certificate 'CN=www.example.com' is not valid before {LEAF.not_before:%Y-%m-%dT%H:%M:%SZ}." == str(
            caught.value
        )


def test_the_last_second_of_validity_counts():
    assert LEAF is verify_validity(LEAF, LEAF.not_after)
    with pytest.raises(ChainError) as caught:
        verify_validity(LEAF, LEAF.not_after + timedelta(seconds=1))
    assert ChainFault.EXPIRED is caught.value.fault
    assert f"The certificate 'CN=www.example.com' has expired at {LEAF.not_after:%Y-%m-%dT%H:%M:%SZ}." == str(
        caught.value
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
@pytest.mark.parametrize("impostor", [False, True])
def test_openssl_agrees(impostor, tmp_path):
    authority = CertificateAuthority("Intermediate") if impostor else INTERMEDIATE_CA
    for name, pem in [("leaf", LEAF.pem), ("issuer", facts(authority).pem)]:
        (tmp_path / name).write_text(pem)
    command = ["openssl", "verify", "-partial_chain", "-trusted", tmp_path / "issuer", tmp_path / "leaf"]
    accepted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert accepted is not impostor
    if impostor:
        assert ChainFault.SIGNATURE_WRONG is fault(LEAF, facts(authority)).fault
    else:
        assert verify_issued_by(LEAF, facts(authority))
