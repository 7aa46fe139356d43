"""Request validators, through a client; the recorded cases first."""

import pytest

from support.recorded import ACCOUNT, Recorded, error_of


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api_id(client):
    return client.create_rest_api(name="validators")["id"]


@pytest.fixture
def validator_id(client, api_id):
    return client.create_request_validator(restApiId=api_id, name="both")["id"]


def test_an_unknown_api_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiRequestValidator::test_validators_crud_no_api")
    recorded.check(
        "wrong-rest-api-id-create-validator",
        lambda: client.create_request_validator(restApiId="test-fake-rest-id", name="x", validateRequestBody=True),
    )
    recorded.check(
        "wrong-rest-api-id-get-validators", lambda: client.get_request_validators(restApiId="test-fake-rest-id")
    )
    recorded.check_complete()


def test_a_validator_s_life_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiRequestValidator::test_request_validator_lifecycle")
    api = client.create_rest_api(name="the validators' api", description="my api")
    recorded.check("create-rest-api", api)
    api_id = api["id"]
    made = client.create_request_validator(restApiId=api_id, name="mine")
    recorded.check("create-request-validator", made)
    validator = {"restApiId": api_id, "requestValidatorId": made["id"]}

    def replace_body(**value):
        operation = {"op": "replace", "path": "/validateRequestBody", **value}
        return client.update_request_validator(**validator, patchOperations=[operation])

    recorded.check("get-request-validator", client.get_request_validator(**validator))
    recorded.check("get-request-validators", client.get_request_validators(restApiId=api_id))
    recorded.check("update-request-validator-with-value", replace_body(value="true"))
    recorded.check("update-request-validator-without-value", replace_body())
    recorded.check("get-request-validators-after-update-operation", client.get_request_validator(**validator))
    recorded.check("delete-request-validator", client.delete_request_validator(**validator))
    recorded.check("get-deleted-request-validator", lambda: client.get_request_validator(**validator))
    recorded.check("get-request-validators-after-delete", client.get_request_validators(restApiId=api_id))
    recorded.check_complete()


@pytest.mark.parametrize(("verb", "infix"), [("get", "get-request-validators"), ("delete", "delete-request-validator")])
def test_a_wrong_identifier_as_recorded(shared, client, api_id, validator_id, verb, infix):
    recorded = Recorded(shared, f"TestApiGatewayApiRequestValidator::test_invalid_{verb}_request_validator")
    call = getattr(client, f"{verb}_request_validator")
    recorded.check(f"{infix}-invalid-api-id", lambda: call(restApiId="api_id", requestValidatorId=validator_id))
    recorded.check(f"{infix}-invalid-validator-id", lambda: call(restApiId=api_id, requestValidatorId="validator_id"))
    recorded.check_complete()


def test_a_wrong_api_for_the_listing_and_for_creation_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiRequestValidator::test_invalid_get_request_validators")
    recorded.check("get-invalid-request-validators", lambda: client.get_request_validators(restApiId="api_id"))
    recorded.check_complete()
    recorded = Recorded(shared, "TestApiGatewayApiRequestValidator::test_create_request_validator_invalid_api_id")
    recorded.check(
        "invalid-create-request-validator", lambda: client.create_request_validator(restApiId="api_id", name="x")
    )
    recorded.check_complete()


def test_refused_updates_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiRequestValidator::test_invalid_update_request_validator_operations")
    api = client.create_rest_api(name="the validators' api", description="my api")
    recorded.check("create-rest-api", api)
    made = client.create_request_validator(restApiId=api["id"], name="mine")
    recorded.check("create-request-validator", made)
    for name, operation in {
        "update-request-validator-invalid-add-operation": {
            "op": "add",
            "path": "/validateRequestBody",
            "value": "true",
        },
        "update-request-validator-invalid-remove-operation": {"op": "remove", "path": "/validateRequestBody"},
        "update-request-validator-invalid-path": {"op": "replace", "path": "/invalidPath", "value": "true"},
        "update-request-validator-empty-name-value": {"op": "replace", "path": "/name"},
    }.items():
        recorded.check(
            name,
            lambda operation=operation: client.update_request_validator(
                restApiId=api["id"], requestValidatorId=made["id"], patchOperations=[operation]
            ),
        )
    recorded.check_complete()


def test_an_empty_name_is_refused_at_creation_too(client, api_id):
    error = error_of(lambda: client.create_request_validator(restApiId=api_id, name=""))
    assert "Request Validator name cannot be blank" == error["Error"]["Message"]


def test_a_validator_that_a_method_points_at_stays(client):
    api = client.create_rest_api(name="pointing")
    validator = client.create_request_validator(restApiId=api["id"], name="both", validateRequestParameters=True)
    method = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE", requestValidatorId=validator["id"])
    name = {"restApiId": api["id"], "requestValidatorId": validator["id"]}
    assert "ConflictException" == error_of(lambda: client.delete_request_validator(**name))["Error"]["Code"]
    client.delete_method(**method)
    client.delete_request_validator(**name)
    assert [] == client.get_request_validators(restApiId=api["id"])["items"]
