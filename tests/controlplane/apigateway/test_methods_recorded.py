"""Every recorded case of methods, replayed."""

import json

import pytest

from support.replay import API, ROOT, Kept, Step, replay

NEW_API = Step("create_rest_api", keep="api", name="pets")
LAMBDA_URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:111111111111:function:who/invocations"
)
QUERY = "/requestParameters/method.request.querystring.optional"


def put(recorded, *, verb="ANY", resource=ROOT, **params):
    params = {"restApiId": API, "authorizationType": "NONE", **params}
    return Step("put_method", recorded, resourceId=resource, httpMethod=verb, **params)


def on_root(operation, recorded, *, verb="ANY", **params):
    return Step(operation, recorded, **{"restApiId": API, "resourceId": ROOT, "httpMethod": verb, **params})


def patch(recorded, *operations, **params):
    sent = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    return on_root("update_method", recorded, patchOperations=sent, **params)


def create_model(recorded, name):
    schema = json.dumps({"title": name, "type": "object"})
    return Step(
        "create_model",
        recorded,
        restApiId=API,
        name=name,
        contentType="application/json",
        description="",
        schema=schema,
    )


def delete_model(recorded, name):
    return Step("delete_model", recorded, restApiId=API, modelName=name)


CASES = {
    "test_method_lifecycle": [
        NEW_API,
        put("put-base-method-response"),
        on_root("get_method", "get-base-method-response"),
        on_root("delete_method", "del-base-method-response"),
        on_root("get_method", "get-deleted-method-response"),
        on_root("delete_method", "delete-deleted-method-response"),
    ],
    "test_method_request_parameters": [
        NEW_API,
        put(
            "put-method-request-params-response",
            requestParameters={
                "method.request.querystring.q_optional": False,
                "method.request.querystring.q_required": True,
                "method.request.header.h_optional": False,
                "method.request.header.h_required": True,
            },
        ),
        on_root("get_method", "get-method-request-params-response"),
        put(
            "req-params-same-name",
            verb="GET",
            requestParameters={"method.request.querystring.optional": False, "method.request.header.optional": False},
        ),
    ],
    "test_put_method_model": [
        NEW_API,
        create_model("create-model", "MySchema"),
        create_model("create-model-2", "MySchemaTwo"),
        put("put-method-request-models", requestModels={"application/json": "MySchema"}),
        delete_model("delete-model-used", "MySchema"),
        patch("update-method-model", ("replace", "/requestModels/application~1json", "MySchemaTwo")),
        delete_model("delete-model-unused", "MySchema"),
        delete_model("delete-model-used-2", "MySchemaTwo"),
        Step("create_resource", keep="test", restApiId=API, parentId=ROOT, pathPart="test"),
        put(
            "put-method-2-request-models",
            resource=Kept("test", "id"),
            requestModels={"application/json": "MySchemaTwo"},
        ),
        delete_model("delete-model-used-by-2-method", "MySchemaTwo"),
        patch(
            "update-method-model-2",
            ("remove", "/requestModels/application~1json", "MySchemaTwo"),
            resourceId=Kept("test", "id"),
        ),
        delete_model("delete-model-used-by-method-1", "MySchemaTwo"),
        on_root("delete_method", "delete-method-using-model-2"),
        delete_model("delete-model-unused-2", "MySchemaTwo"),
    ],
    "test_put_method_validation": [
        NEW_API,
        put("wrong-api", verb="WRONG", restApiId="fake-api"),
        put("wrong-resource", verb="WRONG", resource="fake-resource-id"),
        put("wrong-method", verb="WRONG"),
        put("missing-authorizer-id", authorizationType="CUSTOM"),
        put("invalid-request-validator", requestValidatorId="fake-validator"),
        put("invalid-model-name", requestModels={"application/json": "petModel"}),
    ],
    "test_update_method": [
        NEW_API,
        put("put-method-response"),
        patch("update-method-add", ("add", QUERY, "true"), ("add", "/requestModels/application~1json", "Empty")),
        patch(
            "update-method-replace",
            ("replace", "/operationName", "ReplacedOperationName"),
            ("replace", "/apiKeyRequired", "true"),
            ("replace", "/authorizationType", "AWS_IAM"),
            ("replace", QUERY, "false"),
        ),
        Step(
            "create_authorizer",
            keep="authorizer",
            restApiId=API,
            name="who",
            type="TOKEN",
            authorizerUri=LAMBDA_URI,
            identitySource="method.request.header.Authorization",
        ),
        patch(
            "update-method-replace-authorizer",
            ("replace", "/authorizationType", "CUSTOM"),
            ("replace", "/authorizerId", Kept("authorizer", "id")),
        ),
        patch(
            "update-method-remove", ("remove", QUERY, "true"), ("remove", "/requestModels/application~1json", "Empty")
        ),
    ],
    "test_update_method_validation": [
        NEW_API,
        patch("wrong-rest-api", restApiId="fake-api"),
        patch("wrong-resource-id", resourceId="fake-resource-id"),
        patch("method-does-not-exist", ("replace", "/operationName", "methodDoesNotExist"), verb="GET"),
        put("put-method-response", apiKeyRequired=True),
        patch("unsupported-operation", ("add", "/operationName", "operationName")),
        patch("unsupported-operation-2", ("add", "/requestValidatorId", "wrong-id")),
        patch("unsupported-path", ("add", "/httpMethod", "PUT")),
        patch(
            "wrong-path-request-parameters",
            ("replace", "/requestParameters", "method.request.querystring.optional=false"),
        ),
        patch("wrong-path-request-models", ("add", "/requestModels/application/json", "Empty")),
        patch("wrong-value-type", ("replace", "/apiKeyRequired", "whatever")),
        patch("wrong-auth-type", ("replace", "/authorizationType", "CUSTOM")),
        patch("skip-auth-id-with-wrong-type", ("replace", "/authorizerId", "abc123")),
        patch("wrong-auth-id", ("replace", "/authorizationType", "CUSTOM"), ("replace", "/authorizerId", "abc123")),
        patch("wrong-req-validator-id", ("replace", "/requestValidatorId", "fake-id")),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_the_service(harness, shared, case):
    replay(harness, shared, f"TestApiGatewayApiMethod::{case}", CASES[case])
