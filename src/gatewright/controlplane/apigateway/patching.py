"""From an Update call's parameters to the changed record: the model's refusal becomes the service's error here."""

from collections.abc import Mapping
from typing import Any, TypeVar

from gatewright.controlplane.errors import ServiceError
from gatewright.model.patch import PatchRefused, PatchTable, apply_patch, parse_patch_operations

R = TypeVar("R")


def patched(record: R, params: Mapping[str, Any], table: PatchTable[R]) -> R:
    """The record after all `patchOperations` of the call; nothing has been stored yet."""
    try:
        return apply_patch(record, parse_patch_operations(params.get("patchOperations")), table)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused
