"""Patches of usage plans, without a service around them. The sentences are tested through a client."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.usage_plan import TABLE, check_usage_plan
from gatewright.model.records import ApiStage, QuotaSettings, ThrottleSettings, UsagePlan

API = "abcdefghij"
PLAN = UsagePlan("000000000000", "us-east-1", "plan01", "gold", 0.0, api_stages=(ApiStage(API, "dev"),))
THROTTLE = f"/apiStages/{API}:dev/throttle"


def patched(*operations, plan=PLAN):
    return apply_patch(plan, [PatchOperation(*each) for each in operations], TABLE)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("~1pets/GET", "/pets/GET"),  # as documented
        ("/pets/GET", "/pets/GET"),  # as Terraform sends it
        ("pets/GET", "/pets/GET"),
        ("~1/GET", "//GET"),
        ("//GET", "//GET"),
        ("~1pets~1{id}/ANY", "/pets/{id}/ANY"),
        ("~1a~0b/GET", "/a~b/GET"),
    ],
)
def test_a_method_is_named_by_the_path_of_its_resource_however_that_is_written(path, key):
    plan = patched(("add", f"{THROTTLE}/{path}/rateLimit", "2.5"), ("replace", f"{THROTTLE}/{path}/burstLimit", "4"))
    assert {key: ThrottleSettings(2.5, 4)} == plan.api_stages[0].throttle
    check_usage_plan(plan)
    assert PLAN == patched(("remove", f"{THROTTLE}/{path}"), plan=plan)


def test_other_stages_and_methods_stay_as_they_are():
    plan = patched(
        ("add", "/apiStages", f"{API}:live"),
        ("add", f"{THROTTLE}/~1pets/GET/rateLimit", "1"),
        ("add", f"{THROTTLE}/~1pets/POST/rateLimit", "2"),
        ("remove", f"{THROTTLE}/~1pets/GET"),
    )
    assert (ApiStage(API, "dev", {"/pets/POST": ThrottleSettings(2.0)}), ApiStage(API, "live")) == plan.api_stages


def test_a_throttle_or_quota_begins_with_its_first_limit():
    plan = patched(("add", "/throttle/rateLimit", "5"), ("add", "/quota/period", "MONTH"))
    assert (ThrottleSettings(5.0, 0), QuotaSettings(0, "MONTH")) == (plan.throttle, plan.quota)
    with pytest.raises(PatchRefused, match="quota limit must be greater than 0"):
        check_usage_plan(plan)


@pytest.mark.parametrize(
    "operation",
    [
        ("remove", "/apiStages", f"{API}:live"),
        ("remove", "/apiStages", ":dev"),
        ("remove", f"/apiStages/{API}:dev"),
        ("add", "/apiStages", None),
        ("replace", "/apiStages", f"{API}:live"),
        ("remove", "/throttle/rateLimit"),
        ("replace", "/throttle/rateLimit", None),
        ("replace", "/throttle/rateLimit", "NaN"),
        ("replace", "/throttle/rateLimit", "-1"),
        ("replace", f"{THROTTLE}/~1pets/GET/rateLimit", "Infinity"),
        ("replace", "/quota/limit", "-1"),
        ("replace", f"{THROTTLE}/~1pets/GET", "1"),
        ("replace", f"{THROTTLE}/rateLimit", "1"),
        ("replace", "no pointer", "1"),
        ("test", "/name", "gold"),
    ],
    ids=lambda operation: " ".join(map(str, operation)),
)
def test_what_the_table_does_not_know_is_refused(operation):
    with pytest.raises(PatchRefused):
        patched(operation)
