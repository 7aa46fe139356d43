"""A compiled authorizer: whom it asks about, what it asks, and what the answer means."""

import json
import re

import pytest

from gatewright.core.authorizers.authorizer import CompiledAuthorizer, describe_call
from gatewright.core.authorizers.identity import parse_identity_sources
from gatewright.core.authorizers.result import parse_result
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendResponse
from gatewright.core.integration.invocation import FunctionName
from gatewright.core.reasons import BACKEND_TIMEOUT
from support.exchange import REQUEST_ID, make_connection, make_context, make_method, make_request, make_stage

ARN = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/dev/GET/pets"
FUNCTION = FunctionName("us-east-1", "arn:aws:lambda:us-east-1:000000000000:function:who")


def authorizer(sources="method.request.header.Authorization", **how):
    given = {
        "type": "TOKEN",
        "api_id": "abcdefghij",
        "api_arn": "arn:aws:execute-api:us-east-1:000000000000:abcdefghij",
        "function": FUNCTION,
        "sources": parse_identity_sources(sources),
        "expression": None,
        "ttl": 300,
    }
    return CompiledAuthorizer("auth01", **given | how)


def context_of(**headers):
    return make_context(
        make_request("GET", "/dev/pets", headers), stage=make_stage(), method=make_method(), routed_path="/pets"
    )


def refused(call):
    with pytest.raises(GatewayError) as caught:
        call()
    return caught.value


def answer_of(document, *, status=200, error=None):
    fields = [] if error is None else [(b"x-amz-function-error", b"X-Amz-Function-Error", error.encode())]
    return BackendResponse(status, fields, json.dumps(document).encode())


def result_of(effect, resource, **more):
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource, **more}
    return parse_result(json.dumps({"principalId": "me", "policyDocument": {"Statement": statement}}).encode())


def test_a_token_is_asked_about():
    asked = authorizer()
    context = context_of(Authorization="t")
    identity = asked.identify(context)
    assert [("method.request.header.Authorization", "t")] == identity
    event = json.loads(asked.make_event(identity, ARN, context))
    assert {"type": "TOKEN", "methodArn": ARN, "authorizationToken": "t"} == event


def test_a_request_is_told_without_its_body():
    asked = authorizer(type="REQUEST")
    context = context_of(Authorization="t")
    event = json.loads(asked.make_event(asked.identify(context), ARN, context))
    assert ("REQUEST", ARN, "/pets") == (event["type"], event["methodArn"], event["resource"])
    assert not {"body", "isBase64Encoded"} & set(event)


@pytest.mark.parametrize(
    ("how", "headers"),
    [({}, {}), ({}, {"Authorization": ""}), ({"type": "REQUEST"}, {}), ({"ttl": 0}, {})],
)
def test_without_identity_it_is_401_and_nobody_is_asked(how, headers):
    error = refused(lambda: authorizer(**how).identify(context_of(**headers)))
    assert ("AUTHORIZER_IDENTITY_MISSING", 401, "Unauthorized") == (
        error.reason.code,
        error.reason.status,
        error.message,
    )
    assert f"Unauthorized request: {REQUEST_ID}" == error.reason.log.format_map(error.facts)


def test_a_request_authorizer_that_remembers_nothing_is_asked_all_the_same():
    assert [("method.request.header.Authorization", None)] == authorizer(type="REQUEST", ttl=0).identify(context_of())


@pytest.mark.parametrize(
    ("token", "let_through"), [("Bearer x", True), ("Bearer ", False), ("x Bearer x", False), ("bearer x", False)]
)
def test_a_token_must_match_the_whole_expression(token, let_through):
    asked = authorizer(expression=re.compile("Bearer .+"))
    if let_through:
        asked.identify(context_of(Authorization=token))
    else:
        error = refused(lambda: asked.identify(context_of(Authorization=token)))
        assert ("AUTHORIZER_IDENTITY_REFUSED", "Bearer .+") == (error.reason.code, error.facts["expression"])


FAILURES = [
    (answer_of({"errorMessage": "Unauthorized"}, error="Unhandled"), "AUTHORIZER_SAYS_UNAUTHORIZED", 401),
    (answer_of({"errorMessage": "unauthorized"}, error="Unhandled"), "AUTHORIZER_FAILED", 500),
    (answer_of({"errorMessage": "boom"}, error="Handled"), "AUTHORIZER_FAILED", 500),
    (answer_of({"Message": "Rate Exceeded."}, status=429), "AUTHORIZER_FAILED", 500),
    (answer_of({"Message": "no"}, status=403), "AUTHORIZER_FAILED", 500),
    (answer_of({"principalId": "me"}), "AUTHORIZER_ANSWER_MALFORMED", 500),
]


@pytest.mark.parametrize(("answer", "code", "status"), FAILURES)
def test_an_answer_that_lets_nobody_in(answer, code, status):
    error = refused(lambda: authorizer().read_answer(answer, context_of()))
    assert (code, status) == (error.reason.code, error.reason.status)
    if status == 500:
        assert (None, "AuthorizerConfigurationException") == (error.message, error.error_type)


def test_a_function_that_could_not_be_called_is_told_with_the_reason_and_what_mends_it():
    facts = {"endpoint": "http://127.0.0.1:3001", "timeout_in_millis": 29_000}
    error = authorizer().fail(GatewayError(BACKEND_TIMEOUT, **facts))
    assert "BACKEND_TIMEOUT: The backend http://127.0.0.1:3001 did not answer within 29000 ms" == error.facts["why"]
    assert BACKEND_TIMEOUT.remedy == error.facts["mend"]


def test_the_policy_is_judged_on_what_is_called():
    asked, context = authorizer(), context_of()
    asked.judge(result_of("Allow", ARN), ARN, context)
    silent = refused(lambda: asked.judge(result_of("Allow", ARN), ARN + "/7", context))
    assert ("AUTHORIZER_SILENT", 403, "User is not authorized to access this resource") == (
        silent.reason.code,
        silent.reason.status,
        silent.message,
    )
    denied = refused(lambda: asked.judge(result_of("Deny", "*"), ARN, context))
    assert ("AUTHORIZER_DENIED", True) == (denied.reason.code, "with an explicit deny" in denied.message)


def test_conditions_know_the_call():
    context = context_of(Referer="https://a.test/", **{"User-Agent": "curl/8"})
    assert {
        "aws:sourceip": "203.0.113.7",
        "aws:securetransport": "true",
        "aws:epochtime": "1795225000",
        "aws:currenttime": "1795225000",
        "aws:referer": "https://a.test/",
        "aws:useragent": "curl/8",
    } == describe_call(context)
    assert "false" == describe_call(make_context(connection=make_connection(entry="local")))["aws:securetransport"]
    condition = {"StringLike": {"aws:UserAgent": "wget/*"}}
    refused(lambda: authorizer().judge(result_of("Allow", "*", Condition=condition), ARN, context))


def test_names():
    assert f"<CompiledAuthorizer auth01 TOKEN {FUNCTION}>" == repr(authorizer())
    assert "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/authorizers/auth01" == authorizer().arn
