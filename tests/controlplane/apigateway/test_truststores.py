"""Truststores through the API: read from S3 at the moment of the request, warned of, limited, and copied for the workers."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.controlplane.apigateway.truststores import MAXIMUM_REVOCATION_BYTES
from gatewright.core.x509.revocation import RevocationLists
from gatewright.core.x509.truststore import MAXIMUM_BYTES, Truststore
from support.ca import CertificateAuthority
from support.client_chains import make, sign_with_sha1
from support.control import OTHER_ACCOUNT
from support.truststore_world import BUCKET, KEY, URI, MutualTlsWorld, refused

NAME = "api.example.com"
URI_PATH = "/mutualTlsAuthentication/truststoreUri"
VERSION_PATH = "/mutualTlsAuthentication/truststoreVersion"
NOW = datetime.now(UTC).replace(microsecond=0)


def make_crl(authority, *serials):
    """A list in force for a day, signed by the authority."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(NOW - timedelta(hours=1))
        .next_update(NOW + timedelta(days=1))
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(hours=2))
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(authority.key, hashes.SHA256())


def revoked_serials(pem):
    lists = RevocationLists.from_files([pem.encode()])
    return {crl.serial_number for found in lists.by_issuer.values() for each in found for crl in each}


class TestReading:
    def test_what_lies_in_the_bucket_is_what_the_workers_are_told(self, world, clients_ca):
        answer = world.create(NAME)

        assert {"truststoreUri": URI} == answer["mutualTlsAuthentication"]
        told = world.truststore(NAME)
        assert (URI, None, None) == (told.uri, told.version, told.revocation_lists)
        assert clients_ca.certificate_pem == told.pem
        assert (
            sha256(told.pem.encode()).hexdigest() == told.digest == Truststore.from_pem(told.pem.encode()).digest.hex()
        )

    def test_get_shows_what_create_answered(self, world):
        created = world.create(NAME)

        assert (
            created["mutualTlsAuthentication"]
            == (world.api.get_domain_name(domainName=NAME)["mutualTlsAuthentication"])
        )
        assert "AVAILABLE" == created["domainNameStatus"]

    def test_to_overwrite_or_delete_the_object_changes_nothing_until_the_truststore_is_named_again(self, world):
        world.create(NAME)
        before = world.truststore(NAME)
        other = CertificateAuthority("Other Root").certificate_pem

        world.upload(other)
        world.update(NAME, ("replace", "/regionalCertificateName", "mine"))
        assert before == world.truststore(NAME)

        world.update(NAME, ("replace", URI_PATH, URI))
        assert other == world.truststore(NAME).pem

        world.s3.delete_object(Bucket=BUCKET, Key=KEY)
        world.update(NAME, ("replace", "/regionalCertificateName", "yours"))
        assert other == world.truststore(NAME).pem

    def test_a_version_is_read_whatever_the_current_one_is(self, world):
        world.make_bucket("versions", versioned=True)
        pems = [CertificateAuthority(f"Root {number}").certificate_pem for number in (1, 2)]
        first, second = (world.upload(pem, bucket="versions") for pem in pems)
        uri = f"s3://versions/{KEY}"

        created = world.create(NAME, uri=uri, version=first)
        assert {"truststoreUri": uri, "truststoreVersion": first} == created["mutualTlsAuthentication"]
        assert (first, pems[0]) == (world.truststore(NAME).version, world.truststore(NAME).pem)

        # The guide's command.
        updated = world.update(NAME, ("replace", VERSION_PATH, second))
        assert {"truststoreUri": uri, "truststoreVersion": second} == updated["mutualTlsAuthentication"]
        assert (second, pems[1]) == (world.truststore(NAME).version, world.truststore(NAME).pem)

    def test_without_a_version_the_current_one_is_read_and_noted_and_not_shown(self, world, clients_ca):
        world.make_bucket("versions", versioned=True)
        current = world.upload(clients_ca.certificate_pem, bucket="versions")

        answer = world.create(NAME, uri=f"s3://versions/{KEY}")

        assert "truststoreVersion" not in answer["mutualTlsAuthentication"]
        assert current == world.truststore(NAME).version

    def test_an_empty_uri_turns_mutual_tls_off(self, world):
        world.create(NAME)

        # The guide's command.
        answer = world.update(NAME, ("replace", URI_PATH, ""))

        assert "mutualTlsAuthentication" not in answer
        assert world.truststore(NAME) is None

    def test_it_goes_with_the_domain_name(self, world):
        world.create(NAME)
        world.api.delete_domain_name(domainName=NAME)

        assert world.truststore(NAME) is None

    def test_it_is_turned_on_for_a_name_that_is_there(self, world, clients_ca):
        world.api.create_domain_name(
            domainName=NAME,
            regionalCertificateArn=world.issued(NAME),
            endpointConfiguration={"types": ["REGIONAL"]},
        )
        assert world.truststore(NAME) is None

        answer = world.update(NAME, ("replace", URI_PATH, URI))

        assert {"truststoreUri": URI} == answer["mutualTlsAuthentication"]
        assert clients_ca.certificate_pem == world.truststore(NAME).pem

    def test_text_around_the_blocks_may_be_in_any_character_set(self, world, clients_ca):
        world.upload("Zertifikate für Gäste\n".encode("latin-1") + clients_ca.certificate_pem.encode())

        world.create(NAME)

        assert f"Zertifikate f?r G?ste\n{clients_ca.certificate_pem}" == world.truststore(NAME).pem


