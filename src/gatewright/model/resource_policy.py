"""Resource policies of APIs as they are kept and shown (facts 6.4). What a policy decides is `gatewright.core.iam`'s.

- A policy is kept as compact JSON text, with the short form `execute-api:/…` of a resource expanded to the full ARN.
- The service shows it with JSON's escapes once more, slashes among them; Terraform and others unescape it twice.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

# R (facts 1.4): one sentence for everything that is wrong with a policy.
INVALID_POLICY: Final = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."

# D (facts 6.4): the quota that the service gives.
MAXIMUM_POLICY_BYTES: Final = 8_192

_SHORT_FORM: Final = "execute-api:/"


def normalise_resource_policy(text: str, region: str, account: str, api_id: str) -> str:
    """The text that is kept for what a client sent; raises `ValueError` with the service's sentence."""
    if len(text.encode()) > MAXIMUM_POLICY_BYTES:
        raise ValueError(INVALID_POLICY)
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(INVALID_POLICY) from error
    statements = _statements(policy)
    if not statements or not all(_is_statement(statement) for statement in statements):
        raise ValueError(INVALID_POLICY)
    prefix = f"arn:aws:execute-api:{region}:{account}:{api_id}/"
    kept = {**policy, "Statement": [_expand(statement, prefix) for statement in statements]}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def render_resource_policy(text: str) -> str:
    """The policy as the service's answers hold it: escaped as inside a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")


def _statements(policy: Any) -> list[Any]:
    """The statements of a document, where one may stand without a list; none of what is no document."""
    given = policy.get("Statement") if isinstance(policy, dict) else None
    return given if isinstance(given, list) else [given]


def _is_statement(statement: Any) -> bool:
    return (
        isinstance(statement, dict)
        and statement.get("Effect") in ("Allow", "Deny")
        and ("Principal" in statement or "NotPrincipal" in statement)
        and ("Action" in statement or "NotAction" in statement)
    )


def _expand(statement: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    expanded = dict(statement)
    for member in ("Resource", "NotResource"):
        given = statement.get(member)
        if given is None:
            continue
        resources = given if isinstance(given, list) else [given]
        full = [
            prefix + each.removeprefix(_SHORT_FORM) if isinstance(each, str) and each.startswith(_SHORT_FORM) else each
            for each in resources
        ]
        # R: a list of one is shown as its only element.
        expanded[member] = full[0] if len(full) == 1 else full
    return expanded
