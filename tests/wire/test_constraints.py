"""The texts of ValidationException: each recorded one is made again, and the rules that recordings do not reach."""

import json
import re
from typing import Any

import pytest
from botocore.model import OperationModel

from gatewright.wire.constraints import check_constraints
from gatewright.wire.services import load_service
from support.shape_values import fixed_value

APIGATEWAY = load_service("apigateway")

# The recorded text names the operation only where the body is at fault; these are the calls that the recordings made.
OPERATION_OF_CALL = {
    "get-gateway-response-wrong-response-type": "GetGatewayResponse",
    "delete-gateway-response-wrong-response-type": "DeleteGatewayResponse",
    "update-gateway-response-wrong-response-type": "UpdateGatewayResponse",
    "put-gateway-response-wrong-response-type": "PutGatewayResponse",
    "put-integration-response-invalid-statusCode": "PutIntegrationResponse",
    "get-integration-response-invalid-statusCode": "GetIntegrationResponse",
    "update-method-response-invalid-statuscode": "UpdateMethodResponse",
}
REFUSAL = re.compile(r"Value '(?P<value>[^']*)' at '(?P<path>[^']*)' failed to satisfy constraint")


def recorded_refusals(document: Any, call: str = "") -> list[tuple[str, str]]:
    """The name of each recorded call that ended in a ValidationException, and its message."""
    if not isinstance(document, dict):
        return []
    error = document.get("Error", {})
    if error.get("Code") == "ValidationException":
        return [(call, error["Message"])]
    return [found for name, value in document.items() for found in recorded_refusals(value, name)]


def operation_of(call: str, message: str) -> OperationModel:
    named = re.search(r"at '(\w+)Input\.", message)
    name = OPERATION_OF_CALL[call] if named is None else named[1][0].upper() + named[1][1:]
    return APIGATEWAY.operation_model(name)


def blameless_params(operation: OperationModel) -> dict[str, Any]:
    """An input that meets the constraints of all required members."""
    params: dict[str, Any] = {}
    for name in operation.input_shape.required_members:
        shape = operation.input_shape.members[name]
        params[name] = (shape.metadata.get("enum") or ["200"])[0] if shape.type_name == "string" else {}
    return params


def put_at(params: dict[str, Any], path: list[str], value: Any) -> None:
    """Places a value at a path as the messages write it, filling the elements before it with good ones."""
    name, *rest = path
    if not rest:
        params[name] = value
    elif rest[0].isdigit():
        elements = params.setdefault(name, [])
        while len(elements) < int(rest[0]):
            elements.append({"op": "replace", "path": "/name"})
        put_at(elements[int(rest[0]) - 1], rest[2:], value)
    else:
        put_at(params.setdefault(name, {}), rest, value)


def test_each_recorded_text_comes_out_again(shared):
    recorded = json.loads((shared / "corpora/recorded/apigateway_api.snapshot.json").read_text())
    refusals = recorded_refusals(recorded)
    assert len(refusals) >= 25
    for call, message in refusals:
        operation = operation_of(call, message)
        params = blameless_params(operation)
        # The failures are put in from the last to the first: their order in the text is not taken from the input.
        for found in reversed(list(REFUSAL.finditer(message))):
            value = found["value"]
            path = found["path"].split(".")
            path = path[1:] if path[0].endswith("Input") else path
            put_at(params, path, value[1:-1].split(", ") if value.startswith("[") else value)
        assert message == check_constraints(operation, params), call


def test_an_input_within_its_constraints_is_not_refused():
    params = {"restApiId": "abc", "patchOperations": [{"op": "replace", "path": "/name", "value": "x"}]}
    assert check_constraints(APIGATEWAY.operation_model("UpdateRestApi"), params) is None


def test_an_operation_without_input_has_nothing_to_refuse():
    assert check_constraints(load_service("acm").operation_model("GetAccountConfiguration"), {}) is None


