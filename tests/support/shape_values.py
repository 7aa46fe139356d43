"""Values for shapes of botocore's models: one fixed value a shape, and a hypothesis strategy a shape."""

import datetime as dt
from typing import Any

from botocore.model import Shape
from hypothesis import strategies as st

INSTANT = dt.datetime(2024, 2, 29, 12, 34, 56, 789000, tzinfo=dt.UTC)

# Each place has characters that its encoding must carry and could lose.
_TEXTS = {
    "uri": "a/b c+%2F~ü",
    "querystring": "q &=+%ü",
    "header": "header-value.1",
    None: 'body <&> "ü" ]]> \U0001f600',
}


def fixed_value(shape: Shape, *, only_required: bool = False, _within: tuple[str, ...] = ()) -> Any:
    """A value with every member that the shape allows, or only the required ones; a shape that holds itself stops."""
    location = shape.serialization.get("location")
    within = (*_within, shape.name)
    match shape.type_name:
        case "structure":
            names = list(shape.members)
            if only_required:
                names = [name for name in names if name in shape.required_members]
            if shape.is_tagged_union:
                names = next(([name] for name in shape.members if shape.members[name].name not in _within), [])
            return {
                name: fixed_value(shape.members[name], only_required=only_required, _within=within)
                for name in names
                if shape.members[name].name not in within and not _is_dead_end(shape.members[name], within)
            }
        case "list":
            item = fixed_value(shape.member, only_required=only_required, _within=within)
            return [item, item]
        case "map":
            key = "extra-key" if location else fixed_value(shape.key)
            value = fixed_value(shape.value, only_required=only_required, _within=within)
            return {key: value if location is None else "header-value.2"}
        case "string":
            return shape.metadata["enum"][0] if "enum" in shape.metadata else _TEXTS.get(location, _TEXTS[None])
        case "integer":
            return 202 if location == "statusCode" else -7
        case "long":
            return 2**40
        case "float" | "double":
            return 0.5
        case "boolean":
            return True
        case "blob":
            return b"\x00blob\xff"
        case "timestamp":
            return INSTANT.replace(microsecond=0) if _has_whole_seconds(shape) else INSTANT
    raise AssertionError(shape)


def _has_whole_seconds(timestamp: Shape) -> bool:
    """True where a timestamp is written as an HTTP date, and in headers, where botocore drops the rest in any format."""
    serialization = timestamp.serialization
    return serialization.get("location") == "header" or serialization.get("timestampFormat", "").lower() == "rfc822"


def _is_dead_end(shape: Shape, within: tuple[str, ...]) -> bool:
    """True for a list or map that leads straight back into a shape we are in."""
    inner = shape.member if shape.type_name == "list" else shape.value if shape.type_name == "map" else None
    return inner is not None and (inner.name in within or _is_dead_end(inner, (*within, shape.name)))


def prune(value: Any) -> Any:
    """The value without empty lists and structures, which some protocols can't tell from absent ones."""
    if isinstance(value, dict):
        pruned = {key: prune(item) for key, item in value.items()}
        return {key: item for key, item in pruned.items() if item not in ({}, [])}
    if isinstance(value, list):
        return [item for item in map(prune, value) if item not in ({}, [])]
    return value


# What XML 1.0 can hold; JSON, CBOR and forms can hold it as well.
_body_text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
_located_text = st.text("abcXYZ019-._", min_size=1, max_size=8)
_instants = st.integers(0, 2**32 * 1000).map(
    lambda milliseconds: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)
)


def values(shape: Shape, _within: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Any value of the shape, with optional members there or not; a shape that holds itself stops."""
    location = shape.serialization.get("location")
    within = (*_within, shape.name)
    match shape.type_name:
        case "structure":
            members = {
                name: values(member, within)
                for name, member in shape.members.items()
                if member.name not in within and not _is_dead_end(member, within)
            }
            if shape.is_tagged_union:
                return st.one_of(*[st.fixed_dictionaries({name: member}) for name, member in members.items()])
            required = {name: members.pop(name) for name in shape.required_members if name in members}
            return st.fixed_dictionaries(required, optional=members)
        case "list":
            return st.lists(values(shape.member, within), max_size=3)
        case "map":
            keys = st.sampled_from(["extra-a", "extra-b"]) if location else values(shape.key)
            return st.dictionaries(keys, _located_text if location else values(shape.value, within), max_size=3)
        case "string":
            if "enum" in shape.metadata:
                return st.sampled_from(shape.metadata["enum"])
            return _located_text if location else _body_text
        case "integer":
            return st.integers(-(2**31), 2**31 - 1) if location != "statusCode" else st.just(200)
        case "long":
            return st.integers(-(2**63), 2**63 - 1)
        case "float" | "double":
            return st.floats(width=32, allow_nan=False)
        case "boolean":
            return st.booleans()
        case "blob":
            return st.binary(max_size=12)
        case "timestamp":
            whole = _instants.map(lambda instant: instant.replace(microsecond=0))
            return whole if _has_whole_seconds(shape) else _instants
    raise AssertionError(shape)
