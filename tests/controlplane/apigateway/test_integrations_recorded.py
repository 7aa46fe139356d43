"""Every recorded case of integrations and integration responses, replayed."""

import pytest

from support.replay import API, ROOT, Step, replay

NEW_API = Step("create_rest_api", keep="api", name="pets")
TEMPLATES = {"application/json": '{"statusCode": 200}'}
CREATED = {"responseTemplates": {"application/json": '"created"'}, "selectionPattern": ""}


def on_root(operation, recorded=None, *, verb="GET", **params):
    return Step(operation, recorded, **{"restApiId": API, "resourceId": ROOT, "httpMethod": verb, **params})


def put_method(verb="GET", recorded=None, **params):
    return on_root("put_method", recorded, verb=verb, authorizationType="NONE", **params)


def put_mock(recorded=None, **params):
    return on_root("put_integration", recorded, type="MOCK", requestTemplates=TEMPLATES, **params)


def response(action, recorded, *, status="200", **params):
    return on_root(f"{action}_integration_response", recorded, statusCode=status, **params)


NOWHERE = {"restApiId": "wrong-api", "resourceId": "dummy-value"}
VPC_LINK = {
    "type": "HTTP_PROXY",
    "uri": "http://my-vpclink-test-nlb-1234567890abcdef.us-east-1.amazonaws.com",
    "integrationHttpMethod": "GET",
    "connectionType": "VPC_LINK",
    "connectionId": "${stageVariables.vpcLinkId}",
}
TO_BETA = [{"op": "replace", "path": "/connectionId", "value": "${stageVariables.vpcLinkIdBeta}"}]
UPDATED = [{"op": "replace", "path": "/selectionPattern", "value": "updated-pattern"}]

INTEGRATIONS = {
    "test_put_integration_wrong_type": [
        NEW_API,
        on_root("put_integration", "put-integration-wrong-type", type="HTTPS_PROXY"),
    ],
    "test_put_integration_response_validation": [
        NEW_API,
        put_method("POST"),
        put_mock("put-integration-wrong-method", integrationHttpMethod="GET"),
        put_mock("put-integration-wrong-resource", integrationHttpMethod="GET", resourceId="badresource"),
        put_mock(verb="POST", integrationHttpMethod="GET"),
        response(
            "put",
            "put-integration-response-wrong-method",
            selectionPattern="",
            responseTemplates={"application/json": "{}"},
        ),
        response(
            "put",
            "put-integration-response-wrong-resource",
            resourceId="badresource",
            selectionPattern="",
            responseTemplates={"application/json": "{}"},
        ),
    ],
    "test_put_integration_response_templates": [
        NEW_API,
        put_method(),
        put_mock(integrationHttpMethod="GET"),
        response(
            "put",
            "put-integration-response-template-none",
            selectionPattern="",
            responseTemplates={"application/json": None},
        ),
        response(
            "put",
            "put-integration-response-template-empty",
            selectionPattern="",
            responseTemplates={"application/json": ""},
        ),
        response("put", "put-integration-no-response-template", selectionPattern=""),
    ],
    "test_put_integration_request_parameter_bool_type": [
        NEW_API,
        put_method(recorded="bool-method", requestParameters={"method.request.path.testPath": True}),
        put_method(
            "POST",
            "put-method-request-param-wrong-type",
            requestParameters={"method.request.path.testPath": True, True: True},
        ),
        on_root(
            "put_integration",
            "put-integration-request-param-wrong-type",
            type="HTTP_PROXY",
            requestParameters={True: True},
        ),
        on_root(
            "put_integration",
            "put-integration-request-param-bool-value",
            type="HTTP_PROXY",
            requestParameters={"integration.request.path.testPath": True},
        ),
    ],
    "test_create_integration_with_vpc_link": [
        NEW_API,
        put_method(),
        on_root("put_integration", "put-integration-vpc-link", **VPC_LINK),
        on_root("get_integration", "get-integration-vpc-link"),
        on_root("update_integration", "update-integration-vpc-link", patchOperations=TO_BETA),
        on_root("get_integration", "get-integration-update-vpc-link"),
    ],
    "test_get_integration_non_existent": [
        NEW_API,
        on_root("get_integration", "get-integration-no-api", restApiId="abcdef"),
        on_root("get_integration", "get-integration-no-resource", resourceId="abcdef"),
        on_root("get_integration", "get-integration-no-method"),
        put_method(),
        on_root("get_integration", "get-integration-no-integration"),
    ],
}

RESPONSES = {
    "test_integration_response_wrong_api": [
        response("put", "put-integration-response-wrong-api", **NOWHERE),
        response("get", "get-integration-response-wrong-api", **NOWHERE),
    ],
    "test_integration_response_wrong_resource": [
        NEW_API,
        response("put", "put-integration-response-wrong-resource", resourceId="wrong-resource"),
        response("get", "get-integration-response-wrong-resource", resourceId="wrong-resource"),
    ],
    "test_integration_response_wrong_method": [
        NEW_API,
        response("put", "put-integration-response-wrong-method", verb="wrong-method"),
        response("get", "get-integration-response-wrong-method", verb="wrong-method"),
    ],
    "test_integration_response_invalid_statuscode": [
        NEW_API,
        response("put", "put-integration-response-invalid-statusCode", status="wrong", **CREATED),
        response("get", "get-integration-response-invalid-statusCode", status="wrong"),
    ],
    "test_integration_response_invalid_responsetemplates": [
        NEW_API,
        put_method(),
        put_mock(integrationHttpMethod="GET"),
        response(
            "put",
            "put-integration-response-invalid-responseTemplates-1",
            selectionPattern="",
            responseTemplates={"application/json": 123},
        ),
        response(
            "put",
            "put-integration-response-invalid-responseTemplates-2",
            selectionPattern="",
            responseTemplates={123: '{"statusCode": 200}'},
        ),
    ],
    "test_integration_response_invalid_integration": [
        NEW_API,
        put_method(),
        response("get", "get-integration-response-without-integration"),
    ],
    "test_integration_response_wrong_status_code": [
        NEW_API,
        put_method(),
        put_mock(),
        response("get", "get-integration-response-wrong-status-code", status="201"),
    ],
    "test_lifecycle_integration_response": [
        NEW_API,
        put_method(),
        put_mock(),
        response("put", "put-integration-response", **CREATED),
        response("get", "get-integration-response"),
        response("update", "update-integration-response", patchOperations=UPDATED),
        response(
            "put",
            "overwrite-integration-response",
            responseTemplates={"application/json": "overwrite"},
            selectionPattern="overwrite-pattern",
        ),
        on_root("get_method", "get-method"),
        response("delete", "delete-integration-response"),
    ],
    "test_delete_integration_response_errors": [
        NEW_API,
        put_method(),
        put_mock(),
        response("put", "put-integration-response", **CREATED),
        response("delete", "non-existent-resource", resourceId="bad-resource"),
        response("delete", "non-existent-api-id", restApiId="bad-api-id"),
        response("delete", "non-existent-method", verb="POST"),
        response("delete", "non-existent-status-code", status="201"),
        response("delete", "bad-method", verb="WRONG", status="201"),
    ],
}


@pytest.mark.parametrize("case", INTEGRATIONS)
def test_the_answers_about_integrations_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApigatewayIntegration::{case}", INTEGRATIONS[case])


@pytest.mark.parametrize("case", RESPONSES)
def test_the_answers_about_integration_responses_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApigatewayIntegrationResponse::{case}", RESPONSES[case])
