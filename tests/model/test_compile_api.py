"""From the records of a deployment to what the data plane walks."""

from dataclasses import replace

import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendResponse, build_backend_request, shape_backend_response
from gatewright.core.integration.lambda_proxy import LambdaIntegration
from gatewright.model import compile_api as compile_api_module
from gatewright.model.compile_api import compile_api
from gatewright.model.compiled_method import Unserved
from gatewright.model.records import (
    DeployedApi,
    EndpointConfiguration,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    RequestValidator,
    Resource,
    RestApi,
)
from support.exchange import make_context, make_request

A, R, ID = "1", "us-east-1", "abcdefghij"


def compiled(method, path="/", variables=None, **how):
    api = RestApi(A, R, ID, "a", "root", 0.0, EndpointConfiguration(("REGIONAL",)))
    resource = Resource(A, R, ID, "r1", path, resource_methods={method.http_method: method})
    return compile_api(DeployedApi(A, R, ID, "d1", api, (resource,), **how), variables or {})


def method_of(method, path="/", variables=None, **how):
    return placed_of(method, path, variables, **how).find()[0]


def placed_of(method, path="/", variables=None, **how):
    example = path.replace("{proxy+}", "p/q").replace("{id}", "7")
    return compiled(method, path, variables, **how).resources.match("GET", example).method


def http(uri="http://b.test/", **how):
    responses = how.pop("responses", [])
    integration = Integration(
        how.pop("type", "HTTP"),
        uri=uri,
        integration_responses={response.status_code: response for response in responses},
        **how,
    )
    declared = {response.status_code: MethodResponse(response.status_code) for response in responses}
    return Method("GET", method_integration=integration, method_responses=declared)


def test_a_function_is_named_with_the_stages_variables():
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${stageVariables.fn}:live/invocations"
    integration = method_of(http(type="AWS_PROXY", uri=uri, http_method="POST"), variables={"fn": "pets"}).integration
    assert isinstance(integration, LambdaIntegration)
    assert ("us-east-1", "pets:live") == integration.function
    assert ("POST", f"arn:aws:execute-api:{R}:{A}:{ID}") == (integration.http_method, integration.api_arn)


@pytest.mark.parametrize(
    ("method", "what"),
    [
        (Method("GET"), "an integration, and it has none"),
        (http(type="AWS"), "an integration of type AWS"),
        (
            http(type="AWS_PROXY", uri="arn:aws:apigateway:us-east-1:firehose:action/PutRecord"),
            (
                "an AWS_PROXY integration that invokes a Lambda function: 'arn:aws:apigateway:us-east-1:firehose:action/"
                "PutRecord' does not invoke a Lambda function: expected "
                "arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations."
            ),
        ),
        (http(connection_type="VPC_LINK"), "a VPC link"),
        (
            http(uri="gopher://b.test/"),
            "a usable uri: 'gopher://b.test/' is no http:// or https:// address of a backend.",
        ),
        (http(uri=None), "a usable uri: '' is no http:// or https:// address of a backend."),
    ],
)
def test_what_cannot_be_served_says_so_and_takes_nothing_along(method, what):
    integration = method_of(method).integration
    assert isinstance(integration, Unserved)
    assert (what, f"<Unserved: {what}>") == (integration.what, repr(integration))


def test_stage_variables_are_filled_in_and_an_unknown_one_leaves_the_uri_unusable():
    uri = "http://${stageVariables.host}/x"
    assert "b.test" == method_of(http(uri), variables={"host": "b.test"}).integration.endpoint.host
    assert isinstance(method_of(http(uri)).integration, Unserved)


def line_of(method, path, **facts):
    request = make_request()
    treatment, met = placed_of(method, path).find()
    context = make_context(request, method=met, **facts)
    call = build_backend_request(treatment.integration, request, context, signed=False)
    return call.head.split(b"\r\n")[0].decode()


