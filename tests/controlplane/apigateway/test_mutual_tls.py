"""Mutual TLS of domain names through the API: what it asks for, and whom it warns."""

import pytest

from gatewright.model.records import MutualTlsSubject
from support.truststore_world import URI, MutualTlsWorld, refused

NAME = "api.example.com"
URI_PATH = "/mutualTlsAuthentication/truststoreUri"


def bare(world, name=NAME, *, arn=None, **more):
    """A domain name without mutual TLS."""
    given = {
        "regionalCertificateArn": arn or world.issued(name),
        "endpointConfiguration": {"types": ["REGIONAL"]},
    }
    return world.api.create_domain_name(domainName=name, **{**given, **more})


class TestPreconditions:
    def test_the_guides_command(self, world):
        answer = world.create(NAME, securityPolicy="TLS_1_2")

        assert ("TLS_1_2", ["REGIONAL"], URI) == (
            answer["securityPolicy"],
            answer["endpointConfiguration"]["types"],
            answer["mutualTlsAuthentication"]["truststoreUri"],
        )

    @pytest.mark.parametrize(
        "given",
        [
            {"securityPolicy": "TLS_1_0"},
            {"securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09", "endpointAccessMode": "BASIC"},
        ],
    )
    def test_only_with_the_policy_tls_1_2(self, world, given):
        expected = "Mutual TLS authentication is only supported with the security policy TLS_1_2."
        bare(world, "other.example.com", **given)

        assert expected == refused(world.create, NAME, **given).message
        assert expected == refused(world.update, "other.example.com", ("replace", URI_PATH, URI)).message

    def test_it_cannot_lose_its_policy(self, world):
        world.create(NAME)

        error = refused(world.update, NAME, ("replace", "/securityPolicy", "TLS_1_0"))

        assert "Mutual TLS authentication is only supported with the security policy TLS_1_2." == error.message

    def test_only_regional_names_have_it(self, world):
        expected = "Mutual TLS authentication is only supported for domain names of endpoint type REGIONAL."
        edge = {"domainName": NAME, "certificateArn": world.issued(NAME)}
        world.api.create_domain_name(**{**edge, "domainName": NAME})

        assert expected == refused(world.update, NAME, ("replace", URI_PATH, URI)).message
        world.api.delete_domain_name(domainName=NAME)
        assert expected == refused(
            world.api.create_domain_name, **edge, mutualTlsAuthentication={"truststoreUri": URI}
        ).message  # fmt: skip

    def test_it_does_not_go_along_to_the_edge(self, world):
        world.create(NAME)

        error = refused(
            world.update,
            NAME,
            ("add", "/endpointConfiguration/types", "EDGE"),
            ("add", "/certificateArn", world.issued(NAME)),
        )

        assert (
            "Mutual TLS authentication is only supported for domain names of endpoint type REGIONAL." == error.message
        )

    def test_an_edge_name_gets_it_when_it_has_become_regional(self, world):
        world.api.create_domain_name(domainName=NAME, certificateArn=world.issued(NAME))
        regional = world.issued(NAME)
        world.update(
            NAME, ("add", "/endpointConfiguration/types", "REGIONAL"), ("add", "/regionalCertificateArn", regional)
        )
        world.update(NAME, ("remove", "/endpointConfiguration/types", "EDGE"))

        answer = world.update(NAME, ("add", URI_PATH, URI))

        assert (URI, "AVAILABLE") == (answer["mutualTlsAuthentication"]["truststoreUri"], answer["domainNameStatus"])

    def test_two_regions_have_the_name_with_truststores_of_their_own(self, world, clients_ca):
        there = MutualTlsWorld(world.harness, region="eu-west-1")
        there.upload(world.ca.certificate_pem, bucket="truststores-there")

        world.create(NAME)
        there.create(NAME, uri="s3://truststores-there/certificates.pem")
        there.update(NAME, ("replace", URI_PATH, ""))

        assert clients_ca.certificate_pem == world.truststore(NAME).pem
        assert there.truststore(NAME) is None


class TestOneIssuerASubject:
    def test_the_guides_error(self, world):
        world.create("a.example.com", arn=world.issued("*.example.com"))
        proof = world.issued("*.example.com", "b.example.com")
        foreign = world.imported("*.example.com")

        error = refused(world.create, "b.example.com", arn=foreign, ownershipVerificationCertificateArn=proof)

        assert "BadRequestException" == error.code
        assert (
            "The certificate subject *.example.com conflicts with an existing certificate from a different issuer."
            == error.message
        )
        assert world.stored("b.example.com") is None

    def test_two_certificates_of_one_issuer_live_together(self, world):
        world.create("a.example.com", arn=world.issued("*.example.com"))

        assert "AVAILABLE" == world.create("b.example.com", arn=world.issued("*.example.com"))["domainNameStatus"]

    @pytest.mark.parametrize(
        "apart", ["without mutual TLS", "in another region", "turned off", "deleted", "with another certificate"]
    )
    def test_only_mutual_tls_names_of_the_region_count(self, world, apart):
        shared = world.issued("*.example.com")
        first = MutualTlsWorld(world.harness, region="eu-west-1") if apart == "in another region" else world
        if apart == "without mutual TLS":
            bare(world, "a.example.com", arn=shared)
        elif apart == "in another region":
            first.upload(world.ca.certificate_pem, bucket="there")
            first.create("a.example.com", uri="s3://there/certificates.pem", arn=first.issued("*.example.com"))
        else:
            world.create("a.example.com", arn=shared)
        if apart == "turned off":
            world.update("a.example.com", ("replace", URI_PATH, ""))
        if apart == "deleted":
            world.api.delete_domain_name(domainName="a.example.com")
        if apart == "with another certificate":
            world.update("a.example.com", ("replace", "/regionalCertificateArn", world.issued("a.example.com")))

        answer = world.create(
            "b.example.com",
            arn=world.imported("*.example.com"),
            ownershipVerificationCertificateArn=world.issued("*.example.com", "b.example.com"),
        )

        assert "AVAILABLE" == answer["domainNameStatus"]

    def test_nothing_of_it_is_left_in_the_end(self, world):
        world.create(NAME)
        world.api.delete_domain_name(domainName=NAME)

        with world.harness.store.read() as reader:
            assert [] == list(reader.all(MutualTlsSubject))

    def test_a_name_takes_another_issuer_with_another_certificate(self, world):
        world.create(NAME)
        proof, foreign = world.issued(NAME), world.imported(NAME)

        answer = world.update(
            NAME,
            ("add", "/ownershipVerificationCertificateArn", proof),
            ("replace", "/regionalCertificateArn", foreign),
        )

        assert (foreign, "AVAILABLE") == (answer["regionalCertificateArn"], answer["domainNameStatus"])
