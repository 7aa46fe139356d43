"""Python values as XML elements, by shape; the common part of `query`, `ec2` and `rest-xml`.

A list is an element of its own with `member` (or the name that the model gives) for each item, or, when flattened, the
item elements alone. A map has `entry` elements with `key` and `value`. Members of a structure follow the model's order.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from botocore.model import Shape

from gatewright.wire.serialize.members import given_members
from gatewright.wire.serialize.text import render_text
from gatewright.wire.xml import printable

_XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def render_xml(root: Element) -> bytes:
    """A document with its declaration, in UTF-8."""
    rendered: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    # A reader folds a bare carriage return into a line feed (XML 1.0 section 2.11); ElementTree writes it bare in text.
    return _XML_DECLARATION + rendered.replace(b"\r", b"&#13;")


def add_text(parent: Element, name: str, text: str) -> None:
    """Adds an element that holds text."""
    SubElement(parent, name).text = printable(text)


def add_members(parent: Element, shape: Shape, values: Mapping[str, Any]) -> None:
    """Adds the members of a structure to its element; those with a location elsewhere are left out."""
    for name, member, value in given_members(shape, values):
        serialization = member.serialization
        if "location" in serialization:
            continue
        wire_name = serialization.get("name", name)
        if serialization.get("xmlAttribute"):
            parent.set(wire_name, printable(str(value)))
        else:
            add_value(parent, wire_name, member, value)


def add_value(parent: Element, name: str, shape: Shape, value: Any) -> None:
    """Adds a value under its name."""
    flattened = shape.serialization.get("flattened")
    match shape.type_name:
        case "structure":
            element = SubElement(parent, name)
            add_namespace(element, shape)
            add_members(element, shape, value)
        case "list":
            item_name = shape.member.serialization.get("name", name if flattened else "member")
            items = parent if flattened else SubElement(parent, name)
            for item in value:
                add_value(items, item_name, shape.member, item)
        case "map":
            entries = None if flattened else SubElement(parent, name)
            for key, item in value.items():
                entry = SubElement(parent, name) if entries is None else SubElement(entries, "entry")
                add_value(entry, shape.key.serialization.get("name", "key"), shape.key, key)
                add_value(entry, shape.value.serialization.get("name", "value"), shape.value, item)
        case _:
            add_text(parent, name, render_text(shape, value, "iso8601"))


def add_namespace(element: Element, shape: Shape) -> None:
    """Declares on an element the namespace that its shape names, such as S3's `xsi` on a grantee."""
    namespace = shape.serialization.get("xmlNamespace")
    if namespace is None:
        return
    uri, prefix = (namespace, None) if isinstance(namespace, str) else (namespace["uri"], namespace.get("prefix"))
    element.set(f"xmlns:{prefix}" if prefix else "xmlns", uri)
