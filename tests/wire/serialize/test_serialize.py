"""What holds in every protocol's answers: statuses, absence, our own bugs."""

import pytest

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize import serialize_response
from gatewright.wire.services import load_service


def answer(service: str, operation: str, result: dict[str, object] | None = None, **options: object) -> HttpResponse:
    model = load_service(service).operation_model(operation)
    return serialize_response(model, result or {}, request_id="an-id", **options)


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("GetRestApi", 200),
        ("CreateRestApi", 201),
        ("UpdateMethodResponse", 201),
        ("DeleteRestApi", 202),
        ("DeleteMethod", 204),
        ("TagResource", 204),
    ],
)
def test_the_status_is_the_models(operation, status):
    # Facts 1.2.
    assert status == answer("apigateway", operation).status


def test_a_given_status_goes_before_the_models():
    assert answer("apigateway", "GetRestApi", status=203).status == 203


def test_none_is_absent_at_every_depth():
    result = {"id": "a", "name": None, "endpointConfiguration": {"types": None}}
    assert answer("apigateway", "GetRestApi", result).body == b'{"id":"a","endpointConfiguration":{}}'


def test_a_key_of_a_map_may_be_shown_with_a_null_in_json():
    # Recorded test_put_integration_response_templates.
    result = {"responseTemplates": {"application/json": None}}
    written = b'{"responseTemplates":{"application/json":null}}'
    assert answer("apigateway", "PutIntegrationResponse", result).body == written


@pytest.mark.parametrize(
    ("service", "operation", "result", "message"),
    [
        ("apigateway", "GetRestApi", {"nonsense": 1}, "the shape RestApi has no member nonsense"),
        ("apigateway", "GetRestApi", {"endpointConfiguration": {"x": 1}}, "EndpointConfiguration has no member x"),
        ("apigateway", "GetRestApi", {"id": {"x": 1}}, "was given for String"),
        ("apigateway", "DeleteRestApi", {"x": 1}, "DeleteRestApi has no output, but was given"),
        ("acm", "DeleteCertificate", {"x": 1}, "DeleteCertificate has no output, but was given"),
        ("iam", "DeleteUser", {"x": 1}, "DeleteUser has no output, but was given"),
        ("ec2", "DeleteTags", {"x": 1}, "DeleteTags has no output, but was given"),
        ("iam", "GetUser", {"User": {"UserName": {}}}, "a dict was given for the string userNameType"),
        ("lambda", "Invoke", {"StatusCode": "200"}, "gives StatusCode as '200', not as a status"),
    ],
)
def test_what_does_not_fit_the_model_is_our_own_bug(service, operation, result, message):
    with pytest.raises(AssertionError, match=message):
        answer(service, operation, result)


def test_an_operation_without_output_has_no_cbor_either():
    response = answer("cloudwatch", "DeleteAlarms", protocol="smithy-rpc-v2-cbor")
    assert response == HttpResponse(200, [("x-amzn-RequestId", "an-id"), ("smithy-protocol", "rpc-v2-cbor")], b"")
    with pytest.raises(AssertionError, match="DeleteAlarms has no output"):
        answer("cloudwatch", "DeleteAlarms", {"x": 1}, protocol="smithy-rpc-v2-cbor")


def test_an_event_stream_is_sent_as_the_frames_it_is_given():
    rest = answer("lambda", "InvokeWithResponseStream", {"StatusCode": 200, "EventStream": b"frames"})
    rpc = answer("logs", "StartLiveTail", {"responseStream": b"frames"})
    for response in (rest, rpc):
        assert response.body == b"frames"
        assert ("Content-Type", "application/vnd.amazon.eventstream") in response.headers
