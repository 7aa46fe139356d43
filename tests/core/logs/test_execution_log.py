import pytest

from gatewright.core.context import AuthorizerFacts, MethodFacts
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Response
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.uri import Endpoint
from gatewright.core.logs.execution_log import (
    LogLevel,
    MethodLogging,
    describe_execution,
    mask,
    render_execution_log,
    truncate,
)
from gatewright.core.reasons import (
    AUTHORIZER_SAYS_UNAUTHORIZED,
    BACKEND_TIMEOUT,
    BACKEND_UNREACHABLE,
    CLIENT_CERT_EXPIRED,
    CROSS_ACCOUNT_NEEDS_BOTH,
    NO_OUTPUT_MAPPING,
    SIGNATURE_REFUSED,
)
from support.exchange import EXTENDED_ID, REQUEST_ID, TRACE_ID, make_connection, make_context, make_request, make_stage
from support.recorded import Recorded

INFO = MethodLogging(LogLevel.INFO)
TRACE = MethodLogging(LogLevel.INFO, data_trace=True)
ERROR = MethodLogging(LogLevel.ERROR, data_trace=True)

CALL = BackendRequest(
    Endpoint("https", "backend.test", 443),
    "GET",
    b"GET /user_info?x=1 HTTP/1.1\r\nHost: backend.test\r\nAuthorization: Bearer abcdef123456\r\nAccept: */*\r\n\r\n",
    b"",
    29_000,
)
ANSWER = BackendResponse(200, [(b"content-type", b"Content-Type", b"text/plain")], b"fine")
RESPONSE = Response(
    200, [(b"Content-Type", b"text/plain"), (b"x-amzn-RequestId", b"r"), (b"x-amz-apigw-id", b"x")], b"fine"
)
HEADERS = (
    f"{{Accept=*/*, x-api-key=****456789, X-Amzn-Trace-Id={TRACE_ID}, X-Forwarded-For=203.0.113.7, X-Forwarded-Port=443, "
    "X-Forwarded-Proto=https}"
)


def called(*, request=None, **facts):
    request = request or make_request("GET", "/Test/user_info?q=a%20b", {"Accept": "*/*", "x-api-key": "0123456789"})
    given = {
        "stage": make_stage(api_id="abc", name="Test"),
        "method": MethodFacts("r1", "/{resource+}", "<HTTP>", "ANY"),
        "path_parameters": {"resource": "user_info"},
        "routed_path": "/user_info",
        "backend_request": CALL,
        "backend_answer": ANSWER,
        "response": RESPONSE,
        "integration_latency_ms": 40,
        "status": 200,
    }
    return make_context(request, **given | facts)


def lines_of(context, logging, refusal=None):
    lines = render_execution_log(context, logging, refusal)
    prefix = f"({REQUEST_ID}) "
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


#: Facts 8.1, the complete sequence; those with True come with data trace only.
SEQUENCE = [
    (f"Extended Request Id: {EXTENDED_ID}", False),
    (f"Verifying Usage Plan for request: {REQUEST_ID}. API Key:  API Stage: abc/Test", False),
    (
        (
            "API Key  authorized because method 'ANY /{resource+}' does not require API Key. "
            "Request will not contribute to throttle or quota limits"
        ),
        False,
    ),
    ("Usage Plan check succeeded for API Key  and API Stage abc/Test", False),
    (f"Starting execution for request: {REQUEST_ID}", False),
    ("HTTP Method: GET, Resource Path: /user_info", False),
    ("Method request path: {resource=user_info}", False),
    ("Method request query string: {q=a b}", False),
    (f"Method request headers: {HEADERS}", False),
    ("Method request body before transformations: ", True),
    ("Endpoint request URI: https://backend.test/user_info?x=1", False),
    ("Endpoint request headers: {Authorization=*************123456, Accept=*/*}", True),
    ("Endpoint request body after transformations: ", True),
    ("Sending request to https://backend.test/user_info?x=1", False),
    ("Received response. Status: 200, Integration latency: 40 ms", False),
    ("Endpoint response headers: {Content-Type=text/plain}", True),
    ("Endpoint response body before transformations: fine", True),
    ("Method response body after transformations: fine", True),
    ("Method response headers: {Content-Type=text/plain}", True),
    ("Successfully completed execution", False),
    ("Method completed with status: 200", False),
    (f"X-ray Tracing ID : {TRACE_ID}", False),
]


