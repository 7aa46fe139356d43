"""Smithy's RPC v2 protocol over CBOR: the whole input is one CBOR map."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.model import Shape

from gatewright.wire.cbor import CborError, decode_cbor
from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.error import SerializationError


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of an RPC v2 call."""
    shape = routed.operation.input_shape
    # An operation without input is called with an empty body.
    if not request.body or shape is None:
        return {}
    try:
        document = decode_cbor(request.body)
    except CborError as error:
        raise SerializationError(str(error)) from None
    return _parse_structure(shape, document)


def _parse_value(shape: Shape, value: Any) -> Any:
    if shape.type_name in _CONTAINERS:
        return _CONTAINERS[shape.type_name](shape, value)
    kind = _SCALARS[shape.type_name]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    # In Python a bool is an int; in CBOR it is not.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SerializationError(f"A {shape.type_name} was expected, but a {type(value).__name__} was found.")
    return value


def _parse_structure(shape: Shape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationError(f"A structure {shape.name} was expected, but a {type(value).__name__} was found.")
    parsed = {}
    for name, member in shape.members.items():
        found = value.get(member.serialization.get("name", name))
        if found is not None:
            parsed[name] = _parse_value(member, found)
    return parsed


def _parse_list(shape: Shape, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SerializationError(f"A list was expected, but a {type(value).__name__} was found.")
    return [_parse_value(shape.member, item) for item in value if item is not None]


def _parse_map(shape: Shape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationError(f"A map was expected, but a {type(value).__name__} was found.")
    return {key: _parse_value(shape.value, item) for key, item in value.items() if item is not None}


_CONTAINERS: dict[str, Callable[[Shape, Any], Any]] = {
    "structure": _parse_structure,
    "list": _parse_list,
    "map": _parse_map,
}
_SCALARS: dict[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": datetime,
    "blob": bytes,
}
