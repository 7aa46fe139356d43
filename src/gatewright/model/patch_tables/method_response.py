"""What UpdateMethodResponse changes (facts 1.6), in the plain style of refusal; every sentence is recorded (R)."""

from typing import Final

from gatewright.model.patch import PatchTable
from gatewright.model.patch_setters import entry_rule, read_boolean
from gatewright.model.patch_tables.method import NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER
from gatewright.model.records import MethodResponse

TABLE: Final[PatchTable[MethodResponse]] = PatchTable(
    (
        entry_rule("/responseParameters/{name}", "response_parameters", NO_SUCH_PARAMETER, read_boolean),
        entry_rule("/responseModels/{contentType}", "response_models", NO_SUCH_CONTENT_TYPE),
    )
)
