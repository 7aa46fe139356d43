"""What UpdateModel may change (facts 1.6, recorded), and which schema a model may have at all."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.patch_setters import set_optional_text
from gatewright.model.records import Model

#: R: said of an empty schema only; `{"type": "object"}` has neither and was accepted.
SCHEMA_MISSING: Final = "Model schema must have at least 1 property or array items defined"
#: C: the service goes on with what it did not understand.
SCHEMA_INVALID: Final = (
    "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]"
)
# D: quotas page, "model size 400 KB".
MAXIMUM_SCHEMA_BYTES: Final = 400 * 1024
#: Ours: schemas are walked by recursion, here and in the engine that validates with them; no schema that somebody
#: wrote comes near.
MAXIMUM_SCHEMA_NESTING: Final = 64


def parse_model_schema(text: str | None) -> str:
    """The text of a JSON schema, as it was given; raises `PatchRefused` for what is none."""
    if not text:
        raise PatchRefused(SCHEMA_MISSING)
    if len(text.encode()) > MAXIMUM_SCHEMA_BYTES:
        # Guess: the words; the limit is documented.
        raise PatchRefused(f"Model schema exceeds maximum size of {MAXIMUM_SCHEMA_BYTES} bytes")
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PatchRefused(SCHEMA_INVALID) from error
    if not isinstance(schema, dict) or _nesting(schema) > MAXIMUM_SCHEMA_NESTING:
        raise PatchRefused(SCHEMA_INVALID)
    return text


def _nesting(document: Any) -> int:
    """How many containers lie inside each other at the deepest place; level by level, so that no depth is too much."""
    depth, level = 0, [document]
    while level:
        depth += 1
        containers = [each.values() if isinstance(each, dict) else each for each in level]
        level = [inner for outer in containers for inner in outer if isinstance(inner, dict | list)]
    return depth


def _set_schema(model: Model, operation: PatchOperation, _names: Mapping[str, str]) -> Model:
    return replace(model, schema=parse_model_schema(operation.value))


TABLE: Final[PatchTable[Model]] = PatchTable(
    rules=(
        PatchRule("/description", replace=set_optional_text("description")),
        PatchRule("/schema", replace=_set_schema),
    ),
    style=RefusalStyle.LISTING,
)
