"""The rest-json protocol: HTTP locations as in `rest`, the body a JSON object."""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.json_value import json_members, render_json
from gatewright.wire.serialize.rest import serialize_rest_response


def serialize(operation: OperationModel, result: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    """The answer to a rest-json call."""
    return serialize_rest_response(
        operation,
        result,
        status=status,
        headers=[("x-amzn-RequestId", request_id)],
        content_type="application/json",
        render_body=_render_body,
    )


def _render_body(_operation: OperationModel, shape: Shape, _payload: str | None, values: Mapping[str, Any]) -> bytes:
    return render_json(json_members(shape, values))
