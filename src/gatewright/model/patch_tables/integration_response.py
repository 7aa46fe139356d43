"""What UpdateIntegrationResponse changes (facts 1.6), in the plain style of refusal."""

from typing import Final

from gatewright.model.patch import PatchRule, PatchTable
from gatewright.model.patch_setters import put_entry, remove_entry, set_optional_text, set_text
from gatewright.model.patch_tables.integration import read_template
from gatewright.model.patch_tables.method import NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER
from gatewright.model.records import IntegrationResponse

TABLE: Final[PatchTable[IntegrationResponse]] = PatchTable(
    (
        PatchRule("/selectionPattern", replace=set_text("selection_pattern")),
        PatchRule("/contentHandling", replace=set_optional_text("content_handling")),
        PatchRule(
            "/responseParameters/{name}",
            add=put_entry("response_parameters"),
            replace=put_entry("response_parameters", must_exist=NO_SUCH_PARAMETER),
            remove=remove_entry("response_parameters", must_exist=NO_SUCH_PARAMETER),
        ),
        PatchRule(
            "/responseTemplates/{contentType}",
            add=put_entry("response_templates", read_template),
            replace=put_entry("response_templates", read_template, must_exist=NO_SUCH_CONTENT_TYPE),
            remove=remove_entry("response_templates", must_exist=NO_SUCH_CONTENT_TYPE),
        ),
    )
)