@pytest.mark.parametrize("logging", [INFO, TRACE])
def test_the_sequence_of_a_call(logging):
    expected = [line for line, traced in SEQUENCE if logging.data_trace or not traced]
    assert expected == lines_of(called(), logging)


def test_a_key_is_told_of_masked():
    told = lines_of(called(api_key="0123456789"), INFO)
    assert [
        f"Verifying Usage Plan for request: {REQUEST_ID}. API Key: ****456789 API Stage: abc/Test",
        (
            "API Key ****456789 authorized because method 'ANY /{resource+}' requires API Key. "
            "Request will contribute to throttle or quota limits"
        ),
        "Usage Plan check succeeded for API Key ****456789 and API Stage abc/Test",
    ] == told[1:4]


@pytest.mark.parametrize("logging", [MethodLogging(), MethodLogging(LogLevel.OFF, data_trace=True), ERROR])
def test_what_went_well_is_told_by_info_alone(logging):
    assert [] == render_execution_log(called(), logging, None)


@pytest.mark.parametrize(
    ("refusal", "line"),
    [
        (
            GatewayError(NO_OUTPUT_MAPPING, backend_status=200),
            (
                "Execution failed due to configuration error: No match for output mapping and no default output mapping "
                "configured. Endpoint Response Status Code: 200"
            ),
        ),
        (GatewayError(BACKEND_TIMEOUT), "Execution failed due to a timeout error"),
        (GatewayError(CLIENT_CERT_EXPIRED), "Access denied. Reason: certificate has expired"),
        (GatewayError(CROSS_ACCOUNT_NEEDS_BOTH), "The client is not authorized to perform this operation."),
    ],
)
def test_a_failure_is_told_with_its_status(refusal, line):
    context = called(status=500)
    told = lines_of(context, ERROR, refusal)
    assert [line, "Method completed with status: 500"] == told
    assert told == lines_of(context, INFO, refusal)[-3:-1]


def test_a_failure_that_the_backend_answered_before_comes_after_its_answer():
    told = lines_of(called(status=500), INFO, GatewayError(NO_OUTPUT_MAPPING, backend_status=200))
    assert "Received response. Status: 200, Integration latency: 40 ms" == told[-4]
    assert "Successfully completed execution" not in told


def test_an_endpoint_without_an_address_has_no_lines():
    told = lines_of(called(status=500, backend_answer=None), TRACE, GatewayError(BACKEND_UNREACHABLE))
    assert not [line for line in told if line.startswith(("Endpoint", "Sending"))]


def test_a_refused_signature_leaves_no_trace():
    assert [] == lines_of(called(status=403), TRACE, GatewayError(SIGNATURE_REFUSED))


def test_a_refusal_at_the_front_door_is_told_without_an_execution():
    told = lines_of(called(status=403), TRACE, GatewayError(CROSS_ACCOUNT_NEEDS_BOTH))
    assert [
        f"Extended Request Id: {EXTENDED_ID}",
        "The client is not authorized to perform this operation.",
        "Method completed with status: 403",
        f"X-ray Tracing ID : {TRACE_ID}",
    ] == told


@pytest.mark.parametrize(
    ("secret", "shown"),
    [("0123456789", "****456789"), ("123456", "******"), ("", ""), ("1234567", "*234567")],
)
def test_secrets_keep_their_last_six_characters_and_their_length(secret, shown):
    assert shown == mask(secret)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("x" * 1_024, "x" * 1_024),
        ("x" * 1_025, "x" * 1_024 + " [TRUNCATED]"),
        ("x" + "é" * 512, "x" + "é" * 511 + " [TRUNCATED]"),
    ],
)
def test_long_lines_are_cut(line, written):
    assert written == truncate(line)


#: Which call made each recorded answer: (method, path, matched parameters, body).
INVOCATIONS = {
    "test-invoke-method-get-pets": ("GET", "/pets", {}, ""),
    "test-invoke-method-get-pets-bad-path": ("GET", "/random/test", {}, ""),
    "test-invoke-method-get-pets-id": ("GET", "/pets/123", {"petId": "123"}, ""),
    "test-invoke-method-get-pets-id-no-path": ("GET", "/pets/{petId}", {"petId": "{petId}"}, ""),
    "test-invoke-method-get-with-qs": ("GET", "/pets/123?foo=bar", {"petId": "123"}, ""),
    "test-invoke-method-post-with-body": ("POST", "/pets/123", {"petId": "123"}, '{"foo": "bar"}'),
}


