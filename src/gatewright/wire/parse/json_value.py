"""A JSON document read as a shape of the model wants it; the common part of the `json` and `rest-json` protocols.

Rules:
- A member that the shape does not know is ignored; a null is the same as an absent member, element or entry.
- Only a map of texts keeps the key of a null, with the empty text. Recorded (`test_put_integration_response_templates`): the
  service keeps such a key and answers a null and an empty text alike.
- Types are not converted: the text for a wrong one names the Java class the service had read. Recorded from the real
  service (recorded `test_put_integration_request_parameter_bool_type` and
  `test_integration_response_invalid_responsetemplates`): `class java.lang.Boolean can not be converted to an String`,
  `class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String`. The class names
  for the other JSON types, and the target names other than String, are guesses in the same pattern.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from botocore.model import Shape

from gatewright.wire.parse.error import SerializationError
from gatewright.wire.parse.text import parse_base64
from gatewright.wire.timestamp import parse_timestamp

_T = TypeVar("_T")

_SPECIAL_FLOATS = {"NaN", "Infinity", "-Infinity"}


def parse_json_body(body: bytes) -> dict[str, Any]:
    """The object that a body holds; an empty body holds an empty one."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise SerializationError("The request body is not well-formed JSON.") from None
    if not isinstance(document, dict):
        raise SerializationError(f"{_java_class(document)} can not be converted to an Object")
    return document


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON (RFC 8259 section 6).")


def parse_json_value(shape: Shape, value: Any) -> Any:
    """The Python value of a JSON value where the model wants `shape`; `value` is not None."""
    return _PARSERS[shape.type_name](shape, value)


def parse_json_members(shape: Shape, document: dict[str, Any]) -> dict[str, Any]:
    """The members of a structure that are in a JSON object; members with a location elsewhere are left out."""
    parsed = {}
    for name, member in shape.members.items():
        serialization = member.serialization
        if "location" in serialization:
            continue
        value = document.get(serialization.get("name", name))
        if value is not None:
            parsed[name] = _PARSERS[member.type_name](member, value)
    return parsed


def _parse_structure(shape: Shape, value: Any) -> Any:
    return parse_json_members(shape, _expect(dict, value, shape.name))


def _parse_list(shape: Shape, value: Any) -> list[Any]:
    items = _expect(list, value, "List")
    return [parse_json_value(shape.member, item) for item in items if item is not None]


def _parse_map(shape: Shape, value: Any) -> dict[str, Any]:
    pairs = _expect(dict, value, "Map")
    if shape.value.type_name == "string":
        pairs = {key: "" if item is None else item for key, item in pairs.items()}
    return {key: parse_json_value(shape.value, item) for key, item in pairs.items() if item is not None}


def _parse_string(_shape: Shape, value: Any) -> str:
    return _expect(str, value, "String")


def _parse_boolean(_shape: Shape, value: Any) -> bool:
    return _expect(bool, value, "Boolean")


def _parse_integer(shape: Shape, value: Any) -> int:
    target = "Long" if shape.type_name == "long" else "Integer"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool):
        raise SerializationError(_cannot_convert(value, target))
    return _expect(int, value, target)


def _parse_float(_shape: Shape, value: Any) -> float:
    if isinstance(value, str) and value in _SPECIAL_FLOATS:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SerializationError(_cannot_convert(value, "Double"))
    try:
        return float(value)
    except OverflowError:
        raise SerializationError(_cannot_convert(value, "Double")) from None


def _parse_timestamp(_shape: Shape, value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SerializationError(_cannot_convert(value, "Date"))
    try:
        return parse_timestamp(value)
    except ValueError:
        raise SerializationError(_cannot_convert(value, "Date")) from None


def _parse_blob(_shape: Shape, value: Any) -> bytes:
    return parse_base64(_expect(str, value, "ByteBuffer"))


_PARSERS: dict[str, Callable[[Shape, Any], Any]] = {
    "structure": _parse_structure,
    "list": _parse_list,
    "map": _parse_map,
    "string": _parse_string,
    "character": _parse_string,
    "boolean": _parse_boolean,
    "integer": _parse_integer,
    "long": _parse_integer,
    "float": _parse_float,
    "double": _parse_float,
    "timestamp": _parse_timestamp,
    "blob": _parse_blob,
}


def _expect(kind: type[_T], value: Any, target: str) -> _T:
    if not isinstance(value, kind):
        raise SerializationError(_cannot_convert(value, target))
    return value


def _cannot_convert(value: Any, target: str) -> str:
    return f"{_java_class(value)} can not be converted to an {target}"


def _java_class(value: Any) -> str:
    match value:
        case bool():
            return "class java.lang.Boolean"
        case int() | float():
            return "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
        case str():
            return "class java.lang.String"
        case list():
            return "class java.util.ArrayList"
        case _:
            return "class java.util.LinkedHashMap"
