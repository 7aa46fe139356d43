"""What an authorizer's function answered: who the caller is, what they may do, and what is to be known of them (facts 2.7).

An object of `principalId`, `policyDocument`, `context` and `usageIdentifierKey`. A member of another name, a missing one of
the first two, a context value that is an object or an array, or more than 8 KB, makes it unusable. Values of the context are
delivered as text.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gatewright.core.iam.policy import Policy, parse_policy

_MEMBERS: Final = frozenset({"principalId", "policyDocument", "context", "usageIdentifierKey"})
#: D, facts 9: "Lambda authorizer result 8 KB".
MAX_RESULT: Final = 8_192
#: D, facts 2.7.
_MAX_RESOURCE: Final = 512
#: What a function says to have the client told 401 (R): as its error's message.
UNAUTHORIZED: Final = "Unauthorized"


class AuthorizerResult(NamedTuple):
    """A usable answer."""

    principal_id: str
    policy: Policy
    properties: Mapping[str, str]
    usage_identifier_key: str | None


def parse_result(payload: bytes) -> AuthorizerResult:
    """The answer; `ValueError` says what is wrong with it."""
    if len(payload) > MAX_RESULT:
        raise ValueError(f"it has {len(payload)} bytes, and {MAX_RESULT} is the most there may be")
    try:
        document: Any = json.loads(payload)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not an object")  # noqa: TRY004  of JSON
    unknown = sorted(document.keys() - _MEMBERS)
    if unknown:
        raise ValueError(f'Unrecognized field "{unknown[0]}" , not marked as ignorable')  # R
    principal_id, key = document.get("principalId"), document.get("usageIdentifierKey")
    if not principal_id or not isinstance(principal_id, str | int):
        raise ValueError("it has no principalId")
    if document.get("policyDocument") is None:
        raise ValueError("it has no policyDocument")
    if key is not None and not isinstance(key, str):
        raise ValueError("usageIdentifierKey is not a string")
    policy = parse_policy(document["policyDocument"], max_resource=_MAX_RESOURCE)
    return AuthorizerResult(str(principal_id), policy, _read_properties(document.get("context")), key)


def _read_properties(value: Any) -> Mapping[str, str]:
    """Guess: a value that is null is left out."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("context is not an object")  # noqa: TRY004  of JSON
    properties = {}
    for name, each in value.items():
        if isinstance(each, dict | list):
            raise ValueError(f"the value of {name!r} in context is neither string, number nor boolean")  # noqa: TRY004  of JSON
        if each is not None:
            properties[name] = each if isinstance(each, str) else json.dumps(each)
    return properties
