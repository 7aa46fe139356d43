"""Smithy's RPC v2 protocol over CBOR: the whole output is one CBOR map."""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from gatewright.wire.cbor import encode_cbor
from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.members import given_members

CBOR_HEADERS = (("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor"))


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to an RPC v2 call; an operation without output answers with an empty body and no type of it."""
    shape = operation.output_shape
    headers = [("x-amzn-RequestId", request_id), CBOR_HEADERS[0]]
    if shape is None:
        assert not result, f"Our own bug: {operation.name} has no output, but was given {sorted(result)}."
        return HttpResponse(status, headers, b"")
    return HttpResponse(status, [*headers, CBOR_HEADERS[1]], encode_cbor(cbor_members(shape, result)))


def cbor_members(shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    """A structure as the map that CBOR writes."""
    return {
        member.serialization.get("name", name): _cbor_value(member, value)
        for name, member, value in given_members(shape, values)
    }


def _cbor_value(shape: Shape, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return cbor_members(shape, value)
        case "list":
            return [_cbor_value(shape.member, item) for item in value]
        case "map":
            return {key: _cbor_value(shape.value, item) for key, item in value.items() if item is not None}
        case "float" | "double":
            return float(value)
    return value
