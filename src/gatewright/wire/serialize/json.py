"""The json protocol, versions 1.0 and 1.1: the whole output is one JSON object."""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.json_value import json_members, render_json


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to a json call; an operation without output answers with an empty body, as AWS does."""
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", json_content_type(operation.metadata))]
    shape = operation.output_shape
    if shape is None:
        assert not result, f"Our own bug: {operation.name} has no output, but was given {sorted(result)}."
        return HttpResponse(status, headers, b"")
    if shape.event_stream_name is not None:
        # The frames of an event stream are given whole, the initial response among them.
        headers[1] = ("Content-Type", "application/vnd.amazon.eventstream")
        return HttpResponse(status, headers, result[shape.event_stream_name])
    return HttpResponse(status, headers, render_json(json_members(shape, result)))


def json_content_type(metadata: Mapping[str, Any]) -> str:
    """`application/x-amz-json-1.1`, with the version that the service's model names."""
    return f"application/x-amz-json-{metadata['jsonVersion']}"
