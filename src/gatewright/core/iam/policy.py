"""Policy documents and what they say of a call (IAM user guide, "Policy evaluation logic").

Read once, strictly: what is not understood makes the whole document unusable, since a part that is left out could be the one
that denies. An explicit deny wins over every allow; what nothing allows is denied.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from gatewright.core.iam.condition import Condition, parse_condition
from gatewright.core.iam.wildcards import matches_wildcards

_MEMBERS: Final = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal"}
)


class Verdict(Enum):
    """What a policy says of a call."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "nothing allows it"
    EXPLICIT_DENY = "a statement denies it"


class Statement(NamedTuple):
    """One statement. Actions are lower-case: they are compared so."""

    allows: bool
    actions: tuple[str, ...]
    actions_are_excluded: bool
    resources: tuple[str, ...]
    resources_are_excluded: bool
    conditions: tuple[Condition, ...]

    def applies(self, action: str, resource: str, known: Mapping[str, str]) -> bool:
        """Whether it speaks of this call."""
        lower = action.lower()
        return (
            any(matches_wildcards(each, lower) for each in self.actions) != self.actions_are_excluded
            and any(matches_wildcards(each, resource) for each in self.resources) != self.resources_are_excluded
            and all(condition.holds(known) for condition in self.conditions)
        )


class Policy:
    """A document that was read."""

    __slots__ = ("statements",)

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements

    def __repr__(self) -> str:
        return f"<Policy of {len(self.statements)} statements>"

    def evaluate(self, action: str, resource: str, known: Mapping[str, str]) -> Verdict:
        """What the policy says of an action on a resource; `known` are the condition keys of the call, lower-case."""
        allowed = False
        for statement in self.statements:
            if statement.applies(action, resource, known):
                if not statement.allows:
                    return Verdict.EXPLICIT_DENY
                allowed = True
        return Verdict.ALLOWED if allowed else Verdict.IMPLICIT_DENY


def parse_policy(document: Any, *, max_resource: int | None = None) -> Policy:
    """A policy of the JSON document; `ValueError` says what is wrong. `max_resource`: characters of a resource's ARN."""
    if not isinstance(document, dict):
        raise ValueError("the policy document is not an object")  # noqa: TRY004  of JSON
    unknown = sorted(document.keys() - {"Version", "Id", "Statement"})
    if unknown:
        raise ValueError(f"the policy document has the member {unknown[0]!r}")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise ValueError("the policy document has no list of statements")  # noqa: TRY004  of JSON
    return Policy(tuple(_parse_statement(each, max_resource) for each in statements))


def _parse_statement(statement: Any, max_resource: int | None) -> Statement:
    if not isinstance(statement, dict):
        raise ValueError("a statement is not an object")  # noqa: TRY004  of JSON
    unknown = sorted(statement.keys() - _MEMBERS)
    if unknown:
        raise ValueError(f"a statement has the member {unknown[0]!r}")
    effect = statement.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise ValueError(f"a statement's Effect is {effect!r}, not Allow or Deny")
    # A policy that somebody has is about them: who it is for would be said in a resource's policy.
    if "Principal" in statement or "NotPrincipal" in statement:
        raise ValueError("a statement names a principal")
    actions, actions_are_excluded = _read_either(statement, "Action")
    resources, resources_are_excluded = _read_either(statement, "Resource")
    if max_resource is not None and any(len(resource) > max_resource for resource in resources):
        raise ValueError(f"a statement's Resource has more than {max_resource} characters")
    return Statement(
        effect == "Allow",
        tuple(action.lower() for action in actions),
        actions_are_excluded,
        resources,
        resources_are_excluded,
        _parse_conditions(statement.get("Condition")),
    )


def _read_either(statement: Mapping[str, Any], member: str) -> tuple[tuple[str, ...], bool]:
    """The texts of `Action` or of `NotAction`, and whether it was the second."""
    if (member in statement) == (f"Not{member}" in statement):
        raise ValueError(f"a statement must have either {member} or Not{member}")
    excluded = member not in statement
    return _read_texts(statement[f"Not{member}" if excluded else member], member), excluded


def _read_texts(value: Any, what: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    texts = []
    for each in values:
        if isinstance(each, bool):
            texts.append("true" if each else "false")
        elif isinstance(each, str | int | float):
            texts.append(str(each))
        else:
            raise ValueError(f"a statement's {what} holds something else than texts")  # noqa: TRY004  of JSON
    return tuple(texts)


def _parse_conditions(block: Any) -> tuple[Condition, ...]:
    if block is None:
        return ()
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise ValueError("a statement's Condition is not an object of operators with keys")
    return tuple(
        parse_condition(operator, key, _read_texts(values, "Condition"))
        for operator, keys in block.items()
        for key, values in keys.items()
    )