@pytest.mark.parametrize(
    ("path", "parameters", "uri", "expected"),
    [
        ("/{proxy+}", {}, "http://b.test/{proxy}", "/a/b"),
        ("/{id}", {}, "http://b.test/{id}", "/..%2Fadmin"),
        ("/{proxy+}", {"integration.request.path.p": "method.request.path.proxy"}, "http://b.test/{p}", "/a/b"),
        ("/{own}", {"integration.request.path.p": "method.request.path.own"}, "http://b.test/{p}", "/x%2Fadmin"),
        ("/{id}", {"integration.request.path.p": "'x/y'"}, "http://b.test/{p}", "/x/y"),
        ("/{id}", {"integration.request.path.p": "method.request.header.X"}, "http://b.test/{p}", "/"),
    ],
)
def test_only_a_greedy_parameter_goes_over_segments(path, parameters, uri, expected):
    method = http(uri, request_parameters=parameters)
    found = {"proxy": "a/b", "id": "../admin", "own": "x/admin"}
    assert f"GET {expected} HTTP/1.1" == line_of(method, path, path_parameters=found)


def test_mappings_of_an_older_record_that_do_not_parse_are_left_out():
    method = http(
        request_parameters={
            "integration.request.header.X-Ok": "'1'",
            "integration.request.header.X-Colon:": "'1'",
            "integration.request.querystring.a:b": "'1'",
            "nonsense": "'1'",
            "integration.request.header.X-Bad": "nonsense",
        },
        responses=[
            IntegrationResponse(
                "200",
                response_parameters={
                    "method.response.header.X-Ok": "'1'",
                    "nonsense": "'1'",
                    "method.response.header.X:": "'1'",
                },
            )
        ],
    )
    mappings = method_of(method).integration.mappings
    assert (["X-Ok"], ["a:b"]) == ([name for name, _ in mappings.headers], [name for name, _ in mappings.query])
    assert [b"X-Ok"] == [name for name, _ in method_of(method).integration.responses[0].headers]


def test_responses_stand_in_the_order_of_their_status_and_bad_patterns_never_match():
    method = http(
        responses=[
            IntegrationResponse("500", selection_pattern="5.."),
            IntegrationResponse("400", selection_pattern="4(("),
            IntegrationResponse("200", selection_pattern=""),
        ]
    )
    responses = method_of(method).integration.responses
    assert [(200, None), (500, "5..")] == [(r.status, r.pattern and r.pattern.pattern) for r in responses]
    assert all(response.declared for response in responses)


def test_an_undeclared_status_is_known_to_be_so():
    integration = Integration("HTTP", uri="http://b.test/", integration_responses={"200": IntegrationResponse("200")})
    found = method_of(Method("GET", method_integration=integration)).integration
    with pytest.raises(GatewayError) as refused:
        shape_backend_response(found, BackendResponse(200, (), b""), make_context())
    assert "METHOD_RESPONSE_MISSING" == refused.value.reason.code


@pytest.mark.parametrize(
    ("validator", "expected"),
    [
        ("v1", (("header", "H"), ("path", "id"), ("querystring", "a"), ("querystring", "b"))),
        ("v2", ()),
        (None, ()),
    ],
)
def test_required_parameters_count_where_a_validator_checks_them(validator, expected):
    method = Method(
        "GET",
        request_validator_id=validator,
        request_parameters={
            "method.request.querystring.b": True,
            "method.request.querystring.a": True,
            "method.request.path.id": True,
            "method.request.header.H": True,
            "method.request.header.I": False,
        },
    )
    validators = (
        RequestValidator(A, R, ID, "v1", validate_request_parameters=True),
        RequestValidator(A, R, ID, "v2", validate_request_body=True),
    )
    assert expected == method_of(method, "/{id}", request_validators=validators).required_parameters


def test_gateway_responses_are_compiled_by_type():
    record = GatewayResponse(
        A,
        R,
        ID,
        "THROTTLED",
        "430",
        {
            "gatewayresponse.header.X": "context.requestId",
            "gatewayresponse.header.Y:": "'1'",
            "gatewayresponse.header.Z": "nonsense",
            "nonsense": "'1'",
        },
        {"text/plain": "slow"},
    )
    custom = compiled(Method("GET"), gateway_responses=(record,)).gateway_responses["THROTTLED"]
    assert (430, [b"X"], {"text/plain": "slow"}) == (
        custom.status,
        [name for name, _ in custom.headers],
        custom.templates,
    )