class TestWarnings:
    def test_a_bad_certificate_is_named_by_its_subject_and_mutual_tls_is_on_nevertheless(self, world, clients_ca):
        expired = CertificateAuthority("Old Root", not_after=NOW - timedelta(days=1))
        gap = CertificateAuthority("Missing Root").intermediate("Orphan")
        world.upload(expired.certificate_pem + clients_ca.certificate_pem + gap.certificate_pem)

        warnings = world.create(NAME)["mutualTlsAuthentication"]["truststoreWarnings"]

        assert 2 == len(warnings)
        assert "CN=Old Root" in warnings[0]
        assert "expired" in warnings[0]
        assert "CN=Orphan" in warnings[1]
        assert world.truststore(NAME) is not None

    @pytest.mark.parametrize(
        ("bad", "words"),
        [
            (lambda: make("Old", days=(-9, -1)).pem, ["O=Fleet, CN=Old", "expired"]),
            (lambda: make("Early", days=(1, 9)).pem, ["O=Fleet, CN=Early", "not valid before"]),
            (lambda: make("Weak", key="rsa1024").pem, ["O=Fleet, CN=Weak", "RSA-1024"]),
            (lambda: make("Curve", key="p521").pem, ["O=Fleet, CN=Curve", "EC-secp521r1"]),
            (lambda: sign_with_sha1(made := make("Sha", key="rsa2048"), made).pem, ["O=Fleet, CN=Sha", "SHA1WITHRSA"]),
            (lambda: make("Leaf", make("Gone"), ca=False).pem, ["O=Fleet, CN=Leaf", "CA:TRUE"]),
            (lambda: make("Orphan", make("Gone")).pem, ["O=Fleet, CN=Orphan", "does not lead to a self-signed root"]),
            (lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ["Block 2 of the PEM text"]),
        ],
    )
    def test_every_fault_has_its_words(self, world, clients_ca, bad, words):
        world.upload(clients_ca.certificate_pem + bad())

        warnings = " ".join(world.create(NAME)["mutualTlsAuthentication"]["truststoreWarnings"])

        assert [] == [each for each in words if each not in warnings]

    def test_they_are_of_the_last_reading_and_stay_until_the_next(self, world, clients_ca):
        world.upload(CertificateAuthority("Old Root", not_after=NOW - timedelta(days=1)).certificate_pem)
        warnings = world.create(NAME)["mutualTlsAuthentication"]["truststoreWarnings"]
        world.upload(clients_ca.certificate_pem)

        assert warnings == world.api.get_domain_name(domainName=NAME)["mutualTlsAuthentication"]["truststoreWarnings"]
        assert "truststoreWarnings" not in world.update(NAME, ("replace", URI_PATH, URI))["mutualTlsAuthentication"]

    def test_a_certificate_that_expires_later_is_not_warned_of(self, world):
        world.create(NAME)
        world.harness.advance(400 * 86_400)

        assert {"truststoreUri": URI} == world.api.get_domain_name(domainName=NAME)["mutualTlsAuthentication"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("uri", "words"),
        [
            ("s3://nobodys-bucket/certificates.pem", "the bucket does not exist (NoSuchBucket)"),
            (f"s3://{BUCKET}/other.pem", "the bucket has no object of that key (NoSuchKey)"),
            (f"s3://{BUCKET}", "It must be s3://bucket-name/key-name."),
            (f"s3://{BUCKET}/", "It must be s3://bucket-name/key-name."),
            (f"https://{BUCKET}.s3.amazonaws.com/{KEY}", "It must be s3://bucket-name/key-name."),
            ("certificates.pem", "It must be s3://bucket-name/key-name."),
        ],
    )
    def test_what_cannot_be_read_makes_nothing(self, world, uri, words):
        error = refused(world.create, NAME, uri=uri)

        assert "BadRequestException" == error.code
        assert words in error.message
        assert uri in error.message
        assert (None, None) == (world.stored(NAME), world.truststore(NAME))

    def test_a_version_that_is_not_there(self, world):
        assert (
            "no version of that id" in refused(world.create, NAME, version="3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY").message
        )

    def test_a_version_that_is_a_delete_marker(self, world, clients_ca):
        world.make_bucket("versions", versioned=True)
        world.upload(clients_ca.certificate_pem, bucket="versions")
        marker = world.s3.delete_object(Bucket="versions", Key=KEY)["VersionId"]

        error = refused(world.create, NAME, uri=f"s3://versions/{KEY}", version=marker)

        assert "that version is a delete marker" in error.message

    def test_a_version_without_an_object(self, world):
        error = refused(world.create, NAME, uri="", version="1")

        assert "A truststoreUri must be specified together with a truststoreVersion." == error.message

    def test_another_accounts_bucket(self, world, clients_ca):
        other = MutualTlsWorld(world.harness, account=OTHER_ACCOUNT)
        other.upload(clients_ca.certificate_pem, bucket="not-yours")

        assert "access was denied (AccessDenied)" in refused(world.create, NAME, uri=f"s3://not-yours/{KEY}").message

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("no PEM at all", "has no PEM block"),
            ("", "has no PEM block"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "None of the 1 blocks"),
            (b"\x30\x82" + bytes(100), "has no PEM block"),
        ],
    )
    def test_what_is_no_truststore(self, world, content, words):
        world.upload(content)

        error = refused(world.create, NAME)

        assert ("BadRequestException", True) == (error.code, words in error.message)

    def test_one_that_is_far_larger_is_not_even_read(self, world, monkeypatch):
        world.upload(bytes(2 * MAXIMUM_BYTES))
        monkeypatch.setattr("gatewright.controlplane.s3.reading.read_content", lambda *_: pytest.fail("it was read"))

        assert "is larger than 1,048,576 bytes (1 MB)" in refused(world.create, NAME).message

    def test_one_byte_more_than_a_megabyte(self, world, clients_ca):
        world.upload(clients_ca.certificate_pem.ljust(MAXIMUM_BYTES, "\n"))
        world.create(NAME)
        world.upload(clients_ca.certificate_pem.ljust(MAXIMUM_BYTES + 1, "\n"))

        assert (
            "is larger than 1,048,576 bytes (1 MB)" in refused(world.update, NAME, ("replace", URI_PATH, URI)).message
        )

    def test_one_certificate_more_than_a_thousand(self, world):
        short = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        world.upload(short * 1_001)

        assert "may have 1,000 certificates, and this one has 1,001" in refused(world.create, NAME).message

    def test_a_refused_update_leaves_the_truststore_in_force(self, world):
        world.create(NAME)
        before = world.truststore(NAME), world.stored(NAME)
        world.upload("nothing")

        refused(world.update, NAME, ("replace", URI_PATH, URI))

        assert before == (world.truststore(NAME), world.stored(NAME))


