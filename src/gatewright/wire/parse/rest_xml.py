"""The rest-xml protocol: HTTP locations as in `rest`, the body an XML document."""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import Shape

from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.error import SerializationError
from gatewright.wire.parse.rest import parse_rest_request
from gatewright.wire.parse.text import parse_text
from gatewright.wire.xml import XmlError, children_named, local_name, parse_xml


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of a rest-xml call."""
    return parse_rest_request(routed.operation, routed.labels, request, _parse_body)


def _parse_body(shape: Shape, body: bytes) -> Any:
    if not body:
        return {}
    try:
        root = parse_xml(body)
    except XmlError as error:
        raise SerializationError(str(error)) from None
    return _parse_value(shape, [root])


def _parse_value(shape: Shape, elements: list[Element]) -> Any:
    """The value of a member from the elements that bear its name: one, or several for a flattened list or map."""
    flattened = shape.serialization.get("flattened")
    match shape.type_name:
        case "structure":
            return _parse_structure(shape, elements[0])
        case "list":
            item_name = shape.member.serialization.get("name", "member")
            items: Iterable[Element] = elements if flattened else children_named(elements[0], item_name)
            return [_parse_value(shape.member, [item]) for item in items]
        case "map":
            return _parse_map(shape, elements if flattened else children_named(elements[0], "entry"))
    if len(elements[0]):
        raise SerializationError(f"A {shape.type_name} was expected, but {local_name(elements[0].tag)} has elements.")
    return parse_text(shape, elements[0].text or "")


def _parse_structure(shape: Shape, element: Element) -> dict[str, Any]:
    by_name: dict[str, list[Element]] = {}
    for child in element:
        by_name.setdefault(local_name(child.tag), []).append(child)
    parsed = {}
    for name, member in shape.members.items():
        serialization = member.serialization
        if "location" in serialization:
            continue
        wire_name = serialization.get("name", name)
        if serialization.get("xmlAttribute"):
            text = _find_attribute(element, wire_name)
            if text is not None:
                parsed[name] = parse_text(member, text)
        elif wire_name in by_name:
            parsed[name] = _parse_value(member, by_name[wire_name])
    return parsed


def _find_attribute(element: Element, wire_name: str) -> str | None:
    # The model writes the prefix (`xsi:type`), which a client may have bound to another: the local name decides.
    local = wire_name.rpartition(":")[2]
    return next((value for name, value in element.attrib.items() if local_name(name) in (local, wire_name)), None)


def _parse_map(shape: Shape, entries: Iterable[Element]) -> dict[str, Any]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    parsed = {}
    for entry in entries:
        keys = list(children_named(entry, key_name))
        values = list(children_named(entry, value_name))
        if not keys or not values:
            raise SerializationError(f"An entry of a map lacks its {key_name!r} or {value_name!r}.")
        parsed[_parse_value(shape.key, keys)] = _parse_value(shape.value, values)
    return parsed
