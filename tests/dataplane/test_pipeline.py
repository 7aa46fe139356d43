"""Requests through a real worker: addressing, routing, authorization, refusals (facts 2.1-2.6, 5)."""

import json
import time

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatewright.core.request_record import explain
from gatewright.model.feed import PublishedChange
from gatewright.model.records import (
    AccessKeyRecord,
    BasePathMapping,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    RequestValidator,
)
from support.worker import (
    ACCOUNT,
    REGION,
    SUFFIX,
    Answer,
    Backend,
    api_of,
    certificate,
    domain,
    put,
)

pytestmark = pytest.mark.e2e

FORBIDDEN = (403, b'{"message":"Forbidden"}', "ForbiddenException")
NO_TOKEN = (403, b'{"message":"Missing Authentication Token"}', "MissingAuthenticationTokenException")


def told(answer):
    return (answer.status, answer.body, answer.headers["x-amzn-ErrorType"])


def mock(body="{}"):
    return Integration(
        "MOCK",
        request_templates={"application/json": '{"statusCode": 200}'},
        integration_responses={"200": IntegrationResponse("200", response_templates={"application/json": body})},
    )


def method(verb, body="{}", **how):
    return Method(verb, method_responses={"200": MethodResponse("200")}, method_integration=mock(body), **how)


@pytest.fixture(scope="module")
def pets(worker):
    """An API of literal, parameter and greedy resources; its default endpoint."""
    worker.publish(
        *api_of(
            "petsapi001",
            {
                "/": {"GET": method("GET", '"root"')},
                "/pets": {"GET": method("GET", '"pets"')},
                "/pets/{id}": {"GET": method("GET", '"one pet"')},
                "/{proxy+}": {"ANY": method("ANY", '"anything"')},
                "/only": {"POST": method("POST", '"posted"')},
                "/signed": {"GET": method("GET", '"signed"', authorization_type="AWS_IAM")},
                "/keyed": {"GET": method("GET", api_key_required=True)},
                "/custom": {"GET": method("GET", authorization_type="CUSTOM")},
                "/cognito": {"GET": method("GET", authorization_type="COGNITO_USER_POOLS")},
                "/lambda": {"GET": Method("GET", method_integration=Integration("AWS_PROXY"))},
                "/checked": {
                    "GET": method(
                        "GET",
                        request_validator_id="v1",
                        request_parameters={
                            "method.request.querystring.b": True,
                            "method.request.querystring.a": True,
                            "method.request.header.X-H": True,
                            "method.request.header.Optional": False,
                        },
                    )
                },
            },
            request_validators=(
                RequestValidator(ACCOUNT, REGION, "petsapi001", "v1", validate_request_parameters=True),
            ),
        ),
        *api_of(
            "bareapi001",
            {"/a": {"GET": method("GET", '"a"')}, "/s": {"GET": method("GET", authorization_type="AWS_IAM")}},
        ),
    )
    return f"petsapi001.{SUFFIX}"


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/dev", b'"root"'),
        ("GET", "/dev/", b'"root"'),
        ("GET", "/dev/pets", b'"pets"'),
        ("GET", "/dev/pets/", b'"pets"'),
        ("GET", "/dev/pets/7", b'"one pet"'),
        ("DELETE", "/dev/pets", b'"anything"'),  # fallback on the method
        ("GET", "/dev/pets/7/toys", b'"anything"'),
        ("GET", "/dev/only", b'"anything"'),
        ("POST", "/dev/only", b'"posted"'),
        ("OPTIONS", "/dev/only", b'"anything"'),
    ],
)
def test_literal_before_parameter_before_greedy_with_fallback_on_the_method(worker, pets, verb, path, body):
    answer = worker.fetch(verb, pets, path)
    assert (200, body) == (answer.status, answer.body)