def test_what_they_show():
    api = compiled(http("http://b.test/x", type="HTTP_PROXY"), "/pets")
    assert "<CompiledApi abcdefghij of deployment d1: <ResourceTree of 1 resources, 1 of them literal>>" == repr(api)
    placed = api.resources.match("GET", "/pets").method
    assert "<PlacedMethod that nobody called>" == repr(placed)
    method, met = placed.find()
    assert "<CompiledMethod NONE → <HTTP_PROXY ANY http://b.test>>" == repr(method)
    assert "<MethodFacts /pets <HTTP_PROXY ANY http://b.test/x>>" == repr(met)


def test_a_mock_and_an_insecure_backend():
    assert "<MOCK with 0 responses>" == repr(method_of(http(type="MOCK")).integration)
    assert not method_of(http(insecure_skip_verification=True)).integration.endpoint.verify_trust


def test_what_only_a_call_needs_is_compiled_by_the_first_and_kept(monkeypatch):
    compiled_now = []
    compile_integration = compile_api_module._compile_integration
    monkeypatch.setattr(
        compile_api_module, "_compile_integration", lambda *args: compiled_now.append(1) or compile_integration(*args)
    )
    placed = placed_of(http())
    assert [] == compiled_now
    assert all(first is second for first, second in zip(placed.find(), placed.find(), strict=True))
    assert "<HTTP ANY http://b.test/>" == placed.find()[1].integration
    assert [1] == compiled_now


def find_both(first, second, path="/pets", other_path="/toys"):
    """What two methods of one API are compiled to, and what they call."""
    api = RestApi(A, R, ID, "a", "root", 0.0, EndpointConfiguration(("REGIONAL",)))
    resources = tuple(
        Resource(A, R, ID, f"r{number}", at, resource_methods={method.http_method: method})
        for number, (at, method) in enumerate([(path, first), (other_path, second)])
    )
    tree = compile_api(DeployedApi(A, R, ID, "d1", api, resources), {}).resources
    return [tree.match("GET", at.replace("{proxy+}", "p")).method.find() for at in (path, other_path)]


def test_methods_that_differ_in_names_and_in_the_path_of_their_uri_are_one_compiled_method():
    (one, pets), (other, toys) = find_both(http("http://b.test/pets"), http("http://b.test/toys"))
    assert one is other
    assert ("/pets", "/toys") == (pets.resource_path, toys.resource_path)
    assert ("<HTTP ANY http://b.test/pets>", "<HTTP ANY http://b.test/toys>") == (pets.integration, toys.integration)


@pytest.mark.parametrize(
    "second",
    [
        http("http://b.test:8080/"),
        http("https://b.test/"),
        http(type="HTTP_PROXY"),
        http(http_method="POST"),
        http(insecure_skip_verification=True),
        http(timeout_in_millis=50),
        http(request_parameters={"integration.request.header.X": "'1'"}),
        http(request_templates={"application/json": "{}"}),
        http(passthrough_behavior="NEVER"),
        http(responses=[IntegrationResponse("200")]),
        http(type="MOCK"),
        replace(http(), api_key_required=True),
        replace(http(), authorization_type="AWS_IAM"),
        replace(http(), authorization_type="CUSTOM", authorizer_id="a"),
        replace(http(), http_method="ANY"),
    ],
)
def test_methods_that_differ_in_anything_else_are_not(second):
    (one, _), (other, _) = find_both(http(), second)
    assert one is not other


def test_a_greedy_parameter_makes_a_difference():
    method = http("http://b.test/{proxy}", type="HTTP_PROXY")
    (one, _), (other, _) = find_both(method, method, "/pets/{proxy+}", "/toys")
    assert one is not other
