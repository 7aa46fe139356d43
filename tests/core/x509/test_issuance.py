"""Certificates, requests and revocation lists, as OpenSSL reads them."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gatewright.core.x509.issuance import (
    SIGNING_ALGORITHMS,
    Extension,
    Revocation,
    family_of,
    issue_certificate,
    issue_revocation_list,
    issuer_of,
    key_usage,
    make_signing_request,
    self_issuer,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = {"ECDSA": ec.generate_private_key(ec.SECP256R1()), "RSA": rsa.generate_private_key(65537, 2048)}
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A CA")])
CA = (Extension(x509.BasicConstraints(True, None), True), Extension(key_usage("key_cert_sign", "crl_sign"), True))


def issue_self_signed(algorithm):
    key = KEYS[algorithm.family]
    return issue_certificate(
        self_issuer(NAME, key),
        algorithm,
        subject=NAME,
        public_key=key.public_key(),
        serial=0x1001,
        not_before=NOW,
        not_after=NOW + timedelta(days=100),
        extensions=CA,
    )


def openssl(*arguments, text):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("name", SIGNING_ALGORITHMS)
def test_a_self_signed_ca_verifies_in_openssls_strict_mode(tmp_path, name):
    algorithm = SIGNING_ALGORITHMS[name]
    pem = issue_self_signed(algorithm).public_bytes(Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(pem)
    at = str(int(NOW.timestamp()) + 60)
    said = openssl("verify", "-x509_strict", "-attime", at, "-CAfile", str(tmp_path / "ca.pem"), text=pem)
    assert "stdin: OK\n" == said
    assert algorithm.hash().name in openssl("x509", "-noout", "-text", text=pem).lower()


@pytest.mark.parametrize("name", ["SHA256WITHECDSA", "SHA384WITHRSA", "SHA512WITHRSA_PSS"])
def test_a_request_and_a_list_verify(tmp_path, name):
    algorithm = SIGNING_ALGORITHMS[name]
    key = KEYS[algorithm.family]
    request = make_signing_request(key, algorithm, NAME, CA[:1]).public_bytes(Encoding.PEM)
    assert "verify OK" in openssl("req", "-noout", "-verify", text=request)
    certificate = issue_self_signed(algorithm)
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    revoked = [
        Revocation(1, NOW, x509.ReasonFlags.superseded),
        Revocation(2, NOW, x509.ReasonFlags.unspecified),
    ]
    crl = issue_revocation_list(
        issuer_of(certificate, key), algorithm, revoked, number=7, this_update=NOW, next_update=NOW + timedelta(days=1)
    )
    shown = openssl("crl", "-noout", "-text", "-CAfile", str(tmp_path / "ca.pem"), text=crl.public_bytes(Encoding.PEM))
    assert "verify OK" in shown
    assert ["Superseded"] == [
        line.strip() for line in shown.splitlines() if line.strip() in ("Superseded", "Unspecified")
    ]
    assert 7 == crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_an_issuer_without_a_key_identifier_gets_the_keys_own():
    key = KEYS["ECDSA"]
    bare = (
        x509.CertificateBuilder(NAME, NAME, key.public_key(), 1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, SIGNING_ALGORITHMS["SHA256WITHECDSA"].hash())
    )
    assert self_issuer(NAME, key).key_identifier == issuer_of(bare, key).key_identifier


def test_no_repr_shows_a_key_and_each_key_has_its_family():
    assert "<Issuer 'CN=A CA'>" == repr(self_issuer(NAME, KEYS["RSA"]))
    assert ["ECDSA", "RSA"] == [family_of(KEYS["ECDSA"]), family_of(KEYS["RSA"])]
