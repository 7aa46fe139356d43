"""DescribeCertificate, GetCertificate and DeleteCertificate through botocore's client; OpenSSL says what is right."""

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from gatewright.controlplane.acm.associations import set_associations
from gatewright.model.records import Certificate
from support.ca import issue_self_signed
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION

UNKNOWN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000"
USER = f"arn:aws:apigateway:{REGION}::/domainnames/www.example.com"


def openssl(pem, *options):
    shown = subprocess.run(
        ["openssl", "x509", "-noout", *options], input=pem, capture_output=True, text=True, check=True
    )
    return shown.stdout.strip().partition("=")[2]


@pytest.fixture
def use(harness):
    """Notes that something uses a certificate, or no longer does."""

    def use(*, before=(), after=()):
        with harness.store.transaction() as transaction:
            set_associations(transaction, USER, before=before, after=after)

    return use


class TestDescribe:
    def test_everything_as_the_service_shows_an_imported_certificate(self, ca, acm, import_issued, harness):
        issued = ca.issue("www.example.com", "*.example.com", key="rsa2048")
        arn = import_issued(issued)

        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]

        imported = datetime.fromtimestamp(harness.now, UTC)
        assert {
            "CertificateArn": arn,
            "DomainName": "www.example.com",
            "SubjectAlternativeNames": ["www.example.com", "*.example.com"],
            "DomainValidationOptions": [{"DomainName": "www.example.com"}, {"DomainName": "*.example.com"}],
            "Serial": certificate["Serial"],
            "Subject": "CN=www.example.com",
            "Issuer": "Gatewright tests",
            "CreatedAt": imported,
            "ImportedAt": imported,
            "Status": "ISSUED",
            "NotBefore": issued.certificate.not_valid_before_utc,
            "NotAfter": issued.certificate.not_valid_after_utc,
            "KeyAlgorithm": "RSA-2048",
            "SignatureAlgorithm": "SHA256WITHECDSA",
            "InUseBy": [],
            "Type": "IMPORTED",
            "KeyUsages": [{"Name": "DIGITAL_SIGNATURE"}],
            "ExtendedKeyUsages": [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}],
            "RenewalEligibility": "INELIGIBLE",
            "Options": {"CertificateTransparencyLoggingPreference": "DISABLED"},
            "CertificateKeyPairOrigin": "CUSTOMER_PROVIDED",
        } == certificate

    def test_serial_and_subject_are_openssls(self, tmp_path, harness, acm):
        subject = "/C=AU/ST=Some-State/O=Example Org/OU=Testing/CN=localhost"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
             "-days", "2", "-subj", subject, "-set_serial", "1001"],
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
        pem = (tmp_path / "cert.pem").read_text()
        harness.now = max(harness.now, time.time())  # openssl dates the certificate by the real clock

        arn = acm.import_certificate(Certificate=pem, PrivateKey=(tmp_path / "key.pem").read_text())["CertificateArn"]
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]

        assert openssl(pem, "-serial").lower() == certificate["Serial"].replace(":", "")
        assert certificate["Serial"] == "03:e9"
        assert openssl(pem, "-subject", "-nameopt", "sep_comma_plus").replace(" = ", "=") == certificate["Subject"]
        assert certificate["Subject"] == "C=AU,ST=Some-State,O=Example Org,OU=Testing,CN=localhost"
        assert certificate["Issuer"] == "Example Org"
        assert certificate["SignatureAlgorithm"] == "SHA256WITHRSA"

    def test_without_usage_extensions_any_use_is_shown(self, acm, import_issued):
        certificate = acm.describe_certificate(CertificateArn=import_issued(issue_self_signed("www.example.com")))

        assert [{"Name": "ANY"}] == certificate["Certificate"]["KeyUsages"]
        assert [{"Name": "NONE"}] == certificate["Certificate"]["ExtendedKeyUsages"]

    def test_a_common_name_outside_the_alternative_names_is_one_of_them(self, ca, acm, import_issued):
        arn = import_issued(ca.issue("b.example.com", "c.example.com", common_name="a.example.com"))

        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]

        assert certificate["DomainName"] == "a.example.com"
        assert certificate["SubjectAlternativeNames"] == ["a.example.com", "b.example.com", "c.example.com"]

    def test_a_certificate_expires_by_the_clock(self, ca, acm, import_issued, harness):
        arn = import_issued(ca.issue("www.example.com", not_after=datetime.now(UTC) + timedelta(days=2)))
        harness.advance(3 * 86_400)

        assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "EXPIRED"

    def test_what_uses_it_is_shown(self, ca, acm, import_issued, use):
        arn = import_issued(ca.issue("www.example.com"))
        use(after=[arn])

        assert [USER] == acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"]


class TestGet:
    def test_certificate_and_chain_and_no_key(self, ca, acm, import_issued):
        issued = ca.intermediate().issue("www.example.com")

        answer = acm.get_certificate(CertificateArn=import_issued(issued))

        answer.pop("ResponseMetadata")
        assert {"Certificate": issued.certificate_pem, "CertificateChain": issued.chain_pem} == answer


class TestDelete:
    def test_certificate_and_key_are_gone(self, ca, acm, import_issued, refused, harness):
        arn = import_issued(ca.issue("www.example.com"))
        with harness.store.read() as reader:
            (record,) = reader.all(Certificate)

        acm.delete_certificate(CertificateArn=arn)

        assert refused(acm.describe_certificate, CertificateArn=arn).code == "ResourceNotFoundException"
        with harness.store.read() as reader:
            assert reader.get_secret(record.secret_name) is None

    def test_not_while_something_uses_it(self, ca, acm, import_issued, refused, use):
        arn = import_issued(ca.issue("www.example.com"))
        use(after=[arn])

        error = refused(acm.delete_certificate, CertificateArn=arn)

        assert ("ResourceInUseException", 400) == (error.code, error.status)
        assert f"Certificate {arn} in account {ACCOUNT} is in use." == error.message

        use(before=[arn])
        acm.delete_certificate(CertificateArn=arn)


@pytest.mark.parametrize(
    "operation", ["describe_certificate", "get_certificate", "delete_certificate", "list_tags_for_certificate"]
)
class TestNotFound:
    def test_an_unknown_certificate(self, operation, acm, refused):
        error = refused(getattr(acm, operation), CertificateArn=UNKNOWN)

        assert ("ResourceNotFoundException", 400) == (error.code, error.status)
        assert f"Could not find certificate {UNKNOWN} in account {ACCOUNT}." == error.message

    def test_the_certificate_of_another_account(self, operation, ca, harness, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com"))

        error = refused(getattr(harness.client("acm", account=OTHER_ACCOUNT), operation), CertificateArn=arn)

        assert f"Could not find certificate {arn} in account {OTHER_ACCOUNT}." == error.message

    def test_the_certificate_of_another_region(self, operation, ca, harness, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com"))

        error = refused(getattr(harness.client("acm", region="eu-west-1"), operation), CertificateArn=arn)

        assert error.code == "ResourceNotFoundException"

    def test_an_arn_of_something_else(self, operation, acm, refused):
        error = refused(getattr(acm, operation), CertificateArn=f"arn:aws:acm:{REGION}:{ACCOUNT}:authority/one")

        assert ("InvalidArnException", 400) == (error.code, error.status)