def test_an_answer_carries_its_ids_and_what_frames_it(worker, pets):
    answer = worker.fetch("GET", pets, "/dev/pets")
    assert ["Content-Type", "x-amzn-RequestId", "x-amz-apigw-id", "Content-Length", "Connection", "Date"] == list(
        answer.headers
    )
    assert "=" == answer.headers["x-amz-apigw-id"][-1]
    assert (16, "keep-alive") == (len(answer.headers["x-amz-apigw-id"]), answer.headers["Connection"])


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        (f"bareapi001.{SUFFIX}", "/dev/nope", NO_TOKEN),
        (f"bareapi001.{SUFFIX}", "/dev", NO_TOKEN),
        (f"bareapi001.{SUFFIX}", "/prod/a", FORBIDDEN),
        (f"bareapi001.{SUFFIX}", "/", FORBIDDEN),
        (f"bareapi001.{SUFFIX}", "//dev/a", FORBIDDEN),
        (f"nosuchapi0.{SUFFIX}", "/dev/a", FORBIDDEN),
        ("bareapi001.execute-api.eu-west-1.gateway.localhost", "/dev/a", FORBIDDEN),
        ("www.unknown.test", "/dev/a", FORBIDDEN),
        ("[::1]", "/dev/a", FORBIDDEN),
    ],
)
def test_what_cannot_be_found(worker, pets, host, path, expected):
    assert expected == told(worker.fetch("GET", pets, path, headers={"Host": host}))


def test_the_host_may_have_a_port_a_trailing_dot_and_capitals(worker, pets):
    assert 200 == worker.fetch("GET", pets, "/dev/pets", headers={"Host": pets.upper() + ".:8443"}).status


@pytest.mark.parametrize("path", ["/ping", "/sping"])
def test_health_paths_answer_on_every_name(worker, pets, path):
    assert 200 == worker.fetch("GET", "any.test", path).status


def test_a_disabled_default_endpoint_is_closed_and_the_custom_domain_name_open(worker):
    name = "closed.test"
    worker.publish(
        *api_of("closedapi1", {"/a": {"GET": method("GET", '"a"')}}, api={"disable_execute_api_endpoint": True}),
        certificate(name, worker.authority.issue(name)),
        put(domain(name, name)),
        put(BasePathMapping(ACCOUNT, REGION, name, "with", "closedapi1", "dev")),
        put(BasePathMapping(ACCOUNT, REGION, name, "without", "closedapi1", None)),
        put(BasePathMapping(ACCOUNT, REGION, name, "with/longer", "petsapi001", "dev")),
    )
    assert FORBIDDEN == told(worker.fetch("GET", f"closedapi1.{SUFFIX}", "/dev/a"))
    assert b'"a"' == worker.fetch("GET", name, "/with/a").body
    assert b'"a"' == worker.fetch("GET", name, "/without/dev/a").body
    assert FORBIDDEN == told(worker.fetch("GET", name, "/without/prod/a"))
    assert FORBIDDEN == told(worker.fetch("GET", name, "/other/a"))
    assert FORBIDDEN == told(worker.fetch("GET", name, "/With/a"))
    assert FORBIDDEN == told(worker.fetch("GET", name, "/within/a"))


def test_an_override_is_what_is_matched_and_what_the_backend_is_asked(worker):
    with Backend() as backend:
        host = worker.proxy(backend)
        answer = worker.fetch("POST", host, "/dev/x", b"b", {"X-HTTP-Method-Override": "patch"})
        assert ("PATCH", True) == (backend.received[0].method, bool(answer.body))
        assert "x-http-method-override" not in backend.received[0].headers
        assert 403 == worker.fetch("GET", host, "/dev/x", headers={"X-HTTP-Method-Override": "BREW"}).status


def test_a_client_may_name_its_request_and_its_trace(worker):
    request_id, trace = "11111111-2222-3333-4444-555555555555", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    with Backend() as backend:
        host = worker.proxy(backend)
        answer = worker.fetch("GET", host, "/dev/x", headers={"x-amzn-RequestId": request_id, "X-Amzn-Trace-Id": trace})
        assert (request_id, trace) == (
            answer.headers["x-amzn-RequestId"],
            backend.received[0].headers["x-amzn-trace-id"],
        )
        answer = worker.fetch(
            "GET", host, "/dev/x", headers={"x-amzn-RequestId": 'a"b', "X-Amzn-Trace-Id": "Root=junk"}
        )
        assert 'a"b' != answer.headers["x-amzn-RequestId"]
        assert backend.received[1].headers["x-amzn-trace-id"].startswith("Root=1-")


