"""Gateway responses, through a client; the recorded cases first."""

import json

import pytest

from support.recorded import ACCOUNT, Recorded, error_of

ALL_PARAMETERS = {
    "gatewayresponse.header.x-request-path": "method.request.path.petId",
    "gatewayresponse.header.Access-Control-Allow-Origin": "'a.b.c'",
    "gatewayresponse.header.x-request-query": "method.request.querystring.q",
    "gatewayresponse.header.x-request-header": "method.request.header.Accept",
}
ONE_PARAMETER = {"gatewayresponse.header.x-request-header": "method.request.header.Accept"}


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT, validate=False)


@pytest.fixture
def api_id(client):
    return client.create_rest_api(name="answers")["id"]


def recorded_template(recorded):
    """The template of the case, which is text that is no JSON and would be tedious to spell here."""
    (put,) = [
        answer
        for name, answer in recorded.answers.items()
        if name.startswith("put-gateway-response") and (name.endswith(("response", "all-value")))
    ]
    return put["responseTemplates"]


def test_a_gateway_response_s_life_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayGatewayResponse::test_gateway_response_crud")
    named = {"restApiId": api_id, "responseType": "MISSING_AUTHENTICATION_TOKEN"}
    recorded.check("get-gateway-response-default", client.get_gateway_response(**named))
    put = client.put_gateway_response(
        **named,
        statusCode="404",
        responseParameters=ALL_PARAMETERS,
        responseTemplates=recorded_template(recorded),
    )
    recorded.check("put-gateway-response", put)
    recorded.check("get-gateway-responses", client.get_gateway_responses(restApiId=api_id))
    recorded.check("get-gateway-response", client.get_gateway_response(**named))
    recorded.check("delete-gateway-response", client.delete_gateway_response(**named))
    recorded.check("get-deleted-gw-response", client.get_gateway_response(**named))
    recorded.check_complete()


def test_what_a_put_leaves_out_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayGatewayResponse::test_gateway_response_put")
    templates = recorded_template(recorded)
    every = {"statusCode": "404", "responseParameters": ALL_PARAMETERS, "responseTemplates": templates}
    class_wide = {"statusCode": "599", "responseParameters": ONE_PARAMETER, "responseTemplates": templates}
    token = "MISSING_AUTHENTICATION_TOKEN"
    for name, response_type, members in (
        ("all-value", token, every),
        ("status-only", token, {"statusCode": "404"}),
        ("response-parameters-only", token, {"responseParameters": ONE_PARAMETER}),
        ("response-templates-only", token, {"responseTemplates": templates}),
        ("default-5xx", "DEFAULT_5XX", class_wide),
        (
            "default-ignored",
            "AUTHORIZER_FAILURE",
            {"responseParameters": {"gatewayresponse.header.foo": "'bar'"}},
        ),
    ):
        answer = client.put_gateway_response(restApiId=api_id, responseType=response_type, **members)
        recorded.check(f"put-gateway-response-{name}", answer)
    recorded.check("get-gateway-responses", client.get_gateway_responses(restApiId=api_id))
    recorded.check_complete()


def test_refusals_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayGatewayResponse::test_gateway_response_validation")
    absent = {"restApiId": "fake-api-id", "responseType": "DEFAULT_4XX"}
    fake = {"restApiId": api_id, "responseType": "FAKE_RESPONSE_TYPE"}
    for name, call in {
        "get-gateway-responses-no-api": lambda: client.get_gateway_responses(restApiId="fake-api-id"),
        "get-gateway-response-no-api": lambda: client.get_gateway_response(**absent),
        "delete-gateway-response-no-api": lambda: client.delete_gateway_response(**absent),
        "update-gateway-response-no-api": lambda: client.update_gateway_response(**absent, patchOperations=[]),
        "delete-gateway-response-not-set": lambda: client.delete_gateway_response(
            restApiId=api_id, responseType="DEFAULT_4XX"
        ),
        "get-gateway-response-wrong-response-type": lambda: client.get_gateway_response(**fake),
        "delete-gateway-response-wrong-response-type": lambda: client.delete_gateway_response(**fake),
        "update-gateway-response-wrong-response-type": lambda: client.update_gateway_response(
            **fake, patchOperations=[]
        ),
        "put-gateway-response-wrong-response-type": lambda: client.put_gateway_response(
            **fake, statusCode="404", responseParameters={}, responseTemplates={}
        ),
    }.items():
        recorded.check(name, call)
    recorded.check_complete()


