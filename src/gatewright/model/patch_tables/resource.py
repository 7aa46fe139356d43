"""What UpdateResource changes (facts 1.6): a node's name or its place. Whether the tree bears it, the caller checks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.records import Resource


def _set_parent(resource: Resource, operation: PatchOperation, _names: Mapping[str, str]) -> Resource:
    if resource.parent_id is None:
        raise PatchRefused("Root resource cannot update its parentId.")  # R
    return replace(resource, parent_id=operation.value or "")


def _set_path_part(resource: Resource, operation: PatchOperation, _names: Mapping[str, str]) -> Resource:
    if resource.parent_id is None:
        raise PatchRefused("Root resource cannot update its pathPart.")  # R
    return replace(resource, path_part=operation.value or "")


TABLE: Final[PatchTable[Resource]] = PatchTable(
    (PatchRule("/parentId", replace=_set_parent), PatchRule("/pathPart", replace=_set_path_part)),
    RefusalStyle.LISTING,
)
