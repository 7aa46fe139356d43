"""Fixtures of API Gateway's tests."""

import pytest

from support.ca import CertificateAuthority
from support.truststore_world import MutualTlsWorld


@pytest.fixture(scope="session")
def clients_ca():
    """The authority of the clients that a truststore lets in."""
    return CertificateAuthority("Clients' Root")


@pytest.fixture
def world(harness, clients_ca):
    """A control plane with a bucket and a truststore in it."""
    world = MutualTlsWorld(harness)
    world.upload(clients_ca.certificate_pem)
    return world
