"""The mapping template that a model suggests: a body of the model's shape, each value taken from the same place.

GetModelTemplate answers with it, for its caller to edit. The service documents no grammar of it; its examples (the CLI
reference for the model `Empty`, the developer guide for arrays) are kept to, and what they do not show is a guess.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_FIRST_LINE: Final = "#set($inputRoot = $input.path('$'))\n"
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_UNQUOTED: Final = frozenset({"integer", "number", "boolean"})


_DEFINITIONS: Final = "#/definitions/"


def render_sample_template(schema: Mapping[str, Any]) -> str:
    """The Velocity template for a JSON schema (draft 4); references lead into its own `definitions`."""
    return _FIRST_LINE + _Renderer(_schema(schema.get("definitions"))).render(schema, "$inputRoot", "", 0, frozenset())


class _Renderer:
    """Renders the values of one schema."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def render(self, schema: Any, reference: str, indent: str, loops: int, within: frozenset[str]) -> str:
        """A value of this schema. `loops`: how many are around it; `within`: the definitions that it is a part of."""
        schema = _schema(schema)
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith(_DEFINITIONS):
            name = target.removeprefix(_DEFINITIONS)
            if name in within:
                return f"{{\n{indent}}}"  # a definition that contains itself would have no end
            within |= {name}
            schema = _schema(self._definitions.get(name))
        kind = _kind(schema)
        deeper = indent + "  "
        if kind == "object":
            members = schema.get("properties")
            if not isinstance(members, Mapping) or not members:
                return f"{{\n{indent}}}"
            lines = (
                f"{deeper}{json.dumps(name)} : {self.render(member, _member(reference, name), deeper, loops, within)}"
                for name, member in members.items()
            )
            return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
        if kind == "array":
            element = f"$elem{loops or ''}"
            inner = self.render(schema.get("items"), element, deeper, loops + 1, within)
            loop = f"#foreach({element} in {reference})\n{deeper}{inner}#if($foreach.hasNext),#end\n\n#end"
            return f"[\n{loop}\n{indent}]"
        return reference if kind in _UNQUOTED else f'"{reference}"'


def _kind(schema: Mapping[str, Any]) -> str:
    """The type that is rendered: the first one named that is not null; objects and arrays may go without saying."""
    named = schema.get("type")
    kinds = named if isinstance(named, list) else [named]
    for kind in kinds:
        if isinstance(kind, str) and kind != "null":
            return kind
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _schema(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _member(reference: str, name: str) -> str:
    """How Velocity reaches a member; one whose name is no identifier is asked for by its text."""
    if _IDENTIFIER.fullmatch(name):
        return f"{reference}.{name}"
    quoted = name.replace("'", "\\'")
    return f"{reference}.get('{quoted}')"
