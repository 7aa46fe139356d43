"""Default endpoints that lead around mutual TLS are told in the log when they come to."""

import logging

import pytest

from support.truststore_world import URI

NAME = "api.example.com"
URI_PATH = "/mutualTlsAuthentication/truststoreUri"
LOGGER = "gatewright.controlplane.apigateway.open_endpoints"


def bare(world):
    """The domain name without mutual TLS."""
    world.api.create_domain_name(
        domainName=NAME, regionalCertificateArn=world.issued(NAME), endpointConfiguration={"types": ["REGIONAL"]}
    )


@pytest.fixture
def warned(caplog):
    caplog.set_level(logging.WARNING, LOGGER)
    return lambda: [record.getMessage() for record in caplog.records if record.name == LOGGER]


def expected(api):
    return (
        f"Mutual TLS of {NAME} can be bypassed: API {api} (pets) also answers at its default endpoint, which asks for "
        "no client certificate. Set disableExecuteApiEndpoint of the API to true and deploy it again."
    )


def test_a_mapping_to_an_api_that_stays_open_is_warned_of(world, warned):
    api = world.api.create_rest_api(name="pets")["id"]
    world.create(NAME)
    assert [] == warned()

    world.api.create_base_path_mapping(domainName=NAME, restApiId=api)

    assert [expected(api)] == warned()


def test_to_turn_it_on_warns_of_the_mappings_that_are_there(world, warned):
    api = world.api.create_rest_api(name="pets")["id"]
    bare(world)
    world.api.create_base_path_mapping(domainName=NAME, restApiId=api)
    assert [] == warned()

    world.update(NAME, ("replace", URI_PATH, URI))

    assert [expected(api)] == warned()


def test_a_mapping_that_moves_to_another_api_is_warned_of(world, warned):
    closed = world.api.create_rest_api(name="closed", disableExecuteApiEndpoint=True)["id"]
    api = world.api.create_rest_api(name="pets")["id"]
    world.create(NAME)
    world.api.create_base_path_mapping(domainName=NAME, restApiId=closed)
    assert [] == warned()

    world.api.update_base_path_mapping(
        domainName=NAME,
        basePath="(none)",
        patchOperations=[{"op": "replace", "path": "/restapiId", "value": api}],
    )

    assert [expected(api)] == warned()


def test_a_default_endpoint_that_is_opened_again_is_warned_of(world, warned):
    api = world.api.create_rest_api(name="pets", disableExecuteApiEndpoint=True)["id"]
    other = world.api.create_rest_api(name="other", disableExecuteApiEndpoint=True)["id"]
    world.create(NAME)
    world.api.create_base_path_mapping(domainName=NAME, restApiId=api)

    for each in (api, other):
        for value in ("true", "false", "false"):
            world.api.update_rest_api(
                restApiId=each,
                patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": value}],
            )

    assert [expected(api)] == warned()


def test_without_mutual_tls_nothing_is(world, warned):
    api = world.api.create_rest_api(name="pets", disableExecuteApiEndpoint=True)["id"]
    bare(world)
    world.api.create_base_path_mapping(domainName=NAME, restApiId=api)
    world.api.update_rest_api(
        restApiId=api, patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"}]
    )

    assert [] == warned()
