"""AWS_PROXY: the invocation that a request becomes, and what a function may answer (facts 7.6, recorded)."""

import base64
import json

import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendResponse, RequestMappings
from gatewright.core.integration.invocation import FunctionName, InvokeApi
from gatewright.core.integration.lambda_proxy import (
    LambdaIntegration,
    build_function_request,
    read_proxy_answer,
    shape_function_answer,
)
from support.exchange import TRACE_ID, make_context, make_method, make_request, make_stage

FUNCTION = FunctionName("us-east-1", "arn:aws:lambda:us-east-1:000000000000:function:pets")
API = InvokeApi("http://127.0.0.1:3001")


def integration(**how):
    given = {
        "api_id": "abcdefghij",
        "api_arn": "arn:aws:execute-api:us-east-1:000000000000:abcdefghij",
        "http_method": "POST",
        "function": FUNCTION,
        "timeout_in_millis": 29_000,
    }
    return LambdaIntegration(**given | how)


def context_of(request=None):
    return make_context(request or make_request(), stage=make_stage(), method=make_method("/pets"), routed_path="/pets")


def shaped(payload, request=None, *, status=200, headers=(), **how):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    fields = [(name.lower().encode(), name.encode(), value.encode()) for name, value in headers]
    return shape_function_answer(integration(**how), BackendResponse(status, fields, body), context_of(request))


def refused(call):
    with pytest.raises(GatewayError) as caught:
        call()
    return caught.value


# -- the invocation -----------------------------------------------------------------------------------------------


def test_a_request_becomes_an_invocation_with_the_event():
    call = build_function_request(integration(), context_of(), API, signed=False)
    assert "/pets" == json.loads(call.body)["resource"]
    assert b"X-Amz-Source-Arn: arn:aws:execute-api:us-east-1:000000000000:abcdefghij/dev/GET/pets\r\n" in call.head


def test_another_verb_than_post_fails_when_called():
    error = refused(lambda: build_function_request(integration(http_method="GET"), context_of(), API, signed=False))
    assert ("LAMBDA_NOT_POST", 500, "Internal server error") == (error.reason.code, error.reason.status, error.message)


def test_without_an_invoke_api_it_is_said_which_option_is_missing():
    error = refused(lambda: build_function_request(integration(), context_of(), None, signed=False))
    assert 500 == error.reason.status
    assert "--lambda" in error.reason.remedy


def test_mapped_parameters_are_in_the_event():
    mappings = RequestMappings((("X-Who", lambda _: "me"), ("X-None", lambda _: None)), (("q", lambda _: "1"),))
    call = build_function_request(integration(mappings=mappings), context_of(), API, signed=False)
    event = json.loads(call.body)
    assert ("me", "1") == (event["headers"]["X-Who"], event["queryStringParameters"]["q"])
    assert "X-None" not in event["headers"]


@pytest.mark.parametrize("name", ["Authorization", "X-Amzn-Trace-Id", "te"])
def test_a_reserved_header_cannot_be_mapped(name):
    mappings = RequestMappings(((name, lambda _: "x"),))
    error = refused(lambda: build_function_request(integration(mappings=mappings), context_of(), API, signed=False))
    assert ("RESERVED_HEADER_MAPPED", name) == (error.reason.code, error.facts["header"])


# -- the answer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "status", "body"),
    [
        ({}, 200, b""),
        ({"headers": {"a": "b"}}, 200, b""),
        ({"statusCode": 201, "body": "made"}, 201, b"made"),
        ({"statusCode": "404", "body": None}, 404, b""),
        ({"statusCode": None, "headers": None, "multiValueHeaders": None, "isBase64Encoded": None}, 200, b""),
        ({"body": "\N{SNOWMAN}"}, 200, "\N{SNOWMAN}".encode()),
        ({"body": True}, 200, b"true"),
        ({"body": 1.5}, 200, b"1.5"),
    ],
)
def test_an_answer_may_leave_out_every_member(payload, status, body):
    response = shaped(payload)
    assert (status, body) == (response.status, response.body)
    assert (b"Content-Type", b"application/json") in response.headers
    assert (b"X-Amzn-Trace-Id", TRACE_ID.encode()) in response.headers


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'"text"', "it is a string, not an object"),
        (b"null", "it is null, not an object"),
        (b"[]", "it is an array, not an object"),
        (b"3", "it is a number, not an object"),
        ({"statusCode": 200, "wrong": 1}, "it has the member 'wrong'"),
        ({"statusCode": "test"}, "statusCode is 'test'"),
        ({"statusCode": True}, "statusCode is 'True'"),
        ({"statusCode": 200.0}, "statusCode is '200.0'"),
        ({"statusCode": 100}, "statusCode is '100'"),
        ({"statusCode": 600}, "statusCode is '600'"),
        ({"headers": ["a"]}, "headers is an array, not an object"),
        ({"headers": {"a": {"b": 1}}}, "the header 'a' is an object, not a string"),
        ({"multiValueHeaders": "a"}, "multiValueHeaders is a string, not an object"),
        ({"multiValueHeaders": {"a": "b"}}, "'a' of multiValueHeaders is a string, not an array"),
        ({"multiValueHeaders": {"a": [None]}}, "a value of 'a' is null, not a string"),
        ({"body": {"a": 1}}, "body is an object, not a string"),
        ({"isBase64Encoded": "yes"}, "isBase64Encoded is a string, not true or false"),
        ({"isBase64Encoded": 7}, "isBase64Encoded is a number, not true or false"),
    ],
)
def test_a_malformed_answer_is_a_502_that_says_why(payload, why):
    error = refused(lambda: shaped(payload))
    assert ("LAMBDA_ANSWER_MALFORMED", 502, "Internal server error") == (
        error.reason.code,
        error.reason.status,
        error.message,
    )
    assert error.facts["why"].startswith(why)
    assert "Execution failed due to configuration error: Malformed Lambda proxy response" == error.reason.log


