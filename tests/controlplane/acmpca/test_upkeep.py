"""Lists are renewed before they run out, and what was deleted for good is destroyed, without any call."""

import pytest
from cryptography import x509

from gatewright.controlplane.acmpca.upkeep import look_after_authorities
from gatewright.model.records import PrivateCertificateAuthority

DAY = 86_400
BUCKET = "lists-of-what-is-revoked"
CRL = {"CrlConfiguration": {"Enabled": True, "ExpirationInDays": 4, "S3BucketName": BUCKET}}


@pytest.fixture
def s3(harness):
    s3 = harness.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


@pytest.fixture
def look(harness):
    def look():
        look_after_authorities(harness.store, harness.context.installation, harness.random_text, harness.now)

    return look


def number_of_list(s3, arn):
    body = s3.get_object(Bucket=BUCKET, Key=f"crl/{arn.rpartition('/')[2]}.crl")["Body"].read()
    return x509.load_der_x509_crl(body).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_list_is_renewed_when_half_of_its_days_are_over(authorities, harness, s3, look):
    root = authorities.root(RevocationConfiguration=CRL)
    plain = authorities.root()
    harness.advance(2 * DAY - 1)
    before = harness.store.revision()
    look()
    assert (1, before) == (number_of_list(s3, root), harness.store.revision())
    harness.advance(1)
    look()
    look()
    assert 2 == number_of_list(s3, root)
    assert "ACTIVE" == authorities.describe(plain)["Status"]


def test_a_deleted_ca_says_nothing_more_and_loses_its_key_in_the_end(authorities, client, harness, s3, look):
    root = authorities.root(RevocationConfiguration=CRL)
    client.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
    client.delete_certificate_authority(CertificateAuthorityArn=root, PermanentDeletionTimeInDays=7)
    with harness.store.read() as reader:
        (record,) = reader.all(PrivateCertificateAuthority)
    harness.advance(7 * DAY - 1)
    look()
    assert 1 == number_of_list(s3, root)
    with harness.store.read() as reader:
        assert reader.get_secret(record.secret_name)
    harness.advance(1)
    look()
    with harness.store.read() as reader:
        assert reader.get_secret(record.secret_name) is None
        assert [] == list(reader.all(PrivateCertificateAuthority))
