"""Patch operations: the one way in which the service's Update calls change a record (facts 1.1, 1.6).

What this module knows: how a request's `patchOperations` are read, how a path is matched against a table, and the two
sentences in which the service refuses what no table allows. The rules it keeps to:

- All or nothing. `apply_patch` goes through the operations in order, each on the record that the one before left, and
  the caller has either the record after the last or a `PatchRefused`.
- A path is a JSON pointer (RFC 6901): segments are split at `/` first, then `~1` and `~0` are decoded, so that
  `/requestModels/application~1json` has two segments.
- `value` is text in every case, also for numbers and booleans, or absent.
- Which paths exist is a table's business (`gatewright.model.patch_tables`); what a setter does, `patch_setters` names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeAlias, TypeVar

R = TypeVar("R")


class PatchRefused(ValueError):
    """The service does not make this change. The message is its literal text, `code` the modelled exception."""

    def __init__(self, message: str, *, code: str = "BadRequestException") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One operation as it was sent; all four members are optional on the wire, `from_` being the wire's `from`."""

    op: str | None
    path: str | None
    value: str | None = None
    from_: str | None = None


#: (record so far, the operation, what the `{placeholders}` of the path stood for) → the next record.
Setter: TypeAlias = Callable[[R, PatchOperation, Mapping[str, str]], R]


@dataclass(frozen=True, slots=True)
class PatchRule(Generic[R]):
    """A path and, for each operation that it takes, the setter. `{name}` stands for one whole, non-empty segment."""

    path: str
    add: Setter[R] | None = None
    replace: Setter[R] | None = None
    remove: Setter[R] | None = None
    copy: Setter[R] | None = None
    #: Said in place of the table's own sentence about an operation that this path does not take.
    unsupported: str | None = None
    #: How a listing spells the path, where that is not `path`.
    shown: str | None = None

    def setter(self, op: str | None) -> Setter[R] | None:
        """The setter for an operation; `move` and `test` have none anywhere."""
        return self._setters().get(op or "")

    def operations(self) -> tuple[str, ...]:
        """The names of the operations that this path takes."""
        return tuple(name for name, setter in self._setters().items() if setter is not None)

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """What the placeholders stand for, or None if this rule is about another path."""
        pattern = _split(self.path)
        if len(pattern) != len(segments):
            return None
        names: dict[str, str] = {}
        for expected, found in zip(pattern, segments, strict=True):
            if expected.startswith("{") and expected.endswith("}"):
                if not found:
                    return None
                names[expected[1:-1]] = found
            elif expected != found:
                return None
        return names

    def _setters(self) -> Mapping[str, Setter[R] | None]:
        return {"add": self.add, "replace": self.replace, "remove": self.remove, "copy": self.copy}


class RefusalStyle(Enum):
    """How a noun words its refusal of a path or an operation. Both recorded; which noun has which, too."""

    #: RestApi, Method, MethodResponse, GatewayResponse: `Invalid patch path /x`; an operation that a known path does
    #: not take: `Invalid patch operation specified. Must be one of: [replace]`.
    PLAIN = "plain"
    #: Resource, Model, RequestValidator, DocumentationPart: `Invalid patch path  '/x' specified for op 'replace'. Must
    #: be one of: [/a, /b]` with the paths that take the operation, or `. Please choose supported operations`.
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class PatchTable(Generic[R]):
    """Everything that can be patched of one noun, in the order in which the service lists the paths."""

    rules: Sequence[PatchRule[R]]
    style: RefusalStyle = RefusalStyle.PLAIN
    #: Said in place of the style's sentence about a path that the table does not know.
    unknown_path: Callable[[PatchOperation], str] | None = None

    def find(self, operation: PatchOperation) -> tuple[Setter[R], Mapping[str, str]]:
        """The first rule that knows the path and takes the operation; raises `PatchRefused` where there is none."""
        known: PatchRule[R] | None = None
        segments = parse_pointer(operation.path)
        for rule in self.rules if segments is not None else ():
            names = rule.match(segments or ())
            if names is None:
                continue
            setter = rule.setter(operation.op)
            if setter is not None:
                return setter, names
            known = known or rule
        raise PatchRefused(self._refusal(operation, known))

    def _refusal(self, operation: PatchOperation, known: PatchRule[R] | None) -> str:
        if known is not None and known.unsupported is not None:
            return known.unsupported
        if known is None and self.unknown_path is not None:
            return self.unknown_path(operation)
        path, op = _shown(operation.path), _shown(operation.op)
        if self.style is RefusalStyle.LISTING:
            paths = [rule.shown or rule.path for rule in self.rules if rule.setter(operation.op) is not None]
            choice = f"Must be one of: [{', '.join(paths)}]" if paths else "Please choose supported operations"
            # R: the two spaces are the service's.
            return f"Invalid patch path  '{path}' specified for op '{op}'. {choice}"
        if known is None:
            return invalid_patch_path(operation)
        return f"Invalid patch operation specified. Must be one of: [{', '.join(known.operations())}]"


#: R: what RestApi says of an operation on an endpoint type, see `PatchRule.unsupported`.
ADD_REMOVE_REPLACE_ONLY: Final = "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"


def invalid_patch_path(operation: PatchOperation) -> str:
    """R: `Invalid patch path /x`, and `Invalid patch path null` where there is none."""
    return f"Invalid patch path {_shown(operation.path)}"


def parse_patch_operations(operations: Sequence[Mapping[str, Any]] | None) -> tuple[PatchOperation, ...]:
    """The `patchOperations` member of an Update call; an absent list is an empty one and changes nothing."""
    return tuple(
        PatchOperation(op=each.get("op"), path=each.get("path"), value=each.get("value"), from_=each.get("from"))
        for each in operations or ()
    )


def parse_pointer(path: str | None) -> tuple[str, ...] | None:
    """The decoded segments of a JSON pointer, or None for what is not one: absent, or without a leading slash."""
    if path is None or not path.startswith("/"):
        return None
    # RFC 6901 section 4: ~1 before ~0, so that ~01 is "~1".
    return tuple(segment.replace("~1", "/").replace("~0", "~") for segment in _split(path))


def apply_patch(record: R, operations: Sequence[PatchOperation], table: PatchTable[R]) -> R:
    """The record after all operations; raises `PatchRefused` if the table or a setter refuses one of them."""
    for operation in operations:
        setter, names = table.find(operation)
        record = setter(record, operation, names)
    return record


def _split(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _shown(member: str | None) -> str:
    """An absent member as the service's own language prints it."""
    return "null" if member is None else member
