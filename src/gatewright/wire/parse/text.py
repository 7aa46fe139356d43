"""Values that travel as text: in a path, a query string, a header, a form field or an XML element."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from botocore.model import Shape

from gatewright.wire.parse.error import SerializationError
from gatewright.wire.timestamp import parse_timestamp

# `int()` would also take underscores, other scripts' digits and any length; the models know 32 and 64 bits.
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?|-?Infinity|NaN")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def parse_text(shape: Shape, text: str) -> Any:
    """The value that `text` stands for where the model wants the scalar `shape`."""
    return _PARSERS[shape.type_name](text)


def parse_base64(text: str) -> bytes:
    """The bytes of a blob."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SerializationError("A blob was expected as base64 text, but the text is not base64.") from None


def _parse_boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise SerializationError(f"A boolean was expected, but {text[:40]!r} was found.")
    return value


def _parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):
        raise SerializationError(f"An integer was expected, but {text[:40]!r} was found.")
    return int(text)


def _parse_float(text: str) -> float:
    if not _FLOAT.fullmatch(text.strip()):
        raise SerializationError(f"A number was expected, but {text[:40]!r} was found.")
    return float(text)


def _parse_instant(text: str) -> Any:
    try:
        return parse_timestamp(text)
    except ValueError:
        raise SerializationError(f"A timestamp was expected, but {text[:40]!r} was found.") from None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "character": str,
    "boolean": _parse_boolean,
    "integer": _parse_integer,
    "long": _parse_integer,
    "float": _parse_float,
    "double": _parse_float,
    "timestamp": _parse_instant,
    "blob": parse_base64,
}
