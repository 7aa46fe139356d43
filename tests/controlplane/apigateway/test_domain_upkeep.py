"""What happens to domain names with mutual TLS without any call is stored and told, once."""

import logging

import pytest

from gatewright.controlplane.apigateway.domain_upkeep import look_after_domain_names
from gatewright.model.records import MutualTlsSubject
from support.truststore_world import refused

NAME = "api.example.com"
DAY = 86_400
CONFLICT = "The certificate subject {} conflicts with an existing certificate from a different issuer."
LOGGER = "gatewright.controlplane.apigateway.domain_upkeep"


@pytest.fixture
def proof(world):
    return world.issued("*.example.com", NAME)


@pytest.fixture
def server(world, proof):
    """The certificate of a domain name with mutual TLS, imported for it and for www.example.com."""
    arn = world.imported(NAME, "www.example.com")
    world.create(NAME, arn=arn, ownershipVerificationCertificateArn=proof)
    return arn


@pytest.fixture
def look(world):
    return lambda: look_after_domain_names(world.harness.store, world.harness.now)


def test_a_change_is_stored_and_told_once(world, server, proof, look, caplog):
    caplog.set_level(logging.INFO, LOGGER)
    before = world.harness.store.revision()
    look()
    assert before == world.harness.store.revision()

    world.renew(proof, days=1)
    world.harness.advance(2 * DAY)
    look()
    look()
    world.renew(proof)
    look()

    (pending, available) = [(each.levelname, each.getMessage()) for each in caplog.records if each.name == LOGGER]
    assert "WARNING" == pending[0]
    assert pending[1].startswith(f"Domain name {NAME} is PENDING_OWNERSHIP_VERIFICATION: The ownership verification")
    assert ("INFO", f"Domain name {NAME} is AVAILABLE again.") == available
    assert ("AVAILABLE", None) == (
        world.stored(NAME).domain_name_status,
        world.stored(NAME).domain_name_status_message,
    )


def test_a_reimport_that_was_accepted_holds_its_names(world, server, look):
    world.imported(NAME, "shop.example.com", arn=server)
    look()

    with world.harness.store.read() as reader:
        held = {each.subject for each in reader.all(MutualTlsSubject)}
    assert {NAME, "shop.example.com"} == held
    assert CONFLICT.format("shop.example.com") == refused(world.create, "shop.example.com").message


def test_one_that_was_not_holds_the_old_ones(world, server, look):
    world.imported(NAME, "www.example.org", arn=server)
    look()

    with world.harness.store.read() as reader:
        assert {NAME, "www.example.com"} == {each.subject for each in reader.all(MutualTlsSubject)}
    assert "PENDING_CERTIFICATE_REIMPORT" == world.stored(NAME).domain_name_status
