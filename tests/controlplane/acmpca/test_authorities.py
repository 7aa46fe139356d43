"""Private CAs through botocore's client: made, described, listed, disabled, deleted, restored, forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from gatewright.model.records import PrivateCertificate, PrivateCertificateAuthority
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION

DAY = 86_400
UNKNOWN = f"arn:aws:acm-pca:{REGION}:{ACCOUNT}:certificate-authority/00000000-0000-4000-8000-000000000000"


@pytest.fixture
def update(client):
    def update(arn, status=None, **more):
        client.update_certificate_authority(
            CertificateAuthorityArn=arn, **({"Status": status} if status else {}), **more
        )

    return update


@pytest.fixture
def delete(client):
    def delete(arn, **more):
        client.delete_certificate_authority(CertificateAuthorityArn=arn, **more)

    return delete


class TestCreate:
    def test_everything_as_described(self, authorities, harness):
        arn = authorities.create("Root", configuration={"CsrExtensions": {"KeyUsage": {"KeyCertSign": True}}})
        created = datetime.fromtimestamp(harness.now, UTC)
        assert {
            "Arn": arn,
            "OwnerAccount": ACCOUNT,
            "CreatedAt": created,
            "LastStateChangeAt": created,
            "Type": "ROOT",
            "Status": "PENDING_CERTIFICATE",
            "CertificateAuthorityConfiguration": {
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"Country": "AT", "Organization": "Example", "CommonName": "Root"},
                "CsrExtensions": {"KeyUsage": {"KeyCertSign": True}},
            },
            "RevocationConfiguration": {
                "CrlConfiguration": {"Enabled": False},
                "OcspConfiguration": {"Enabled": False},
            },
            "KeyStorageSecurityStandard": "FIPS_140_2_LEVEL_3_OR_HIGHER",
            "UsageMode": "GENERAL_PURPOSE",
        } == authorities.describe(arn)

    @pytest.mark.parametrize(("key", "bits"), [("RSA_2048", "2048"), ("RSA_4096", "4096"), ("EC_secp384r1", "384")])
    def test_openssl_reads_the_request(self, authorities, openssl, key, bits):
        csr = authorities.csr(authorities.create(key=key)).decode()
        shown = openssl.run("req", "-noout", "-verify", "-text", "-nameopt", "RFC2253", text=csr).said
        assert "verify OK" in shown
        assert f"({bits} bit)" in shown
        assert "Subject: CN=Root,O=Example,C=AT" in shown
        assert "CA:TRUE" in shown

    def test_a_subject_of_custom_attributes(self, authorities, openssl):
        subject = {"CustomAttributes": [{"ObjectIdentifier": "2.5.4.10", "Value": "Own"},
                                        {"ObjectIdentifier": "1.2.3.4", "Value": "x"}]}  # fmt: skip
        arn = authorities.create(configuration={"Subject": subject})
        assert subject == authorities.describe(arn)["CertificateAuthorityConfiguration"]["Subject"]
        assert (
            "O = Own, 1.2.3.4 = x" in openssl.run("req", "-noout", "-subject", text=authorities.csr(arn).decode()).said
        )

    @pytest.mark.parametrize(
        "configuration",
        [
            {"KeyAlgorithm": "ML_DSA_44"},
            {"SigningAlgorithm": "SM3WITHSM2"},
            {"SigningAlgorithm": "SHA256WITHRSA"},
            {"Subject": {}},
            {"Subject": {"CommonName": "a", "CustomAttributes": [{"ObjectIdentifier": "1.2.3", "Value": "x"}]}},
            {"CsrExtensions": {"KeyUsage": {"DecipherOnly": True}}},
            {
                "CsrExtensions": {
                    "SubjectInformationAccess": [
                        {
                            "AccessMethod": {"AccessMethodType": "CA_REPOSITORY"},
                            "AccessLocation": {"UniformResourceIdentifier": "https://example.com"},
                        }
                    ]
                }
            },
        ],
    )
    def test_what_cannot_be_made(self, authorities, refused, configuration):
        assert "InvalidArgsException" == refused(authorities.create, configuration=configuration).code

    @pytest.mark.parametrize(
        "revocation",
        [
            {"OcspConfiguration": {"Enabled": True}},
            {"OcspConfiguration": {"Enabled": False, "OcspCustomCname": "a.example"}},
            {"CrlConfiguration": {"Enabled": False, "ExpirationInDays": 7}},
            {"CrlConfiguration": {"Enabled": True, "ExpirationInDays": 7}},
            {"CrlConfiguration": {"Enabled": True, "S3BucketName": "nowhere", "ExpirationInDays": 7}},
            {
                "CrlConfiguration": {
                    "Enabled": True,
                    "S3BucketName": "b-1",
                    "ExpirationInDays": 7,
                    "CrlType": "PARTITIONED",
                }
            },
            {
                "CrlConfiguration": {
                    "Enabled": True,
                    "S3BucketName": "b-1",
                    "ExpirationInDays": 7,
                    "CustomCname": "http://a",
                }
            },
        ],
    )
    def test_a_revocation_configuration_that_cannot_be_kept(self, authorities, client, refused, revocation):
        told = refused(authorities.create, RevocationConfiguration=revocation)
        assert "InvalidArgsException" == told.code
        assert [] == client.list_certificate_authorities()["CertificateAuthorities"]

    def test_the_same_token_within_five_minutes_makes_one(self, authorities, harness):
        first = authorities.create(IdempotencyToken="t")
        assert first == authorities.create(IdempotencyToken="t")
        assert first != authorities.create("Other", IdempotencyToken="t")
        harness.advance(301)
        assert first != authorities.create(IdempotencyToken="t")

    def test_the_key_is_a_secret_of_the_store(self, authorities, harness):
        arn = authorities.create()
        with harness.store.read() as reader:
            (record,) = reader.all(PrivateCertificateAuthority)
            assert reader.get_secret(record.secret_name).startswith(b"-----BEGIN PRIVATE KEY-----")
            assert "PRIVATE KEY" not in repr(record)
        assert arn == record.arn


class TestFind:
    def test_others_cannot_see_it(self, authorities, harness, client, refused):
        arn = authorities.create()
        for other in (harness.client("acm-pca", account=OTHER_ACCOUNT), harness.client("acm-pca", region="eu-west-1")):
            told = refused(other.describe_certificate_authority, CertificateAuthorityArn=arn)
            assert "ResourceNotFoundException" == told.code
            assert [] == other.list_certificate_authorities()["CertificateAuthorities"]
        assert "ResourceNotFoundException" == refused(authorities.describe, UNKNOWN).code
        assert "InvalidArnException" == refused(authorities.describe, UNKNOWN + "/certificate/1").code

    def test_pages_are_in_order_of_creation(self, authorities, client, harness, refused):
        made = []
        for _ in range(3):
            made.append(authorities.create())
            harness.advance(1)
        pages = client.get_paginator("list_certificate_authorities").paginate(PaginationConfig={"PageSize": 2})
        assert [made[:2], made[2:]] == [[each["Arn"] for each in page["CertificateAuthorities"]] for page in pages]
        assert "InvalidNextTokenException" == refused(client.list_certificate_authorities, NextToken="%").code
        assert [] == client.list_certificate_authorities(ResourceOwner="OTHER_ACCOUNTS")["CertificateAuthorities"]


class TestUpdate:
    def test_disabled_and_active_again(self, authorities, harness, update):
        root = authorities.root()
        harness.advance(60)
        update(root, "DISABLED")
        shown = authorities.describe(root)
        assert ("DISABLED", datetime.fromtimestamp(harness.now, UTC)) == (shown["Status"], shown["LastStateChangeAt"])
        update(root, "ACTIVE")
        update(root, RevocationConfiguration={"CrlConfiguration": {"Enabled": False}})
        assert "ACTIVE" == authorities.describe(root)["Status"]

    def test_not_before_it_has_a_certificate_and_to_no_other_state(self, authorities, update, refused):
        pending = authorities.create()
        assert "InvalidStateException" == refused(update, pending, "DISABLED").code
        assert "InvalidArgsException" == refused(update, authorities.root(), "EXPIRED").code


class TestDelete:
    def test_an_active_one_must_be_disabled_before(self, authorities, update, delete, refused):
        root = authorities.root()
        told = refused(delete, root)
        assert "InvalidStateException" == told.code
        assert "The certificate authority is not in a valid state for deletion." == told.message
        update(root, "DISABLED")
        delete(root)
        assert "DELETED" == authorities.describe(root)["Status"]

    @pytest.mark.parametrize(("asked", "days"), [({}, 30), ({"PermanentDeletionTimeInDays": 7}, 7)])
    def test_it_can_be_restored_for_as_long_as_was_asked(self, authorities, client, harness, delete, asked, days):
        arn = authorities.create()
        delete(arn, **asked)
        until = datetime.fromtimestamp(harness.now, UTC) + timedelta(days=days)
        assert until == authorities.describe(arn)["RestorableUntil"]
        harness.advance(days * DAY - 1)
        client.restore_certificate_authority(CertificateAuthorityArn=arn)
        shown = authorities.describe(arn)
        assert ("PENDING_CERTIFICATE", False) == (shown["Status"], "RestorableUntil" in shown)

    def test_afterwards_nothing_is_left_of_it(self, authorities, harness, update, delete, refused, make_csr):
        root = authorities.root()
        authorities.issue(root, make_csr())
        update(root, "DISABLED")
        delete(root, PermanentDeletionTimeInDays=7)
        harness.advance(7 * DAY)
        assert "ResourceNotFoundException" == refused(authorities.describe, root).code
        with harness.store.read() as reader:
            (gone,) = reader.all(PrivateCertificateAuthority)
        authorities.create("Next")
        with harness.store.read() as reader:
            assert reader.get_secret(gone.secret_name) is None
            assert [] == list(reader.all(PrivateCertificate))
            assert ["Next"] == [each.subject[-1].value for each in reader.all(PrivateCertificateAuthority)]

    def test_meanwhile_it_does_nothing(self, authorities, client, update, delete, refused, make_csr):
        root = authorities.root()
        arn = authorities.issue(root, make_csr())
        update(root, "DISABLED")
        delete(root)
        told = refused(client.list_tags, CertificateAuthorityArn=root)
        assert "InvalidStateException" == told.code
        assert (
            "The certificate authority is in the DELETED state and must be restored to complete this action."
            == told.message
        )
        assert f"The certificate authority {root} is not in the correct state to have issued certificates." == (
            refused(authorities.get, arn).message
        )
        for call in (authorities.csr, lambda it: authorities.issue(it, make_csr()), delete, update):
            assert "InvalidStateException" == refused(call, root).code
        client.restore_certificate_authority(CertificateAuthorityArn=root)
        assert "DISABLED" == authorities.describe(root)["Status"]
        assert authorities.get(arn).pem

    def test_what_is_not_deleted_cannot_be_restored(self, authorities, client, refused):
        told = refused(client.restore_certificate_authority, CertificateAuthorityArn=authorities.create())
        assert "InvalidStateException" == told.code


class TestTags:
    def test_added_replaced_and_removed(self, authorities, client):
        arn = authorities.create(Tags=[{"Key": "a", "Value": "1"}])
        client.tag_certificate_authority(
            CertificateAuthorityArn=arn, Tags=[{"Key": "b"}, {"Key": "a", "Value": "2"}, {"Key": "c", "Value": "3"}]
        )
        client.untag_certificate_authority(
            CertificateAuthorityArn=arn, Tags=[{"Key": "c"}, {"Key": "a", "Value": "other"}, {"Key": "none"}]
        )
        expected = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
        assert expected == client.list_tags(CertificateAuthorityArn=arn)["Tags"]
        assert expected[:1] == client.list_tags(CertificateAuthorityArn=arn, MaxResults=1)["Tags"]

    def test_no_more_than_fifty_and_none_of_aws(self, authorities, client, refused):
        arn = authorities.create(Tags=[{"Key": f"k{n}"} for n in range(50)])
        tag = client.tag_certificate_authority
        assert "TooManyTagsException" == refused(tag, CertificateAuthorityArn=arn, Tags=[{"Key": "more"}]).code
        assert "InvalidTagException" == refused(tag, CertificateAuthorityArn=arn, Tags=[{"Key": "AWS:x"}]).code


class TestPermissions:
    def test_given_listed_and_taken_away(self, authorities, client, harness, refused):
        arn = authorities.create()
        grant = {"CertificateAuthorityArn": arn, "Principal": "acm.amazonaws.com"}
        actions = ["IssueCertificate", "GetCertificate", "ListPermissions"]
        client.create_permission(**grant, Actions=actions)
        assert [
            {
                **grant,
                "CreatedAt": datetime.fromtimestamp(harness.now, UTC),
                "SourceAccount": ACCOUNT,
                "Actions": actions,
            }
        ] == client.list_permissions(CertificateAuthorityArn=arn)["Permissions"]
        again = refused(client.create_permission, **grant, Actions=actions)
        assert "PermissionAlreadyExistsException" == again.code
        client.delete_permission(**grant)
        assert [] == client.list_permissions(CertificateAuthorityArn=arn)["Permissions"]
        assert "ResourceNotFoundException" == refused(client.delete_permission, **grant).code

    def test_to_acm_only(self, authorities, client, refused):
        told = refused(
            client.create_permission,
            CertificateAuthorityArn=authorities.create(),
            Principal="ec2.amazonaws.com",
            Actions=["IssueCertificate"],
        )
        assert "ValidationException" == told.code
