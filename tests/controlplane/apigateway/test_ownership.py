"""Ownership verification certificates through the API: who needs one, and which can be one."""

import pytest

from gatewright.app.authority import ensure_authority
from support.truststore_world import refused

NAME = "api.example.com"
PATH = "/ownershipVerificationCertificateArn"


def with_proof(arn):
    return {"ownershipVerificationCertificateArn": arn}


def test_a_certificate_that_acm_issued_needs_none(world):
    assert "AVAILABLE" == world.create(NAME, arn=world.issued(NAME))["domainNameStatus"]


@pytest.mark.parametrize("kind", ["imported", "private"])
def test_others_need_one(world, kind):
    arn = getattr(world, kind)(NAME)

    error = refused(world.create, NAME, arn=arn)
    answer = world.create(NAME, arn=arn, **with_proof(proof := world.issued(NAME)))

    assert ("BadRequestException", "Missing ownershipVerificationCertificate.") == (error.code, error.message)
    assert ("AVAILABLE", proof) == (answer["domainNameStatus"], answer["ownershipVerificationCertificateArn"])


def test_what_acm_issues_on_request_proves_ownership_and_serves(world):
    ensure_authority(world.harness.store, world.harness.now)

    def request(name):
        return world.acm.request_certificate(DomainName=name, ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1")[
            "CertificateArn"
        ]

    proven = world.create(NAME, arn=world.imported(NAME), **with_proof(request(NAME)))
    served = world.create("www.example.com", arn=request("www.example.com"))

    assert ("AVAILABLE", "AVAILABLE") == (proven["domainNameStatus"], served["domainNameStatus"])


def test_without_mutual_tls_none_is_needed(world):
    answer = world.api.create_domain_name(
        domainName=NAME,
        regionalCertificateArn=world.imported(NAME),
        endpointConfiguration={"types": ["REGIONAL"]},
    )
    error = refused(
        world.update, NAME, ("add", "/mutualTlsAuthentication/truststoreUri", "s3://truststores/certificates.pem")
    )

    assert "AVAILABLE" == answer["domainNameStatus"]
    assert "Missing ownershipVerificationCertificate." == error.message


def test_it_cannot_be_taken_away_while_it_is_needed(world):
    world.create(NAME, arn=world.imported(NAME), **with_proof(world.issued(NAME)))

    assert "Missing ownershipVerificationCertificate." == refused(world.update, NAME, ("remove", PATH)).message
    assert "ownershipVerificationCertificateArn" not in world.update(
        NAME, ("remove", PATH), ("replace", "/regionalCertificateArn", world.issued(NAME, ca=world.ca))
    )


def test_it_is_in_use_and_cannot_be_deleted(world):
    proof = world.issued(NAME)
    used_by = world.create(NAME, arn=world.imported(NAME), **with_proof(proof))["domainNameArn"]

    assert [used_by] == world.acm.describe_certificate(CertificateArn=proof)["Certificate"]["InUseBy"]
    assert "ResourceInUseException" == refused(world.acm.delete_certificate, CertificateArn=proof).code


class TestWhichCanBeOne:
    @pytest.mark.parametrize("kind", ["imported", "private"])
    def test_only_what_acm_issued_for_the_public(self, world, kind):
        error = refused(world.create, NAME, arn=world.imported(NAME), **with_proof(getattr(world, kind)(NAME)))

        assert "The ownershipVerificationCertificate must be a public certificate issued by ACM." == error.message

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (["www.example.com"], "The domain name to be created is not covered by the provided certificate."),
            (
                ["api.example.com"],
                (
                    "The certificate has the subject alternative name www.example.com, which the "
                    "ownershipVerificationCertificate does not cover."
                ),
            ),
        ],
    )
    def test_it_covers_the_name_and_every_name_of_the_server_certificate(self, world, names, message):
        server = world.imported("api.example.com", "www.example.com")

        assert message == refused(world.create, NAME, arn=server, **with_proof(world.issued(*names))).message
        assert (
            "AVAILABLE"
            == (world.create(NAME, arn=server, **with_proof(world.issued("*.example.com")))["domainNameStatus"])
        )

    @pytest.mark.parametrize(
        ("arn", "message"),
        [
            ("mine", "Invalid certificate ARN: mine."),
            (
                "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000",
                "The provided certificate does not exist.",
            ),
            (
                "arn:aws:acm:eu-west-1:000000000000:certificate/00000000-0000-4000-8000-000000000000",
                (
                    "Invalid certificate ARN: arn:aws:acm:eu-west-1:000000000000:certificate/"
                    "00000000-0000-4000-8000-000000000000. Certificate must be in 'us-east-1'."
                ),
            ),
        ],
    )
    def test_it_exists_in_the_region(self, world, arn, message):
        assert message == refused(world.create, NAME, arn=world.imported(NAME), **with_proof(arn)).message

    def test_it_is_valid(self, world):
        proof, server = world.issued(NAME), world.imported(NAME)
        world.renew(proof, days=10)
        world.harness.advance(20 * 86_400)

        assert "The provided certificate has expired." == (
            refused(world.create, NAME, arn=server, **with_proof(proof)).message
        )


class TestOneMutualTlsNameEach:
    def test_it_serves_no_other_name(self, world):
        shared = world.issued("*.example.com")
        world.create("www.example.com", arn=shared)

        error = refused(world.create, NAME, arn=world.imported(NAME), **with_proof(shared))

        assert (
            "The ownershipVerificationCertificate cannot be used as a server certificate for another mutual TLS domain."
            == error.message
        )

    def test_no_other_name_is_served_with_it(self, world):
        shared = world.issued("*.example.com")
        world.create(NAME, arn=world.imported(NAME), **with_proof(shared))

        error = refused(world.create, "www.example.com", arn=shared)

        assert (
            "The provided certificate is the ownershipVerificationCertificate of another mutual TLS domain."
            == error.message
        )

    def test_it_may_prove_several_names(self, world):
        shared = world.issued("*.example.com")
        for name in (NAME, "www.example.com"):
            assert "AVAILABLE" == world.create(name, arn=world.imported(name), **with_proof(shared))["domainNameStatus"]
