"""REST APIs beyond the recordings: policies, clones, deletion, pages, accounts."""

import json

import pytest

from support.control import OTHER_ACCOUNT
from support.recorded import error_of


@pytest.fixture
def client(harness):
    return harness.client("apigateway", validate=False)


def patch(client, api_id, op, path, value=None):
    operation = {"op": op, "path": path, **({} if value is None else {"value": value})}
    return client.update_rest_api(restApiId=api_id, patchOperations=[operation])


def refusal(call):
    error = error_of(call)["Error"]
    return error["Code"], error["Message"]


POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}],
}


def test_a_policy_is_shown_escaped_with_full_arns_and_can_be_taken_away(client):
    api = client.create_rest_api(name="pets", policy=json.dumps(POLICY))
    shown = json.loads(json.loads(f'"{api["policy"]}"'))
    arn = f"arn:aws:execute-api:us-east-1:000000000000:{api['id']}/*"
    assert arn == shown["Statement"][0]["Resource"]
    assert "policy" not in patch(client, api["id"], "replace", "/policy", "")
    assert api["policy"] == patch(client, api["id"], "replace", "/policy", json.dumps(POLICY))["policy"]


def test_a_bad_policy_changes_nothing(client):
    api = client.create_rest_api(name="pets")
    code, message = refusal(lambda: patch(client, api["id"], "replace", "/policy", "{}"))
    assert ("BadRequestException", "Invalid policy document. Please check") == (code, message[:37])
    assert "policy" not in client.get_rest_api(restApiId=api["id"])


def test_operations_of_one_call_are_all_made_or_none(client):
    api = client.create_rest_api(name="pets")
    operations = [
        {"op": "replace", "path": "/name", "value": "dogs"},
        {"op": "replace", "path": "/nonsense", "value": "x"},
    ]
    expected = ("BadRequestException", "Invalid patch path /nonsense")
    assert expected == refusal(lambda: client.update_rest_api(restApiId=api["id"], patchOperations=operations))
    assert "pets" == client.get_rest_api(restApiId=api["id"])["name"]


def test_an_api_that_a_mapping_points_to_is_not_deleted(client, harness):
    from gatewright.controlplane.apigateway.mapping_targets import delete_mapping, put_mapping
    from gatewright.model.records import BasePathMapping

    api = client.create_rest_api(name="pets")
    mapping = BasePathMapping("000000000000", "us-east-1", "www.example.com", "", api["id"])
    with harness.store.transaction() as transaction:
        put_mapping(transaction, mapping)
    message = (
        f"Deleting RestApi {api['id']} failed. "
        "Please remove all base path mappings related to the RestApi in your domains."
    )
    assert ("BadRequestException", message) == refusal(lambda: client.delete_rest_api(restApiId=api["id"]))
    with harness.store.transaction() as transaction:
        delete_mapping(transaction, mapping)
    client.delete_rest_api(restApiId=api["id"])


def test_a_deleted_api_leaves_nothing_and_spares_the_others(client, harness):
    from gatewright.model.records import KINDS

    kept, gone = client.create_rest_api(name="kept"), client.create_rest_api(name="gone")
    for api in (kept, gone):
        root = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
        client.put_method(**root, authorizationType="NONE")
        client.put_integration(**root, type="MOCK")
        client.create_request_validator(restApiId=api["id"], name="v")
        client.put_gateway_response(restApiId=api["id"], responseType="DEFAULT_4XX")
        client.create_deployment(restApiId=api["id"], stageName="dev")
    client.delete_rest_api(restApiId=gone["id"])
    with harness.store.read() as reader:
        keys = [record.key for kind in KINDS.values() for record in reader.all(kind)]
    assert [] == [key for key in keys if gone["id"] in " ".join(key).split(" ")]
    assert ["dev"] == [stage["stageName"] for stage in client.get_stages(restApiId=kept["id"])["item"]]


def test_a_clone_has_the_contents_under_identifiers_of_its_own(client):
    source = client.create_rest_api(name="pets", description="the first", binaryMediaTypes=["image/png"])
    validator = client.create_request_validator(restApiId=source["id"], name="v", validateRequestBody=True)
    pets = client.create_resource(restApiId=source["id"], parentId=source["rootResourceId"], pathPart="pets")
    where = {"restApiId": source["id"], "resourceId": pets["id"], "httpMethod": "GET"}
    client.put_method(**where, authorizationType="NONE", requestValidatorId=validator["id"])
    client.put_integration(**where, type="MOCK")

    clone = client.create_rest_api(name="copy", cloneFrom=source["id"])
    assert ("copy", "the first", ["image/png"]) == (clone["name"], clone["description"], clone["binaryMediaTypes"])
    (copied_validator,) = client.get_request_validators(restApiId=clone["id"])["items"]
    root, copied = client.get_resources(restApiId=clone["id"], embed=["methods"])["items"]
    assert (clone["rootResourceId"], "/pets") == (root["id"], copied["path"])
    assert clone["rootResourceId"] == copied["parentId"]
    assert pets["id"] != copied["id"]
    method = copied["resourceMethods"]["GET"]
    assert copied_validator["id"] == method["requestValidatorId"] != validator["id"]
    assert copied["id"] == method["methodIntegration"]["cacheNamespace"]
    assert {"Empty", "Error"} == {model["name"] for model in client.get_models(restApiId=clone["id"])["items"]}


def test_only_an_api_of_ones_own_can_be_cloned_or_read(client, harness):
    api = client.create_rest_api(name="pets")
    other = harness.client("apigateway", account=OTHER_ACCOUNT)
    expected = ("NotFoundException", f"Invalid API identifier specified {OTHER_ACCOUNT}:{api['id']}")
    assert expected == refusal(lambda: other.create_rest_api(name="x", cloneFrom=api["id"]))
    assert expected == refusal(lambda: other.get_rest_api(restApiId=api["id"]))
    assert [] == other.get_rest_apis()["items"]


def test_apis_come_in_pages_the_oldest_first(client, harness):
    names = [f"api-{n}" for n in range(7)]
    for name in names:
        harness.advance(1)
        client.create_rest_api(name=name)
    pages = list(client.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 3}))
    assert [3, 3, 1] == [len(page["items"]) for page in pages]
    assert names == [api["name"] for page in pages for api in page["items"]]


def test_an_enhanced_security_policy_needs_an_access_mode(client):
    enhanced = {"securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09", "endpointConfiguration": {"types": ["REGIONAL"]}}
    assert "BadRequestException" == refusal(lambda: client.create_rest_api(name="pets", **enhanced))[0]
    assert (
        "STRICT" == client.create_rest_api(name="pets", **enhanced, endpointAccessMode="STRICT")["endpointAccessMode"]
    )
