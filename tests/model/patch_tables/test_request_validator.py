"""UpdateRequestValidator's patch table."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.request_validator import TABLE
from gatewright.model.records import RequestValidator

VALIDATOR = RequestValidator("000000000000", "us-east-1", "api0000000", "val111", "both", True, True)


def patch(path, value=None):
    return apply_patch(VALIDATOR, [PatchOperation("replace", path, value)], TABLE)


def test_name_and_switches_are_replaced_each_alone():
    assert ("none", True, True) == _members(patch("/name", "none"))
    assert ("both", False, True) == _members(patch("/validateRequestBody", "false"))
    assert ("both", True, False) == _members(patch("/validateRequestParameters", None))


@pytest.mark.parametrize("name", [None, ""])
def test_a_name_cannot_be_taken_away(name):
    with pytest.raises(PatchRefused, match="Request Validator name cannot be blank"):
        patch("/name", name)


def _members(validator):
    return validator.name, validator.validate_request_body, validator.validate_request_parameters
