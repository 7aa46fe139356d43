"""UpdateCertificateOptions, ResendValidationEmail, and the account's configuration."""

from dataclasses import replace

import pytest


class TestOptions:
    def test_those_that_are_named_change(self, acm, request_certificate, describe):
        arn = request_certificate(Options={"CertificateTransparencyLoggingPreference": "DISABLED"})
        acm.update_certificate_options(CertificateArn=arn, Options={"Export": "ENABLED"})
        assert {"CertificateTransparencyLoggingPreference": "DISABLED", "Export": "ENABLED"} == describe(arn)["Options"]
        acm.update_certificate_options(CertificateArn=arn, Options={"ValidationMethod": "EMAIL"})
        assert "EMAIL" == describe(arn)["DomainValidationOptions"][0]["ValidationMethod"]

    def test_an_imported_certificate_has_none(self, acm, ca, import_issued, refused):
        arn = import_issued(ca.issue("www.example.com"))
        error = refused(acm.update_certificate_options, CertificateArn=arn, Options={"Export": "ENABLED"})
        assert "ValidationException" == error.code

    def test_http_validation_is_cloudfronts(self, acm, request_certificate, refused):
        error = refused(
            acm.update_certificate_options, CertificateArn=request_certificate(), Options={"ValidationMethod": "HTTP"}
        )
        assert "ValidationException" == error.code

    def test_a_revoked_certificate_stays_as_it_is(self, acm, request_certificate, refused):
        arn = request_certificate(Options={"Export": "ENABLED"})
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
        acm.revoke_certificate(CertificateArn=arn, RevocationReason="UNSPECIFIED")
        error = refused(acm.update_certificate_options, CertificateArn=arn, Options={"Export": "DISABLED"})
        assert ("InvalidStateException", 400) == (error.code, error.status)


class TestMail:
    @pytest.fixture
    def pending(self, harness, request_certificate):
        installation = replace(harness.context.installation, acme_domains=())
        harness.context = replace(harness.context, installation=installation)
        return lambda method: request_certificate("www.shop.org", ValidationMethod=method)

    def resend(self, acm, refused, arn, domain="www.shop.org"):
        return refused(acm.resend_validation_email, CertificateArn=arn, Domain=domain, ValidationDomain="shop.org")

    def test_none_is_sent_and_that_is_said(self, acm, pending, refused):
        error = self.resend(acm, refused, pending("EMAIL"))
        assert "InvalidStateException" == error.code
        assert error.message.startswith("No email is sent here")

    def test_none_is_awaited(self, acm, pending, refused):
        error = self.resend(acm, refused, pending("DNS"))
        assert ("InvalidStateException", "The certificate does not wait for validation by email.") == (
            error.code,
            error.message,
        )

    def test_of_a_name_that_the_certificate_does_not_have(self, acm, pending, refused):
        error = self.resend(acm, refused, pending("EMAIL"), "other.shop.org")
        assert "InvalidDomainValidationOptionsException" == error.code


class TestAccountConfiguration:
    def test_45_days_unless_said(self, acm, harness):
        assert {"DaysBeforeExpiry": 45} == acm.get_account_configuration()["ExpiryEvents"]
        acm.put_account_configuration(ExpiryEvents={"DaysBeforeExpiry": 60}, IdempotencyToken="a")
        acm.put_account_configuration(IdempotencyToken="b")
        assert {"DaysBeforeExpiry": 60} == acm.get_account_configuration()["ExpiryEvents"]
        elsewhere = harness.client("acm", region="eu-west-1")
        assert {"DaysBeforeExpiry": 45} == elsewhere.get_account_configuration()["ExpiryEvents"]
