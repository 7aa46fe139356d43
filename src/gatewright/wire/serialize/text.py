"""Scalars as text: in a header, or in an XML element."""

import base64
import math
from datetime import datetime
from typing import Any

from botocore.model import Shape

from gatewright.wire.timestamp import render_timestamp


def render_text(shape: Shape, value: Any, timestamp_format: str) -> str:
    """A scalar as text; `timestamp_format` holds where the shape names none itself."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return render_timestamp(value, shape.serialization.get("timestampFormat", timestamp_format))
        case bytes():
            return base64.b64encode(value).decode()
        case float():
            return render_special_float(value) or repr(value)
        case int() | str():
            return str(value)
    raise AssertionError(f"Our own bug: a {type(value).__name__} was given for the {shape.type_name} {shape.name}.")


def render_special_float(value: float) -> str | None:
    """The word that stands for a number which neither JSON nor XML Schema text can write, or None for an ordinary one."""
    if math.isfinite(value):
        return None
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