def test_api_gateway_takes_an_empty_text_for_an_enum():
    params = {"name": "x", "endpointConfiguration": {"ipAddressType": "", "types": ["EDGE"]}}
    assert check_constraints(APIGATEWAY.operation_model("CreateRestApi"), params) is None


def refusal(service: str, operation: str, **params: Any) -> str | None:
    return check_constraints(load_service(service).operation_model(operation), params)


def test_what_is_required_and_absent_is_null():
    assert (
        "1 validation error detected: Value null at 'certificateArn' failed to satisfy constraint: Member must not be null"
        == refusal("acm", "DescribeCertificate")
    )


def test_a_number_out_of_range_and_a_text_too_short_are_counted_together():
    assert (
        "2 validation errors detected: "
        "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"
    ) == refusal("acm", "ListCertificates", MaxItems=0, NextToken="")


def test_a_text_too_long_is_refused_for_its_length_alone():
    text = refusal("acm", "DescribeCertificate", CertificateArn="!" * 100_000)
    assert text.startswith("1 validation error detected")
    assert text.endswith("Member must have length less than or equal to 2048")


def test_an_enum_of_other_services_is_listed_in_the_order_of_the_model():
    assert (
        "1 validation error detected: Value 'PIGEON' at 'validationMethod' failed to satisfy constraint: "
        "Member must satisfy enum value set: [EMAIL, DNS, HTTP]"
    ) == refusal("acm", "RequestCertificate", DomainName="example.com", ValidationMethod="PIGEON")


def test_an_element_that_is_a_structure_is_named_by_its_place():
    text = refusal(
        "acm",
        "AddTagsToCertificate",
        CertificateArn="arn:aws:acm:us-east-1:123456789012:certificate/x",
        Tags=[{"Key": "fine"}, {"Key": ""}],
    )
    assert (
        "1 validation error detected: Value '' at 'tags.2.member.key' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    ) == text


def test_elements_that_are_texts_are_refused_as_one_list_with_all_their_constraints():
    layer_pattern = load_service("lambda").shape_for("LayerVersionArn").metadata["pattern"]
    assert (
        "1 validation error detected: Value '[, x]' at 'layers' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal "
        f"to 1, Member must satisfy regular expression pattern: {layer_pattern}]"
    ) == refusal("lambda", "UpdateFunctionConfiguration", FunctionName="f", Layers=["", "x"])


def test_keys_of_a_map_are_refused_together():
    text = refusal("logs", "TagLogGroup", logGroupName="g", tags={"": "x"})
    assert text.startswith(
        "1 validation error detected: Value '{=x}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: ["
    )


def test_a_sensitive_value_is_not_repeated():
    text = refusal("acm", "ImportCertificate", Certificate=b"c", PrivateKey=b"")
    assert (
        "1 validation error detected: Value at 'privateKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    ) == text


def test_a_blob_is_told_by_its_size_and_not_repeated():
    text = refusal("acm", "ImportCertificate", Certificate=bytes(32769), PrivateKey=b"k")
    assert (
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=32769 cap=32769]' at 'certificate' failed to "
        "satisfy constraint: Member must have length less than or equal to 32768"
    ) == text


def test_lengths_are_counted_in_utf_16_code_units_as_java_does():
    kept = refusal("logs", "CreateLogStream", logGroupName="g", logStreamName="\U0001f600" * 256)
    assert kept is None
    refused = refusal("logs", "CreateLogStream", logGroupName="g", logStreamName="\U0001f600" * 257)
    assert refused.endswith("Member must have length less than or equal to 512")


@pytest.mark.parametrize("service", ["apigateway", "acm", "logs", "lambda", "iam"])
def test_no_input_that_botocore_can_make_breaks_the_check(service):
    model = load_service(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        params = {} if operation.input_shape is None else fixed_value(operation.input_shape)
        text = check_constraints(operation, params)
        assert text is None or re.match(r"\d+ validation errors? detected: Value", text)