class TestRevocationLists:
    @pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
    def test_one_beside_the_truststore_is_read_with_it(self, world, clients_ca, encoding):
        world.upload(make_crl(clients_ca, 7, 8).public_bytes(encoding), KEY + ".crl")

        world.create(NAME)

        assert {7, 8} == revoked_serials(world.truststore(NAME).revocation_lists)

    def test_lists_of_several_authorities_stand_in_one_file(self, world, clients_ca):
        lists = make_crl(clients_ca, 7), make_crl(CertificateAuthority("Other Root"), 9)
        world.upload(b"".join(each.public_bytes(Encoding.PEM) for each in lists), KEY + ".crl")

        world.create(NAME)

        assert {7, 9} == revoked_serials(world.truststore(NAME).revocation_lists)

    def test_one_that_is_put_later_counts_when_the_truststore_is_named_again(self, world, clients_ca):
        world.create(NAME)
        world.upload(make_crl(clients_ca, 7).public_bytes(Encoding.PEM), KEY + ".crl")
        assert world.truststore(NAME).revocation_lists is None

        world.update(NAME, ("replace", URI_PATH, URI))
        assert {7} == revoked_serials(world.truststore(NAME).revocation_lists)

        world.s3.delete_object(Bucket=BUCKET, Key=KEY + ".crl")
        world.update(NAME, ("replace", URI_PATH, URI))
        assert world.truststore(NAME).revocation_lists is None

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"nothing", "cannot be used"),
            (b"", "cannot be used"),
            (bytes(MAXIMUM_REVOCATION_BYTES + 1), "are larger than"),
        ],
    )
    def test_one_that_says_nothing_refuses_the_request(self, world, content, words):
        world.upload(content, KEY + ".crl")

        error = refused(world.create, NAME)

        assert "BadRequestException" == error.code
        assert error.message.startswith(f"The revocation lists {URI}.crl")
        assert words in error.message
