"""`domainNameStatus` UPDATING: what an update answers, and what is seen while a worker has not acknowledged."""

import pytest

from gatewright.controlplane.acm.associations import parse_certificate_arn
from support.control import ACCOUNT, REGION, ControlHarness
from support.truststore_world import URI, MutualTlsWorld

NAME, OTHER = "api.example.com", "shop.example.com"
MESSAGE = (
    "The change is on its way to all workers of the gateway. Until each has it the domain name may answer as before."
)


class SlowWorkers:
    """Workers that have not acknowledged these records."""

    def __init__(self):
        self.waiting = set()

    def unacknowledged(self):
        return self.waiting


@pytest.fixture
def workers():
    return SlowWorkers()


@pytest.fixture
def world(workers):
    made = MutualTlsWorld(ControlHarness(rollout=workers))
    made.upload(made.ca.certificate_pem)
    return made


@pytest.fixture
def plain(world):
    """The certificate of a Regional domain name without mutual TLS."""
    arn = world.imported(NAME, OTHER)
    created = world.api.create_domain_name(
        domainName=NAME, regionalCertificateArn=arn, endpointConfiguration={"types": ["REGIONAL"]}
    )
    assert "AVAILABLE" == created["domainNameStatus"]
    return arn


@pytest.mark.parametrize(
    "change",
    [
        lambda world: [("replace", "/regionalCertificateArn", world.imported(NAME))],
        lambda world: [("replace", "/securityPolicy", "TLS_1_0")],
        lambda world: [
            ("replace", "/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09"),
            ("replace", "/endpointAccessMode", "BASIC"),
        ],
        lambda world: [
            ("add", "/endpointConfiguration/types", "EDGE"),
            ("add", "/certificateArn", world.imported(NAME)),
        ],
        lambda world: [
            ("replace", "/regionalCertificateArn", world.issued(NAME)),
            ("replace", "/mutualTlsAuthentication/truststoreUri", URI),
        ],
    ],
)
def test_a_change_of_how_handshakes_are_answered_is_under_way_until_the_answer_is_there(world, plain, change):
    answer = world.update(NAME, *change(world))

    assert ("UPDATING", MESSAGE) == (answer["domainNameStatus"], answer["domainNameStatusMessage"])
    assert ("AVAILABLE", None) == world.status(NAME)


def test_any_other_change_is_none(world, plain):
    answer = world.update(NAME, ("replace", "/regionalCertificateName", "mine"))

    assert ("AVAILABLE", None) == (answer["domainNameStatus"], answer.get("domainNameStatusMessage"))


def test_a_truststore_that_is_read_again_is_under_way(world):
    world.create(NAME)

    answer = world.update(NAME, ("replace", "/mutualTlsAuthentication/truststoreUri", URI))

    assert ("UPDATING", ("AVAILABLE", None)) == (answer["domainNameStatus"], world.status(NAME))


def test_what_the_certificates_lack_is_told_first(world):
    server = world.imported(NAME)
    world.create(NAME, arn=server, ownershipVerificationCertificateArn=world.issued(NAME))
    world.imported(OTHER, arn=server)

    answer = world.update(NAME, ("replace", "/mutualTlsAuthentication/truststoreUri", URI))

    assert "PENDING_CERTIFICATE_REIMPORT" == answer["domainNameStatus"]


@pytest.mark.parametrize("waiting", ["domain_name", "truststore", "certificate"])
def test_it_stays_while_a_worker_has_not_acknowledged_what_decides_about_it(world, workers, plain, waiting):
    key = parse_certificate_arn(plain).id if waiting == "certificate" else NAME
    world.api.create_domain_name(domainName=OTHER, certificateArn=world.imported(OTHER))
    workers.waiting = {(waiting, ACCOUNT, REGION, (key,))}

    shown = {each["domainName"]: each["domainNameStatus"] for each in world.api.get_domain_names()["items"]}

    assert ("UPDATING", MESSAGE) == world.status(NAME)
    assert {NAME: "UPDATING", OTHER: "AVAILABLE"} == shown
    workers.waiting = set()
    assert ("AVAILABLE", None) == world.status(NAME)