@pytest.mark.parametrize(
    ("target", "headers", "names"),
    [
        ("/dev/checked", {}, "X-H, a, b"),
        ("/dev/checked?a=1&b=2", {"X-H": " "}, "X-H"),
        ("/dev/checked?a=&b=2", {"X-H": "1"}, "a"),
        ("/dev/checked?a=1&b=2", {"X-H": "1"}, None),
    ],
)
def test_required_parameters(worker, pets, target, headers, names):
    answer = worker.fetch("GET", pets, target, headers=headers)
    if names is None:
        assert 200 == answer.status
    else:
        body = b'{"message": "Missing required request parameters: [%b]"}' % names.encode()
        assert (400, body, "BadRequestException") == told(answer)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/keyed", FORBIDDEN),
        ("/dev/custom", (500, b'{"message":null}', "AuthorizerConfigurationException")),
        ("/dev/cognito", (500, b'{"message": "Internal server error"}', "InternalServerErrorException")),
        ("/dev/lambda", (500, b'{"message": "Internal server error"}', "InternalServerErrorException")),
    ],
)
def test_what_cannot_be_judged_or_served_is_not_let_through(worker, pets, path, expected):
    assert expected == told(worker.fetch("GET", pets, path, headers={"x-api-key": "k"}))


# --- signatures (5) -------------------------------------------------------------------------------------------------

KEYS = {"AKIAOWN": ("own secret", ACCOUNT), "AKIAOTHER": ("other secret", "999999999999")}


@pytest.fixture(scope="module")
def signed(worker, pets):
    """The API once there are access keys of its own account and of another."""
    for key_id, (secret, account) in KEYS.items():
        record = AccessKeyRecord(account, "", key_id, f"arn:aws:iam::{account}:root", account, 0.0)
        change = put(record, secret)
        assert isinstance(change, PublishedChange)
        worker.publish(change)
    return pets


def sign(host, path, key_id, secret, verb="GET", body=None, **headers):
    request = AWSRequest(verb, f"https://{host}{path}", headers=headers, data=body)
    SigV4Auth(Credentials(key_id, secret), "execute-api", REGION).add_auth(request)
    return dict(request.headers.items())


def test_a_signature_of_the_apis_account_opens_the_method(worker, signed):
    headers = sign(signed, "/dev/signed", "AKIAOWN", "own secret")
    assert b'"signed"' == worker.fetch("GET", signed, "/dev/signed", headers=headers).body


def test_a_signed_body_with_a_query_reaches_the_backend_without_its_signature(worker, signed):
    with Backend() as backend:
        host = worker.serve(Integration("HTTP_PROXY", uri=backend.uri + "/{proxy}"), authorization_type="AWS_IAM")
        headers = sign(
            host, "/dev/a%20b?z=1&a=%2F", "AKIAOWN", "own secret", "POST", b"payload", **{"X-Amz-Meta": "m  m"}
        )
        answer = worker.fetch("POST", host, "/dev/a%20b?z=1&a=%2F", b"payload", headers)
        assert 200 == answer.status, answer.body
        assert "authorization" not in backend.received[0].headers


def test_signatures_that_do_not_open_it(worker, signed):
    assert NO_TOKEN == told(worker.fetch("GET", signed, "/dev/signed"))
    wrong = worker.fetch("GET", signed, "/dev/signed", headers=sign(signed, "/dev/signed", "AKIAOWN", "wrong"))
    assert (403, "InvalidSignatureException") == (wrong.status, wrong.headers["x-amzn-ErrorType"])
    assert wrong.body.startswith(b'{"message":"The request signature we calculated does not match')
    unknown = worker.fetch("GET", signed, "/dev/signed", headers=sign(signed, "/dev/signed", "AKIANONE", "x"))
    assert (
        403,
        b'{"message":"The security token included in the request is invalid."}',
        "UnrecognizedClientException",
    ) == told(unknown)
    other = worker.fetch("GET", signed, "/dev/signed", headers=sign(signed, "/dev/signed", "AKIAOTHER", "other secret"))
    assert (403, "AccessDeniedException") == (other.status, other.headers["x-amzn-ErrorType"])
    assert (
        "User: arn:aws:iam::999999999999:root is not authorized to perform: execute-api:Invoke on resource: "
        "arn:aws:execute-api:us-east-1:000000000000:petsapi001/dev/GET/signed"
    ) == json.loads(other.body)["Message"]


