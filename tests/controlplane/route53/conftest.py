import pytest


@pytest.fixture
def route53(harness):
    return harness.client("route53")


@pytest.fixture
def zone(route53):
    """The id of a hosted zone example.com."""
    return route53.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
