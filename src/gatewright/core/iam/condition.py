"""Conditions of a statement: operators over what is known of a call (IAM user guide, "IAM JSON policy elements: Condition operators").

All operators of a block must hold, of each operator all keys, of a key one of its values; of a negated operator none of them
may match. A key that the call has not makes an operator false, a negated one true, one with `IfExists` true. `Null` asks
whether the key is there. Operators over several values of a key (`ForAllValues:`, `ForAnyValue:`) are refused when the policy
is read: what is not understood must neither let in nor keep out by accident.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from gatewright.core.iam.wildcards import matches_wildcards

_IF_EXISTS: Final = "IfExists"


def _number(matches: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(actual: str, expected: str) -> bool:
        try:
            return matches(float(actual), float(expected))
        except ValueError:
            return False

    return compare


def _date(matches: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(actual: str, expected: str) -> bool:
        try:
            return matches(_read_instant(actual), _read_instant(expected))
        except (ValueError, OverflowError):
            return False

    return compare


def _read_instant(text: str) -> float:
    """Seconds since the epoch, or ISO 8601; UTC where it does not say."""
    try:
        return float(text)
    except ValueError:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _ip_address(actual: str, expected: str) -> bool:
    try:
        return ip_address(actual) in ip_network(expected, strict=False)
    except ValueError:
        return False


def _same(actual: str, expected: str) -> bool:
    return actual == expected


def _same_ignoring_case(actual: str, expected: str) -> bool:
    return actual.lower() == expected.lower()


def _like(actual: str, expected: str) -> bool:
    return matches_wildcards(expected, actual)


def _arn_like(actual: str, expected: str) -> bool:
    """Six parts, each by itself: a wildcard does not go over a colon of the first five."""
    ours, wanted = actual.split(":", 5), expected.split(":", 5)
    return len(ours) == len(wanted) == 6 and all(map(matches_wildcards, wanted, ours))


#: operator: does one value match, and is the operator its negation?
_OPERATORS: Final[Mapping[str, tuple[Callable[[str, str], bool], bool]]] = {
    "StringEquals": (_same, False),
    "StringNotEquals": (_same, True),
    "StringEqualsIgnoreCase": (_same_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_same_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "NumericEquals": (_number(lambda a, b: a == b), False),
    "NumericNotEquals": (_number(lambda a, b: a == b), True),
    "NumericLessThan": (_number(lambda a, b: a < b), False),
    "NumericLessThanEquals": (_number(lambda a, b: a <= b), False),
    "NumericGreaterThan": (_number(lambda a, b: a > b), False),
    "NumericGreaterThanEquals": (_number(lambda a, b: a >= b), False),
    "DateEquals": (_date(lambda a, b: a == b), False),
    "DateNotEquals": (_date(lambda a, b: a == b), True),
    "DateLessThan": (_date(lambda a, b: a < b), False),
    "DateLessThanEquals": (_date(lambda a, b: a <= b), False),
    "DateGreaterThan": (_date(lambda a, b: a > b), False),
    "DateGreaterThanEquals": (_date(lambda a, b: a >= b), False),
    "Bool": (_same_ignoring_case, False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
}


class Condition(NamedTuple):
    """One operator over one key."""

    operator: str  # without IfExists
    if_exists: bool
    key: str  # lower-case: keys are compared so
    values: tuple[str, ...]

    def holds(self, known: Mapping[str, str]) -> bool:
        """Whether it is so of a call of which `known` is known, by lower-case key."""
        actual = known.get(self.key)
        if self.operator == "Null":
            return any((actual is None) == (value.lower() == "true") for value in self.values)
        matches, negated = _OPERATORS[self.operator]
        if actual is None:
            return negated or self.if_exists
        return negated != any(matches(actual, value) for value in self.values)


def parse_condition(operator: str, key: str, values: Sequence[str]) -> Condition:
    """A condition; `ValueError` for an operator that is not known."""
    name = operator.removesuffix(_IF_EXISTS)
    if name not in _OPERATORS and operator != "Null":
        raise ValueError(f"the condition operator {operator!r} is not known")
    return Condition(name, name != operator, key.lower(), tuple(values))
