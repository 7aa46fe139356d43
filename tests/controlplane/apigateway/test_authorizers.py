"""Authorizers, through a client: their life, what is refused, and what points at them."""

import pytest

from support.invoke_api import function_arn, function_uri
from support.recorded import ACCOUNT, Recorded, error_of

URI = function_uri(function_arn("who"))
HEADER = "method.request.header.Authorization"


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api_id(client):
    return client.create_rest_api(name="guarded")["id"]


def create(client, api_id, **how):
    given = {"name": "who", "type": "TOKEN", "authorizerUri": URI, "identitySource": HEADER}
    return client.create_authorizer(restApiId=api_id, **{k: v for k, v in (given | how).items() if v is not None})


def members(answer):
    return {name: value for name, value in answer.items() if name not in ("ResponseMetadata", "id")}


def test_an_unknown_api_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiAuthorizer::test_authorizer_crud_no_api")
    recorded.check("wrong-rest-api-id-create-authorizer", lambda: create(client, "test-fake-rest-id"))
    recorded.check("wrong-rest-api-id-get-authorizers", lambda: client.get_authorizers(restApiId="test-fake-rest-id"))
    recorded.check_complete()


def test_an_authorizers_life(client, api_id):
    made = create(client, api_id)
    expected = {
        "name": "who",
        "type": "TOKEN",
        "authType": "custom",
        "authorizerUri": URI,
        "identitySource": HEADER,
        "authorizerResultTtlInSeconds": 300,
    }
    assert expected == members(made)
    where = {"restApiId": api_id, "authorizerId": made["id"]}
    assert expected == members(client.get_authorizer(**where))
    assert [made["id"]] == [each["id"] for each in client.get_authorizers(restApiId=api_id)["items"]]
    updated = client.update_authorizer(
        **where,
        patchOperations=[
            {"op": "replace", "path": "/name", "value": "whom"},
            {"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "0"},
            {"op": "replace", "path": "/identityValidationExpression", "value": "Bearer .+"},
        ],
    )
    assert expected | {
        "name": "whom",
        "authorizerResultTtlInSeconds": 0,
        "identityValidationExpression": "Bearer .+",
    } == members(updated)
    client.delete_authorizer(**where)
    assert "Invalid Authorizer identifier specified" in str(error_of(lambda: client.get_authorizer(**where)))


def test_sources_are_added_and_removed(client, api_id):
    made = create(client, api_id, type="REQUEST")
    where = {"restApiId": api_id, "authorizerId": made["id"]}

    def patch(op, value):
        operation = {"op": op, "path": "/identitySource", "value": value}
        return client.update_authorizer(**where, patchOperations=[operation])["identitySource"]

    second = "method.request.querystring.tenant"
    assert f"{HEADER},{second}" == patch("add", second)
    assert second == patch("remove", HEADER)
    assert "context.httpMethod" == patch("replace", "context.httpMethod")


REFUSED = [
    ({"type": "COGNITO_USER_POOLS"}, "COGNITO_USER_POOLS is not served yet"),
    ({"name": " "}, "name cannot be blank"),
    ({"authorizerUri": None}, "Invalid Authorizer URI: "),
    ({"authorizerUri": "http://b.test/"}, "Invalid Authorizer URI: http://b.test/"),
    ({"authorizerResultTtlInSeconds": 3601}, "between 0 and 3600"),
    ({"authorizerResultTtlInSeconds": -1}, "between 0 and 3600"),
    ({"identitySource": "method.request.path.id"}, "Invalid mapping expression specified: method.request.path.id"),
    ({"identitySource": f"{HEADER},,"}, "Invalid mapping expression specified"),
    ({"identitySource": "integration.response.header.X"}, "Invalid mapping expression specified"),
    ({"identitySource": None}, "must have one header"),
    ({"identitySource": "method.request.querystring.token"}, "must have one header"),
    ({"type": "REQUEST", "identitySource": None}, "must have an identity source"),
]


@pytest.mark.parametrize(("how", "words"), REFUSED)
def test_what_could_not_be_asked_is_refused_when_it_is_made(client, api_id, how, words):
    error = error_of(lambda: create(client, api_id, **how))
    assert "BadRequestException" == error["Error"]["Code"]
    assert words in error["Error"]["Message"]


def test_a_request_authorizer_without_sources_is_asked_every_time(client, api_id):
    made = create(client, api_id, type="REQUEST", identitySource=None, authorizerResultTtlInSeconds=0)
    assert "identitySource" not in made


def test_an_update_is_checked_as_a_whole(client, api_id):
    made = create(client, api_id)

    def patch(path, value):
        operation = {"op": "replace", "path": path, "value": value}
        return client.update_authorizer(restApiId=api_id, authorizerId=made["id"], patchOperations=[operation])

    for path, value in (("/authorizerResultTtlInSeconds", "soon"), ("/type", "JWT"), ("/identitySource", "nowhere")):
        assert "BadRequestException" == error_of(lambda path=path, value=value: patch(path, value))["Error"]["Code"]
    assert 300 == client.get_authorizer(restApiId=api_id, authorizerId=made["id"])["authorizerResultTtlInSeconds"]


def test_one_that_a_method_points_at_stays(client, api_id):
    made = create(client, api_id)
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    at = {"restApiId": api_id, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**at, authorizationType="CUSTOM", authorizerId=made["id"])
    error = error_of(lambda: client.delete_authorizer(restApiId=api_id, authorizerId=made["id"]))
    assert ("ConflictException", True) == (error["Error"]["Code"], "/GET" in error["Error"]["Message"])
    client.delete_method(**at)
    client.delete_authorizer(restApiId=api_id, authorizerId=made["id"])


def test_a_clone_has_authorizers_of_its_own(client, api_id):
    made = create(client, api_id)
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    client.put_method(
        restApiId=api_id, resourceId=root, httpMethod="GET", authorizationType="CUSTOM", authorizerId=made["id"]
    )
    clone = client.create_rest_api(name="clone", cloneFrom=api_id)["id"]
    (copied,) = client.get_authorizers(restApiId=clone)["items"]
    assert copied["id"] != made["id"]
    root = client.get_resources(restApiId=clone)["items"][0]["id"]
    method = client.get_method(restApiId=clone, resourceId=root, httpMethod="GET")
    assert copied["id"] == method["authorizerId"]


def test_flushing_needs_the_stage(client, api_id):
    error = error_of(lambda: client.flush_stage_authorizers_cache(restApiId=api_id, stageName="nowhere"))
    assert "NotFoundException" == error["Error"]["Code"]
