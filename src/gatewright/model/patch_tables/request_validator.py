"""What UpdateRequestValidator may change (facts 1.6, recorded): the name and the two switches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.patch_setters import set_boolean
from gatewright.model.records import RequestValidator

BLANK_NAME: Final = "Request Validator name cannot be blank"


def _set_name(validator: RequestValidator, operation: PatchOperation, _names: Mapping[str, str]) -> RequestValidator:
    if not operation.value:
        raise PatchRefused(BLANK_NAME)
    return replace(validator, name=operation.value)


#: In the order in which the service lists the paths (R).
TABLE: Final[PatchTable[RequestValidator]] = PatchTable(
    rules=(
        PatchRule("/name", replace=_set_name),
        PatchRule("/validateRequestParameters", replace=set_boolean("validate_request_parameters")),
        PatchRule("/validateRequestBody", replace=set_boolean("validate_request_body")),
    ),
    style=RefusalStyle.LISTING,
)
