"""What UpdateMethod changes (facts 1.6), in the plain style of refusal (R)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRule, PatchTable
from gatewright.model.patch_setters import entry_rule, read_boolean, set_boolean, set_optional_text, set_text
from gatewright.model.records import Method

# R (UpdateMethodResponse): 404 for an entry that is not there.
NO_SUCH_PARAMETER: Final = "Invalid parameter name specified"
NO_SUCH_CONTENT_TYPE: Final = "Content-Type specified was not found"


def _add_scope(method: Method, operation: PatchOperation, _names: Mapping[str, str]) -> Method:
    if not operation.value or operation.value in method.authorization_scopes:
        return method
    return replace(method, authorization_scopes=(*method.authorization_scopes, operation.value))


def _remove_scope(method: Method, operation: PatchOperation, _names: Mapping[str, str]) -> Method:
    return replace(
        method, authorization_scopes=tuple(each for each in method.authorization_scopes if each != operation.value)
    )


TABLE: Final[PatchTable[Method]] = PatchTable(
    (
        PatchRule("/authorizationType", replace=set_text("authorization_type")),
        PatchRule("/authorizerId", replace=set_optional_text("authorizer_id")),
        PatchRule("/apiKeyRequired", replace=set_boolean("api_key_required")),
        PatchRule("/operationName", replace=set_optional_text("operation_name")),
        PatchRule("/requestValidatorId", replace=set_optional_text("request_validator_id")),
        PatchRule("/authorizationScopes", add=_add_scope, remove=_remove_scope),
        entry_rule("/requestParameters/{name}", "request_parameters", NO_SUCH_PARAMETER, read_boolean),
        entry_rule("/requestModels/{contentType}", "request_models", NO_SUCH_CONTENT_TYPE),
    )
)