def test_header_values_may_be_strings_booleans_and_numbers():
    headers = shaped({"headers": {"s": "x", "b": True, "n": 3, "gone": None, "Content-Type": "text/plain"}}).headers
    assert [(b"s", b"x"), (b"b", b"true"), (b"n", b"3"), (b"Content-Type", b"text/plain")] == headers[:-1]


def test_lists_come_first_and_keep_their_spelling():
    headers = shaped(
        {
            "headers": {"X-A": "single", "only": "1"},
            "multiValueHeaders": {"x-a": ["m1", "m2"], "Set-Cookie": ["a", "b"]},
        }
    ).headers
    assert [
        (b"x-a", b"m1"),
        (b"x-a", b"m2"),
        (b"x-a", b"single"),
        (b"Set-Cookie", b"a"),
        (b"Set-Cookie", b"b"),
        (b"only", b"1"),
    ] == headers[:6]


def test_headers_meet_the_fate_of_the_table_and_none_can_end_the_head():
    headers = dict(
        shaped(
            {
                "headers": {
                    "Server": "x",
                    "Connection": "close",
                    "Content-Length": "7",
                    "Transfer-Encoding": "chunked",
                    "X-Split": "a\r\nEvil: 1",
                    "Bad Name": "x",
                    "": "x",
                    "Kept": "1",
                }
            }
        ).headers
    )
    assert {
        b"x-amzn-Remapped-Server",
        b"x-amzn-Remapped-Connection",
        b"Kept",
        b"Content-Type",
        b"X-Amzn-Trace-Id",
    } == set(headers)


@pytest.mark.parametrize(
    ("accept", "binary", "decoded"),
    [
        ("image/png", ("image/png",), True),
        ("image/png, text/html", ("image/png",), True),
        ("text/html, image/png", ("image/png",), False),
        ("text/html", ("*/*",), True),
        (None, ("*/*",), True),
        (None, ("application/json",), False),
        ("image/png", (), False),
    ],
)
def test_base64_is_decoded_where_the_client_takes_binary_first(accept, binary, decoded):
    text = base64.b64encode(b"\x89PNG").decode()
    request = make_request(headers={} if accept is None else {"Accept": accept})
    response = shaped({"isBase64Encoded": True, "body": text}, request, binary_media_types=binary)
    assert (b"\x89PNG" if decoded else text.encode()) == response.body


def test_what_is_not_base64_is_a_configuration_error():
    error = refused(lambda: shaped({"isBase64Encoded": True, "body": "no base64!"}, binary_media_types=("*/*",)))
    assert ("LAMBDA_BODY_NOT_BASE64", "API_CONFIGURATION_ERROR") == (error.reason.code, error.reason.response_type)


def test_a_function_that_failed_is_told_with_its_message_and_id():
    error = refused(
        lambda: shaped(
            {"errorMessage": "Something happened", "errorType": "Exception"},
            headers=[("X-Amz-Function-Error", "Unhandled"), ("x-amzn-RequestId", "inv-1")],
        )
    )
    assert ("LAMBDA_FUNCTION_FAILED", 502) == (error.reason.code, error.reason.status)
    assert (
        "Lambda execution failed with status 200 due to customer function error: Something happened. "
        "Lambda request id: inv-1"
    ) == error.reason.log.format_map(error.facts)


def test_lambdas_own_429_is_a_500_with_its_own_reason_and_line():
    error = refused(lambda: shaped({"Reason": "x", "Message": "Rate Exceeded."}, status=429))
    assert ("LAMBDA_THROTTLED", 500) == (error.reason.code, error.reason.status)
    assert "Lambda execution failed with status 429" == error.reason.log.format_map(error.facts)
    assert "not a limit of this gateway" in error.reason.summary


def test_reading_gives_what_was_answered():
    assert (200, [("a", "b")], "x", True) == tuple(
        read_proxy_answer(b'{"headers":{"a":"b"},"body":"x","isBase64Encoded":true}')
    )


def test_the_repr_names_the_function():
    assert f"<AWS_PROXY {FUNCTION}>" == repr(integration())
