"""ExportCertificate: OpenSSL opens the key with the passphrase."""

import subprocess

import pytest


def openssl_public_key(folder, *arguments):
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


def test_the_key_opens_with_the_passphrase_and_is_the_certificates(acm, request_certificate, tmp_path):
    arn = request_certificate(Options={"Export": "ENABLED"}, KeyAlgorithm="RSA_2048")
    exported = acm.export_certificate(CertificateArn=arn, Passphrase=b"pass phrase")
    assert exported["PrivateKey"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    got = acm.get_certificate(CertificateArn=arn)
    assert (got["Certificate"], got["CertificateChain"]) == (exported["Certificate"], exported["CertificateChain"])
    (tmp_path / "key.pem").write_text(exported["PrivateKey"])
    (tmp_path / "leaf.pem").write_text(exported["Certificate"])
    of_key = openssl_public_key(tmp_path, "pkey", "-in", "key.pem", "-passin", "pass:pass phrase", "-pubout")
    assert openssl_public_key(tmp_path, "x509", "-in", "leaf.pem", "-pubkey", "-noout") == of_key


def test_it_is_eligible_for_renewal_from_then_on(acm, request_certificate, describe):
    arn = request_certificate(Options={"Export": "ENABLED"})
    assert ("INELIGIBLE", "ENABLED") == (describe(arn)["RenewalEligibility"], describe(arn)["Options"]["Export"])
    for _ in range(2):
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
        assert "ELIGIBLE" == describe(arn)["RenewalEligibility"]
    types = {"keyTypes": ["EC_prime256v1"]}
    (listed,) = acm.list_certificates(Includes={"exportOption": "ENABLED", **types})["CertificateSummaryList"]
    assert (True, "ENABLED", "ELIGIBLE") == (listed["Exported"], listed["ExportOption"], listed["RenewalEligibility"])
    assert [] == acm.list_certificates(Includes={"exportOption": "DISABLED", **types})["CertificateSummaryList"]


@pytest.mark.parametrize("passphrase", [b"a#bc", b"a$bc", b"a%bc", "passé".encode()])
def test_passphrases_are_ascii_without_three_characters(acm, request_certificate, refused, passphrase):
    arn = request_certificate(Options={"Export": "ENABLED"})
    error = refused(acm.export_certificate, CertificateArn=arn, Passphrase=passphrase)
    assert "ValidationException" == error.code
    assert "#, $ and %" in error.message
    assert passphrase.decode() not in error.message


def test_not_without_the_option_and_not_what_was_imported(acm, ca, request_certificate, import_issued, refused):
    for arn in (request_certificate(), import_issued(ca.issue("www.example.com"))):
        error = refused(acm.export_certificate, CertificateArn=arn, Passphrase=b"secret")
        assert "ValidationException" == error.code
        assert arn in error.message
