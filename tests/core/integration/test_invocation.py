"""Which function a uri names, the call of the Invoke API, and what its statuses mean."""

import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendResponse
from gatewright.core.integration.invocation import (
    FunctionName,
    InvokeApi,
    check_invocation,
    find_function_error,
    find_invocation_id,
    parse_function_uri,
    read_said,
    require_invoke_api,
)
from gatewright.core.sigv4.signing import SigningCredentials
from support.exchange import REQUEST_ID, make_context, make_stage

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:pets:live"
URI = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}/invocations"
FUNCTION = FunctionName("eu-west-1", ARN)


def framed(api, payload=b"{}"):
    return api.frame(
        FUNCTION,
        payload,
        make_context(stage=make_stage()),
        api_id="abcdefghij",
        source_arn="arn:aws:execute-api:eu-west-1:000000000000:abcdefghij/dev/GET/pets",
        timeout_in_millis=29_000,
    )


def test_the_uri_names_region_and_function():
    assert parse_function_uri(URI) == FUNCTION


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://b.test/",
        URI.replace("2015-03-31", "2021-11-15").replace("/invocations", "/response-streaming-invocations"),
        URI.replace(ARN, ""),
        URI.replace(ARN, "pets\r\nX: y"),
        "arn:aws:apigateway:eu-west-1:firehose:action/PutRecord",
        URI.replace(ARN, "pets?x"),
    ],
)
def test_what_invokes_no_function_is_refused_with_the_uri(uri):
    with pytest.raises(ValueError, match="does not invoke a Lambda function"):
        parse_function_uri(uri)


def test_a_call_has_the_headers_that_lambda_gets_of_the_service():
    call = framed(InvokeApi("http://127.0.0.1:3001"), b'{"a":1}')
    start, *headers = call.head.decode().split("\r\n")
    path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A000000000000%3Afunction%3Apets%3Alive/invocations"
    assert f"POST {path} HTTP/1.1" == start
    assert {
        "Host: 127.0.0.1:3001",
        f"x-amzn-lambda-integration-tag: {REQUEST_ID}",
        "x-amzn-apigateway-api-id: abcdefghij",
        "X-Amz-Source-Arn: arn:aws:execute-api:eu-west-1:000000000000:abcdefghij/dev/GET/pets",
        "Accept: application/json",
        "User-Agent: AmazonAPIGateway_abcdefghij",
        "Content-Length: 7",
    } <= set(headers)
    assert not [header for header in headers if header.startswith("Authorization")]
    assert f"/2015-03-31/functions/{ARN}/invocations" == call.function_path
    assert (b'{"a":1}', 29_000) == (call.body, call.timeout_in_millis)


def test_the_region_of_the_function_stands_in_the_url_and_in_the_scope():
    api = InvokeApi("https://lambda.{region}.amazonaws.com/", SigningCredentials("AKIDEXAMPLE", "a-secret", "a-token"))
    call = framed(api)
    head = call.head.decode()
    assert "https://lambda.eu-west-1.amazonaws.com" == str(call.endpoint)
    assert "Credential=AKIDEXAMPLE/20261121/eu-west-1/lambda/aws4_request" in head
    assert "X-Amz-Security-Token: a-token\r\n" in head
    assert "a-secret" not in head
    assert head.startswith("POST /2015-03-31/")


def test_a_path_of_the_invoke_api_comes_first():
    assert framed(InvokeApi("http://127.0.0.1:3001/runtime")).head.startswith(b"POST /runtime/2015-03-31/functions/")


@pytest.mark.parametrize("url", ["ftp://x", "http://h/{thing}", "http://h/?q=1"])
def test_an_unusable_url_is_refused(url):
    with pytest.raises(ValueError, match=r"."):
        InvokeApi(url)


def test_without_an_invoke_api_the_reason_says_which_function():
    with pytest.raises(GatewayError) as caught:
        require_invoke_api(None, FUNCTION)
    assert ("LAMBDA_NOT_CONFIGURED", ARN) == (caught.value.reason.code, str(caught.value.facts["function"]))


@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        (429, "LAMBDA_THROTTLED", 500),
        (403, "LAMBDA_PERMISSION_DENIED", 500),
        (404, "LAMBDA_FUNCTION_UNKNOWN", 500),
        (413, "LAMBDA_INVOKE_FAILED", 502),
        (500, "LAMBDA_INVOKE_FAILED", 502),
        (302, "LAMBDA_INVOKE_FAILED", 502),
    ],
)
def test_what_lambda_did_not_run_has_a_reason_of_its_own(status, code, answered):
    with pytest.raises(GatewayError) as caught:
        check_invocation(BackendResponse(status, (), b'{"Message":"Rate Exceeded."}'), FUNCTION)
    assert (code, answered) == (caught.value.reason.code, caught.value.reason.status)
    assert "Rate Exceeded." == caught.value.facts["said"]
    check_invocation(BackendResponse(200, (), b""), FUNCTION)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errorMessage":"boom","Message":"x"}', "boom"),
        (b'{"message":"no"}', "no"),
        (b'{"other":1}', '{"other":1}'),
        (b"[1]", "[1]"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (b"x" * 5000, "x" * 512),
    ],
)
def test_what_is_said_of_a_failure(body, said):
    assert said == read_said(body)


def test_a_function_error_and_the_id_are_read_from_headers():
    fields = [(b"x-amz-function-error", b"X-Amz-Function-Error", b"Unhandled"), (b"x-amzn-requestid", b"x", b"id-1")]
    assert "Unhandled" == find_function_error(BackendResponse(200, fields, b""))
    assert "id-1" == find_invocation_id(BackendResponse(200, fields, b""))
    assert find_function_error(BackendResponse(200, fields[1:], b"")) is None
    assert "" == find_invocation_id(BackendResponse(200, (), b""))


def test_reprs_tell_where_and_no_secret():
    api = InvokeApi("http://127.0.0.1:3001", SigningCredentials("AKIDEXAMPLE", "a-secret"))
    assert "<InvokeApi http://127.0.0.1:3001, signed>" == repr(api)
    assert "<InvokeApi http://127.0.0.1:3001>" == repr(InvokeApi("http://127.0.0.1:3001"))
    assert ARN == str(FUNCTION)
