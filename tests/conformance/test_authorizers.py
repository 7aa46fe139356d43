"""Lambda authorizers through the whole product: who is let in, what is remembered, and whose key it is."""

import json
import time

import pytest

from support.apis import ApiBuilder
from support.gateway import running_gateway
from support.https import ask, distrust
from support.invoke_api import Failed, InvokeApiStandIn, Raw, Refused, function_uri

pytestmark = pytest.mark.e2e

UNAUTHORIZED = (401, b'{"message":"Unauthorized"}', "UnauthorizedException")
BROKEN = (500, b'{"message":null}', "AuthorizerConfigurationException")
SILENT = (403, b'{"Message":"User is not authorized to access this resource"}', "AccessDeniedException")
DENIED = (
    403,
    b'{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}',
    "AccessDeniedException",
)


def policy(effect, *resources, **more):
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    return {"principalId": "user-7", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **more}


def decide(event):
    """What the token itself asks for."""
    token = event.get("authorizationToken") or (event.get("headers") or {}).get("X-Token") or ""
    method_arn = event["methodArn"]
    everything = method_arn.split("/")[0] + "/*"
    match token.removeprefix("Bearer ").partition(":")[0]:
        case "allow":
            return policy("Allow", everything, context={"tenant": "t1", "level": 3, "admin": False})
        case "narrow":
            return policy("Allow", method_arn)
        case "deny":
            return policy("Deny", everything)
        case "key":
            return policy("Allow", everything, usageIdentifierKey=token.partition(":")[2])
        case "unauthorized":
            raise Failed("Unauthorized")
        case "error":
            raise Failed("boom")
        case "throttled":
            raise Refused(429, "Rate Exceeded.")
        case "extra":
            return policy("Allow", everything, surplus=1)
        case "nested":
            return policy("Allow", everything, context={"a": {"b": 1}})
        case _:
            return Raw(b'"a text"')


@pytest.fixture(scope="module")
def functions():
    with InvokeApiStandIn() as standing:
        standing.add("who", decide)
        standing.add("echo", lambda event: {"body": json.dumps(event)})
        yield standing


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, functions):
    """One worker, so that what it remembers is what there is."""
    with running_gateway(tmp_path_factory.mktemp("authorizers"), "--lambda", functions.url, workers=1) as running:
        yield running


class Site(ApiBuilder):
    """An API whose methods are functions behind an authorizer."""

    def guard(self, **how):
        given = {
            "name": "who",
            "type": "TOKEN",
            "authorizerUri": function_uri("arn:aws:lambda:us-east-1:000000000000:function:who"),
        }
        given["identitySource"] = "method.request.header.Authorization"
        return self.client.create_authorizer(restApiId=self.id, **given | how)["id"]

    def function(self, path, authorizer, **more):
        where = self.method(path, "GET", "CUSTOM", authorizerId=authorizer, **more)
        uri = function_uri("arn:aws:lambda:us-east-1:000000000000:function:echo")
        self.client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)

    def call(self, gateway, path, token=None, **headers):
        host = f"{self.id}.execute-api.us-east-1.gateway.localhost"
        if token is not None:
            headers["Authorization"] = token
        return ask(gateway.https_port, host, f"/dev{path}", context=distrust(), headers=headers)


def told(answer):
    return answer.status, answer.body, answer.header("x-amzn-ErrorType")


def explained(gateway, answer):
    deadline = time.monotonic() + 5
    while True:
        said = gateway.cli("explain", answer.header("x-amzn-RequestId"), check=False)
        if said.returncode == 0:
            return said.stdout
        assert time.monotonic() < deadline, said.stderr
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(gateway):
    site = Site(gateway.client("apigateway"), "guarded")
    token = site.guard(identityValidationExpression="Bearer .+")
    fresh = site.guard(name="fresh", authorizerResultTtlInSeconds=0)
    request = site.guard(
        name="request",
        type="REQUEST",
        identitySource="method.request.header.X-Token,method.request.querystring.tenant",
    )
    site.function("/token/{id}", token)
    site.function("/other", token)
    site.function("/fresh", fresh)
    site.function("/request", request)
    site.deploy("dev")
    return site


