"""The constraints of an operation's input, and the text in which AWS says that some are not met.

    1 validation error detected: Value 'x' at 'certificateArn' failed to satisfy constraint: Member must …

Several failures are joined with `; ` and counted. A path is made of member names with a small first letter; an element
of a list is `name.1.member`, counted from 1.

How sure this is. Recorded from the real service (`../shared/corpora/recorded`, every ValidationException of Amazon API
Gateway; a test compares each): the frame, null, enum and pattern texts, lists of scalars, paths, order, and API Gateway's
own manners in `_Manners`. Seen in reports of other services: the length texts, and that a list's constraints read
`[… less than or equal to …, … greater than or equal to …, … pattern: …]` in this order (Lambda's `layers`, 2024), the
texts for maps (CodePipeline, 2022), and that a sensitive value is left out (`Value at 'x'`). Guesses: the order of
several failures of one scalar, taken from that of lists, and how a structure inside a list or map is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel, Shape

from gatewright.wire.patterns import satisfies


@dataclass(frozen=True, slots=True)
class _Manners:
    """In what services differ. The defaults are Lambda's, ACM's and the rest's."""

    # API Gateway calls what stands in the body `updateRestApiInput.…`; what stands in the path has no prefix, and comes
    # after (recorded test_update_method_response_negative_tests).
    names_the_body: bool = False
    # API Gateway lists an enum in the order of a Java hash table (all six recorded lists); Lambda in the model's.
    hashes_enums: bool = False
    # API Gateway accepts "" where an enum is wanted (recorded test_create_rest_api_verify_defaults).
    accepts_empty_enum: bool = False
    # S3's few patterns are of values as they are meant. CopySource comes percent-encoded, also its slash (seen from the SDK
    # for Go), so that only who decodes it can judge it.
    checks_patterns: bool = True


_MANNERS = {
    "apigateway": _Manners(names_the_body=True, hashes_enums=True, accepts_empty_enum=True),
    "s3": _Manners(checks_patterns=False),
}
_OTHER_MANNERS = _Manners()


@dataclass(frozen=True, slots=True)
class _Failure:
    path: str
    # None for a sensitive value, which is not repeated.
    value: str | None
    constraint: str

    def __str__(self) -> str:
        value = "" if self.value is None else f" {self.value}"
        return f"Value{value} at '{self.path}' failed to satisfy constraint: {self.constraint}"


def check_constraints(operation: OperationModel, params: Mapping[str, Any]) -> str | None:
    """The text of a ValidationException for an input, or None when it keeps the model's constraints."""
    shape = operation.input_shape
    if shape is None:
        return None
    manners = _MANNERS.get(operation.service_model.service_name, _OTHER_MANNERS)
    checker = _Checker(manners)
    if manners.names_the_body:
        prefix = f"{_lower_first(operation.name)}Input."
        in_body = [name for name, member in shape.members.items() if "location" not in member.serialization]
        elsewhere = [name for name in shape.members if name not in in_body]
        failures = [
            *checker.check_members(shape, params, prefix, in_body),
            *checker.check_members(shape, params, "", elsewhere),
        ]
    else:
        failures = list(checker.check_members(shape, params, "", list(shape.members)))
    if not failures:
        return None
    noun = "error" if len(failures) == 1 else "errors"
    return f"{len(failures)} validation {noun} detected: {'; '.join(map(str, failures))}"


