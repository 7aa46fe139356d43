"""Which statements of an API's resource policy speak of a call, and the policy with one more or one fewer (facts 6.4).

What this module knows: `*` and `?` in actions and resources, and who is meant by a principal: `anonymous` by `*` alone,
an identity by its ARN, its role, its account, or `*`. Conditions are not judged, since they ask for what only the service
knows; a statement that has some may or may not have been meant. The account in a refusal's ARN may be masked (facts 6.5) and is
not compared.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

ACTION: Final = "execute-api:Invoke"
ANONYMOUS: Final = "anonymous"
_ASSUMED: Final = re.compile(r"arn:([\w-]+):sts::([\d*]{12}):assumed-role/([^/]+)/.+")


class Statement(NamedTuple):
    """A statement that speaks of the call, where it stands in the policy, and whether it has conditions."""

    place: int
    text: str
    conditional: bool


def find_statements(policy: str | None, effect: str, user: str, resource: str) -> tuple[Statement, ...]:
    """The statements of that effect that speak of this caller and ARN; none of a policy that cannot be read."""
    return tuple(
        Statement(place, json.dumps(each), bool(each.get("Condition")))
        for place, each in enumerate(_statements(policy))
        if each.get("Effect") == effect and _names(each, user) and _is_about(each, resource)
    )


def with_allow(policy: str | None, user: str, resource: str) -> str:
    """The policy with a statement more, which allows the caller that very call."""
    parts = resource.split(":", 5)
    short = f"execute-api:/{parts[5].partition('/')[2]}" if len(parts) == 6 else resource
    principal: Any = "*" if user == ANONYMOUS else {"AWS": policy_principal(user)}
    allow = {"Effect": "Allow", "Principal": principal, "Action": ACTION, "Resource": short}
    return json.dumps({"Version": "2012-10-17", "Statement": [*_statements(policy), allow]})


def without(policy: str | None, place: int) -> str:
    """The policy without that statement."""
    kept = [each for index, each in enumerate(_statements(policy)) if index != place]
    return json.dumps({"Version": "2012-10-17", "Statement": kept}) if kept else ""


def policy_principal(user: str) -> str:
    """What a policy calls the caller: the role of an assumed one, and otherwise its ARN."""
    found = _ASSUMED.fullmatch(user)
    return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}" if found else user


def account_of(user: str) -> str:
    """The account in the caller's ARN, masked perhaps; empty for `anonymous`."""
    parts = user.split(":")
    return parts[4] if len(parts) > 5 else ""


def _statements(policy: str | None) -> list[Mapping[str, Any]]:
    try:
        document = json.loads(policy) if policy else {}
    except ValueError:
        return []
    found = document.get("Statement", []) if isinstance(document, dict) else []
    return [each for each in _listed(found) if isinstance(each, dict)]


def _names(statement: Mapping[str, Any], user: str) -> bool:
    if "NotPrincipal" in statement:
        return not _is_meant(statement["NotPrincipal"], user)
    return _is_meant(statement.get("Principal"), user)


def _is_meant(principal: Any, user: str) -> bool:
    if isinstance(principal, Mapping):
        principal = principal.get("AWS", ())
    account = account_of(user)
    known = {user, policy_principal(user), account, f"arn:aws:iam::{account}:root"} if user != ANONYMOUS else set()
    return any(each == "*" or each in known for each in _listed(principal))


def _is_about(statement: Mapping[str, Any], resource: str) -> bool:
    acts = _matches(statement, "Action", ACTION, re.IGNORECASE)
    return acts and _matches(statement, "Resource", _without_account(resource), re.NOFLAG)


def _matches(statement: Mapping[str, Any], member: str, value: str, flags: re.RegexFlag) -> bool:
    if f"Not{member}" in statement:
        return not any(_fits(each, value, flags) for each in _listed(statement[f"Not{member}"]))
    return any(_fits(each, value, flags) for each in _listed(statement.get(member, "*")))


def _fits(pattern: str, value: str, flags: re.RegexFlag) -> bool:
    pattern = _without_account(pattern)
    if pattern.startswith("execute-api:/"):  # the short form, of whatever API it is in
        pattern = "arn:*:execute-api:*::*/" + pattern.removeprefix("execute-api:/")
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(text, value, flags) is not None


def _without_account(arn: str) -> str:
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], "", parts[5])) if len(parts) == 6 else arn


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
