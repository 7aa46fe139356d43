"""What the gateway says when it answers itself: bodies and lengths are the fact sheet's (2.5, 2.6), byte for byte."""

import json

import pytest

from gatewright.core import reasons
from gatewright.core.context_variables import read_variable
from gatewright.core.errors import GatewayError
from gatewright.core.responses.gateway_response import (
    CustomResponse,
    render_gateway_error,
    render_refusal_response,
    render_template,
)
from gatewright.core.responses.gateway_response_types import GATEWAY_RESPONSE_TYPES
from gatewright.model.compile_api import compile_gateway_response
from gatewright.model.records import GatewayResponse
from support.exchange import EXTENDED_ID, REQUEST_ID, TRACE_ID, make_context, make_request, make_stage

MISCONFIGURED = "Execution failed due to configuration error"


def rendered(error, responses=None, context=None):
    return render_gateway_error(error, responses or {}, context or make_context())


def custom(kind, status=None, headers=None, templates=None):
    record = GatewayResponse(
        "1",
        "us-east-1",
        "abcdefghij",
        kind,
        status,
        {f"gatewayresponse.header.{name}": text for name, text in (headers or {}).items()},
        templates or {},
    )
    return {kind: compile_gateway_response(record)}


@pytest.mark.parametrize(
    ("reason", "status", "body", "error_type", "length"),
    [
        (reasons.HOST_UNKNOWN, 403, b'{"message":"Forbidden"}', b"ForbiddenException", 23),
        (reasons.STAGE_MISSING, 403, b'{"message":"Forbidden"}', b"ForbiddenException", 23),
        (reasons.MAPPING_MISSING, 403, b'{"message":"Forbidden"}', b"ForbiddenException", 23),
        (reasons.DEFAULT_ENDPOINT_DISABLED, 403, b'{"message":"Forbidden"}', b"ForbiddenException", 23),
        (
            reasons.METHOD_MISSING,
            403,
            b'{"message":"Missing Authentication Token"}',
            b"MissingAuthenticationTokenException",
            42,
        ),
        (
            reasons.TOKEN_EXPIRED,
            403,
            b'{"message":"The security token included in the request is expired"}',
            b"ExpiredTokenException",
            None,
        ),
        (
            reasons.BACKEND_UNREACHABLE,
            500,
            b'{"message": "Internal server error"}',
            b"InternalServerErrorException",
            36,
        ),
        (
            reasons.BACKEND_TIMEOUT,
            504,
            b'{"message": "Endpoint request timed out"}',
            b"InternalServerErrorException",
            41,
        ),
        (
            reasons.BACKEND_CONNECTION_LOST,
            504,
            b'{"message": "Network error communicating with endpoint"}',
            b"InternalServerErrorException",
            56,
        ),
        (
            reasons.UNSUPPORTED_MEDIA_TYPE,
            415,
            b'{"message": "Unsupported Media Type"}',
            b"BadRequestException",
            None,
        ),
    ],
)
def test_the_two_spellings_of_a_body(reason, status, body, error_type, length):
    response = rendered(GatewayError(reason))
    assert (status, body) == (response.status, response.body)
    traced = [(b"X-Amzn-Trace-Id", TRACE_ID.encode())] if reason is reasons.BACKEND_TIMEOUT else []
    assert [(b"Content-Type", b"application/json"), (b"x-amzn-ErrorType", error_type), *traced] == response.headers
    assert length in {None, len(response.body)}


def test_messages_that_the_request_words():
    missing = GatewayError(reasons.PARAMETERS_MISSING, message="Missing required request parameters: [a, b]")
    assert b'{"message": "Missing required request parameters: [a, b]"}' == rendered(missing).body
    denied = GatewayError(reasons.CROSS_ACCOUNT_NEEDS_BOTH, message='User: x "y"')
    assert b'{"Message":"User: x \\"y\\""}' == rendered(denied).body
    signature = GatewayError(reasons.SIGNATURE_REFUSED, message="a\nb'c'", error_type="IncompleteSignatureException")
    assert b'{"message":"a\\nb\'c\'"}' == rendered(signature).body
    assert (b"x-amzn-ErrorType", b"IncompleteSignatureException") in rendered(signature).headers
    assert b'{"Message":null}' == rendered(GatewayError(reasons.CROSS_ACCOUNT_NEEDS_BOTH)).body


