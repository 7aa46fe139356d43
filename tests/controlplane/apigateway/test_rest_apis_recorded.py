"""Every recorded case of REST APIs, replayed. What is not in a recording has tests of its own in test_rest_apis.py."""

import pytest

from support.recorded import ACCOUNT, Recorded
from support.replay import API, Step, replay


def create(recorded=None, **params):
    return Step("create_rest_api", recorded, keep="api", **{"name": "pets", **params})


def patch(recorded, *operations):
    return Step(
        "update_rest_api",
        recorded,
        restApiId=API,
        patchOperations=[
            {"op": op, "path": path, **({"value": value[0]} if value else {})} for op, path, *value in operations
        ],
    )


IP = "/endpointConfiguration/ipAddressType"
TYPE = "/endpointConfiguration/types/0"

CASES = {
    "test_list_and_delete_apis": [
        create("create-rest-api-1", name="one", description="this is my api"),
        Step("create_rest_api", "create-rest-api-2", name="two", description="this is my api2"),
        Step("get_rest_apis", "get-rest-api-before-delete"),
        Step("delete_rest_api", "delete-rest-api", restApiId=API),
        Step("get_rest_apis", "get-rest-api-after-delete"),
    ],
    "test_create_rest_api_with_optional_params": [
        create("create-only-name", name="one"),
        create("create-empty-desc", description=""),
        create("create-with-version", name="two", version="v1"),
        create("create-with-empty-binary-media", name="three", binaryMediaTypes=[]),
        create("string-compression-size", minimumCompressionSize=-1),
    ],
    "test_create_rest_api_with_binary_media_types": [
        create("create-with-binary-media", binaryMediaTypes=["image/png"]),
    ],
    "test_create_rest_api_with_tags": [
        create("create-rest-api-w-tags", description="this is my api", tags={"MY_TAG1": "MY_VALUE1"}),
        Step("get_rest_api", "get-rest-api-w-tags", restApiId=API),
        Step("get_rest_apis", "get-rest-apis-w-tags"),
    ],
    "test_update_rest_api_operation_add_remove": [
        create(description="this is my api"),
        patch(
            "update-rest-api-add",
            ("add", "/binaryMediaTypes/image~1png"),
            ("add", "/binaryMediaTypes/image~1jpeg"),
        ),
        patch("update-rest-api-replace", ("replace", "/binaryMediaTypes/image~1png", "image/gif")),
        patch("update-rest-api-remove", ("remove", "/binaryMediaTypes/image~1gif"), ("remove", "/description")),
    ],
    "test_update_rest_api_compression": [
        create(description="this is my api"),
        patch("enable-compression", ("replace", "/minimumCompressionSize", "10")),
        patch("disable-compression", ("replace", "/minimumCompressionSize", "")),
        patch("set-compression-zero", ("replace", "/minimumCompressionSize", "0")),
        patch("set-negative-compression", ("replace", "/minimumCompressionSize", "-1")),
        patch("set-string-compression", ("replace", "/minimumCompressionSize", "test")),
        patch("unsupported-operation", ("add", "/minimumCompressionSize", "10")),
    ],
    "test_update_rest_api_behaviour": [
        create(description="this is my api"),
        patch("update-rest-api-array", ("add", "/binaryMediaTypes/-", "image/png")),
        patch("update-rest-api-add-base-path", ("add", "/binaryMediaTypes", "image/gif")),
        patch("update-rest-api-replace-base-path", ("replace", "/binaryMediaTypes", "image/gif")),
        patch("update-rest-api-remove-base-path", ("remove", "/binaryMediaTypes")),
    ],
    "test_update_rest_api_invalid_api_id": [
        Step(
            "update_rest_api",
            "not-found-update-rest-api",
            restApiId="api_id",
            patchOperations=[{"op": "replace", "path": "/apiKeySource", "value": "AUTHORIZER"}],
        ),
    ],
    "test_create_rest_api_with_endpoint_configuration": [
        create("create-with-empty-types", endpointConfiguration={"types": []}),
        create(
            "create-with-invalid-ip-address-type", endpointConfiguration={"ipAddressType": "wrong", "types": ["EDGE"]}
        ),
        create("create-with-invalid-types", endpointConfiguration={"ipAddressType": "ipv4", "types": ["wrong"]}),
        create(
            "create-with-invalid-ip-address-type-and-types",
            endpointConfiguration={"ipAddressType": "wrong", "types": ["wrong"]},
        ),
        create(
            "create-with-invalid-types-and-ip-address-type",
            endpointConfiguration={"types": ["wrong"], "ipAddressType": "wrong"},
        ),
        create(
            "create-with-multiple-errors-1",
            description="",
            minimumCompressionSize=-1,
            endpointConfiguration={"ipAddressType": "wrong", "types": ["wrong"]},
        ),
        create(
            "create-with-multiple-errors-2",
            description="",
            minimumCompressionSize=-1,
            endpointConfiguration={"ipAddressType": "ipv4", "types": ["EDGE"]},
        ),
        create("create-with-two-types", endpointConfiguration={"types": ["EDGE", "REGIONAL"]}),
        create(
            "create-with-endpoint-config-dualstack",
            name="one",
            endpointConfiguration={"ipAddressType": "dualstack", "types": ["EDGE"]},
        ),
        create(
            "create-with-endpoint-config-regional",
            name="two",
            endpointConfiguration={"ipAddressType": "ipv4", "types": ["REGIONAL"]},
        ),
    ],
    "test_create_rest_api_private_type": [
        create(
            "create-with-private-type-and-ipv4-ip-address-type",
            endpointConfiguration={"ipAddressType": "ipv4", "types": ["PRIVATE"]},
        ),
        create(
            "create-with-private-type-and-wrong-ip-address-type",
            endpointConfiguration={"ipAddressType": "wrong", "types": ["PRIVATE"]},
        ),
        create(
            "create-with-private-type-and-ipv4-ip-address-type-and-empty-description",
            description="",
            endpointConfiguration={"ipAddressType": "ipv4", "types": ["PRIVATE"]},
        ),
    ],
    "test_create_rest_api_verify_defaults": [
        create("create-with-edge-default", name="one", endpointConfiguration={"types": ["EDGE"]}),
        create("create-with-regional-default", name="two", endpointConfiguration={"types": ["REGIONAL"]}),
        create("create-with-private-default", name="three", endpointConfiguration={"types": ["PRIVATE"]}),
        create("create-with-empty-default", name="four"),
        create(
            "create-with-empty-ip-address-type-and-wrong-type",
            description="",
            endpointConfiguration={"types": ["wrong"]},
        ),
    ],
    "test_update_rest_api_ip_address_type": [
        create(),
        patch(
            "update-rest-api-replace-type",
            ("replace", TYPE, "EDGE"),
            ("replace", TYPE, "REGIONAL"),
            ("replace", TYPE, "PRIVATE"),
        ),
        patch("update-rest-api-replace-to-ipv4-within-private-type", ("replace", IP, "ipv4")),
        patch("update-rest-api-wrong-ipAddressType", ("replace", IP, "wrong")),
        patch("update-rest-api-wrong-type", ("replace", TYPE, "wrong")),
        patch("update-rest-api-invalid-operation-on-ipAddressType", ("remove", IP, "dualstack")),
        patch("update-rest-api-invalid-operation-on-type", ("remove", TYPE, "EDGE")),
        patch("update-rest-api-replace-ip-address-type", ("replace", IP, "dualstack")),
    ],
    "test_update_rest_api_concatenation_of_errors": [
        create(),
        patch("update-rest-api-wrong-operations-on-ipAddressType", *[("wrong", IP, "dualstack")] * 2),
        patch("update-rest-api-wrong-operations-on-type", *[("wrong", TYPE, "EDGE")] * 2),
        patch(
            "update-rest-api-wrong-operations-on-type-and-on-ip-address-type",
            ("wrong", IP, "dualstack"),
            ("wrong", TYPE, "EDGE"),
            ("wrong", "/binaryMediaTypes", "image/gif"),
        ),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApiGatewayApiRestApi::{case}", CASES[case])


def test_an_identifier_in_capitals_names_another_api(harness, shared):
    # The case's other recording, of CreateRestApi, is older than the member `ipAddressType`.
    recorded = Recorded(shared, "TestApiGatewayApiRestApi::test_get_api_case_insensitive")
    client = harness.client("apigateway", account=ACCOUNT)
    upper = client.create_rest_api(name="pets")["id"].upper()
    error = recorded.answers["get-api-upper-case"]
    error["Error"]["Message"] = error["message"] = error["message"].replace("<upper-id>", upper)
    recorded.check("get-api-upper-case", lambda: client.get_rest_api(restApiId=upper))
