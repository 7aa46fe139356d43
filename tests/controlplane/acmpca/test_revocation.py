"""RevokeCertificate and the revocation list; OpenSSL refuses what was taken back and reads the list."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from gatewright.controlplane.acmpca.crl import render_crl
from gatewright.model.records import PrivateCertificateAuthority
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION


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


class TestPublication:
    """The list as an object of a bucket."""

    BUCKET = "lists-of-what-is-revoked"

    @pytest.fixture
    def s3(self, harness):
        s3 = harness.client("s3")
        s3.create_bucket(Bucket=self.BUCKET)
        return s3

    def configure(self, **more):
        return {"CrlConfiguration": {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": self.BUCKET, **more}}

    def read(self, s3, arn, key=None):
        answer = s3.get_object(Bucket=self.BUCKET, Key=key or f"crl/{arn.rpartition('/')[2]}.crl")
        assert "application/pkix-crl" == answer["ContentType"]
        return x509.load_der_x509_crl(answer["Body"].read())

    def test_a_list_lies_there_from_the_first_and_is_replaced_at_each_revocation(
        self, authorities, s3, make_csr, revoke, openssl, tmp_path
    ):
        root = authorities.create(RevocationConfiguration=self.configure())
        root_pem = authorities.install(root)
        first = self.read(s3, root)
        assert (0, timedelta(days=7)) == (len(first), first.next_update_utc - first.last_update_utc)
        taken = authorities.issue(root, make_csr())
        revoke(root, serial_of(taken))
        second = self.read(s3, root)
        assert [int(serial_of(taken), 16)] == [each.serial_number for each in second]
        numbers = [each.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for each in (first, second)]
        assert [1, 2] == numbers
        (tmp_path / "crl.der").write_bytes(
            s3.get_object(Bucket=self.BUCKET, Key=f"crl/{root.rpartition('/')[2]}.crl")["Body"].read()
        )
        verdict = openssl.verify(
            authorities.get(taken).pem, root=root_pem, options=["-crl_check", "-CRLfile", "crl.der"]
        )
        assert "certificate revoked" in verdict.said

    @pytest.mark.parametrize(
        ("more", "key", "place"),
        [
            ({}, "crl/{}.crl", "http://lists-of-what-is-revoked.s3.us-east-1.amazonaws.com/crl/{}.crl"),
            ({"CustomCname": "crl.example.com"}, "crl/{}.crl", "http://crl.example.com/crl/{}.crl"),
            (
                {"CustomCname": "crl.example.com", "CustomPath": "a/b"},
                "a/b/{}.crl",
                "http://crl.example.com/a/b/{}.crl",
            ),
            ({"CrlDistributionPointExtensionConfiguration": {"OmitExtension": True}}, "crl/{}.crl", None),
        ],
    )
    def test_certificates_name_the_place(self, authorities, s3, make_csr, more, key, place):
        root = authorities.root(RevocationConfiguration=self.configure(**more))
        name = root.rpartition("/")[2]
        assert 0 == len(self.read(s3, root, key.format(name)))
        leaf = x509.load_pem_x509_certificate(authorities.get(authorities.issue(root, make_csr())).pem.encode())
        points = [each.value for each in leaf.extensions if each.oid == x509.CRLDistributionPoints.oid]
        expected = [] if place is None else [place.format(name)]
        assert expected == [each.full_name[0].value for point in points for each in point]

    def test_the_configuration_is_shown_with_its_defaults_and_can_be_changed(self, authorities, s3, client):
        root = authorities.root()
        client.update_certificate_authority(CertificateAuthorityArn=root, RevocationConfiguration=self.configure())
        assert {
            "Enabled": True,
            "ExpirationInDays": 7,
            "S3BucketName": self.BUCKET,
            "S3ObjectAcl": "PUBLIC_READ",
            "CrlDistributionPointExtensionConfiguration": {"OmitExtension": False},
            "CrlType": "COMPLETE",
        } == authorities.describe(root)["RevocationConfiguration"]["CrlConfiguration"]
        assert 0 == len(self.read(s3, root))
        off = {"CrlConfiguration": {"Enabled": False}}
        client.update_certificate_authority(CertificateAuthorityArn=root, RevocationConfiguration=off)
        assert off["CrlConfiguration"] == authorities.describe(root)["RevocationConfiguration"]["CrlConfiguration"]

    def test_anothers_bucket_is_refused(self, authorities, harness, refused):
        harness.client("s3", account=OTHER_ACCOUNT).create_bucket(Bucket=self.BUCKET)
        told = refused(authorities.create, RevocationConfiguration=self.configure())
        assert "InvalidArgsException" == told.code
        assert self.BUCKET in told.message

    def test_a_revocation_stands_though_the_bucket_is_gone(self, authorities, s3, make_csr, revoke, crl_of, caplog):
        root = authorities.root(RevocationConfiguration=self.configure())
        taken = authorities.issue(root, make_csr())
        s3.delete_object(Bucket=self.BUCKET, Key=f"crl/{root.rpartition('/')[2]}.crl")
        s3.delete_bucket(Bucket=self.BUCKET)
        revoke(root, serial_of(taken))
        assert 1 == len(x509.load_der_x509_crl(crl_of(root)))
        assert f"The revocation list of {root} could not be written to the bucket {self.BUCKET}" in caplog.text
