"""Requests written by hand, for what no well-behaved client sends."""

from typing import Any

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse import parse_request
from gatewright.wire.services import default_protocol, load_service


def read_as(
    service: str,
    operation: str,
    body: bytes = b"",
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    protocol: str | None = None,
) -> dict[str, Any]:
    """What a request with these parts says when it has been routed to the operation."""
    model = load_service(service)
    routed = RoutedOperation(model.operation_model(operation), protocol or default_protocol(model), labels or {})
    return parse_request(routed, HttpRequest("POST", "/", query, headers or {}, body))
