"""The json protocol, versions 1.0 and 1.1: the whole input is one JSON object."""

from typing import Any

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.json_value import parse_json_body, parse_json_members


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of a json call."""
    document = parse_json_body(request.body)
    shape = routed.operation.input_shape
    return {} if shape is None else parse_json_members(shape, document)