def test_who_is_let_in_is_told_to_the_backend(gateway, site, functions):
    answer = site.call(gateway, "/token/7", "Bearer allow:1")
    assert 200 == answer.status
    authorizer = answer.json()["requestContext"]["authorizer"]
    assert authorizer.pop("integrationLatency") >= 0
    assert {"principalId": "user-7", "tenant": "t1", "level": "3", "admin": "false"} == authorizer
    event = functions.of("who")[-1].event
    arn = f"arn:aws:execute-api:us-east-1:000000000000:{site.id}/dev/GET/token/7"
    assert {"type": "TOKEN", "methodArn": arn, "authorizationToken": "Bearer allow:1"} == event
    assert "/authorizers/" in functions.of("who")[-1].headers["X-Amz-Source-Arn"]


def test_a_request_authorizer_is_told_of_the_request(gateway, site, functions):
    assert 200 == site.call(gateway, "/request?tenant=t1", **{"X-Token": "allow:1"}).status
    event = functions.of("who")[-1].event
    assert ("REQUEST", "/request", "GET") == (event["type"], event["resource"], event["httpMethod"])
    assert ({"tenant": "t1"}, "allow:1") == (event["queryStringParameters"], event["headers"]["X-Token"])
    assert site.id == event["requestContext"]["apiId"]
    assert "body" not in event


REFUSALS = [
    ("/token/7", None, UNAUTHORIZED, "AUTHORIZER_IDENTITY_MISSING"),
    ("/token/7", "allow", UNAUTHORIZED, "AUTHORIZER_IDENTITY_REFUSED"),
    ("/token/7", "Bearer unauthorized", UNAUTHORIZED, "AUTHORIZER_SAYS_UNAUTHORIZED"),
    ("/token/7", "Bearer error", BROKEN, "the function failed: boom"),
    ("/token/7", "Bearer throttled", BROKEN, "LAMBDA_THROTTLED"),
    ("/token/7", "Bearer extra", BROKEN, 'Unrecognized field "surplus"'),
    ("/token/7", "Bearer nested", BROKEN, "AUTHORIZER_ANSWER_MALFORMED"),
    ("/token/7", "Bearer text", BROKEN, "it is not an object"),
    ("/token/7", "Bearer deny", DENIED, "AUTHORIZER_DENIED"),
    ("/request", None, UNAUTHORIZED, "AUTHORIZER_IDENTITY_MISSING"),
]


@pytest.mark.parametrize(("path", "token", "expected", "words"), REFUSALS, ids=[each[3] for each in REFUSALS])
def test_each_refusal_has_its_form_and_its_reason(gateway, site, path, token, expected, words):
    answer = site.call(gateway, path, token)
    assert expected == told(answer)
    assert words in explained(gateway, answer)


def test_nobody_is_asked_about_a_caller_without_identity(gateway, site, functions):
    before = len(functions.of("who"))
    site.call(gateway, "/token/7")
    site.call(gateway, "/token/7", "allow")
    site.call(gateway, "/request", **{"X-Token": "allow"})
    assert before == len(functions.of("who"))


def test_an_answer_is_remembered_and_judged_anew_and_forgotten_when_flushed(gateway, site, functions):
    before = len(functions.of("who"))
    assert 200 == site.call(gateway, "/token/7", "Bearer narrow:1").status
    second = site.call(gateway, "/token/7", "Bearer narrow:1")
    assert (200, 0) == (second.status, second.json()["requestContext"]["authorizer"]["integrationLatency"])
    refused = site.call(gateway, "/other", "Bearer narrow:1")
    assert SILENT == told(refused)
    assert f"{site.id}/dev/GET/other" in explained(gateway, refused)
    assert "was remembered: principal ******" in explained(gateway, second)
    assert before + 1 == len(functions.of("who"))

    site.client.flush_stage_authorizers_cache(restApiId=site.id, stageName="dev")
    assert 200 == site.call(gateway, "/other", "Bearer narrow:1").status
    assert before + 2 == len(functions.of("who"))


def test_with_a_life_of_0_everybody_is_asked_about(gateway, site, functions):
    before = len(functions.of("who"))
    for _ in range(2):
        assert 200 == site.call(gateway, "/fresh", "allow:2").status
    assert before + 2 == len(functions.of("who"))


def test_identities_of_several_sources_are_not_mixed_up(gateway, site, functions):
    before = len(functions.of("who"))
    assert 200 == site.call(gateway, "/request?tenant=b", **{"X-Token": "allow:a"}).status
    assert 200 == site.call(gateway, "/request?tenant=ab", **{"X-Token": "allow:"}).status
    assert before + 2 == len(functions.of("who"))


