"""ImportCertificate through botocore's client, with certificates made by pyca and looked at by OpenSSL."""

import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gatewright.model.records import Certificate
from support.ca import CertificateAuthority, issue_self_signed, key_to_pem, make_key
from support.control import ACCOUNT, REGION

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def stored(harness, arn):
    with harness.store.read() as reader:
        record = reader.get(Certificate, ACCOUNT, REGION, arn.rpartition("/")[2])
        return record, reader.get_secret(record.secret_name)


def test_an_import_answers_with_an_arn_of_the_region_and_account(ca, import_issued):
    arn = import_issued(ca.issue("www.example.com"))

    assert re.fullmatch(f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{UUID}", arn)


@pytest.mark.parametrize("kind", ["rsa1024", "rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521"])
def test_every_key_type_of_the_model_is_taken(kind, ca, import_issued):
    assert import_issued(ca.issue("www.example.com", key=kind))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_the_private_key_is_kept_as_a_pkcs8_secret_whatever_its_form(form, kind, ca, acm, harness):
    issued = ca.issue("www.example.com", key=kind)
    answer = acm.import_certificate(
        Certificate=issued.certificate_pem,
        PrivateKey=key_to_pem(issued.key, form),
        CertificateChain=issued.chain_pem,
    )

    record, secret = stored(harness, answer["CertificateArn"])

    assert issued.key_pem.encode() == secret
    assert "PRIVATE KEY" not in repr(record)


def test_openssl_finds_the_stored_chain_good(ca, import_issued, harness, tmp_path):
    issued = ca.intermediate("One").intermediate("Two").issue("www.example.com", key="rsa2048")
    record, _ = stored(harness, import_issued(issued))
    for name, pem in (("leaf", record.certificate_pem), ("chain", record.chain_pem), ("root", ca.certificate_pem)):
        (tmp_path / f"{name}.pem").write_text(pem)

    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", "root.pem", "-untrusted", "chain.pem", "leaf.pem"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert verified.stdout == "leaf.pem: OK\n"


def test_the_root_may_be_left_out_of_the_chain(ca, import_issued):
    issued = ca.intermediate().issue("www.example.com")

    assert import_issued(issued, CertificateChain=issued.chain_pem.partition("-----END CERTIFICATE-----\n")[0]
                         + "-----END CERTIFICATE-----\n")  # fmt: skip


def test_a_self_signed_certificate_needs_no_chain(import_issued):
    assert import_issued(issue_self_signed("www.example.com"))


def test_text_around_a_pem_block_is_not_kept(ca, acm):
    issued = ca.issue("www.example.com")
    arn = acm.import_certificate(
        Certificate=f"subject=CN = www.example.com\r\n{issued.certificate_pem}\n\n",
        PrivateKey=issued.key_pem,
        CertificateChain=issued.chain_pem,
    )["CertificateArn"]

    assert issued.certificate_pem == acm.get_certificate(CertificateArn=arn)["Certificate"]


class TestRefusals:
    @pytest.fixture
    def issued(self, ca):
        return ca.issue("www.example.com")

    @pytest.fixture
    def refused_import(self, acm, refused, issued):
        def refused_import(**changed):
            parameters = {
                "Certificate": issued.certificate_pem,
                "PrivateKey": issued.key_pem,
                "CertificateChain": issued.chain_pem,
                **changed,
            }
            return refused(
                acm.import_certificate, **{name: value for name, value in parameters.items() if value is not None}
            )

        return refused_import

    def test_all_are_validation_exceptions(self, refused_import):
        error = refused_import(Certificate="CERT123", PrivateKey="KEY123")

        assert ("ValidationException", 400) == (error.code, error.status)

    def test_a_bundle_where_the_certificate_belongs(self, refused_import, issued):
        error = refused_import(Certificate=issued.certificate_pem + issued.chain_pem)

        assert (
            "The certificate field contains more than one certificate. You can specify only one certificate in this "
            "field."
        ) == error.message

    @pytest.mark.parametrize(
        "text", ["no pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\x00\xff"]
    )
    def test_a_certificate_that_cannot_be_read(self, text, refused_import):
        error = refused_import(Certificate=text.encode("latin-1"))

        assert error.message == "Unable to parse certificate. Please ensure the certificate is in PEM format."

    def test_an_expired_certificate(self, refused_import, ca):
        yesterday = datetime.now(UTC) - timedelta(days=1)
        expired = ca.issue("www.example.com", not_after=yesterday)

        error = refused_import(Certificate=expired.certificate_pem, PrivateKey=expired.key_pem)

        assert error.message == "The certificate has expired, is not valid."

    def test_a_certificate_of_tomorrow(self, refused_import, ca):
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        early = ca.issue("www.example.com", not_before=tomorrow)

        error = refused_import(Certificate=early.certificate_pem, PrivateKey=early.key_pem)

        assert error.message == "The certificate is not in effect yet, is not valid."

    def test_a_certificate_that_names_nothing(self, refused_import, ca):
        nameless = ca.issue()

        error = refused_import(Certificate=nameless.certificate_pem, PrivateKey=nameless.key_pem)

        assert error.message == "The certificate does not contain a domain name."

    @pytest.mark.parametrize("kind", ["p256", "rsa2048"])
    def test_the_key_of_another_certificate(self, kind, refused_import):
        error = refused_import(PrivateKey=key_to_pem(make_key(kind)))

        assert error.message == "The private key does not match the certificate."

    def test_a_certificate_where_the_key_belongs(self, refused_import, issued):
        assert refused_import(PrivateKey=issued.certificate_pem).message == "Passed PEM was not a private key."

    def test_an_encrypted_key(self, refused_import, issued):
        pem = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

        assert refused_import(PrivateKey=pem).message == "Your private key should not be encrypted."

    @pytest.mark.parametrize("kind", ["ed25519", "secp256k1"])
    def test_a_key_of_a_kind_that_is_not_supported(self, kind, refused_import, ca):
        other = ca.issue("www.example.com", key=kind)

        error = refused_import(Certificate=other.certificate_pem, PrivateKey=other.key_pem)

        assert error.message == "The private key is not supported."

    def test_an_rsa_key_of_a_length_that_is_not_supported(self, refused_import, ca):
        from cryptography.hazmat.primitives.asymmetric import rsa

        other = ca.issue("www.example.com", key=rsa.generate_private_key(65_537, 1_536))

        error = refused_import(Certificate=other.certificate_pem, PrivateKey=other.key_pem)

        assert error.message == "The private key length 1536 is not supported for key algorithm."

    def test_no_message_shows_any_of_the_key(self, refused_import, issued):
        lines = issued.key_pem.splitlines()
        damaged = "\n".join([lines[0], lines[1][:-4], *lines[2:]])

        error = refused_import(PrivateKey=damaged)

        assert error.message == "The private key is not supported."

    def test_a_certificate_that_somebody_else_signed_needs_its_chain(self, refused_import):
        assert (
            "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or "
            "certificate chain."
        ) == refused_import(CertificateChain=None).message

    def test_the_root_in_place_of_the_issuer(self, refused_import, ca):
        issued = ca.intermediate().issue("www.example.com")

        error = refused_import(
            Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, CertificateChain=ca.certificate_pem
        )

        assert error.message == "Could not validate the certificate with the certificate chain."

    def test_an_issuer_of_the_same_name_with_another_key(self, refused_import):
        impostor = CertificateAuthority()  # "Test Root" like the real one

        error = refused_import(CertificateChain=impostor.certificate_pem)

        assert error.message == "Could not validate the certificate with the certificate chain."

    def test_the_certificate_itself_in_its_chain(self, refused_import, issued):
        error = refused_import(CertificateChain=issued.certificate_pem + issued.chain_pem)

        assert (
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
            "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
            "certificate is: 0"
        ) == error.message

    def test_a_chain_in_the_wrong_order_further_up(self, refused_import, ca):
        lower = ca.intermediate("One").intermediate("Two")
        issued = lower.issue("www.example.com")
        two, one, root = (certificate.public_bytes(Encoding.PEM).decode() for certificate in lower.path)

        error = refused_import(
            Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, CertificateChain=two + root + one
        )

        assert error.message.endswith("The index within the chain of the invalid certificate is: 0")

    def test_a_chain_that_is_no_pem(self, refused_import):
        error = refused_import(CertificateChain="a chain")

        assert error.message == "The certificate chain provided is not in a valid PEM format."

    def test_a_refused_import_leaves_nothing(self, refused_import, acm, harness):
        refused_import(CertificateChain=None)

        with harness.store.read() as reader:
            assert [] == list(reader.all(Certificate))


class TestReimport:
    def test_arn_tags_and_date_of_creation_stay(self, ca, acm, import_issued, harness):
        arn = import_issued(ca.issue("www.example.com"), Tags=[{"Key": "team", "Value": "edge"}])
        before = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        harness.advance(60)
        renewed = ca.issue("www.example.com", "api.example.com")

        assert arn == import_issued(renewed, CertificateArn=arn)

        after = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert before["CreatedAt"] == after["CreatedAt"]
        assert before["ImportedAt"] + timedelta(seconds=60) == after["ImportedAt"]
        assert before["Serial"] != after["Serial"]
        assert ["www.example.com", "api.example.com"] == after["SubjectAlternativeNames"]
        assert [{"Key": "team", "Value": "edge"}] == acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]

    def test_certificate_chain_and_key_are_the_new_ones(self, ca, acm, import_issued, harness):
        arn = import_issued(ca.issue("www.example.com"))
        renewed = ca.intermediate().issue("www.example.com")

        import_issued(renewed, CertificateArn=arn)

        answer = acm.get_certificate(CertificateArn=arn)
        assert (renewed.certificate_pem, renewed.chain_pem) == (answer["Certificate"], answer["CertificateChain"])
        assert renewed.key_pem.encode() == stored(harness, arn)[1]

    def test_a_chain_that_is_not_given_again_is_gone(self, acm, import_issued):
        ca = CertificateAuthority()
        arn = import_issued(ca.issue("www.example.com"))

        import_issued(issue_self_signed("www.example.com", usages=True), CertificateArn=arn)

        assert "CertificateChain" not in acm.get_certificate(CertificateArn=arn)

    def test_all_names_may_be_other_ones(self, ca, acm, import_issued):
        arn = import_issued(ca.issue("www.example.com"))

        import_issued(ca.issue("www.example.org"), CertificateArn=arn)

        assert "www.example.org" == acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainName"]

    @pytest.mark.parametrize(("old", "new"), [("rsa2048", "rsa3072"), ("p256", "p384"), ("rsa2048", "p256")])
    def test_the_key_type_and_size_stay(self, old, new, ca, acm, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com", key=old))
        other = ca.issue("www.example.com", key=new)

        error = refused(
            acm.import_certificate,
            CertificateArn=arn,
            Certificate=other.certificate_pem,
            PrivateKey=other.key_pem,
            CertificateChain=other.chain_pem,
        )

        assert error.message == "The key type and key size of the certificate cannot be changed on re-import."

    @pytest.mark.parametrize(
        ("kind", "removed", "allowed"),
        [
            ("rsa2048", "digital_signature", False),
            ("rsa2048", "key_encipherment", False),
            ("p256", "key_encipherment", True),
            ("p256", "digital_signature", False),
        ],
    )
    def test_key_usages_stay_except_key_encipherment_of_ecdsa(
        self, kind, removed, allowed, ca, acm, import_issued, refused
    ):
        both = ("digital_signature", "key_encipherment")
        arn = import_issued(ca.issue("www.example.com", key=kind, key_usages=both))
        fewer = ca.issue("www.example.com", key=kind, key_usages=tuple(usage for usage in both if usage != removed))

        if allowed:
            assert arn == import_issued(fewer, CertificateArn=arn)
        else:
            error = refused(import_issued, issued=fewer, CertificateArn=arn)
            assert error.message == "Key Usage extension values of the certificate cannot be removed on re-import."

    def test_key_usages_may_be_added(self, ca, import_issued):
        arn = import_issued(ca.issue("www.example.com"))
        more = ca.issue("www.example.com", key_usages=("digital_signature", "key_agreement"))

        assert arn == import_issued(more, CertificateArn=arn)

    def test_the_server_authentication_purpose_stays(self, ca, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com"))

        error = refused(import_issued, issued=ca.issue("www.example.com", client=True), CertificateArn=arn)

        assert error.message == "Extended Key Usage extension values of the certificate cannot be removed on re-import."

    def test_the_client_authentication_purpose_may_go(self, ca, import_issued):
        arn = import_issued(ca.issue("www.example.com", client=True))

        assert arn == import_issued(ca.issue("www.example.com"), CertificateArn=arn)

    def test_tags_are_refused(self, ca, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com"))

        error = refused(
            import_issued,
            issued=ca.issue("www.example.com"),
            CertificateArn=arn,
            Tags=[{"Key": "team", "Value": "edge"}],
        )

        assert ("ValidationException", "Tagging is not permitted on re-import.") == (error.code, error.message)

    @pytest.mark.parametrize(
        "arn",
        [
            f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000",
            f"arn:aws:acm:{REGION}:222222222222:certificate/00000000-0000-4000-8000-000000000000",
        ],
    )
    def test_an_unknown_arn(self, arn, ca, import_issued, refused):
        error = refused(import_issued, issued=ca.issue("www.example.com"), CertificateArn=arn)

        assert ("ResourceNotFoundException", f"Could not find certificate {arn}.", 400) == (
            error.code, error.message, error.status,
        )  # fmt: skip

    def test_a_refused_reimport_changes_nothing(self, ca, acm, import_issued, refused, harness):
        arn = import_issued(ca.issue("www.example.com"))
        before = stored(harness, arn)

        refused(import_issued, issued=ca.issue("www.example.com", key="p384"), CertificateArn=arn)

        assert before == stored(harness, arn)


def test_another_account_cannot_reimport(ca, import_issued, refused, harness):
    from support.control import OTHER_ACCOUNT

    arn = import_issued(ca.issue("www.example.com"))

    error = refused(
        import_issued,
        issued=ca.issue("www.example.com"),
        client=harness.client("acm", account=OTHER_ACCOUNT),
        CertificateArn=arn,
    )

    assert error.code == "ResourceNotFoundException"


def test_the_key_lies_nowhere_in_the_open(ca, acm, import_issued, tmp_path, caplog):
    issued = ca.issue("www.example.com", key="rsa2048")
    secret = issued.key_pem.splitlines()[3]

    with caplog.at_level("DEBUG", logger="gatewright"):
        arn = import_issued(issued)
        answers = [
            acm.describe_certificate(CertificateArn=arn),
            acm.get_certificate(CertificateArn=arn),
            acm.list_certificates(),
        ]

    assert secret not in repr(answers)
    assert secret not in caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(secret.encode() in path.read_bytes() for path in files)
