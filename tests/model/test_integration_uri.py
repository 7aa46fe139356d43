"""URIs of integrations. The refused AWS URIs and their sentences are those of two recordings of the service:
test_put_integration_validation and test_put_integration_aws_proxy_uri (LocalStack's AWS-validated tests)."""

import pytest

from gatewright.model.integration_uri import check_http_uri, check_service_uri, is_lambda_uri

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:MyLambda"
INVOCATION = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com",
        "https://example.com/",
        "https://api.example.com:8443/v1/{proxy}?a=b",
        "http://localhost:3000/pets/{petId}",
        "http://127.0.0.1:8/",
        "http://[::1]:8080/x",
        "https://${stageVariables.host}/path",
        "http://${stageVariables.name}.example.com:${stageVariables.port}/${stageVariables.base}/x",
        "http://example.com?only=query",
    ],
)
def test_http_endpoints(uri):
    check_http_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "non-valid-http",
        "example.com/x",
        "ftp://example.com",
        "HTTP//example.com",
        "http://",
        "http:///path",
        "http://user@example.com/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:http/",
        "http://example.com/a b",
        "http://example.com/\n",
        "http://example.com/#x",
        "${stageVariables.url}",
    ],
)
def test_what_is_no_http_endpoint(uri):
    with pytest.raises(ValueError, match=r"^Invalid HTTP endpoint specified for URI$"):
        check_http_uri(uri)


@pytest.mark.parametrize(
    ("uri", "proxy"),
    [
        ("arn:aws:apigateway:us-east-1:s3:path/b/k", False),
        ("arn:aws:apigateway:us-east-1:sns:action/Publish", False),
        ("arn:aws:apigateway:us-east-1:bucket.s3:path/k", False),
        (INVOCATION, False),
        (INVOCATION, True),
        (INVOCATION.replace("MyLambda", "${stageVariables.function}"), True),
        ("arn:aws:apigateway:us-east-1:firehose:action/PutRecord", True),
    ],
)
def test_service_calls(uri, proxy):
    check_service_uri(uri, proxy=proxy)


@pytest.mark.parametrize(
    ("uri", "proxy", "refusal"),
    [
        ("non-valid-arn", False, "Invalid ARN specified in the request"),
        (
            f"bad-arn:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
            True,
            "Invalid ARN specified in the request",
        ),
        (
            "arn:aws:iam::0000000000:role/service-role/asdf",
            False,
            "AWS ARN for integration must contain path or action",
        ),
        (FUNCTION, True, "AWS ARN for integration must contain path or action"),
        (INVOCATION.replace("lambda:path", "lambda:test"), True, "AWS ARN for integration must contain path or action"),
        (INVOCATION.replace("lambda:path", "firehose:path"), True, "Integrations of type 'AWS_PROXY' currently only"),
        ("arn:aws:apigateway:us-east-1:s3:path/b/k", True, "Integrations of type 'AWS_PROXY' currently only supports"),
        (
            f"arn:aws:apigateway:us-east-1:lambda:path/random/value/{FUNCTION}/invocations",
            True,
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        ),
    ],
)
def test_what_is_no_service_call(uri, proxy, refusal):
    with pytest.raises(ValueError, match=f"^{refusal}"):
        check_service_uri(uri, proxy=proxy)


def test_only_the_invocation_of_a_function_is_a_lambda_uri():
    assert is_lambda_uri(INVOCATION)
    assert not is_lambda_uri("arn:aws:apigateway:us-east-1:s3:path/b/k")
    assert not is_lambda_uri(FUNCTION)
