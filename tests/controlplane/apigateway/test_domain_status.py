"""`domainNameStatus` through the API, while certificates expire, are renewed and are imported anew (seed 003)."""

import pytest

from support.ca import CertificateAuthority
from support.truststore_world import refused

NAME = "api.example.com"
DAY = 86_400
PATH = "/ownershipVerificationCertificateArn"
CONFLICT = "The certificate subject {} conflicts with an existing certificate from a different issuer."


@pytest.fixture
def proof(world):
    return world.issued("*.example.com", NAME)


@pytest.fixture
def server(world, proof):
    """The certificate of a domain name with mutual TLS, imported for it and for www.example.com."""
    arn = world.imported(NAME, "www.example.com")
    world.create(NAME, arn=arn, ownershipVerificationCertificateArn=proof)
    return arn


class TestReimport:
    @pytest.mark.parametrize(
        "names", [[NAME, "www.example.com"], [NAME], [NAME, "shop.example.com"], ["*.example.com"]]
    )
    def test_a_valid_one_is_taken(self, world, server, names):
        world.imported(*names, arn=server)

        assert ("AVAILABLE", None) == world.status(NAME)

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (
                [NAME, "www.example.org"],
                (
                    "The certificate has the subject alternative name www.example.org, which the "
                    "ownershipVerificationCertificate does not cover."
                ),
            ),
            (
                ["www.example.com"],
                "The certificate does not cover api.example.com; it has www.example.com.",
            ),
        ],
    )
    def test_one_that_would_not_have_been_accepted_waits_for_another(self, world, server, names, message):
        world.imported(*names, arn=server)
        assert ("PENDING_CERTIFICATE_REIMPORT", message) == world.status(NAME)
        assert "PENDING_CERTIFICATE_REIMPORT" == world.api.get_domain_names()["items"][0]["domainNameStatus"]

        world.imported(NAME, arn=server)
        assert ("AVAILABLE", None) == world.status(NAME)

    def test_the_issuer_stays_the_same(self, world, server):
        world.imported(NAME, arn=server, ca=CertificateAuthority("Another Root"))
        assert ("PENDING_CERTIFICATE_REIMPORT", CONFLICT.format(NAME)) == world.status(NAME)

        world.imported(NAME, arn=server)
        assert ("AVAILABLE", None) == world.status(NAME)

    def test_a_subject_that_another_name_has_from_somebody_else(self, world, server):
        world.create("shop.example.com")
        world.imported(NAME, "shop.example.com", arn=server)

        assert ("PENDING_CERTIFICATE_REIMPORT", CONFLICT.format("shop.example.com")) == world.status(NAME)

    def test_meanwhile_other_changes_and_another_certificate_are_accepted(self, world, server):
        world.imported("www.example.com", arn=server)

        answer = world.update(NAME, ("replace", "/regionalCertificateName", "mine"))
        assert ("mine", "PENDING_CERTIFICATE_REIMPORT") == (
            answer["regionalCertificateName"],
            answer["domainNameStatus"],
        )
        answer = world.update(NAME, ("replace", "/regionalCertificateArn", world.imported(NAME)))
        assert ("UPDATING", ("AVAILABLE", None)) == (answer["domainNameStatus"], world.status(NAME))

    def test_without_mutual_tls_nothing_is_asked(self, world, server):
        world.imported("www.example.com", arn=server)
        world.update(NAME, ("replace", "/mutualTlsAuthentication/truststoreUri", ""))

        assert ("AVAILABLE", None) == world.status(NAME)


class TestOwnership:
    @pytest.fixture
    def expired(self, world, server, proof):
        """The ownership verification certificate has expired, and the server's has not."""
        world.renew(proof, days=10)
        world.harness.advance(10 * DAY)
        assert ("AVAILABLE", None) == world.status(NAME)
        world.harness.advance(1)
        return proof

    def test_an_expired_proof_is_told(self, world, expired):
        status, message = world.status(NAME)

        assert "PENDING_OWNERSHIP_VERIFICATION" == status
        assert message.startswith("The ownership verification certificate has expired and was not renewed.")

    @pytest.mark.parametrize(
        "operations",
        [
            [("replace", "/regionalCertificateName", "mine")],
            [("replace", "/mutualTlsAuthentication/truststoreUri", "s3://truststores/certificates.pem")],
            [("replace", "/mutualTlsAuthentication/truststoreUri", "")],
            [("replace", "/mutualTlsAuthentication/truststoreUri", ""), ("remove", PATH)],
            [("replace", "/regionalCertificateName", "mine"), ("replace", PATH, "the same")],
        ],
    )
    def test_it_locks_every_other_change(self, world, expired, operations):
        before = world.stored(NAME)

        error = refused(
            world.update, NAME, *([*each[:2], expired] if each[2:] == ("the same",) else each for each in operations)
        )

        assert "BadRequestException" == error.code
        assert error.message.startswith("The domain name cannot be updated while its status is PENDING_OWNERSHIP")
        assert before == world.stored(NAME)

    def test_a_locked_name_takes_a_valid_server_certificate_only_with_a_valid_proof(self, world, expired):
        other = ("replace", "/regionalCertificateArn", world.issued(NAME))

        assert refused(world.update, NAME, other).message.startswith("The domain name cannot be updated")

    def test_a_valid_one_opens_it(self, world, expired):
        other = world.issued(NAME, "www.example.com")

        answer = world.update(NAME, ("replace", "/regionalCertificateName", "mine"), ("replace", PATH, other))

        assert ("AVAILABLE", "mine") == (answer["domainNameStatus"], answer["regionalCertificateName"])
        assert (
            "yours" == world.update(NAME, ("replace", "/regionalCertificateName", "yours"))["regionalCertificateName"]
        )

    def test_so_does_its_renewal(self, world, expired):
        world.renew(expired)

        assert ("AVAILABLE", None) == world.status(NAME)

    def test_the_name_can_be_deleted(self, world, expired):
        world.api.delete_domain_name(domainName=NAME)

        assert world.stored(NAME) is None

    def test_an_expired_server_certificate_goes_on(self, world, server, proof):
        world.renew(proof)
        world.harness.advance(200 * DAY)

        assert ("AVAILABLE", None) == world.status(NAME)