@pytest.mark.parametrize("name", INVOCATIONS)
def test_the_lines_are_those_that_the_service_showed_of_a_test_invocation(shared, name):
    recorded = Recorded(shared, "TestApigatewayTestInvoke::test_invoke_test_method").answers[name]
    method, target, parameters, body = INVOCATIONS[name]
    answered = recorded["log"]["line07"].partition("after transformations: ")[2]
    context = make_context(
        make_request(method, target, body=body.encode()),
        make_connection(entry="test-invoke"),
        path_parameters=parameters,
        response=Response(200, [(b"Content-Type", b"application/json")], answered.encode()),
        status=200,
    )
    assert _recorded_lines(recorded) == describe_execution(context, None, data_trace=True)


def test_the_lines_of_a_test_invocation_that_failed(shared):
    recorded = Recorded(shared, "TestApigatewayTestInvoke::test_failed_invoke_test_method").answers[
        "test-invoke-failure"
    ]
    context = make_context(make_request(), make_connection(entry="test-invoke"), backend_request=CALL, status=500)
    refusal = GatewayError(BACKEND_UNREACHABLE, endpoint="x", why="y")
    assert _recorded_lines(recorded) == describe_execution(context, refusal, data_trace=True)


def _recorded_lines(recorded):
    """Without the title, the instants and the empty line at the end."""
    lines = [text.partition(" : ")[2] for _, text in sorted(recorded["log"].items())][1:-1]
    return [f"Starting execution for request: {REQUEST_ID}", *lines[1:]]


def test_a_functions_event_is_shown_without_the_secrets_of_the_request():
    event = b'{"headers":{"x-api-key":"0123456789","X-Token":"token-abcdef"},"a":"kept","key":"key-of-authorizer"}'
    call = CALL._replace(content=event, function_path="/2015-03-31/functions/arn:aws:lambda:r:1:function:f/invocations")
    answer = BackendResponse(200, [(b"x-amzn-requestid", b"x-amzn-RequestId", b"inv-1")], b"{}")
    authorizer = AuthorizerFacts(
        "auth01",
        [("method.request.header.X-Token", "token-abcdef"), ("context.httpMethod", "kept")],
        principal_id="principal-7",
        usage_identifier_key="key-of-authorizer",
    )
    authorizer.call = call
    authorizer.answer = BackendResponse(200, (), b'{"usageIdentifierKey":"key-of-authorizer"}')
    request = make_request("GET", "/Test/user_info", {"x-api-key": "0123456789", "X-Token": "token-abcdef"})
    context = called(request=request, backend_request=call, backend_answer=answer, authorizer=authorizer)
    lines = render_execution_log(context, TRACE, None)
    text = "\n".join(lines)
    for secret in ("token-abcdef", "key-of-authorizer", "0123456789"):
        assert secret not in text, secret
    assert '"X-Token":"******abcdef"},"a":"kept"' in text
    start = lines.index(f"({REQUEST_ID}) Starting authorizer: auth01 for request: {REQUEST_ID}")
    assert (
        "Incoming identity: {method.request.header.X-Token=******abcdef, context.httpMethod=****}" in lines[start + 1]
    )
    assert "function:f/invocations" in lines[start + 2]
    assert f"({REQUEST_ID}) Using valid authorizer policy for principal: *****ipal-7" in lines
    assert lines[-2:] == [
        f"({REQUEST_ID}) AWS Integration Endpoint RequestId : inv-1",
        f"({REQUEST_ID}) X-ray Tracing ID : {TRACE_ID}",
    ]


def test_a_token_is_shown_masked_and_a_401_has_one_line():
    authorizer = AuthorizerFacts("auth01", [("method.request.querystring.token", "Bearer abcdef")], is_token=True)
    request = make_request("GET", "/Test/user_info?token=Bearer%20abcdef&a=b")
    context = called(request=request, backend_request=None, backend_answer=None, authorizer=authorizer, status=401)
    refusal = GatewayError(AUTHORIZER_SAYS_UNAUTHORIZED, request_id=REQUEST_ID)
    assert [
        f"Extended Request Id: {EXTENDED_ID}",
        f"Starting authorizer: auth01 for request: {REQUEST_ID}",
        "Incoming identity: *******abcdef",
        f"Unauthorized request: {REQUEST_ID}",
        f"X-ray Tracing ID : {TRACE_ID}",
    ] == [line.partition(") ")[2] for line in render_execution_log(context, INFO, refusal)]
    lines = render_execution_log(context, INFO, None)
    assert f"({REQUEST_ID}) Method request query string: {{token=*******abcdef, a=b}}" in lines
