"""Accepted, or the one declared error: for each protocol, junk, half-right documents, and bent copies of right ones."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.wire.cbor import encode_cbor
from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse import SerializationError, parse_request
from gatewright.wire.services import load_service
from support.botocore_wire import client_request
from support.shape_values import fixed_value

RICH = [
    ("apigateway", "PutIntegration", "rest-json"),
    ("acm", "RequestCertificate", "json"),
    ("elbv2", "CreateListener", "query"),
    ("ec2", "CreateVpcEndpoint", "ec2"),
    ("route53", "ChangeResourceRecordSets", "rest-xml"),
    ("s3", "PutBucketAcl", "rest-xml"),
    ("cloudwatch", "GetMetricData", "smithy-rpc-v2-cbor"),
]


def right_request(service: str, name: str, protocol: str) -> tuple[RoutedOperation, HttpRequest]:
    operation = load_service(service).operation_model(name)
    shape = operation.input_shape
    labels = {
        member.serialization["name"]: "label"
        for member in shape.members.values()
        if member.serialization.get("location") == "uri"
    }
    return RoutedOperation(operation, protocol, labels), client_request(operation, fixed_value(shape), protocol)


def accept_or_refuse(routed: RoutedOperation, request: HttpRequest) -> None:
    with suppress(SerializationError):
        assert isinstance(parse_request(routed, request), dict)


@pytest.mark.parametrize(("service", "name", "protocol"), RICH)
@settings(max_examples=60, deadline=None)
@given(body=st.binary(), query=st.text())
def test_junk(service, name, protocol, body, query):
    routed, request = right_request(service, name, protocol)
    accept_or_refuse(routed, replace(request, body=body, query=query))


@pytest.mark.parametrize(("service", "name", "protocol"), RICH)
@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), junk=st.binary(max_size=4), drop=st.integers(0, 20))
def test_a_right_body_with_a_piece_exchanged(service, name, protocol, position, junk, drop):
    routed, request = right_request(service, name, protocol)
    position %= len(request.body)
    accept_or_refuse(routed, replace(request, body=request.body[:position] + junk + request.body[position + drop :]))


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
)


def documents(names: list[str]) -> st.SearchStrategy[Any]:
    """Documents whose objects bear the names of the model, with values of any type."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
        max_leaves=12,
    )


@settings(max_examples=60, deadline=None)
@given(documents(["patchOperations", "op", "path", "value", "from"]))
def test_right_names_with_wrong_types_in_rest_json(document):
    operation = load_service("apigateway").operation_model("UpdateRestApi")
    request = HttpRequest("PATCH", "/restapis/a", "", {}, json.dumps(document).encode())
    accept_or_refuse(RoutedOperation(operation, "rest-json", {"restapi_id": "a"}), request)


@settings(max_examples=60, deadline=None)
@given(
    documents(["MetricDataQueries", "Id", "MetricStat", "Metric", "Dimensions", "Period", "StartTime", "MaxDatapoints"])
)
def test_right_names_with_wrong_types_in_json_and_cbor(document):
    operation = load_service("cloudwatch").operation_model("GetMetricData")
    written = json.dumps(document)
    accept_or_refuse(RoutedOperation(operation, "json"), HttpRequest("POST", "/", "", {}, written.encode()))
    if all(abs(number) < 2**64 for number in _integers(document)):
        accept_or_refuse(
            RoutedOperation(operation, "smithy-rpc-v2-cbor"), HttpRequest("POST", "/", "", {}, encode_cbor(document))
        )


def _integers(document: Any) -> list[int]:
    if isinstance(document, dict):
        return [number for value in document.values() for number in _integers(value)]
    if isinstance(document, list):
        return [number for value in document for number in _integers(value)]
    return [document] if isinstance(document, int) else []


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.from_regex(r"(DefaultActions|member|[0-9]|Type|ForwardConfig|TargetGroups|Port|\.){1,9}", fullmatch=True), st.text(max_size=4)))  # fmt: skip
def test_right_names_in_wrong_places_in_query(fields):
    operation = load_service("elbv2").operation_model("CreateListener")
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    accept_or_refuse(RoutedOperation(operation, "query"), HttpRequest("POST", "/", "", {}, body))


@pytest.mark.parametrize("depth", [600, 200_000])
def test_a_body_that_nests_a_recursive_shape_beyond_all_measure_is_refused(depth):
    # 600 levels are JSON still, but more than are read; 200,000 are more than the JSON reader takes.
    body = b'{"FilterStatement":' + b'{"Not":' * depth + b"{}" + b"}" * (depth + 1)
    operation = load_service("acm").operation_model("SearchCertificates")
    with pytest.raises(SerializationError):
        parse_request(RoutedOperation(operation, "json"), HttpRequest("POST", "/", "", {}, body))


def test_a_body_that_follows_a_shape_into_itself_beyond_all_measure_is_refused():
    depth = 50_000
    body = b"<a>" + b"<Filter><And>" * depth + b"</And></Filter>" * depth + b"</a>"
    operation = load_service("s3").operation_model("PutBucketLifecycleConfiguration")
    accept_or_refuse(RoutedOperation(operation, "rest-xml", {"Bucket": "b"}), HttpRequest("PUT", "/b", "", {}, body))
