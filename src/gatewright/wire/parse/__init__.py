"""From a routed request to the operation's input: plain Python values by the names of the model.

str, int, float, bool, bytes for a blob, an aware UTC datetime for a timestamp, list, dict. Members that the model does
not know are ignored, absent members are absent. Whatever is sent, the outcome is an input or a SerializationError.
"""

from typing import Any

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse import ec2, json, query, rest_json, rest_xml, rpc_v2_cbor
from gatewright.wire.parse.error import SerializationError

__all__ = ["SerializationError", "parse_request"]

_PARSERS = {
    "rest-json": rest_json.parse,
    "rest-xml": rest_xml.parse,
    "json": json.parse,
    "query": query.parse,
    "ec2": ec2.parse,
    "smithy-rpc-v2-cbor": rpc_v2_cbor.parse,
}


def parse_request(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input with which the operation was called; raises SerializationError."""
    try:
        return _PARSERS[routed.protocol](routed, request)
    except RecursionError:
        raise SerializationError("The request body is nested too deeply.") from None
