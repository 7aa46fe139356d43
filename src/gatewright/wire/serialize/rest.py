"""Where the REST protocols put the members of an output: headers, status code, payload, and the rest in the body.

A value that comes from a client can end up in a header (S3's `response-content-disposition` is written for that), so
control characters are blanked: no value starts a header of its own.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from gatewright.wire.http import HttpResponse
from gatewright.wire.serialize.members import given_members
from gatewright.wire.serialize.text import render_text

# RFC 9110 section 5.5: CR, LF and NUL are dangerous in a field value, other controls are invalid.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NO_CONTENT = 204


def serialize_rest_response(
    operation: OperationModel,
    result: Mapping[str, Any],
    *,
    status: int,
    headers: list[tuple[str, str]],
    content_type: str,
    render_body: Callable[[OperationModel, Shape, str | None, Mapping[str, Any]], bytes],
) -> HttpResponse:
    """The answer to a REST call; `render_body` writes a structure: the output itself, or its payload member by name."""
    shape = operation.output_shape
    if shape is None:
        assert not result, f"Our own bug: {operation.name} has no output, but was given {sorted(result)}."
        return HttpResponse(status, headers, b"")
    headers = [*headers, *location_headers(shape, result)]
    for name, member, value in given_members(shape, result):
        if member.serialization.get("location") == "statusCode":
            assert isinstance(value, int), f"Our own bug: {operation.name} gives {name} as {value!r}, not as a status."
            status = value
    body, body_type = _render(operation, shape, result, content_type, render_body)
    if status == _NO_CONTENT:
        return HttpResponse(status, headers, b"")
    if body_type is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", body_type))
    return HttpResponse(status, headers, body)


def _render(
    operation: OperationModel,
    shape: Shape,
    result: Mapping[str, Any],
    content_type: str,
    render_body: Callable[[OperationModel, Shape, str | None, Mapping[str, Any]], bytes],
) -> tuple[bytes, str | None]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        member = shape.members[payload]
        value = result.get(payload)
        if value is None:
            return b"", None
        if isinstance(value, bytes):
            # An event stream is given as the bytes of its frames; a blob is what it is.
            stream = member.serialization.get("eventstream")
            return value, "application/vnd.amazon.eventstream" if stream else "binary/octet-stream"
        if isinstance(value, str):
            return value.encode(), content_type
        return render_body(operation, member, payload, value), content_type
    if all("location" in member.serialization for member in shape.members.values()):
        return b"", None
    return render_body(operation, shape, None, result), content_type


def location_headers(shape: Shape, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers that members of an output, or of an error, become."""
    headers = []
    for name, member, value in given_members(shape, values):
        wire_name = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "header":
                headers.append((wire_name, _header_text(member, value)))
            case "headers":
                headers.extend((wire_name + key, header_text(str(item))) for key, item in value.items())
    return headers


def _header_text(member: Shape, value: Any) -> str:
    if member.type_name == "list":
        return ",".join(_header_text(member.member, item) for item in value)
    return header_text(render_text(member, value, "rfc822"))


def header_text(text: str) -> str:
    """A field value without characters that could end it."""
    return _CONTROL_CHARACTERS.sub(" ", text)
