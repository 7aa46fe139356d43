"""The query protocol: the input as form fields whose dotted names are paths into it.

`Tags.member.2.Key=a` is member `Key` of the second element of the list `Tags`. A flattened list leaves out `member`; a
map lists `entry.N.key` and `entry.N.value`. An empty list is its bare name with an empty value. The fields are first
grown into a tree, then the tree is read as the shape wants it. Amazon EC2's variant is in `ec2`: only names differ.
"""

from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from gatewright.wire.form import read_form
from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import RoutedOperation
from gatewright.wire.parse.error import SerializationError
from gatewright.wire.parse.text import parse_text

# The deepest modelled input has some ten levels.
_MAX_DEPTH = 64

Node = dict[str, Any]  # child name -> Node; under "" the text of the field that ends here
_TEXT = ""


def parse(routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
    """The input of a query call."""
    return FormReader().parse(routed, request)


class FormReader:
    """Reads a form as a shape; the two methods that give names are what EC2's variant changes."""

    def member_name(self, name: str, member: Shape) -> str:
        """The field name of a structure's member."""
        if member.type_name == "list" and member.serialization.get("flattened"):
            element_name: str | None = member.member.serialization.get("name")
            if element_name:
                return element_name
        wire_name: str = member.serialization.get("name", name)
        return wire_name

    def list_elements(self, shape: Shape, node: Node) -> Node:
        """The node whose numbered children are the elements of a list."""
        if shape.serialization.get("flattened"):
            return node
        elements: Node = node.get(shape.member.serialization.get("name", "member"), {})
        return elements

    def parse(self, routed: RoutedOperation, request: HttpRequest) -> dict[str, Any]:
        """The input of the call."""
        shape = routed.operation.input_shape
        return {} if shape is None else self._parse_structure(shape, _grow_tree(_read_fields(request)))

    def _parse_value(self, shape: Shape, node: Node) -> Any:
        match shape.type_name:
            case "structure":
                return self._parse_structure(shape, node)
            case "list":
                elements = _numbered(self.list_elements(shape, node))
                return [self._parse_value(shape.member, element) for element in elements]
            case "map":
                return self._parse_map(shape, node)
        if _TEXT not in node:
            raise SerializationError(f"A {shape.type_name} was expected, but a structure was found.")
        return parse_text(shape, node[_TEXT])

    def _parse_structure(self, shape: Shape, node: Node) -> dict[str, Any]:
        parsed = {}
        for name, member in shape.members.items():
            child = node.get(self.member_name(name, member))
            if child is not None:
                parsed[name] = self._parse_value(member, child)
        return parsed

    def _parse_map(self, shape: Shape, node: Node) -> dict[str, Any]:
        entries = node if shape.serialization.get("flattened") else node.get("entry", {})
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        parsed = {}
        for entry in _numbered(entries):
            if key_name not in entry or value_name not in entry:
                raise SerializationError(f"An entry of a map lacks its {key_name!r} or {value_name!r}.")
            key = self._parse_value(shape.key, entry[key_name])
            parsed[key] = self._parse_value(shape.value, entry[value_name])
        return parsed


def _read_fields(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        return read_form(request)
    except ValueError:
        raise SerializationError("The request is not a form of percent-encoded UTF-8 fields.") from None


def _grow_tree(fields: list[tuple[str, str]]) -> Node:
    root: Node = {}
    for name, value in fields:
        steps = name.split(".")
        if len(steps) > _MAX_DEPTH:
            raise SerializationError(f"A field name has more than {_MAX_DEPTH} parts.")
        node = root
        for step in steps:
            # An empty step, as in "a..b", must not meet the key under which text is kept.
            node = node.setdefault(step or ".", {})
        node[_TEXT] = value
    return root


def _numbered(node: Node) -> Iterator[Node]:
    """The children whose names are numbers, in the order of the numbers; gaps are closed."""
    numbers = [step for step in node if step.isascii() and step.isdigit() and len(step) < 10]
    return (node[step] for step in sorted(numbers, key=int))
