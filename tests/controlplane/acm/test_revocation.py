"""RevokeCertificate: what can be taken back, and what that means."""

import pytest


@pytest.fixture
def exported(acm, request_certificate):
    arn = request_certificate(Options={"Export": "ENABLED"})
    acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
    return arn


@pytest.mark.parametrize(("given", "shown"), [("KEY_COMPROMISE", "KEY_COMPROMISE"), ("SUPERCEDED", "SUPERSEDED")])
def test_it_is_revoked_for_good(acm, exported, describe, harness, given, shown):
    assert {"CertificateArn": exported} == _without_metadata(
        acm.revoke_certificate(CertificateArn=exported, RevocationReason=given)
    )
    revoked = harness.now
    harness.advance(10)
    acm.revoke_certificate(CertificateArn=exported, RevocationReason="UNSPECIFIED")
    certificate = describe(exported)
    assert ("REVOKED", shown, revoked, "INELIGIBLE") == (
        certificate["Status"],
        certificate["RevocationReason"],
        certificate["RevokedAt"].timestamp(),
        certificate["RenewalEligibility"],
    )


def test_no_domain_name_can_use_it(acm, exported, harness):
    acm.revoke_certificate(CertificateArn=exported, RevocationReason="UNSPECIFIED")
    apigateway = harness.client("apigateway")
    with pytest.raises(apigateway.exceptions.BadRequestException, match="not yet issued"):
        apigateway.create_domain_name(
            domainName="www.example.com",
            regionalCertificateArn=exported,
            endpointConfiguration={"types": ["REGIONAL"]},
        )


def test_not_while_it_is_used(acm, exported, used, refused):
    used(exported)
    error = refused(acm.revoke_certificate, CertificateArn=exported, RevocationReason="UNSPECIFIED")
    assert "ResourceInUseException" == error.code


def test_not_what_was_never_exported_nor_what_was_imported(acm, ca, request_certificate, import_issued, refused):
    for arn in (request_certificate(), import_issued(ca.issue("www.example.com"))):
        error = refused(acm.revoke_certificate, CertificateArn=arn, RevocationReason="UNSPECIFIED")
        assert "ValidationException" == error.code


def _without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
