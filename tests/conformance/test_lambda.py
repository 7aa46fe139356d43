"""Lambda functions behind methods, through the whole product: configured by boto3, run by a stand-in of the Invoke API."""

import json
import time

import pytest

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.client_certificate import render_client_certificate
from support.apis import ApiBuilder
from support.client_chains import make, make_client
from support.gateway import running_gateway
from support.https import ask, distrust
from support.invoke_api import Failed, InvokeApiStandIn, Raw, Refused, function_arn, function_uri
from support.mutual_tls import client_context

pytestmark = pytest.mark.e2e

INTERNAL = b'{"message": "Internal server error"}'
KEY, SECRET = "AKIALAMBDALAMBDA0001", "the-secret-that-signs-invocations"


@pytest.fixture(scope="module")
def functions():
    with InvokeApiStandIn() as standing:
        standing.add("echo", lambda event: {"statusCode": 200, "body": json.dumps(event)})
        yield standing


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, functions):
    """A gateway whose functions are the stand-in's, with credentials of its own to invoke them with."""
    environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with running_gateway(
        tmp_path_factory.mktemp("lambda"), "--lambda", functions.url, env=environment, workers=1
    ) as running:
        yield running


class Site(ApiBuilder):
    """An API of functions."""

    def function(self, path, verb, arn, **integration):
        where = self.method(path, verb)
        given = {"integrationHttpMethod": "POST", "uri": function_uri(arn), **integration}
        self.client.put_integration(**where, type="AWS_PROXY", **given)
        return where

    def call(self, gateway, path, **how):
        host = f"{self.id}.execute-api.us-east-1.gateway.localhost"
        return ask(gateway.https_port, host, f"/dev{path}", context=distrust(), **how)