def test_updates_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayGatewayResponse::test_update_gateway_response")
    origin = "/responseParameters/gatewayresponse.header.Access-Control-Allow-Origin"
    xml = recorded.answers["update-gateway-response"]["responseTemplates"]["application/xml"]

    def update(*operations, response_type="DEFAULT_4XX"):
        return client.update_gateway_response(
            restApiId=api_id, responseType=response_type, patchOperations=list(operations)
        )

    status = {"op": "replace", "path": "/statusCode", "value": "444"}
    recorded.check("update-gateway-response-not-set", update(status))
    named = {"restApiId": api_id, "responseType": "DEFAULT_4XX"}
    recorded.check("default-get-gateway-response", client.get_gateway_response(**named))
    put = client.put_gateway_response(
        **named,
        statusCode="404",
        responseParameters=ALL_PARAMETERS,
        responseTemplates={
            "application/json": json.dumps({"application/json": '{"message":$context.error.messageString}'})
        },
    )
    recorded.check("put-gateway-response", put)
    changed = update(
        status,
        {"op": "replace", "path": origin, "value": "'example.com'"},
        {"op": "add", "path": "/responseTemplates/application~1xml", "value": xml},
    )
    recorded.check("update-gateway-response", changed)
    recorded.check("get-gateway-response", client.get_gateway_response(**named))
    for name, operation in {
        "add-status-code": {**status, "op": "add"},
        "remove-status-code": {"op": "remove", "path": "/statusCode"},
        "no-path": {"op": "add", "value": "'example.com'"},
        "wrong-op": {**status, "op": "wrong-op"},
        "wrong-path": {"op": "add", "path": "/wrongPath", "value": "'example.com'"},
        "replace-invalid-parameter-0-none": {
            "op": "replace",
            "path": "/responseTemplates/application~1xml",
            "value": None,
        },
        "replace-invalid-parameter-1-none": {"op": "replace", "path": origin, "value": None},
    }.items():
        recorded.check(f"update-gateway-{name}", lambda operation=operation: update(operation))
    recorded.check(
        "update-gateway-replace-invalid-parameter",
        lambda: update({"op": "replace", "path": origin, "value": "'x'"}, response_type="DEFAULT_5XX"),
    )
    recorded.check_complete()


def test_a_status_that_is_none_is_refused_by_the_update_as_well(client, api_id):
    operation = {"op": "replace", "path": "/statusCode", "value": "20"}
    error = error_of(
        lambda: client.update_gateway_response(restApiId=api_id, responseType="THROTTLED", patchOperations=[operation])
    )
    assert "BadRequestException" == error["Error"]["Code"]


def test_an_update_of_nothing_customises_nothing(client, api_id):
    client.update_gateway_response(restApiId=api_id, responseType="THROTTLED", patchOperations=[])
    answer = client.get_gateway_response(restApiId=api_id, responseType="THROTTLED")
    assert (True, "429") == (answer["defaultResponse"], answer["statusCode"])


@pytest.mark.parametrize(
    "members",
    [
        {"responseParameters": {"gatewayresponse.header.x": "unquoted"}},
        {"responseTemplates": {"application/json": ""}},
    ],
)
def test_what_could_not_be_answered_with_is_not_put(client, api_id, members):
    error = error_of(lambda: client.put_gateway_response(restApiId=api_id, responseType="THROTTLED", **members))
    assert "BadRequestException" == error["Error"]["Code"]
    assert client.get_gateway_response(restApiId=api_id, responseType="THROTTLED")["defaultResponse"]
