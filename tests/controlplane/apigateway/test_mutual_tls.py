"""Mutual TLS of domain names through the API: what it asks for, and whom it warns."""

import pytest

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

        assert (URI, "UPDATING") == (answer["mutualTlsAuthentication"]["truststoreUri"], answer["domainNameStatus"])

    def test_two_regions_have_the_name_with_truststores_of_their_own(self, world, clients_ca):
        there = MutualTlsWorld(world.harness, region="eu-west-1")
        there.upload(world.ca.certificate_pem, bucket="truststores-there")

        world.create(NAME)
        there.create(NAME, uri="s3://truststores-there/certificates.pem")
        there.update(NAME, ("replace", URI_PATH, ""))

        assert clients_ca.certificate_pem == world.truststore(NAME).pem
        assert there.truststore(NAME) is None