def explained(gateway, answer):
    """What `gatewright explain` says, once the journal has it."""
    deadline = time.monotonic() + 5
    while True:
        told = gateway.cli("explain", answer.header("x-amzn-RequestId"), check=False)
        if told.returncode == 0:
            return told.stdout
        assert time.monotonic() < deadline, told.stderr
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(gateway, functions):
    """An API with a method for each thing that a function can do."""

    def hang(_event):
        time.sleep(1.0)
        return {}

    def fail(_event):
        raise Failed("Something happened")

    def throttle(_event):
        raise Refused(429, "Rate Exceeded.")

    def forbid(_event):
        raise Refused(403, "not authorized to perform: lambda:InvokeFunction")

    site = Site(gateway.client("apigateway"), "functions", binaryMediaTypes=["image/png"])
    site.function("/echo/{proxy+}", "ANY", function_arn("echo"))
    site.function("/alias", "GET", function_arn("${stageVariables.name}") + ":live")
    site.function("/missing", "GET", function_arn("nobody"))
    site.function("/get", "GET", function_arn("echo"), integrationHttpMethod="GET")
    for name, behave in {
        "hang": hang,
        "fail": fail,
        "throttle": throttle,
        "forbid": forbid,
        "text": lambda _event: "hello",
        "busy": lambda _event: {"statusCode": 429, "body": "later"},
        "half": lambda _event: Raw(b'{"statusCode":'),
        "made": lambda event: {
            "statusCode": "201",
            "headers": {"X-One": "1"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            "body": event["body"],
        },
    }.items():
        site.function(f"/{name}", "ANY", functions.add(name, behave), timeoutInMillis=500 if name == "hang" else 5_000)
    site.deploy("dev")
    site.client.update_stage(
        restApiId=site.id,
        stageName="dev",
        patchOperations=[{"op": "replace", "path": "/variables/name", "value": "echo"}],
    )
    return site


def test_a_function_gets_the_event_and_answers(gateway, site, functions):
    answer = site.call(gateway, "/echo/a%20b?x=1&x=2", headers={"User-Agent": "test/1", "X-Custom": "c"})
    event = answer.json()
    assert 200 == answer.status
    assert answer.header("X-Amzn-Trace-Id").startswith("Root=1-")
    assert ("/echo/{proxy+}", "/echo/a%20b", "GET") == (event["resource"], event["path"], event["httpMethod"])
    assert {"proxy": "a%20b"} == event["pathParameters"]
    assert ({"x": "2"}, {"x": ["1", "2"]}) == (event["queryStringParameters"], event["multiValueQueryStringParameters"])
    assert {"name": "echo"} == event["stageVariables"]
    told = event["requestContext"]
    assert ("dev", site.id, "/dev/echo/a%20b") == (told["stage"], told["apiId"], told["path"])
    assert answer.header("x-amzn-RequestId") == told["requestId"]
    assert answer.header("x-amz-apigw-id") == told["extendedRequestId"]
    assert "127.0.0.1" == told["identity"]["sourceIp"]


def test_the_call_is_signed_with_the_gateways_credentials_and_no_log_has_the_secret(gateway, site, functions):
    site.call(gateway, "/echo/x")
    headers = functions.of("echo")[-1].headers
    assert headers["Authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={KEY}/")
    assert f"AmazonAPIGateway_{site.id}" == headers["User-Agent"]
    assert headers["X-Amz-Source-Arn"].endswith(f":{site.id}/dev/GET/echo/{{proxy+}}")
    assert SECRET not in gateway.log()


def test_a_stage_variable_and_an_alias_are_in_the_functions_name(gateway, site, functions):
    assert 200 == site.call(gateway, "/alias").status
    assert functions.of("echo")[-1].path.endswith("function%3Aecho%3Alive/invocations")


def test_an_answer_has_its_status_headers_and_cookies(gateway, site):
    answer = site.call(gateway, "/made", method="POST", body=b"hi")
    assert (201, b"hi", "1") == (answer.status, answer.body, answer.header("X-One"))
    assert ["a=1", "b=2"] == [value for name, value in answer.headers if name == "Set-Cookie"]


FAILURES = [
    ("/throttle", 500, INTERNAL, "LAMBDA_THROTTLED", "Lambda execution failed with status 429"),
    ("/forbid", 500, INTERNAL, "LAMBDA_PERMISSION_DENIED", "Invalid permissions on Lambda function"),
    ("/missing", 500, INTERNAL, "LAMBDA_FUNCTION_UNKNOWN", "Invalid permissions on Lambda function"),
    ("/get", 500, INTERNAL, "LAMBDA_NOT_POST", "with GET; Lambda functions are invoked with POST only"),
    ("/fail", 502, INTERNAL, "LAMBDA_FUNCTION_FAILED", "due to customer function error: Something happened."),
    ("/text", 502, INTERNAL, "LAMBDA_ANSWER_MALFORMED", "Malformed Lambda proxy response"),
    ("/half", 502, INTERNAL, "LAMBDA_ANSWER_MALFORMED", "it is not JSON"),
    ("/hang", 504, b'{"message": "Endpoint request timed out"}', "BACKEND_TIMEOUT", "within 500 ms"),
]


@pytest.mark.parametrize(("path", "status", "body", "code", "words"), FAILURES, ids=[each[0] for each in FAILURES])
def test_each_failure_has_its_status_and_its_reason(gateway, site, path, status, body, code, words):
    answer = site.call(gateway, path)
    assert (status, body, "InternalServerErrorException") == (
        answer.status,
        answer.body,
        answer.header("x-amzn-ErrorType"),
    )
    told = explained(gateway, answer)
    assert code in told
    assert words in told


def test_the_429s_of_a_function_of_lambda_and_of_ours_are_told_apart(gateway, site):
    site.client.update_stage(
        restApiId=site.id,
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/~1throttle/ANY/throttling/rateLimit", "value": "0.01"},
            {"op": "replace", "path": "/~1throttle/ANY/throttling/burstLimit", "value": "1"},
        ],
    )
    lambdas, ours, functions = (site.call(gateway, path) for path in ("/throttle", "/throttle", "/busy"))
    assert (500, 429, 429) == (lambdas.status, ours.status, functions.status)
    assert (b"later", None) == (functions.body, functions.header("x-amzn-ErrorType"))
    assert "status 200 of Lambda and 429 of the function" in explained(gateway, functions)
    assert "LAMBDA_THROTTLED" in explained(gateway, lambdas)
    assert "THROTTLED_STAGE" in explained(gateway, ours)


