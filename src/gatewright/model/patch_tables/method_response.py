"""What UpdateMethodResponse changes (facts 1.6), in the plain style of refusal; every sentence is recorded (R)."""

from typing import Final

from gatewright.model.patch import PatchRule, PatchTable
from gatewright.model.patch_setters import put_entry, read_boolean, remove_entry
from gatewright.model.patch_tables.method import NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER
from gatewright.model.records import MethodResponse

TABLE: Final[PatchTable[MethodResponse]] = PatchTable(
    (
        PatchRule(
            "/responseParameters/{name}",
            add=put_entry("response_parameters", read_boolean),
            replace=put_entry("response_parameters", read_boolean, must_exist=NO_SUCH_PARAMETER),
            remove=remove_entry("response_parameters", must_exist=NO_SUCH_PARAMETER),
        ),
        PatchRule(
            "/responseModels/{contentType}",
            add=put_entry("response_models"),
            replace=put_entry("response_models", must_exist=NO_SUCH_CONTENT_TYPE),
            remove=remove_entry("response_models", must_exist=NO_SUCH_CONTENT_TYPE),
        ),
    )
)
