"""UpdateAccount's patch table."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.account import TABLE
from gatewright.model.records import AccountSettings

SETTINGS = AccountSettings("000000000000", "us-east-1")
ROLE = "arn:aws:iam::000000000000:role/logs/writer"


def patch(op, path, value=None, settings=SETTINGS):
    return apply_patch(settings, [PatchOperation(op, path, value)], TABLE)


@pytest.mark.parametrize("nothing", ["", None])
def test_the_log_role_is_set_and_taken_away_again(nothing):
    settings = patch("replace", "/cloudwatchRoleArn", ROLE)
    assert ROLE == settings.cloudwatch_role_arn
    assert patch("replace", "/cloudwatchRoleArn", nothing, settings).cloudwatch_role_arn is None


@pytest.mark.parametrize("arn", ["writer", "arn:aws:iam::000000000000:user/writer", "arn:aws:iam::1:role/writer"])
def test_what_is_no_role_is_refused(arn):
    with pytest.raises(PatchRefused, match="Invalid ARN specified in the request"):
        patch("replace", "/cloudwatchRoleArn", arn)


def test_a_feature_is_added_once_and_removed():
    settings = patch("add", "/features", "BlockedForRoutingRules")
    assert ("UsagePlans", "BlockedForRoutingRules") == settings.features
    assert settings == patch("add", "/features", "BlockedForRoutingRules", settings)
    assert SETTINGS == patch("remove", "/features", "BlockedForRoutingRules", settings)


@pytest.mark.parametrize(("op", "value"), [("remove", "UsagePlans"), ("add", "Wings"), ("add", None)])
def test_usage_plans_stay_and_unknown_features_stay_out(op, value):
    with pytest.raises(PatchRefused):
        patch(op, "/features", value)
