"""What a domain name with mutual TLS is served with while what was imported last is refused; and what is kept for that."""

import logging

import pytest

from gatewright.model.records import ValidatedCertificate
from support.ca import CertificateAuthority

NAME, OTHER = "api.example.com", "shop.example.com"
PATH = "/ownershipVerificationCertificateArn"


@pytest.fixture
def proof(world):
    return world.issued("*.example.com", NAME)


@pytest.fixture
def server(world, proof):
    """The certificate of a domain name with mutual TLS."""
    arn = world.imported(NAME)
    world.create(NAME, arn=arn, ownershipVerificationCertificateArn=proof)
    return arn


@pytest.fixture
def kept(world):
    """What is kept now: by domain name, the certificate and its key."""

    def look():
        with world.harness.store.read() as reader:
            return {
                each.domain_name: (each.certificate_pem, reader.get_secret(each.secret_name).decode())
                for each in reader.all(ValidatedCertificate)
            }

    return look


@pytest.fixture
def secrets(world):
    """How many secrets there are."""
    store = world.harness.store

    def count():
        with store.read() as reader:
            names = [
                f"validated-certificate/{kept.account}/{kept.region}/{kept.domain_name}"
                for kept in [ValidatedCertificate("0" * 12, "us-east-1", name, "", None, 0.0) for name in (NAME, OTHER)]
            ]
            return len(reader.get_secrets(names))

    return count


def material(world, arn):
    """The certificate of an ARN and its key, as they are stored."""
    with world.harness.store.read() as reader:
        key = reader.get_secret("certificate/000000000000/us-east-1/" + arn.rpartition("/")[2]).decode()
    return world.acm.get_certificate(CertificateArn=arn)["Certificate"], key


def refuse(world, server):
    world.imported("www.example.org", arn=server)
    assert "PENDING_CERTIFICATE_REIMPORT" == world.status(NAME)[0]


@pytest.mark.parametrize(
    "how",
    [
        {"names": ("www.example.com",)},
        {"names": (NAME, "www.example.org")},
        {"names": (NAME,), "ca": CertificateAuthority("Another Root")},
    ],
)
def test_what_was_accepted_last_is_kept_through_several_bad_imports(world, server, kept, how):
    accepted = material(world, server)
    assert {} == kept()

    world.imported(*how["names"], arn=server, ca=how.get("ca"))
    world.imported("www.example.net", arn=server)

    assert {NAME: accepted} == kept()


def test_a_valid_import_ends_it_and_the_secret_goes(world, server, kept, secrets):
    refuse(world, server)
    assert 1 == secrets()

    world.imported(NAME, arn=server)

    assert ({}, 0, "AVAILABLE") == (kept(), secrets(), world.status(NAME)[0])


@pytest.mark.parametrize(
    "change",
    [
        lambda world: [("replace", "/regionalCertificateArn", world.imported(NAME))],
        lambda world: [("replace", "/mutualTlsAuthentication/truststoreUri", "")],
        lambda world: [("replace", PATH, world.issued("*.example.com", NAME, "www.example.org"))],
    ],
)
def test_so_does_an_update_that_makes_it_right(world, server, kept, secrets, change):
    world.imported(NAME, "www.example.org", arn=server)
    assert [NAME] == list(kept())

    world.update(NAME, *change(world))

    assert ({}, 0, "AVAILABLE") == (kept(), secrets(), world.status(NAME)[0])


def test_any_other_update_does_not(world, server, kept):
    accepted = material(world, server)
    refuse(world, server)

    world.update(NAME, ("replace", "/regionalCertificateName", "mine"))

    assert {NAME: accepted} == kept()


def test_so_does_the_deletion_of_the_domain_name(world, server, kept, secrets):
    refuse(world, server)

    world.api.delete_domain_name(domainName=NAME)

    assert ({}, 0) == (kept(), secrets())


def test_and_the_end_of_a_conflict_with_another_domain_name(world, server, kept, caplog):
    world.create(OTHER)
    world.imported(NAME, OTHER, arn=server)
    assert [NAME] == list(kept())
    caplog.set_level(logging.INFO)

    world.api.delete_domain_name(domainName=OTHER)

    assert ({}, ("AVAILABLE", None)) == (kept(), world.status(NAME))
    assert f"Domain name {NAME} is AVAILABLE again." in caplog.messages
    assert "AVAILABLE" == world.stored(NAME).domain_name_status


def test_each_domain_name_of_a_certificate_is_judged_alone(world, proof, kept):
    shared = world.imported("*.example.com")
    for name in (NAME, OTHER):
        world.create(name, arn=shared, ownershipVerificationCertificateArn=proof)
    accepted = material(world, shared)

    world.imported(OTHER, arn=shared)

    assert {NAME: accepted} == kept()
    assert ("PENDING_CERTIFICATE_REIMPORT", "AVAILABLE") == (world.status(NAME)[0], world.status(OTHER)[0])


def test_without_mutual_tls_an_import_is_served_whatever_it_is(world, kept):
    arn = world.imported(NAME)
    world.api.create_domain_name(
        domainName=NAME, regionalCertificateArn=arn, endpointConfiguration={"types": ["REGIONAL"]}
    )

    world.imported("www.example.org", arn=arn)

    assert ({}, ("AVAILABLE", None)) == (kept(), world.status(NAME))


def test_a_refusal_is_told_at_once_and_stored(world, server, caplog):
    refuse(world, server)

    (told,) = [each for each in caplog.messages if each.startswith(f"Domain name {NAME}")]
    assert f"Domain name {NAME} is PENDING_CERTIFICATE_REIMPORT: The certificate does not cover" in told
    assert "PENDING_CERTIFICATE_REIMPORT" == world.stored(NAME).domain_name_status
