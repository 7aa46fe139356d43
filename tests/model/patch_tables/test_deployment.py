"""UpdateDeployment's patch table: one path."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.deployment import TABLE
from gatewright.model.records import Deployment

DEPLOYMENT = Deployment("000000000000", "us-east-1", "api0000000", "dep111", 0.0, "first")


@pytest.mark.parametrize(("value", "expected"), [("second", "second"), ("", None), (None, None)])
def test_the_description_is_replaced(value, expected):
    changed = apply_patch(DEPLOYMENT, [PatchOperation("replace", "/description", value)], TABLE)
    assert expected == changed.description


def test_nothing_else_of_a_frozen_api_can_be_changed():
    with pytest.raises(PatchRefused) as refused:
        apply_patch(DEPLOYMENT, [PatchOperation("replace", "/id", "x")], TABLE)
    assert "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description]" == str(refused.value)