class _Checker:
    """Walks an input beside its shape."""

    def __init__(self, manners: _Manners) -> None:
        self.manners = manners

    def check_members(
        self, shape: Shape, values: Mapping[str, Any], prefix: str, names: list[str]
    ) -> Iterator[_Failure]:
        """The failures of those members of a structure."""
        for name in names:
            path = prefix + _lower_first(name)
            value = values.get(name)
            if value is not None:
                yield from self._check(shape.members[name], value, path)
            elif name in shape.required_members:
                yield _Failure(path, "null", "Member must not be null")

    def _check(self, shape: Shape, value: Any, path: str) -> Iterator[_Failure]:
        for constraint, is_met in self._constraints(shape, value):
            if not is_met:
                yield _Failure(path, _render(shape, value), constraint)
        match shape.type_name:
            case "structure":
                yield from self.check_members(shape, value, f"{path}.", list(shape.members))
            case "list":
                yield from self._check_elements(shape, value, path)
            case "map":
                yield from self._check_entries(shape, value, path)

    def _check_elements(self, shape: Shape, values: list[Any], path: str) -> Iterator[_Failure]:
        if _is_scalar(shape.member):
            yield from self._check_together(shape, shape.member, values, "Member", path, values)
            return
        for number, value in enumerate(values, 1):
            yield from self._check(shape.member, value, f"{path}.{number}.member")

    def _check_entries(self, shape: Shape, entries: Mapping[str, Any], path: str) -> Iterator[_Failure]:
        yield from self._check_together(shape, shape.key, list(entries), "Map keys", path, entries)
        if _is_scalar(shape.value):
            yield from self._check_together(shape, shape.value, list(entries.values()), "Map value", path, entries)
            return
        for key, value in entries.items():
            yield from self._check(shape.value, value, f"{path}.{key}.member")

    def _check_together(
        self, shape: Shape, part: Shape, values: list[Any], subject: str, path: str, whole: Any
    ) -> Iterator[_Failure]:
        """One failure for all scalars of a list or map, which names every constraint that holds for them."""
        if all(is_met for value in values for _, is_met in self._constraints(part, value)):
            return
        texts = [constraint for constraint, _ in self._constraints(part, values[0])]
        yield _Failure(path, _render(shape, whole), f"{subject} must satisfy constraint: [{', '.join(texts)}]")

    def _constraints(self, shape: Shape, value: Any) -> Iterator[tuple[str, bool]]:
        """Each constraint that the model puts on a value, as text, and whether the value meets it."""
        metadata = shape.metadata
        if "enum" in metadata:
            members = _hash_order(metadata["enum"]) if self.manners.hashes_enums else metadata["enum"]
            is_met = value in metadata["enum"] or (value == "" and self.manners.accepts_empty_enum)
            yield f"Member must satisfy enum value set: [{', '.join(members)}]", is_met
        size, noun = _measure(value)
        fits = True
        if "max" in metadata:
            fits = size <= metadata["max"]
            yield f"Member must have {noun} less than or equal to {_number(metadata['max'])}", fits
        if "min" in metadata:
            is_met = size >= metadata["min"]
            yield f"Member must have {noun} greater than or equal to {_number(metadata['min'])}", is_met
        if "pattern" in metadata and isinstance(value, str) and self.manners.checks_patterns:
            # A value that is too long is refused already, and not given to the matcher.
            is_met = not fits or satisfies(metadata["pattern"], value)
            yield f"Member must satisfy regular expression pattern: {metadata['pattern']}", is_met


def _is_scalar(shape: Shape) -> bool:
    return shape.type_name not in ("structure", "list", "map")


def _measure(value: Any) -> tuple[float, str]:
    """What `min` and `max` bound: the value of a number, the length of anything else."""
    if isinstance(value, bool):
        return 0, "value"
    if isinstance(value, int | float):
        return value, "value"
    if isinstance(value, str):
        # The services count as Java does, in UTF-16 code units.
        return len(value) + sum(character > "\uffff" for character in value), "length"
    return (len(value), "length") if hasattr(value, "__len__") else (0, "value")


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else str(bound)


def _render(shape: Shape, value: Any) -> str | None:
    """A value between quotes, as Java prints it; None for a sensitive one."""
    return None if _is_sensitive(shape) else f"'{_java_text(value)}'"


def _is_sensitive(shape: Shape) -> bool:
    """True when the shape, or what its list or map holds, must not be repeated."""
    if shape.metadata.get("sensitive"):
        return True
    match shape.type_name:
        case "list":
            return _is_sensitive(shape.member)
        case "map":
            return _is_sensitive(shape.key) or _is_sensitive(shape.value)
        case "structure":
            # A structure may hold itself, so its members are not asked; it is repeated nowhere but inside a list.
            return True
    return False


def _java_text(value: Any) -> str:
    match value:
        case bytes():
            # A blob is told by its size alone (KMS, for an empty CiphertextBlob; reported many times).
            return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
        case list():
            return f"[{', '.join(map(_java_text, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}={_java_text(item)}' for key, item in value.items())}}}"
    return str(value)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _hash_order(members: list[str]) -> list[str]:
    """The order in which a Java 7 hash table of 32 buckets lists strings that were put in one after the other.

    The order is by bucket, `hashCode` modulo 32, and within a bucket the last put in comes first. From the model's order
    this gives each of the six recorded lists. More than 24 members would make the real table grow; API Gateway has no
    such enum.
    """
    # Sorting is stable: reversing first is what puts the last first within a bucket.
    return sorted(reversed(members), key=lambda member: _java_hash(member) % 32)  # noqa: C414


def _java_hash(text: str) -> int:
    """`String.hashCode`, as an unsigned number."""
    result = 0
    for character in text:
        result = (31 * result + ord(character)) & 0xFFFFFFFF
    return result
