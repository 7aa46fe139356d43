"""RequestCertificate: what is issued at once, by whom, and what the description says; OpenSSL judges the certificates."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from gatewright.controlplane.acm.request_certificate import TOKEN_SECONDS
from support.control import ACCOUNT, OTHER_ACCOUNT, REGION

HOUR = timedelta(hours=1)


def openssl_verify(folder, root, leaf, host, chain=""):
    (folder / "root.pem").write_text(root)
    (folder / "leaf.pem").write_text(leaf)
    (folder / "chain.pem").write_text(chain or root)
    verdict = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", host,
         "-CAfile", "root.pem", "-untrusted", "chain.pem", "leaf.pem"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return verdict.stdout + verdict.stderr


class TestOfTheLocalAuthority:
    def test_it_is_issued_within_the_call(self, acm, request_certificate, describe, harness):
        arn = request_certificate(
            "www.example.com", SubjectAlternativeNames=["*.example.com"], Tags=[{"Key": "of", "Value": "test"}]
        )

        certificate = describe(arn)
        now = datetime.fromtimestamp(harness.now, UTC)
        records = [each.pop("ResourceRecord") for each in certificate["DomainValidationOptions"]]
        assert ["CNAME"] * 2 == [record["Type"] for record in records]
        validation = {"ValidationStatus": "SUCCESS", "ValidationMethod": "DNS"}
        assert {
            "CertificateArn": arn,
            "DomainName": "www.example.com",
            "SubjectAlternativeNames": ["www.example.com", "*.example.com"],
            "DomainValidationOptions": [
                {"DomainName": name, "ValidationDomain": name, **validation}
                for name in ("www.example.com", "*.example.com")
            ],
            "Serial": certificate["Serial"],
            "Subject": "CN=www.example.com",
            "Issuer": "Gatewright",
            "CreatedAt": now,
            "IssuedAt": now,
            "Status": "ISSUED",
            "NotBefore": now - HOUR,
            "NotAfter": now - HOUR + timedelta(days=198),
            "KeyAlgorithm": "EC-prime256v1",
            "SignatureAlgorithm": "SHA256WITHECDSA",
            "InUseBy": [],
            "Type": "AMAZON_ISSUED",
            "KeyUsages": [{"Name": "DIGITAL_SIGNATURE"}],
            "ExtendedKeyUsages": [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}],
            "RenewalEligibility": "INELIGIBLE",
            "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
            "CertificateKeyPairOrigin": "AWS_MANAGED",
        } == certificate
        tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
        assert [{"Key": "of", "Value": "test"}] == tags

    @pytest.mark.parametrize(
        ("algorithm", "shown", "usages"),
        [
            ("RSA_2048", "RSA-2048", ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"]),
            ("EC_secp384r1", "EC-secp384r1", ["DIGITAL_SIGNATURE"]),
        ],
    )
    def test_openssl_accepts_it_for_its_names(
        self, acm, request_certificate, describe, local_authority, tmp_path, algorithm, shown, usages
    ):
        arn = request_certificate("*.example.com", KeyAlgorithm=algorithm)
        got = acm.get_certificate(CertificateArn=arn)
        assert local_authority.certificate_pem == got["CertificateChain"]
        leaf = got["Certificate"]
        assert "leaf.pem: OK\n" == openssl_verify(tmp_path, got["CertificateChain"], leaf, "www.example.com")
        assert "OK" not in openssl_verify(tmp_path, got["CertificateChain"], leaf, "www.example.net")
        certificate = describe(arn)
        assert (shown, usages) == (certificate["KeyAlgorithm"], [each["Name"] for each in certificate["KeyUsages"]])

    def test_the_key_is_rsa_2048_and_the_method_mail_unless_said(self, acm, local_authority, describe):
        arn = acm.request_certificate(DomainName="www.example.com")["CertificateArn"]
        certificate = describe(arn)
        assert "RSA-2048" == certificate["KeyAlgorithm"]
        # R: no addresses where nobody was written to.
        assert [
            {
                "DomainName": "www.example.com",
                "ValidationDomain": "www.example.com",
                "ValidationMethod": "EMAIL",
                "ValidationStatus": "SUCCESS",
                "ValidationEmails": [],
            }
        ] == certificate["DomainValidationOptions"]

    def test_each_name_once_in_lower_case_the_domain_name_first(self, request_certificate, describe):
        arn = request_certificate(
            "WWW.example.com", SubjectAlternativeNames=["b.example.com", "www.example.com", "B.example.com"]
        )
        assert ["www.example.com", "b.example.com"] == describe(arn)["SubjectAlternativeNames"]

    def test_the_private_key_is_the_certificates(self, acm, request_certificate, harness):
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from cryptography.x509 import load_pem_x509_certificate

        arn = request_certificate()
        pem = acm.get_certificate(CertificateArn=arn)["Certificate"]
        with harness.store.read() as reader:
            secret = reader.get_secret(f"certificate/{ACCOUNT}/{REGION}/{arn.rpartition('/')[2]}")
        assert load_pem_x509_certificate(pem.encode()).public_key() == load_pem_private_key(secret, None).public_key()

    def test_a_certificate_does_not_outlive_the_authority(
        self, request_certificate, describe, harness, local_authority
    ):
        harness.now = local_authority.not_after - 3600
        assert local_authority.not_after == describe(request_certificate())["NotAfter"].timestamp()

    def test_deletion_leaves_no_key(self, acm, request_certificate, harness):
        arn = request_certificate()
        acm.delete_certificate(CertificateArn=arn)
        with harness.store.read() as reader:
            assert reader.get_secret(f"certificate/{ACCOUNT}/{REGION}/{arn.rpartition('/')[2]}") is None
        assert [] == acm.list_certificates()["CertificateSummaryList"]

    def test_it_cannot_be_reimported(self, ca, acm, request_certificate, refused):
        issued = ca.issue("www.example.com")
        error = refused(
            acm.import_certificate,
            CertificateArn=request_certificate(),
            Certificate=issued.certificate_pem,
            PrivateKey=issued.key_pem,
            CertificateChain=issued.chain_pem,
        )
        assert ("ValidationException", "Only imported certificates can be re-imported.") == (error.code, error.message)

    def test_tags_are_added_and_removed(self, acm, request_certificate):
        arn = request_certificate(Tags=[{"Key": "a", "Value": "1"}])
        acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "b", "Value": "2"}])
        acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "a"}])
        assert [{"Key": "b", "Value": "2"}] == acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]


class TestIdempotency:
    def test_the_same_token_within_an_hour_is_the_same_certificate(self, request_certificate, harness):
        first = request_certificate(IdempotencyToken="abc")
        harness.advance(TOKEN_SECONDS - 1)
        assert first == request_certificate(IdempotencyToken="abc")
        harness.advance(2)
        assert first != request_certificate(IdempotencyToken="abc")

    def test_another_token_or_none_is_another_certificate(self, request_certificate):
        arns = {request_certificate(IdempotencyToken="abc"), request_certificate(IdempotencyToken="abd")}
        assert 4 == len(arns | {request_certificate(), request_certificate()})


class TestRefusals:
    def test_the_first_name_must_fit_a_common_name_and_others_need_not(self, acm, request_certificate, refused):
        long = f"{'a' * 53}.example.com"
        assert 65 == len(long)
        error = refused(acm.request_certificate, DomainName=long)
        assert "ValidationException" == error.code
        assert error.message.startswith("The first domain name can be no longer than 64 characters")
        request_certificate(long[1:], SubjectAlternativeNames=[long])

    @pytest.mark.parametrize(
        ("more", "begins"),
        [
            ({"ValidationMethod": "HTTP"}, "HTTP validation is only for"),
            ({"Options": {"ValidationMethod": "HTTP"}}, "HTTP validation is only for"),
            ({"ManagedBy": "CLOUDFRONT"}, "Certificates that CloudFront manages"),
        ],
    )
    def test_what_belongs_to_cloudfront(self, acm, refused, more, begins):
        error = refused(acm.request_certificate, DomainName="www.example.com", **more)
        assert "ValidationException" == error.code
        assert error.message.startswith(begins)

    @pytest.mark.parametrize("domain", ["example.net", "b.www.example.com", "ample.com"])
    def test_a_validation_domain_must_be_the_name_or_above_it(self, acm, local_authority, refused, domain):
        error = refused(
            acm.request_certificate,
            DomainName="www.example.com",
            DomainValidationOptions=[{"DomainName": "www.example.com", "ValidationDomain": domain}],
        )
        assert "InvalidDomainValidationOptionsException" == error.code

    def test_a_validation_domain_is_shown(self, request_certificate, describe):
        arn = request_certificate(
            "*.www.example.com",
            DomainValidationOptions=[{"DomainName": "*.www.example.com", "ValidationDomain": "example.com"}],
        )
        assert "example.com" == describe(arn)["DomainValidationOptions"][0]["ValidationDomain"]


class TestOfAPrivateCa:
    @pytest.fixture
    def pca(self, harness):
        return harness.client("acm-pca")

    @pytest.fixture
    def authority_arn(self, pca, make_authority):
        return make_authority(pca)

    @pytest.fixture
    def make_authority(self):
        def make_authority(pca, days=3650):
            arn = pca.create_certificate_authority(
                CertificateAuthorityType="ROOT",
                CertificateAuthorityConfiguration={
                    "KeyAlgorithm": "EC_prime256v1",
                    "SigningAlgorithm": "SHA256WITHECDSA",
                    "Subject": {"Organization": "Example", "CommonName": "Example Root"},
                },
            )["CertificateAuthorityArn"]
            csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
            own = pca.issue_certificate(
                CertificateAuthorityArn=arn,
                Csr=csr,
                SigningAlgorithm="SHA256WITHECDSA",
                TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
                Validity={"Type": "DAYS", "Value": days},
            )["CertificateArn"]
            pem = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=own)["Certificate"]
            pca.import_certificate_authority_certificate(CertificateAuthorityArn=arn, Certificate=pem)
            return arn

        return make_authority

    @pytest.fixture
    def request_private(self, acm):
        def request_private(authority_arn, client=acm, **more):
            return client.request_certificate(
                DomainName="www.corp.internal",
                CertificateAuthorityArn=authority_arn,
                KeyAlgorithm="EC_prime256v1",
                **more,
            )["CertificateArn"]

        return request_private

    def test_it_is_issued_within_the_call_and_needs_no_validation(
        self, acm, describe, request_private, authority_arn, tmp_path, harness
    ):
        arn = request_private(authority_arn)
        certificate = describe(arn)
        assert ("ISSUED", "PRIVATE", authority_arn) == (
            certificate["Status"],
            certificate["Type"],
            certificate["CertificateAuthorityArn"],
        )
        assert "DomainValidationOptions" not in certificate
        assert "Example" == certificate["Issuer"]
        assert harness.now + 395 * 86_400 == pytest.approx(certificate["NotAfter"].timestamp(), abs=3600)
        got = acm.get_certificate(CertificateArn=arn)
        verdict = openssl_verify(tmp_path, got["CertificateChain"], got["Certificate"], "www.corp.internal")
        assert "leaf.pem: OK\n" == verdict

    def test_what_the_ca_cannot_do_is_told_by_the_description(
        self, acm, pca, describe, request_private, make_authority, authority_arn, harness, refused, caplog
    ):
        pca.update_certificate_authority(CertificateAuthorityArn=authority_arn, Status="DISABLED")
        unknown = f"{authority_arn[:-4]}0000"
        other = make_authority(harness.client("acm-pca", account=OTHER_ACCOUNT))
        elsewhere = make_authority(harness.client("acm-pca", region="eu-west-1"))
        short = make_authority(pca, days=30)
        for authority, reason in [
            (authority_arn, "PCA_INVALID_STATE"),
            (unknown, "PCA_RESOURCE_NOT_FOUND"),
            (other, "PCA_ACCESS_DENIED"),
            (elsewhere, "PCA_INVALID_ARN"),
            (short, "PCA_INVALID_DURATION"),
        ]:
            arn = request_private(authority)
            certificate = describe(arn)
            assert ("FAILED", reason) == (certificate["Status"], certificate["FailureReason"])
            assert "Issuer" not in certificate, "nobody signed it"
            for operation in (acm.get_certificate, partial(acm.export_certificate, Passphrase=b"secret")):
                error = refused(operation, CertificateArn=arn)
                assert ("ResourceNotFoundException", 400) == (error.code, error.status)
                assert f"Certificate {arn} was never issued: its request has ended (FAILED, {reason})." == error.message
            assert f"The certificate {arn} (www.corp.internal) will not be issued ({reason}): " in caplog.text
            acm.delete_certificate(CertificateArn=arn)

    def test_its_options_are_refused(self, acm, authority_arn, refused):
        error = refused(
            acm.request_certificate,
            DomainName="www.corp.internal",
            CertificateAuthorityArn=authority_arn,
            Options={"Export": "ENABLED"},
        )
        assert error.message.startswith("One or more of the options specified in the request are not supported")


class TestOverAcme:
    @pytest.fixture
    def with_directory(self, harness):
        def with_directory(*domains):
            installation = replace(harness.context.installation, acme_domains=domains)
            harness.context = replace(harness.context, installation=installation)

        return with_directory

    def test_it_waits_for_its_order(self, acm, request_certificate, describe, with_directory, harness, refused):
        with_directory()
        arn = request_certificate("www.shop.org", KeyAlgorithm="RSA_2048")
        certificate = describe(arn)
        (validation,) = certificate.pop("DomainValidationOptions")
        assert ("PENDING_VALIDATION", "CNAME") == (validation["ValidationStatus"], validation["ResourceRecord"]["Type"])
        assert {
            "CertificateArn": arn,
            "DomainName": "www.shop.org",
            "SubjectAlternativeNames": ["www.shop.org"],
            "Subject": "CN=www.shop.org",
            "Issuer": "Amazon",
            "CreatedAt": datetime.fromtimestamp(harness.now, UTC),
            "Status": "PENDING_VALIDATION",
            "KeyAlgorithm": "RSA-2048",
            "SignatureAlgorithm": "SHA256WITHRSA",
            "InUseBy": [],
            "Type": "AMAZON_ISSUED",
            "KeyUsages": [],
            "ExtendedKeyUsages": [],
            "RenewalEligibility": "INELIGIBLE",
            "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
            "CertificateKeyPairOrigin": "AWS_MANAGED",
        } == certificate
        error = refused(acm.get_certificate, CertificateArn=arn)
        assert ("RequestInProgressException", 400) == (error.code, error.status)
        (listed,) = acm.list_certificates()["CertificateSummaryList"]
        assert ("PENDING_VALIDATION", "RSA-2048") == (listed["Status"], listed["KeyAlgorithm"])
        assert "NotAfter" not in listed

    def test_validation_times_out_after_72_hours(self, acm, request_certificate, describe, with_directory, harness):
        with_directory()
        arn = request_certificate("www.shop.org", KeyAlgorithm="RSA_2048")
        harness.advance(72 * 3600)
        assert "PENDING_VALIDATION" == describe(arn)["Status"]
        harness.advance(1)
        certificate = describe(arn)
        assert "VALIDATION_TIMED_OUT" == certificate["Status"]
        assert "FAILED" == certificate["DomainValidationOptions"][0]["ValidationStatus"]
        listed = acm.list_certificates(CertificateStatuses=["VALIDATION_TIMED_OUT"])["CertificateSummaryList"]
        assert [arn] == [each["CertificateArn"] for each in listed]

    @pytest.mark.parametrize(
        ("domains", "names", "status"),
        [
            ((), ["www.shop.org"], "PENDING_VALIDATION"),
            ((), ["www.shop.test"], "ISSUED"),
            ((), ["www.shop.org", "www.shop.internal"], "ISSUED"),
            (("shop.org",), ["shop.org", "*.shop.org", "a.b.shop.org"], "PENDING_VALIDATION"),
            (("shop.org",), ["workshop.org"], "ISSUED"),
            (("shop.test",), ["www.shop.test"], "PENDING_VALIDATION"),
        ],
    )
    def test_the_directory_is_asked_when_it_may_sign_for_every_name(
        self, request_certificate, describe, with_directory, domains, names, status
    ):
        with_directory(*domains)
        arn = request_certificate(names[0], **({"SubjectAlternativeNames": names[1:]} if names[1:] else {}))
        assert status == describe(arn)["Status"]
