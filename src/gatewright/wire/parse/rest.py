"""Where the REST protocols put the members of an input: path, query string, headers, payload, and the rest in the body.

What a body looks like is the business of `rest_json` and `rest_xml`, which hand in how to read one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from botocore.model import OperationModel, Shape

from gatewright.wire.http import HttpRequest
from gatewright.wire.parse.error import SerializationError
from gatewright.wire.parse.text import parse_text

# One element of a header that carries a list: quoted when it holds a comma, with \" for a quote inside.
_HEADER_ELEMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class _Call:
    """A REST call taken apart."""

    operation: OperationModel
    labels: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]


def parse_rest_request(
    operation: OperationModel,
    labels: Mapping[str, str],
    request: HttpRequest,
    parse_body: Callable[[Shape, bytes], Any],
) -> dict[str, Any]:
    """The input of an operation; `parse_body` reads a body as a structure, leaving out members with a location."""
    shape = operation.input_shape
    if shape is None:
        return {}
    call = _Call(operation, labels, _parse_query(request.query), request.headers)
    parsed: dict[str, Any] = {}
    has_body_members = False
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location is None:
            has_body_members = True
            continue
        value = _parse_located(location, member, member.serialization.get("name", name), call)
        if value is not None:
            parsed[name] = value
    payload = shape.serialization.get("payload")
    if payload is not None:
        if request.body:
            parsed[payload] = _parse_payload(shape.members[payload], request.body, parse_body)
    elif has_body_members:
        parsed.update(parse_body(shape, request.body))
    return parsed


def _parse_query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict") if query else {}
    except ValueError:
        raise SerializationError("The query string is not percent-encoded UTF-8.") from None


def _parse_located(location: str, member: Shape, wire_name: str, call: _Call) -> Any:
    match location:
        case "uri":
            return parse_text(member, call.labels[wire_name])
        case "querystring":
            if member.type_name == "map":
                return _parse_query_map(member, call)
            return _parse_query_value(member, call.query.get(wire_name))
        case "header":
            text = call.headers.get(wire_name.lower())
            return None if text is None else _parse_header(member, text)
        case _:
            assert location == "headers", f"Our own bug: {wire_name} is at the unknown location {location}."
            return _parse_header_map(wire_name.lower(), call.headers)


def _parse_query_value(member: Shape, values: list[str] | None) -> Any:
    if values is None:
        return None
    if member.type_name == "list":
        return [parse_text(member.member, value) for value in values]
    return parse_text(member, values[0])


def _parse_query_map(member: Shape, call: _Call) -> dict[str, Any] | None:
    """The query parameters that no other member and no constant of the path template names."""
    taken = {
        other.serialization.get("name", name)
        for name, other in call.operation.input_shape.members.items()
        if other.serialization.get("location") == "querystring" and other.type_name != "map"
    }
    taken.update(parse_qs(call.operation.http["requestUri"].partition("?")[2], keep_blank_values=True))
    rest = {name: _parse_query_value(member.value, values) for name, values in call.query.items() if name not in taken}
    return rest or None


def _parse_header(member: Shape, text: str) -> Any:
    if member.type_name == "list":
        return [parse_text(member.member, element) for element in split_header_list(text)]
    return parse_text(member, text)


def split_header_list(text: str) -> list[str]:
    """The elements of a header value that lists them with commas; an element with a comma in it stands in quotes.

    Quotes that do not enclose a whole element are taken as they are.
    """
    elements = []
    position = 0
    while position < len(text):
        found = _HEADER_ELEMENT.match(text, position)
        assert found is not None, "Our own bug: what is not quoted is bare, so that an element always matches."
        quoted, bare = found.groups()
        elements.append(bare.strip() if quoted is None else quoted.replace('\\"', '"'))
        position = found.end()
    return elements


def _parse_header_map(prefix: str, headers: Mapping[str, str]) -> dict[str, str] | None:
    found = {name[len(prefix) :]: value for name, value in headers.items() if name.startswith(prefix)}
    return found or None


def _parse_payload(member: Shape, body: bytes, parse_body: Callable[[Shape, bytes], Any]) -> Any:
    if member.type_name == "blob":
        return body
    if member.type_name == "string":
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise SerializationError("The request body is not UTF-8 text.") from None
    return parse_body(member, body)