def test_every_reason_names_a_type_that_the_service_has():
    for reason in reasons.CATALOGUE.values():
        shipped = GATEWAY_RESPONSE_TYPES[reason.response_type]
        assert shipped.status in {None, reason.status}, reason.code
        assert reason.citation, reason.code


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            GatewayError(reasons.BACKEND_NAME_MISMATCH, host="b.test", subject="CN=a", endpoint="b", why="x"),
            f"{MISCONFIGURED}: Host name 'b.test' does not match the certificate subject provided by the peer (CN=a)",
        ),
        (GatewayError(reasons.BACKEND_TIMEOUT, endpoint="b"), "Execution failed due to a timeout error"),
        (GatewayError(reasons.AUTHORIZER_FAILED), None),
        (GatewayError(reasons.THROTTLED_PLAN), None),
        (GatewayError(reasons.PARAMETERS_MISSING, names="a"), None),
    ],
)
def test_the_context_learns_what_the_integration_failed_at_in_the_words_of_the_execution_log(error, line):
    """R (facts 2.6): an access log of a PKIX failure."""
    context = make_context()
    rendered(error, context=context)
    assert line == read_variable(context, "integration.error")


def test_the_context_learns_what_was_said():
    context = make_context()
    rendered(GatewayError(reasons.BACKEND_TIMEOUT), context=context)
    assert ("Endpoint request timed out", "INTEGRATION_TIMEOUT", '"Endpoint request timed out"') == (
        read_variable(context, "error.message"),
        read_variable(context, "error.responseType"),
        read_variable(context, "error.messageString"),
    )


def test_a_customised_response_replaces_status_headers_and_body_but_not_the_error_type():
    responses = custom(
        "INTEGRATION_TIMEOUT",
        "408",
        {"X-Id": "context.requestId", "X-Static": "'s'", "X-Host": "method.request.header.Host"},
        {"application/json": '{"m":$context.error.messageString,"id":"$context.requestId"}'},
    )
    response = rendered(GatewayError(reasons.BACKEND_TIMEOUT), responses, make_context(make_request()))
    assert 408 == response.status
    assert [
        (b"Content-Type", b"application/json"),
        (b"X-Id", REQUEST_ID.encode()),
        (b"X-Static", b"s"),
        (b"x-amzn-ErrorType", b"InternalServerErrorException"),
        (b"X-Amzn-Trace-Id", TRACE_ID.encode()),
    ] == response.headers
    assert {"m": "Endpoint request timed out", "id": REQUEST_ID} == json.loads(response.body)


@pytest.mark.parametrize(("customised", "expected"), [("103", 504), ("199", 504), ("200", 200), ("599", 599)])
def test_a_customised_status_is_one_that_an_answer_can_end_with(customised, expected):
    assert expected == rendered(GatewayError(reasons.BACKEND_TIMEOUT), custom("INTEGRATION_TIMEOUT", customised)).status


def test_a_custom_template_is_chosen_by_accept_and_its_type_announced():
    responses = custom(
        "DEFAULT_5XX", None, {}, {"text/html": "<p>$context.error.message</p>", "application/json": "{}"}
    )
    response = rendered(
        GatewayError(reasons.BACKEND_TIMEOUT),
        responses,
        make_context(make_request("GET", "/", {"Accept": "text/html"})),
    )
    assert (b"Content-Type", b"text/html") == response.headers[0]
    assert b"<p>Endpoint request timed out</p>" == response.body


