"""What UpdateDeployment may change (facts 1.6): the description; what was frozen stays frozen."""

from typing import Final

from gatewright.model.patch import PatchRule, PatchTable, RefusalStyle
from gatewright.model.patch_setters import set_optional_text
from gatewright.model.records import Deployment

TABLE: Final[PatchTable[Deployment]] = PatchTable(
    rules=(PatchRule("/description", replace=set_optional_text("description")),),
    style=RefusalStyle.LISTING,
)
