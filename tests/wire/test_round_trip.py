"""Every operation of every served model, both ways, with botocore's client at the other end."""

from typing import Any

import pytest
from botocore.model import OperationModel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewright.wire.errors import serialize_error
from gatewright.wire.operation_router import route_operation
from gatewright.wire.parse import parse_request
from gatewright.wire.serialize import serialize_response
from gatewright.wire.services import SERVED, load_service
from support.botocore_wire import client_reading, client_request
from support.shape_values import fixed_value, prune, values

SPEAKING = [(service.name, protocol) for service in SERVED.values() for protocol in service.protocols]

# Requests of the left and of the right are the same on the wire; the model calls three of the left deprecated, and the
# fourth is told from ListBuckets by its host alone.
TWINS = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
    "ListDirectoryBuckets": "ListBuckets",
}


def operations(service: str) -> list[OperationModel]:
    model = load_service(service)
    return [model.operation_model(name) for name in model.operation_names]


def request_mismatch(operation: OperationModel, params: dict[str, Any], protocol: str) -> str | None:
    request = client_request(operation, params, protocol)
    routed = route_operation(operation.service_model, request)
    if (routed.operation.name, routed.protocol) != (TWINS.get(operation.name, operation.name), protocol):
        return f"{operation.name} came as {routed.operation.name} in {routed.protocol}: {request}"
    if operation.name in TWINS:
        return None
    parsed = parse_request(routed, request)
    return (
        None if prune(params) == prune(parsed) else f"{operation.name}\n sent {params}\n read {parsed}\n as {request}"
    )


def response_mismatch(operation: OperationModel, result: dict[str, Any], protocol: str) -> str | None:
    response = serialize_response(operation, result, request_id="an-id", protocol=protocol)
    read = client_reading(response, operation.output_shape, protocol)
    metadata = read.pop("ResponseMetadata")
    if metadata.get("RequestId") != "an-id" and not (operation.output_shape is None and "cbor" in protocol):
        return f"{operation.name} has the request id {metadata}"
    given, read = as_client_types(operation, result), without_inventions(operation, result, read)
    return None if prune(given) == prune(read) else f"{operation.name}\n gave {given}\n read {read}\n as {response}"


def as_client_types(operation: OperationModel, result: dict[str, Any]) -> dict[str, Any]:
    """The result with a body that is a blob as botocore's parser has it when it is not read as a stream: decoded."""
    payload = operation.output_shape and operation.output_shape.serialization.get("payload")
    return {**result, payload: result[payload].decode()} if isinstance(result.get(payload), bytes) else result


def without_inventions(operation: OperationModel, result: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """What the client read, less the members that it always fills in: the status, and a body though empty."""
    shape = operation.output_shape
    always = set() if shape is None else {shape.serialization.get("payload")}
    always |= {name for name in read if shape.members[name].serialization.get("location") == "statusCode"}
    return {name: value for name, value in read.items() if name in result or name not in always}


def fixed_result(operation: OperationModel, *, only_required: bool) -> dict[str, Any]:
    shape = operation.output_shape
    if shape is None:
        return {}
    result = fixed_value(shape, only_required=only_required)
    payload = shape.serialization.get("payload")
    return {**result, payload: b"text"} if isinstance(result.get(payload), bytes) else result


def streams(operation: OperationModel) -> bool:
    """Event streams are framed by whoever makes the events; their frames are not this layer's."""
    return operation.has_event_stream_output


def is_read_otherwise(operation: OperationModel) -> bool:
    """GetBucketLocation's answer is not read by the model (see serialize/test_rest_xml), the deprecated ones' models
    give one element to two members."""
    return operation.name == "GetBucketLocation" or operation.name in TWINS


@pytest.mark.parametrize("only_required", [False, True], ids=["all-members", "required-members"])
@pytest.mark.parametrize(("service", "protocol"), SPEAKING)
def test_each_request_of_botocore_is_routed_and_read_back(service, protocol, only_required):
    mismatches = [
        request_mismatch(operation, _fixed_params(operation, only_required), protocol)
        for operation in operations(service)
    ]
    assert [] == [mismatch for mismatch in mismatches if mismatch]


def _fixed_params(operation: OperationModel, only_required: bool) -> dict[str, Any]:
    return {} if operation.input_shape is None else fixed_value(operation.input_shape, only_required=only_required)


@pytest.mark.parametrize("only_required", [False, True], ids=["all-members", "required-members"])
@pytest.mark.parametrize(("service", "protocol"), SPEAKING)
def test_each_answer_is_read_back_by_botocore(service, protocol, only_required):
    mismatches = [
        response_mismatch(operation, fixed_result(operation, only_required=only_required), protocol)
        for operation in operations(service)
        if not streams(operation) and not is_read_otherwise(operation)
    ]
    assert [] == [mismatch for mismatch in mismatches if mismatch]


@pytest.mark.parametrize(("service", "protocol"), SPEAKING)
def test_each_modelled_error_is_read_back_by_botocore(service, protocol):
    model = load_service(service)
    mismatches = []
    for shape in model.error_shapes:
        members = {name: value for name, value in fixed_value(shape).items() if name.lower() != "message"}
        response = serialize_error(
            model, None, shape.name, "A <message>.", status=None, request_id="an-id", members=members, protocol=protocol
        )
        read = client_reading(response, None, protocol)
        recognised = model.shape_for_error_code(read["Error"]["Code"])
        if recognised is None or recognised.error_code != shape.error_code:
            mismatches.append(f"{shape.name} has the code {read['Error']['Code']}")
        if read["Error"]["Message"] != "A <message>." or read["ResponseMetadata"]["RequestId"] != "an-id":
            mismatches.append(f"{shape.name} is read as {read}")
        details = client_reading(response, shape, protocol)
        details = {name: value for name, value in details.items() if name.lower() != "message"}
        if prune(details) != prune(members):
            mismatches.append(f"{shape.name} gave {members}, read {details}")
    assert [] == mismatches


# One operation of each protocol with a rich input and output.
SAMPLE = [
    ("apigateway", "PutIntegration", "rest-json"),
    ("apigateway", "CreateStage", "rest-json"),
    ("apigatewayv2", "CreateRoute", "rest-json"),
    ("acm", "ImportCertificate", "json"),
    ("acm", "DescribeCertificate", "json"),
    ("cloudwatch", "PutMetricAlarm", "query"),
    ("cloudwatch", "GetMetricData", "smithy-rpc-v2-cbor"),
    ("iam", "SimulateCustomPolicy", "query"),
    ("elbv2", "CreateListener", "query"),
    ("ec2", "CreateVpcEndpoint", "ec2"),
    ("s3", "PutBucketLifecycleConfiguration", "rest-xml"),
    ("s3", "PutObjectAcl", "rest-xml"),
    ("route53", "ChangeResourceRecordSets", "rest-xml"),
]


@pytest.mark.parametrize(("service", "name", "protocol"), SAMPLE)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_survive_the_way_there_and_back(service, name, protocol, data):
    operation = load_service(service).operation_model(name)
    assert request_mismatch(operation, data.draw(values(operation.input_shape)), protocol) is None
    if operation.output_shape is not None:
        assert response_mismatch(operation, data.draw(values(operation.output_shape)), protocol) is None
