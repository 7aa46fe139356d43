"""Setters that patch tables are made of: each function here returns a `Setter` for one attribute of a record.

They read a patch operation's text the way the service was seen to, and say its sentence where it refuses. Attributes
that are mappings may be None in a record (the member is absent on the wire); an entry added to None makes the mapping.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final, TypeVar

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, Setter

R = TypeVar("R")
V = TypeVar("V")


#: M: the service's integers are of 32 bits, and clients made of its model have no room for more.
MAXIMUM_INTEGER: Final = 2**31 - 1


def read_boolean(text: str | None) -> bool:
    """R (UpdateMethod, `/apiKeyRequired` = "whatever"): only `true`, in any case, is true; no text is refused."""
    return text is not None and text.lower() == "true"


def read_integer(text: str | None) -> int | None:
    """A decimal number, or None for what is none; the caller has the sentence that refuses it."""
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


#: What Java reads as a double (Double.valueOf), but for hexadecimal digits and the letters of types.
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
#: More digits than any double has.
_MAXIMUM_NUMBER: Final = 64


def read_number(text: str | None) -> float | None:
    """A finite number as Java reads one (`.5`, `5.`, `1e3`, blanks around it), or None for what is none.

    Guess: that the service reads rates so; its model has them as doubles. What is too large for one is none.
    """
    stripped = (text or "").strip(" \t\r\n")
    if len(stripped) > _MAXIMUM_NUMBER or not _NUMBER.fullmatch(stripped):
        return None
    number = float(stripped)
    return number + 0.0 if isfinite(number) else None  # -0 is 0


def set_text(attribute: str) -> Setter[Any]:
    """The attribute becomes the operation's value, None where it has none."""
    return lambda record, operation, _names: replace(record, **{attribute: operation.value})


def set_optional_text(attribute: str) -> Setter[Any]:
    """Like `set_text`, but empty text also makes the attribute absent."""
    return lambda record, operation, _names: replace(record, **{attribute: operation.value or None})


def set_boolean(attribute: str) -> Setter[Any]:
    """The attribute becomes the value read as a boolean."""
    return lambda record, operation, _names: replace(record, **{attribute: read_boolean(operation.value)})


def set_choice(attribute: str, choices: tuple[str, ...], refusal: str) -> Setter[Any]:
    """The attribute becomes the value if it is one of `choices`; `refusal` is said otherwise."""

    def setter(record: Any, operation: PatchOperation, _names: Mapping[str, str]) -> Any:
        if operation.value not in choices:
            raise PatchRefused(refusal)
        return replace(record, **{attribute: operation.value})

    return setter


def clear(attribute: str, empty: Any = None) -> Setter[Any]:
    """The attribute becomes `empty`; removing what is absent already is no error."""
    return lambda record, _operation, _names: replace(record, **{attribute: empty})


def put_entry(
    attribute: str,
    read: Callable[[str | None], Any] = lambda text: text,
    *,
    must_exist: str | None = None,
    check: Callable[[str, str | None], None] | None = None,
) -> Setter[Any]:
    """The mapping's entry of the placeholder's name becomes the value, read by `read`.

    `must_exist` is the sentence (NotFoundException) that is said if there is no such entry yet; `check(name, value)`
    raises `PatchRefused` for what may not be put.
    """

    def setter(record: Any, operation: PatchOperation, names: Mapping[str, str]) -> Any:
        (name,) = names.values()
        entries = getattr(record, attribute) or {}
        if must_exist is not None and name not in entries:
            raise PatchRefused(must_exist, code="NotFoundException")
        if check is not None:
            check(name, operation.value)
        return replace(record, **{attribute: {**entries, name: read(operation.value)}})

    return setter


def remove_entry(attribute: str, *, must_exist: str | None = None, when_empty: Any = None) -> Setter[Any]:
    """The mapping loses the placeholder's entry; with none left the attribute becomes `when_empty`."""

    def setter(record: Any, _operation: PatchOperation, names: Mapping[str, str]) -> Any:
        (name,) = names.values()
        entries = getattr(record, attribute) or {}
        if must_exist is not None and name not in entries:
            raise PatchRefused(must_exist, code="NotFoundException")
        rest = {key: value for key, value in entries.items() if key != name}
        return replace(record, **{attribute: rest or when_empty})

    return setter


def entry_rule(
    path: str, attribute: str, missing: str, read: Callable[[str | None], Any] = lambda text: text
) -> PatchRule[Any]:
    """The rule of a mapping whose entries are added, replaced and removed by name.

    `missing` is the sentence (NotFoundException) for an entry that is to be replaced or removed and is not there.
    """
    return PatchRule(
        path,
        add=put_entry(attribute, read),
        replace=put_entry(attribute, read, must_exist=missing),
        remove=remove_entry(attribute, must_exist=missing),
    )
