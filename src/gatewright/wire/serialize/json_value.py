"""Python values as JSON, by shape; the common part of the `json` and `rest-json` protocols, bodies of errors included."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import Shape

from gatewright.wire.serialize.members import given_members
from gatewright.wire.serialize.text import render_special_float
from gatewright.wire.timestamp import render_epoch_seconds, render_timestamp


def render_json(document: Any) -> bytes:
    """A JSON document as the AWS services write it: compact, in UTF-8."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def json_members(shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a structure that stand in a JSON object; those with a location elsewhere are left out."""
    return {
        member.serialization.get("name", name): json_value(member, value)
        for name, member, value in given_members(shape, values)
        if "location" not in member.serialization
    }


def json_value(shape: Shape, value: Any) -> Any:
    """A value as JSON knows it."""
    match shape.type_name:
        case "structure":
            return json_members(shape, value)
        case "list":
            return [json_value(shape.member, item) for item in value]
        case "map":
            # Recorded (`test_put_integration_response_templates`): a map's key may be shown with a null.
            return {key: None if item is None else json_value(shape.value, item) for key, item in value.items()}
    match value:
        case datetime():
            return _json_timestamp(shape, value)
        case bytes():
            return base64.b64encode(value).decode()
        case float():
            return render_special_float(value) or value
    assert isinstance(value, bool | int | str), f"Our own bug: {value!r} was given for {shape.name}."
    return value


def _json_timestamp(shape: Shape, value: datetime) -> int | float | str:
    # Facts 1.1: v1 sends epoch seconds as a number; v2's model names ISO 8601 on each of its timestamps.
    timestamp_format = shape.serialization.get("timestampFormat", "unixTimestamp")
    if timestamp_format.lower() == "unixtimestamp":
        return render_epoch_seconds(value)
    return render_timestamp(value, timestamp_format)
