"""What UpdateApiKey may change (facts 1.6), and how long the members of an API key may be. The value never changes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.patch_setters import set_boolean, set_optional_text
from gatewright.model.records import ApiKey

_MAXIMUM_NAME: Final = 1_024
# R (2025-07-17): 125,001 characters are refused.
_MAXIMUM_DESCRIPTION: Final = 125_000
_MINIMUM_VALUE: Final = 20
_MAXIMUM_VALUE: Final = 128
#: What a header can carry without a doubt: no space, which may be lost at its ends, and nothing beyond ASCII.
_VALUE: Final = re.compile(r"[\x21-\x7e]+")


def check_name(name: str | None) -> str | None:
    """The name, None for an empty one (R: an empty name is no name)."""
    if len(name or "") > _MAXIMUM_NAME:
        raise PatchRefused(f"Invalid API Key name, can be at most {_MAXIMUM_NAME} characters.")  # R
    return name or None


def check_description(description: str | None) -> str | None:
    """The description, None for an empty one."""
    if len(description or "") > _MAXIMUM_DESCRIPTION:
        raise PatchRefused("Invalid API Key description specified.")  # R
    return description or None


def check_value(value: str) -> str:
    """The value, if clients can send it in a header."""
    if len(value) < _MINIMUM_VALUE:
        raise PatchRefused(f"API Key value should be at least {_MINIMUM_VALUE} characters")  # R
    if len(value) > _MAXIMUM_VALUE:
        raise PatchRefused(f"API Key value exceeds maximum size of {_MAXIMUM_VALUE} characters")  # R
    if not _VALUE.fullmatch(value):
        # Ours: what the service says of such a value is not known.
        raise PatchRefused("API Key value can only have printable ASCII characters other than the space")
    return value


def _set_name(key: ApiKey, operation: PatchOperation, _names: Mapping[str, str]) -> ApiKey:
    return replace(key, name=check_name(operation.value))


def _set_description(key: ApiKey, operation: PatchOperation, _names: Mapping[str, str]) -> ApiKey:
    return replace(key, description=check_description(operation.value))


def _add_stage(key: ApiKey, operation: PatchOperation, _names: Mapping[str, str]) -> ApiKey:
    """`{API id}/{stage name}`. That there is such a stage is for the caller to see."""
    stage = operation.value or ""
    return key if stage in key.stage_keys else replace(key, stage_keys=(*key.stage_keys, stage))


def _remove_stage(key: ApiKey, operation: PatchOperation, _names: Mapping[str, str]) -> ApiKey:
    return replace(key, stage_keys=tuple(each for each in key.stage_keys if each != operation.value))


def _keep(key: ApiKey, _operation: PatchOperation, _names: Mapping[str, str]) -> ApiKey:
    """M: no member of an API key shows its labels, and nothing asks for them."""
    return key


TABLE: Final[PatchTable[ApiKey]] = PatchTable(
    (
        # R: in this order.
        PatchRule("/description", replace=_set_description),
        # R: whatever is not "true" is false.
        PatchRule("/enabled", replace=set_boolean("enabled")),
        PatchRule("/name", replace=_set_name),
        PatchRule("/customerId", replace=set_optional_text("customer_id")),
        PatchRule("/stages", add=_add_stage, remove=_remove_stage),
        PatchRule("/labels", add=_keep, remove=_keep),
    ),
    style=RefusalStyle.LISTING,
)
