"""Refusals, as they stand on the wire. That botocore understands each modelled one is test_round_trip's."""

import json
from typing import Any

import pytest

from gatewright.wire.cbor import decode_cbor
from gatewright.wire.errors import serialize_error
from gatewright.wire.http import HttpResponse
from gatewright.wire.services import SERVED, load_service
from support.botocore_wire import client_reading


def refuse(service: str, code: str, message: str = "No.", operation: str | None = None, **options: Any) -> HttpResponse:
    model = load_service(service)
    called = None if operation is None else model.operation_model(operation)
    return serialize_error(model, called, code, message, request_id="an-id", **{"status": None, **options})


def test_rest_json_names_the_error_in_a_header():
    response = refuse("apigateway", "NotFoundException", "Invalid Resource identifier specified")
    assert response.status == 404
    assert response.body == b'{"message":"Invalid Resource identifier specified"}'
    assert response.headers == [
        ("x-amzn-RequestId", "an-id"),
        ("x-amzn-ErrorType", "NotFoundException"),
        ("Content-Type", "application/json"),
    ]


def test_a_member_of_an_error_may_be_a_header():
    response = refuse("apigateway", "TooManyRequestsException", members={"retryAfterSeconds": "7"})
    assert response.status == 429
    assert ("Retry-After", "7") in response.headers
    assert response.body == b'{"message":"No."}'


def test_members_stand_beside_the_message():
    response = refuse("apigatewayv2", "NotFoundException", members={"ResourceType": "Api"})
    assert json.loads(response.body) == {"message": "No.", "resourceType": "Api"}


def test_the_message_is_spelt_as_the_model_spells_it():
    assert json.loads(refuse("lambda", "ServiceException").body) == {"Message": "No."}
    assert json.loads(refuse("lambda", "InvalidParameterValueException").body) == {"message": "No."}


def test_json_names_the_error_in_the_body():
    response = refuse("acm", "ResourceNotFoundException")
    assert response.status == 400
    assert response.body == b'{"__type":"ResourceNotFoundException","message":"No."}'
    assert response.headers == [("x-amzn-RequestId", "an-id"), ("Content-Type", "application/x-amz-json-1.1")]


def test_an_error_whose_model_has_no_place_for_a_message_carries_one():
    response = refuse("logs", "InvalidSequenceTokenException", members={"expectedSequenceToken": "7"})
    assert json.loads(response.body) == {
        "__type": "InvalidSequenceTokenException",
        "message": "No.",
        "expectedSequenceToken": "7",
    }


def test_query_has_an_error_response():
    response = refuse("iam", "NoSuchEntityException", "The user with name a cannot be found.")
    assert response.status == 404
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        b"<Code>NoSuchEntity</Code><Message>The user with name a cannot be found.</Message></Error>"
        b"<RequestId>an-id</RequestId></ErrorResponse>"
    )


def test_an_error_is_found_by_its_shape_or_its_code():
    assert refuse("iam", "NoSuchEntity") == refuse("iam", "NoSuchEntityException")


def test_the_services_fault_is_the_receivers():
    assert b"<Type>Receiver</Type><Code>ServiceFailure</Code>" in refuse("iam", "ServiceFailureException").body


def test_s3_has_the_error_alone():
    response = refuse("s3", "NoSuchBucket", "The specified bucket does not exist")
    assert (response.status, response.headers[0]) == (404, ("x-amz-request-id", "an-id"))
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code>'
        b"<Message>The specified bucket does not exist</Message><RequestId>an-id</RequestId></Error>"
    )


def test_an_answer_to_head_has_no_content():
    response = refuse("s3", "NoSuchKey", operation="HeadObject")
    assert (response.status, response.body) == (404, b"")


def test_ec2_lists_its_errors():
    assert refuse("ec2", "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'x' does not exist").body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidVpcEndpointId.NotFound</Code>'
        b"<Message>The Vpc Endpoint Id 'x' does not exist</Message></Error></Errors><RequestID>an-id</RequestID></Response>"
    )


def test_cloudwatch_tells_the_query_protocols_code_in_the_others():
    for protocol in ("json", "smithy-rpc-v2-cbor"):
        response = refuse("cloudwatch", "InvalidParameterValueException", protocol=protocol)
        assert ("x-amzn-query-error", "InvalidParameterValue;Sender") in response.headers
    assert decode_cbor(response.body) == {"__type": "InvalidParameterValueException", "message": "No."}


FRONT_DOOR = [
    ("SerializationException", 400),
    ("ValidationException", 400),
    ("MissingAuthenticationTokenException", 403),
    ("InvalidSignatureException", 403),
    ("UnrecognizedClientException", 403),
    ("UnknownOperationException", 404),
    ("InternalFailure", 500),
]


@pytest.mark.parametrize(("code", "status"), FRONT_DOOR)
@pytest.mark.parametrize("protocol", ["rest-json", "rest-xml", "json", "query", "ec2", "smithy-rpc-v2-cbor"])
def test_a_code_without_a_shape_is_sent_as_it_is(protocol, code, status):
    service = next(name for name, served in SERVED.items() if protocol in served.protocols)
    response = refuse(service, code, status=status, protocol=protocol)
    assert response.status == status
    assert client_reading(response, None, protocol)["Error"]["Code"] == code


def test_a_given_status_goes_before_the_models():
    assert refuse("apigateway", "NotFoundException", status=410).status == 410


def test_members_of_an_unmodelled_error_or_unknown_ones_are_our_own_bug():
    with pytest.raises(AssertionError, match="the unmodelled error Nonsense was given members"):
        refuse("apigateway", "Nonsense", members={"a": 1})
    with pytest.raises(AssertionError, match="has no member nonsense"):
        refuse("apigateway", "NotFoundException", members={"nonsense": 1})


def test_a_code_can_not_start_another_header():
    response = refuse("apigateway", "Bad\r\nSet-Cookie: a=b")
    assert ("x-amzn-ErrorType", "Bad  Set-Cookie: a=b") in response.headers