def test_a_client_certificate_is_in_the_event_in_its_exact_formats(gateway, site):
    root = make("Root")
    client = make_client("device", root)
    s3, name = gateway.client("s3"), "functions.example.test"
    s3.create_bucket(Bucket="truststores")
    s3.put_object(Bucket="truststores", Key="root.pem", Body=root.pem.encode())
    server = make_server_certificate(gateway, name)
    site.client.create_domain_name(
        domainName=name,
        regionalCertificateArn=server,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
        mutualTlsAuthentication={"truststoreUri": "s3://truststores/root.pem"},
    )
    site.client.create_base_path_mapping(domainName=name, restApiId=site.id, stage="dev", basePath="v1")
    answer = ask(gateway.https_port, name, "/v1/echo/x", context=client_context(client))
    event = answer.json()
    expected = render_client_certificate(CertificateFacts.from_der(client.der))
    assert expected.as_event() == event["requestContext"]["identity"]["clientCert"]
    assert ("/v1/echo/x", "/v1/echo/x", name) == (
        event["path"],
        event["requestContext"]["path"],
        event["requestContext"]["domainName"],
    )


def make_server_certificate(gateway, name):
    """The ARN of a certificate that the local authority signed."""
    acm = gateway.client("acm")
    return acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]


def test_logs_tell_of_the_invocation(gateway, site):
    logs = gateway.client("logs")
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:access-{site.id}"
    site.client.update_account(
        patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::000000000000:role/logs"}
        ]
    )
    variables = ("requestId", "integration.requestId", "integration.status", "integration.integrationStatus")
    site.client.update_stage(
        restApiId=site.id,
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group},
            {
                "op": "replace",
                "path": "/accessLogSettings/format",
                "value": " ".join(f"$context.{name}" for name in variables),
            },
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
        ],
    )
    answer = site.call(gateway, "/made", method="POST", body=b"hi")
    rid = answer.header("x-amzn-RequestId")

    def events(name):
        deadline = time.monotonic() + 5
        while True:
            try:
                found = [each["message"] for each in logs.filter_log_events(logGroupName=name)["events"]]
            except logs.exceptions.ResourceNotFoundException:
                found = []
            if any(rid in line for line in found):
                return [line for line in found if rid in line]
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    (line,) = events(f"access-{site.id}")
    assert [rid, "201", "200"] == [line.split()[0], *line.split()[2:]]
    assert line.split()[1].startswith("invocation-")
    lines = [each.partition(") ")[2] for each in events(f"API-Gateway-Execution-Logs_{site.id}/dev")]
    uri = next(each for each in lines if each.startswith("Endpoint request URI: "))
    assert uri.endswith(f"/2015-03-31/functions/{function_arn('made')}/invocations")
    headers = next(each for each in lines if each.startswith("Endpoint request headers: "))
    assert f"x-amzn-lambda-integration-tag={rid}" in headers
    assert "Credential" not in headers
    assert any(each.startswith("Endpoint request body after transformations: {") for each in lines)
    assert "Method completed with status: 201" in lines
    after = lines[lines.index("Method completed with status: 201") + 1 :]
    assert after[0].startswith("AWS Integration Endpoint RequestId : invocation-")
    assert after[1].startswith("X-ray Tracing ID : Root=1-")


def test_without_the_option_the_explanation_names_it(tmp_path):
    with running_gateway(tmp_path, workers=1) as bare:
        site = Site(bare.client("apigateway"))
        site.function("/f", "GET", function_arn("echo"))
        site.deploy("dev")
        answer = site.call(bare, "/f")
        assert (500, INTERNAL) == (answer.status, answer.body)
        told = explained(bare, answer)
        assert "LAMBDA_NOT_CONFIGURED" in told
        assert "--lambda URL" in told
