"""What UpdateBasePathMapping may change (facts 1.6), and how the v1 control plane reads a mapping's members (1.8)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.core.domains.base_path import NO_BASE_PATH, parse_base_path
from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.records import BasePathMapping

# C: another implementation says it so, in the service's own style.
MULTI_LEVEL_BASE_PATH: Final = (
    "API Gateway V1 doesn't support the slash character (/) in base path mappings. "
    "To create a multi-level base path mapping, use API Gateway V2."
)
# R
INVALID_REST_API: Final = "Invalid REST API identifier specified"

_REST_API_ID: Final = re.compile(r"[a-z0-9]+")


def parse_v1_base_path(text: str | None) -> str:
    """The base path as it is stored, empty for `(none)`; slashes are for the v2 control plane."""
    if "/" in (text or ""):
        raise PatchRefused(MULTI_LEVEL_BASE_PATH)
    try:
        return parse_base_path(text or "")
    except ValueError as error:
        # Guess: the rule is documented (facts 1.8), the sentence is ours.
        raise PatchRefused(f"Invalid base path specified. {error}") from None


def parse_mapping_stage(text: str | None) -> str | None:
    """M: `(none)` leaves the stage to the caller's path."""
    return None if text in (None, "", NO_BASE_PATH) else text


def _set_base_path(record: BasePathMapping, operation: PatchOperation, _names: Mapping[str, str]) -> BasePathMapping:
    return replace(record, base_path=parse_v1_base_path(operation.value))


def _set_rest_api(record: BasePathMapping, operation: PatchOperation, _names: Mapping[str, str]) -> BasePathMapping:
    rest_api_id = operation.value or ""
    if not _REST_API_ID.fullmatch(rest_api_id):
        raise PatchRefused(INVALID_REST_API)
    return replace(record, rest_api_id=rest_api_id)


def _set_stage(record: BasePathMapping, operation: PatchOperation, _names: Mapping[str, str]) -> BasePathMapping:
    return replace(record, stage=parse_mapping_stage(operation.value))


TABLE: Final[PatchTable[BasePathMapping]] = PatchTable(
    (
        # D: "/basepath" in the reference; every client writes "/basePath".
        PatchRule("/basePath", replace=_set_base_path),
        PatchRule("/basepath", replace=_set_base_path),
        PatchRule("/restapiId", replace=_set_rest_api),
        PatchRule("/stage", replace=_set_stage),
    ),
    style=RefusalStyle.LISTING,
)