def test_an_authorizer_in_a_deployment_stays_until_the_next(gateway, site):
    (authorizer,) = [
        each for each in site.client.get_authorizers(restApiId=site.id)["items"] if each["name"] == "fresh"
    ]
    site.client.update_authorizer(
        restApiId=site.id,
        authorizerId=authorizer["id"],
        patchOperations=[{"op": "replace", "path": "/identitySource", "value": "method.request.header.X-Other"}],
    )
    assert 200 == site.call(gateway, "/fresh", "allow:3").status


def test_the_key_comes_from_the_authorizer(gateway, functions):
    client = gateway.client("apigateway")
    site = Site(client, "keyed", apiKeySource="AUTHORIZER")
    site.function("/keyed", site.guard(authorizerResultTtlInSeconds=0), apiKeyRequired=True)
    site.deploy("dev")
    key = client.create_api_key(name="partner", enabled=True)
    plan = client.create_usage_plan(
        name="gold",
        apiStages=[{"apiId": site.id, "stage": "dev"}],
        throttle={"rateLimit": 0.01, "burstLimit": 2},
    )["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")

    mine = f"key:{key['value']}"
    answer = site.call(gateway, "/keyed", mine)
    identity = answer.json()["requestContext"]["identity"]
    assert (200, key["value"], key["id"]) == (answer.status, identity["apiKey"], identity["apiKeyId"])
    assert [200, 429] == [site.call(gateway, "/keyed", mine).status for _ in range(2)]

    none = site.call(gateway, "/keyed", "allow", **{"x-api-key": key["value"]})
    assert (403, b'{"message":"Forbidden"}', "ForbiddenException") == told(none)
    assert "gave no usageIdentifierKey" in explained(gateway, none)
    unknown = site.call(gateway, "/keyed", "key:" + "x" * 30)
    assert "API_KEY_UNKNOWN" in explained(gateway, unknown)


def test_logs_tell_of_the_authorizer_with_secrets_masked(gateway, site):
    logs = gateway.client("logs")
    site.client.update_account(
        patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::000000000000:role/logs"}
        ]
    )
    variables = ("requestId", "authorizer.principalId", "authorizer.tenant", "authorizer.status", "authorize.status")
    site.client.update_stage(
        restApiId=site.id,
        stageName="dev",
        patchOperations=[
            {
                "op": "replace",
                "path": "/accessLogSettings/destinationArn",
                "value": f"arn:aws:logs:us-east-1:000000000000:log-group:access-{site.id}",
            },
            {
                "op": "replace",
                "path": "/accessLogSettings/format",
                "value": " ".join(f"$context.{name}" for name in variables),
            },
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
        ],
    )
    let_in = site.call(gateway, "/token/7", "Bearer allow:logged").header("x-amzn-RequestId")
    kept_out = site.call(gateway, "/token/7", "Bearer unauthorized:logged").header("x-amzn-RequestId")

    def lines(group, request_id):
        deadline = time.monotonic() + 5
        while True:
            try:
                found = [each["message"] for each in logs.filter_log_events(logGroupName=group)["events"]]
            except logs.exceptions.ResourceNotFoundException:
                found = []
            if any(request_id in line for line in found):
                return [line for line in found if request_id in line]
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    assert [f"{let_in} user-7 t1 200 200"] == lines(f"access-{site.id}", let_in)
    group = f"API-Gateway-Execution-Logs_{site.id}/dev"
    texts = [line.partition(") ")[2] for line in lines(group, let_in)]
    assert texts[1].startswith("Starting authorizer: ")
    assert f"Incoming identity: {'*' * 13}logged" == texts[2]
    assert texts.index("Using valid authorizer policy for principal: ******") < texts.index(
        "Successfully completed authorizer execution"
    )
    assert any(text.startswith('Authorizer result body before parsing: {"principalId"') for text in texts)
    assert f"Starting execution for request: {let_in}" in texts
    texts = [line.partition(") ")[2] for line in lines(group, kept_out)]
    assert [f"Unauthorized request: {kept_out}", "X-ray Tracing ID"] == [texts[-2], texts[-1].partition(" : ")[0]]
