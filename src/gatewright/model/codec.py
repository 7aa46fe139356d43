"""Records as JSON text and back, for every frozen class of `gatewright.model.records`.

What this module knows: how the types that records are annotated with look in JSON. The plan for a class is made once,
from its annotations; a new noun needs nothing here. What it keeps to:

- A member whose value is None and whose default is None is not written. The default of a field must therefore never
  change once a release has been made.
- Reading forgives what another release may have written: unknown members are skipped, missing ones take the field's
  default. It does not forgive a wrong type. Nor does writing: what could not be read again is not written.
- A float may be written as an integer, since JSON does not tell them apart; NaN and infinities have no JSON.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gatewright.model.records import KINDS, Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class RecordMalformed(ValueError):
    """A document does not fit its record's class; the message names the member, what it should be and what it is."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.problem = problem
        self.path = path

    def within(self, step: str) -> "RecordMalformed":
        """The same refusal, told from one level further out."""
        separator = "" if not self.path or self.path.startswith("[") else "."
        return RecordMalformed(self.problem, f"{step}{separator}{self.path}")


@dataclass(frozen=True, slots=True)
class _Plan:
    """How values of one annotation are written and read.

    `plain` are the exact types that are the same in JSON and in the record. To let those through without a call is a
    shortcut that halves the time of a record made of strings; `encode` and `decode` say the same of them.
    """

    plain: frozenset[type]
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


_JSON_NAMES: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    tuple: "an array",
    dict: "an object",
    types.NoneType: "null",
}


def _refusal(expected: str, value: object) -> RecordMalformed:
    """Says the types only: a value may be long, or not for every reader's eyes."""
    found = _JSON_NAMES.get(type(value), f"a {type(value).__name__}")
    return RecordMalformed(f"expected {expected}, found {found}")


def _scalar_plan(scalar: type) -> _Plan:
    def check(value: object) -> object:
        # bool is a subclass of int in Python and of nothing in JSON; a str subclass (an enum) is written as its text.
        if scalar is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, scalar) and (scalar is bool or not isinstance(value, bool)):
            return scalar(value)
        raise _refusal(_JSON_NAMES[scalar], value)

    return _Plan(frozenset({scalar}), check, check)


def _optional_plan(inner: _Plan) -> _Plan:
    def encode(value: object) -> object:
        return None if value is None else inner.encode(value)

    def decode(value: object) -> object:
        return None if value is None else inner.decode(value)

    return _Plan(inner.plain | {types.NoneType}, encode, decode)


def _tuple_plan(inner: _Plan) -> _Plan:
    def convert_all(values: list[Any] | tuple[Any, ...], convert: Callable[[Any], Any]) -> list[Any]:
        converted = []
        for index, value in enumerate(values):
            try:
                converted.append(value if type(value) in inner.plain else convert(value))
            except RecordMalformed as error:
                raise error.within(f"[{index}]") from None
        return converted

    def encode(value: object) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise _refusal("an array", value)
        return convert_all(value, inner.encode)

    def decode(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _refusal("an array", value)
        return tuple(convert_all(value, inner.decode))

    return _Plan(frozenset(), encode, decode)


def _mapping_plan(inner: _Plan) -> _Plan:
    def convert_all(values: Mapping[Any, Any], convert: Callable[[Any], Any]) -> dict[str, Any]:
        converted = {}
        for name, value in values.items():
            if not isinstance(name, str):
                raise _refusal("a string as a name", name)
            try:
                converted[str(name)] = value if type(value) in inner.plain else convert(value)
            except RecordMalformed as error:
                raise error.within(f"[{name!r}]") from None
        return converted

    def encode(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _refusal("an object", value)
        return convert_all(value, inner.encode)

    def decode(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _refusal("an object", value)
        return convert_all(value, inner.decode)

    return _Plan(frozenset(), encode, decode)


def _object_plan(cls: type[Any]) -> _Plan:
    hints = get_type_hints(cls)
    plans = {field.name: _plan_for(hints[field.name]) for field in fields(cls)}
    readers = {name: (plan.plain, plan.decode) for name, plan in plans.items()}
    writers = [
        (field.name, plans[field.name].plain, plans[field.name].encode, field.default is None) for field in fields(cls)
    ]
    required = {field.name for field in fields(cls) if field.default is MISSING and field.default_factory is MISSING}

    def encode(value: object) -> dict[str, Any]:
        if type(value) is not cls:
            raise _refusal(f"a {cls.__name__}", value)
        document = {}
        for name, plain, convert, none_is_default in writers:
            member = getattr(value, name)
            if member is None and none_is_default:
                continue
            try:
                document[name] = member if type(member) in plain else convert(member)
            except RecordMalformed as error:
                raise error.within(name) from None
        return document

    def decode(value: object) -> object:
        if not isinstance(value, dict):
            raise _refusal("an object", value)
        members = {}
        for name, member in value.items():
            reader = readers.get(name)
            if reader is None:
                continue
            plain, convert = reader
            try:
                members[name] = member if type(member) in plain else convert(member)
            except RecordMalformed as error:
                raise error.within(name) from None
        if not members.keys() >= required:
            missing = ", ".join(sorted(required - members.keys()))
            raise RecordMalformed(f"a {cls.__name__} lacks {missing}")
        return cls(**members)

    return _Plan(frozenset(), encode, decode)


@cache
def _plan_for(annotation: Any) -> _Plan:
    if annotation in (str, bool, int, float):
        return _scalar_plan(annotation)
    if is_dataclass(annotation) and isinstance(annotation, type):
        return _object_plan(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _tuple_plan(_plan_for(arguments[0]))
    if origin is Mapping and arguments[0] is str:
        return _mapping_plan(_plan_for(arguments[1]))
    if origin in (types.UnionType, Union):
        others = [argument for argument in arguments if argument is not types.NoneType]
        if len(others) == 1:
            return _optional_plan(_plan_for(others[0]))
    raise TypeError(f"a record's field cannot be annotated {annotation}: no JSON form is known for it")


_to_text = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_from_text = json.JSONDecoder().decode


def encode(record: Record) -> str:
    """The record as one line of ASCII JSON; `RecordMalformed` if a field does not hold what its annotation says."""
    cls: Any = type(record)
    try:
        return _to_text(_plan_for(cls).encode(record))
    except RecordMalformed as error:
        raise error.within(cls.KIND) from None
    except ValueError as error:
        raise RecordMalformed(f"a number of this record has no JSON form ({error})", cls.KIND) from None


def decode(kind: type[R], text: str) -> R:
    """The record that `text` describes, or `RecordMalformed`."""
    cls: Any = kind
    try:
        return cast("R", _plan_for(cls).decode(_from_text(text)))
    except RecordMalformed as error:
        raise error.within(kind.KIND) from None
    except ValueError as error:
        raise RecordMalformed(f"not JSON ({error})", kind.KIND) from None


def decode_kind(kind: str, text: str) -> Record:
    """Like `decode`, for a kind that is known by its name; `KeyError` if there is none of that name."""
    return decode(KINDS[kind], text)


def encode_document(value: object) -> Any:
    """The JSON form of any frozen class that is annotated as records are."""
    cls: Any = type(value)
    return _plan_for(cls).encode(value)


def decode_document(cls: type[T], document: object) -> T:
    """The value of that class which the JSON form describes, or `RecordMalformed`."""
    kind: Any = cls
    return cast("T", _plan_for(kind).decode(document))
