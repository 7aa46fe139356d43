"""RevokeCertificate and the revocation list; OpenSSL refuses what was taken back and reads the list."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from gatewright.controlplane.acmpca.crl import render_crl
from gatewright.model.records import PrivateCertificateAuthority
from support.control import ACCOUNT, REGION


@pytest.fixture
def revoke(client):
    def revoke(arn, serial, reason="UNSPECIFIED"):
        client.revoke_certificate(CertificateAuthorityArn=arn, CertificateSerial=serial, RevocationReason=reason)

    return revoke


@pytest.fixture
def crl_of(harness):
    """The list of a CA as it would be published now."""

    def crl_of(arn):
        with harness.store.read() as reader:
            authority = reader.get(PrivateCertificateAuthority, ACCOUNT, REGION, arn.rpartition("/")[2])
            return render_crl(reader, authority, harness.now)

    return crl_of


@pytest.fixture
def root(authorities):
    return authorities.root()


def serial_of(arn):
    return arn.rpartition("/")[2]


@pytest.mark.parametrize("key", ["EC_prime256v1", "RSA_2048"])
def test_openssl_refuses_what_was_taken_back_and_accepts_the_rest(
    authorities, make_csr, revoke, crl_of, openssl, tmp_path, key
):
    root = authorities.create(key=key)
    root_pem = authorities.install(root)
    kept, taken = (authorities.issue(root, make_csr()) for _ in range(2))
    revoke(root, serial_of(taken), "KEY_COMPROMISE")

    (tmp_path / "crl.der").write_bytes(crl_of(root))
    options = ["-crl_check", "-CRLfile", "crl.der"]

    assert openssl.verify(authorities.get(kept).pem, root=root_pem, options=options).ok
    verdict = openssl.verify(authorities.get(taken).pem, root=root_pem, options=options)
    assert not verdict.ok
    assert "certificate revoked" in verdict.said
    shown = openssl.run("crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text").said
    assert serial_of(taken).upper() in shown
    assert "Key Compromise" in shown
    assert "Version 2 (0x1)" in shown


def test_the_serial_may_have_colons_as_openssl_shows_it(authorities, make_csr, revoke, refused, root):
    serial = serial_of(authorities.issue(root, make_csr())).upper()
    colons = ":".join(serial[at : at + 2] for at in range(0, 32, 2))
    revoke(root, colons)
    assert "RequestAlreadyProcessedException" == refused(revoke, root, serial).code


def test_what_cannot_be_taken_back(authorities, make_csr, revoke, refused, root):
    own = authorities.issue(root, authorities.csr(root), "RootCACertificate")
    assert "InvalidRequestException" == refused(revoke, root, serial_of(own)).code
    assert "ResourceNotFoundException" == refused(revoke, root, "01:02").code
    assert "InvalidRequestException" == refused(revoke, root, "none").code
    assert "InvalidStateException" == refused(revoke, authorities.create(), "01").code


def test_a_list_says_until_when_it_holds_and_leaves_out_what_has_expired(
    authorities, make_csr, revoke, crl_of, harness, root
):
    short, long = (authorities.issue(root, make_csr(), days=days) for days in (1, 30))
    revoke(root, serial_of(short), "SUPERSEDED")
    revoke(root, serial_of(long))
    both = x509.load_der_x509_crl(crl_of(root))
    now = datetime.fromtimestamp(harness.now, UTC)
    assert (now, now + timedelta(days=1)) == (both.last_update_utc, both.next_update_utc)
    assert {int(serial_of(short), 16), int(serial_of(long), 16)} == {each.serial_number for each in both}
    harness.advance(86_401)
    assert [int(serial_of(long), 16)] == [each.serial_number for each in x509.load_der_x509_crl(crl_of(root))]
    (entry,) = x509.load_der_x509_crl(crl_of(root))
    assert 0 == len(entry.extensions)
