"""What UpdateAuthorizer may change (facts 1.6). The style of refusal is a guess: the plain one, as of methods.

Whether the authorizer is a possible one afterwards is asked of the whole of it (controlplane/apigateway/authorizers.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable
from gatewright.model.patch_setters import clear, read_integer, set_optional_text, set_text
from gatewright.model.records import Authorizer

#: Guess: the words; the bounds are the service's (D, facts 1.5).
INVALID_TTL: Final = "Authorizer result TTL must be between 0 and 3600 seconds"


def _set_ttl(authorizer: Authorizer, operation: PatchOperation, _names: Mapping[str, str]) -> Authorizer:
    ttl = read_integer(operation.value)
    if ttl is None:
        raise PatchRefused(INVALID_TTL)
    return replace(authorizer, authorizer_result_ttl_in_seconds=ttl)


def _add_source(authorizer: Authorizer, operation: PatchOperation, _names: Mapping[str, str]) -> Authorizer:
    """Guess: one more source, after those that are there."""
    sources = [each for each in (authorizer.identity_source, operation.value) if each]
    return replace(authorizer, identity_source=",".join(sources) or None)


def _remove_source(authorizer: Authorizer, operation: PatchOperation, _names: Mapping[str, str]) -> Authorizer:
    """Guess: the source of the operation's value; without a value, all of them."""
    if not operation.value:
        return replace(authorizer, identity_source=None)
    rest = [each for each in (authorizer.identity_source or "").split(",") if each.strip() != operation.value.strip()]
    return replace(authorizer, identity_source=",".join(rest) or None)


TABLE: Final[PatchTable[Authorizer]] = PatchTable(
    (
        PatchRule("/name", replace=set_text("name")),
        PatchRule("/type", replace=set_text("type")),
        PatchRule("/authType", replace=set_text("auth_type")),
        PatchRule("/authorizerUri", replace=set_optional_text("authorizer_uri")),
        PatchRule("/authorizerCredentials", replace=set_optional_text("authorizer_credentials")),
        PatchRule("/authorizerResultTtlInSeconds", replace=_set_ttl),
        PatchRule(
            "/identityValidationExpression",
            replace=set_optional_text("identity_validation_expression"),
            remove=clear("identity_validation_expression"),
        ),
        PatchRule(
            "/identitySource", add=_add_source, replace=set_optional_text("identity_source"), remove=_remove_source
        ),
    )
)
