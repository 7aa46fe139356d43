"""Every recorded case of method responses, replayed."""

import pytest

from support.replay import API, ROOT, Step, replay

HEADER = "/responseParameters/method.response.header.my-header"
MODEL = "/responseModels/application~1json"


def on_root(operation, recorded=None, *, verb="GET", **params):
    return Step(operation, recorded, **{"restApiId": API, "resourceId": ROOT, "httpMethod": verb, **params})


def patch(recorded, *operations, status="200", **params):
    sent = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    return on_root("update_method_response", recorded, statusCode=status, patchOperations=sent, **params)


MOCKED = [
    Step("create_rest_api", keep="api", name="pets"),
    on_root("put_method", authorizationType="NONE"),
    on_root("put_integration", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}),
]
WITH_RESPONSE = [
    *MOCKED,
    on_root(
        "put_method_response",
        statusCode="200",
        responseParameters={"method.response.header.my-header": False},
        responseModels={"application/json": "Empty"},
    ),
]
WRONG_PARAMETER, WRONG_MODEL = ("wrong_op", HEADER, "true"), ("wrong_op", MODEL, "Empty")
WRONG_NAME = "update-method-response-operation-with-wrong-param-name"
WITHOUT = "update-method-response-operation-without-response"

CASES = {
    "test_update_method_wrong_param_names": [
        *WITH_RESPONSE,
        patch(f"{WRONG_NAME}-1", ("replace", "/responseParameters/wrong", "true")),
        patch(f"{WRONG_NAME}-2", ("remove", "/responseParameters/wrong", "true")),
        patch(f"{WRONG_NAME}-3", ("replace", "/responseModels/wrong", "Empty")),
        patch(f"{WRONG_NAME}-4", ("remove", "/responseModels/wrong", "Empty")),
    ],
    "test_update_method_lack_response_parameters_and_models": [
        *MOCKED,
        on_root("put_method_response", statusCode="200"),
        patch(f"{WITHOUT}-parameters", ("remove", HEADER, "true")),
        patch(f"{WITHOUT}-models", ("remove", MODEL, "Empty")),
        patch(
            "update-method-response-operation-with-wrong-path",
            ("remove", "/wrong/method.response.header.my-header", "true"),
        ),
    ],
    "test_update_method_response_negative_tests": [
        *WITH_RESPONSE,
        patch("update-method-response-wrong-statuscode", ("replace", HEADER, "true"), status="201"),
        patch("update-method-response-invalid-statuscode", ("replace", HEADER, "true"), status="wrong"),
        patch("update-method-response-invalid-statuscode-and-wrong-op", WRONG_PARAMETER, status="wrong"),
        patch("update-method-response-wrong-resource", ("replace", HEADER, "true"), resourceId="wrong"),
        patch("update-method-response-wrong-method", ("replace", HEADER, "true"), verb="POST"),
    ],
    "test_update_method_response_wrong_operations": [
        *WITH_RESPONSE,
        patch("update-method-response-wrong-operation-1", WRONG_PARAMETER),
        patch("update-method-response-wrong-operation-2", WRONG_MODEL),
        patch("update-method-response-wrong-operation-3", WRONG_PARAMETER, WRONG_MODEL),
        patch("update-method-response-wrong-operation-4", WRONG_PARAMETER, WRONG_MODEL, WRONG_PARAMETER, WRONG_MODEL),
        patch("update-method-response-wrong-operation-5", WRONG_PARAMETER, ("remove", MODEL, "Empty"), WRONG_MODEL),
    ],
    "test_update_method_response": [
        *WITH_RESPONSE,
        patch("remove-update-method-response", ("remove", HEADER, "true"), ("remove", MODEL, "Empty")),
        patch("add-update-method-response", ("add", HEADER, "true"), ("add", MODEL, "Empty")),
    ],
    "test_lifecycle_method_response": [
        *MOCKED,
        on_root(
            "put_method_response", "put-method-response", statusCode="200", responseParameters={}, responseModels={}
        ),
        on_root("get_method_response", "get-integration-response", statusCode="200"),
        patch("add-method-responses", ("add", HEADER, "true"), ("add", MODEL, "Empty")),
        patch("update-method-responses", ("replace", HEADER, "true"), ("replace", MODEL, "Empty")),
        on_root("get_method", "get-method"),
        on_root("delete_method_response", "delete-method-response", statusCode="200"),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApigatewayMethodResponse::{case}", CASES[case])
