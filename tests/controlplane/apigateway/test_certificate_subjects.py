"""One issuer a subject among the mutual-TLS domain names of a region, through the API."""

import pytest

from gatewright.model.records import MutualTlsSubject
from support.ca import CertificateAuthority
from support.truststore_world import MutualTlsWorld, refused

NAME = "api.example.com"
URI_PATH = "/mutualTlsAuthentication/truststoreUri"


def test_the_guides_error(world):
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


def test_two_certificates_of_one_issuer_live_together(world):
    world.create("a.example.com", arn=world.issued("*.example.com"))

    assert "AVAILABLE" == world.create("b.example.com", arn=world.issued("*.example.com"))["domainNameStatus"]


@pytest.mark.parametrize(
    "apart", ["without mutual TLS", "in another region", "turned off", "deleted", "with another certificate"]
)
def test_only_mutual_tls_names_of_the_region_count(world, apart):
    shared = world.issued("*.example.com")
    first = MutualTlsWorld(world.harness, region="eu-west-1") if apart == "in another region" else world
    if apart == "without mutual TLS":
        world.api.create_domain_name(
            domainName="a.example.com", regionalCertificateArn=shared, endpointConfiguration={"types": ["REGIONAL"]}
        )
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


def test_nothing_of_it_is_left_in_the_end(world):
    world.create(NAME)
    world.api.delete_domain_name(domainName=NAME)

    with world.harness.store.read() as reader:
        assert [] == list(reader.all(MutualTlsSubject))


def test_a_name_takes_another_issuer_with_another_certificate(world):
    world.create(NAME)
    proof, foreign = world.issued(NAME), world.imported(NAME)

    answer = world.update(
        NAME,
        ("add", "/ownershipVerificationCertificateArn", proof),
        ("replace", "/regionalCertificateArn", foreign),
    )

    assert (foreign, ("AVAILABLE", None)) == (answer["regionalCertificateArn"], world.status(NAME))


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (["WWW.example.com", "api.example.com"], {"www.example.com", "api.example.com"}),
        (["api.example.com"], {"api.example.com"}),
    ],
)
def test_a_common_name_that_is_no_domain_name_is_no_subject(world, names, held):
    proof = world.issued("*.example.com", NAME)
    arn = world.imported(*names, common_name="The Example Company")

    assert "AVAILABLE" == world.create(NAME, arn=arn, ownershipVerificationCertificateArn=proof)["domainNameStatus"]

    with world.harness.store.read() as reader:
        assert held == {each.subject for each in reader.all(MutualTlsSubject)}


def test_two_companies_of_one_common_name_do_not_conflict(world):
    for name, ca in ((NAME, world.ca), ("www.example.com", CertificateAuthority("Another Root"))):
        arn = world.imported(name, ca=ca, common_name="localhost")
        answer = world.create(name, arn=arn, ownershipVerificationCertificateArn=world.issued(name))
        assert "AVAILABLE" == answer["domainNameStatus"]


def test_a_wildcard_domain_name_has_its_wildcard_proven(world):
    arn, proof = world.imported("*.example.com"), world.issued("*.example.com")

    answer = world.create("*.example.com", arn=arn, ownershipVerificationCertificateArn=proof)

    assert ("*.example.com", "AVAILABLE") == (answer["domainName"], answer["domainNameStatus"])