def test_a_customised_content_type_is_the_only_one():
    responses = custom("DEFAULT_4XX", None, {"content-type": "'text/x'"})
    response = rendered(GatewayError(reasons.HOST_UNKNOWN), responses)
    assert [(b"content-type", b"text/x"), (b"x-amzn-ErrorType", b"ForbiddenException")] == response.headers


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Connection", "x-amzn-RequestId", "X-Evil:"])
def test_nobody_configures_the_framing(name):
    responses = custom("DEFAULT_4XX", None, {name: "'1'"})
    assert 2 == len(rendered(GatewayError(reasons.HOST_UNKNOWN), responses).headers)


def test_a_value_with_a_line_break_sets_nothing():
    responses = custom("DEFAULT_4XX", None, {"X-Q": "method.request.querystring.q"})
    context = make_context(make_request("GET", "/?q=a%0d%0aX-Evil:1"))
    assert 2 == len(rendered(GatewayError(reasons.HOST_UNKNOWN), responses, context).headers)


@pytest.mark.parametrize(
    ("put", "status"),
    [
        ({}, 504),
        (custom("DEFAULT_5XX", "599"), 599),
        (custom("DEFAULT_4XX", "499"), 504),
        ({**custom("DEFAULT_5XX", "599"), **custom("INTEGRATION_TIMEOUT", "598")}, 598),
        # 2.6, recorded: what its owner left out is the type's own default, not that of its class
        ({**custom("DEFAULT_5XX", "599"), **custom("INTEGRATION_TIMEOUT")}, 504),
    ],
)
def test_a_type_that_was_not_put_takes_what_its_class_was_given(put, status):
    assert status == rendered(GatewayError(reasons.BACKEND_TIMEOUT), put).status


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("$context.error.messageString", '"it \\"broke\\""'),
        ("${context.stage}.", "dev."),
        ('{"message":$context.error.messageString}', '{"message":"it \\"broke\\""}'),
        ("{${context.stage}}", "{dev}"),
        ("${context.stage", "${context.stage"),
        ("$context.nothing|", "|"),
        ("$stageVariables.colour $stageVariables.none", "red "),
        ("$stageVariables.a.b", ""),
        ("$method.request.header.X-A", "one"),
        ("$method.request.querystring.q", "2"),
        ("$method.request.path.id", "7"),
        ("$input.body #if", "$input.body #if"),
    ],
)
def test_templates_know_simple_substitution_only(template, text):
    request = make_request("GET", "/?q=1&q=2", {"X-A": "one"})
    context = make_context(
        request, error_message='it "broke"', stage=make_stage(variables={"colour": "red"}), path_parameters={"id": "7"}
    )
    assert text == render_template(template, context)


def test_a_body_over_the_limit_is_refused_in_plain_text():
    response = render_refusal_response(GatewayError(reasons.REQUEST_TOO_LARGE), REQUEST_ID, EXTENDED_ID)
    assert (413, b"HTTP content length exceeded 10485760 bytes.") == (response.status, response.body)
    assert [
        (b"Content-Type", b"text/plain"),
        (b"x-amzn-ErrorType", b"RequestTooLongException"),
        (b"x-amzn-RequestId", REQUEST_ID.encode()),
        (b"x-amz-apigw-id", EXTENDED_ID.encode()),
    ] == response.headers


def test_bytes_that_are_no_request_are_refused_in_json():
    response = render_refusal_response(GatewayError(reasons.REQUEST_MALFORMED, why="x"), REQUEST_ID, EXTENDED_ID)
    assert (400, b'{"message":"Bad Request"}') == (response.status, response.body)
    assert (b"Content-Type", b"application/json") == response.headers[0]


def test_a_custom_response_without_templates_keeps_the_default_body():
    assert (
        b'{"message":"Forbidden"}'
        == rendered(GatewayError(reasons.HOST_UNKNOWN), {"DEFAULT_4XX": CustomResponse(401, (), {})}).body
    )
