"""The rest-json protocol: HTTP locations as in `rest`, the body a JSON object."""

from typing import Any

from botocore.model import Shape

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.json_value import parse_json_body, parse_json_members
from gatewright.wire.parse.rest import parse_rest_request


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of a rest-json call."""
    return parse_rest_request(routed.operation, routed.labels, request, _parse_body)


def _parse_body(shape: Shape, body: bytes) -> dict[str, Any]:
    return parse_json_members(shape, parse_json_body(body))
