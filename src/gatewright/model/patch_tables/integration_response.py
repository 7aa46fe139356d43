"""What UpdateIntegrationResponse changes (facts 1.6), in the plain style of refusal."""

from typing import Final

from gatewright.model.patch import PatchRule, PatchTable
from gatewright.model.patch_setters import entry_rule, set_optional_text, set_text
from gatewright.model.patch_tables.integration import read_template
from gatewright.model.patch_tables.method import NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER
from gatewright.model.records import IntegrationResponse

TABLE: Final[PatchTable[IntegrationResponse]] = PatchTable(
    (
        PatchRule("/selectionPattern", replace=set_text("selection_pattern")),
        PatchRule("/contentHandling", replace=set_optional_text("content_handling")),
        entry_rule("/responseParameters/{name}", "response_parameters", NO_SUCH_PARAMETER),
        entry_rule("/responseTemplates/{contentType}", "response_templates", NO_SUCH_CONTENT_TYPE, read_template),
    )
)