def test_a_method_arn_of_more_than_1600_bytes_is_too_long_to_sign_for(worker, signed):
    host = worker.serve(mock(), authorization_type="AWS_IAM")
    path = "/dev/" + "x" * 1_600
    answer = worker.fetch("GET", host, path, headers=sign(host, path, "AKIAOWN", "own secret"))
    assert (414, b'{"message":"Request URI too long"}') == (answer.status, answer.body)


def test_an_undefined_method_speaks_with_the_signature_parser(worker, signed):
    host = f"bareapi001.{SUFFIX}"
    bearer = worker.fetch("GET", host, "/dev/nope", headers={"Authorization": "Bearer abc"})
    assert (403, "IncompleteSignatureException") == (bearer.status, bearer.headers["x-amzn-ErrorType"])
    assert b"not a valid key=value pair" in bearer.body or b"Invalid key=value pair" in bearer.body
    unknown = worker.fetch("GET", host, "/dev/nope", headers=sign(host, "/dev/nope", "AKIANONE", "x"))
    assert "UnrecognizedClientException" == unknown.headers["x-amzn-ErrorType"]
    valid = worker.fetch("GET", host, "/dev/nope", headers=sign(host, "/dev/nope", "AKIAOWN", "own secret"))
    assert NO_TOKEN == told(valid)


@pytest.mark.parametrize("value", [b"\xff\xfe", b"AWS4-HMAC-SHA256 \xe9=\xff", b"AWS4-HMAC-SHA256", b"=", b","])
def test_any_bytes_in_authorization_are_answered(worker, signed, value):
    with worker.client(signed) as connection:
        connection.putrequest("GET", "/dev/signed")
        connection.putheader("Authorization", value)
        connection.endheaders()
        answer = Answer(connection.getresponse())
    assert (403, "IncompleteSignatureException") == (answer.status, answer.headers["x-amzn-ErrorType"])


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_the_record_of_a_request_explains_it(worker, pets):
    before = time.time()
    answer = worker.fetch("GET", pets, "/dev/pets/7?secret=1", headers={"User-Agent": 'x"\\y'})
    (record,) = worker.records(answer.headers["x-amzn-RequestId"])
    assert ("https", pets, "/dev/pets/7", "/pets/{id}", 200, 'x"\\y', None) == (
        record["entry"],
        record["serverName"],
        record["path"],
        record["resourcePath"],
        record["status"],
        record["userAgent"],
        record["reason"],
    )
    assert before - 1 <= record["requestTimeEpoch"] / 1000 <= time.time() + 1
    assert any(line.startswith("certificate  The server name petsapi001") for line in explain(record))


def test_a_refusal_is_kept_with_its_reason(worker, pets):
    answer = worker.fetch("GET", f"bareapi001.{SUFFIX}", "/dev/nope")
    (record,) = worker.records(answer.headers["x-amzn-RequestId"])
    assert "METHOD_MISSING" == record["reason"]["code"]
    assert any("nothing for GET /nope" in line for line in explain(record))


def test_a_customised_gateway_response_goes_live_with_its_deployment(worker):
    custom = GatewayResponse(
        ACCOUNT,
        REGION,
        "customapi1",
        "MISSING_AUTHENTICATION_TOKEN",
        "404",
        {"gatewayresponse.header.X-Why": "context.error.responseType"},
        {"application/json": '{"no":"$context.path"}'},
    )
    worker.publish(*api_of("customapi1", {"/a": {"GET": method("GET")}}, gateway_responses=(custom,)))
    answer = worker.fetch("GET", f"customapi1.{SUFFIX}", "/dev/nope")
    assert (404, b'{"no":"/dev/nope"}', "MissingAuthenticationTokenException") == told(answer)
    assert "MISSING_AUTHENTICATION_TOKEN" == answer.headers["X-Why"]
