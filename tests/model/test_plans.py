"""What a worker knows of API keys and usage plans: change by change, in whatever order, the answers are the records'."""

import gc
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.metering.limits import Quota, Throttle
from gatewright.model import codec
from gatewright.model.compile_snapshot import RecordChange, SnapshotDraft, compile_snapshot, empty_snapshot
from gatewright.model.plans import KeyEntry, StageThrottles
from gatewright.model.records import (
    ApiKey,
    ApiStage,
    MethodSetting,
    QuotaSettings,
    Stage,
    ThrottleSettings,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.snapshot import InstallationNames

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
NAMES = InstallationNames("gateway.localhost", REGION)
STAGE = Stage(ACCOUNT, REGION, API, "live", "d1", 0.0, 0.0)
BETA = replace(STAGE, stage_name="beta")
VALUE = "v" * 40

KEY = ApiKey(ACCOUNT, REGION, "key1", 0.0, 0.0, "phone", enabled=True, customer_id="c-1")
PLAN = UsagePlan(
    ACCOUNT, REGION, "plan01", "gold", 0.0,
    throttle=ThrottleSettings(5.0, 10),
    quota=QuotaSettings(500, "DAY", 20),
    api_stages=(ApiStage(API, "live", {"/pets/GET": ThrottleSettings(1.0, 2), "//GET": ThrottleSettings(3.0, 4)}),),
)  # fmt: skip
IN_PLAN = UsagePlanKey(ACCOUNT, REGION, "plan01", "key1", 0.0)


def put(record, secret=None):
    if isinstance(record, ApiKey):
        secret = secret or VALUE
    return RecordChange(record.KIND, record.account, record.region, record.key, record, secret)


def gone(record):
    return RecordChange(record.KIND, record.account, record.region, record.key, None)


def snapshot_of(*changes):
    return compile_snapshot(empty_snapshot(NAMES), 1, changes)


def asked(snapshot, stage=STAGE, value=VALUE):
    """The ids that a request with this key meets."""
    key = snapshot.find_key(stage, value)
    plan = None if key is None else snapshot.find_plan(stage, key)
    return (key and key.id, plan and plan.id)


def test_a_key_is_found_by_its_value_with_what_the_log_and_the_context_say_of_it():
    key = snapshot_of(put(KEY)).find_key(STAGE, VALUE)
    assert ("key1", VALUE, True, "phone", "c-1") == (key.id, key.value, key.enabled, key.name, key.customer_id)
    assert VALUE not in repr(key)


def test_a_disabled_key_is_found_and_is_disabled():
    assert not snapshot_of(put(replace(KEY, enabled=False))).find_key(STAGE, VALUE).enabled


@pytest.mark.parametrize("elsewhere", [{"region": "eu-west-1"}, {"account": "111111111111"}], ids=str)
def test_a_key_is_of_no_use_in_another_account_or_region(elsewhere):
    snapshot = snapshot_of(put(KEY), put(PLAN), put(IN_PLAN))
    assert ("key1", "plan01") == asked(snapshot)
    assert (None, None) == asked(snapshot, replace(STAGE, **elsewhere))


def test_a_plan_says_what_it_allows_on_each_method_of_the_stage():
    snapshot = snapshot_of(put(KEY), put(PLAN), put(IN_PLAN))
    plan = snapshot.find_plan(STAGE, snapshot.find_key(STAGE, VALUE))
    assert ("gold", Throttle(5.0, 10), Quota(500, 20, "DAY")) == (plan.name, plan.throttle, plan.quota)
    assert Throttle(1.0, 2) == plan.throttle_of("/pets", "GET")
    assert Throttle(3.0, 4) == plan.throttle_of("/", "GET")
    assert Throttle(5.0, 10) == plan.throttle_of("/pets", "POST")
    assert {"/pets/GET", "//GET"} == plan.method_throttles.keys()


def test_a_plan_without_limits_opens_its_stages_all_the_same():
    snapshot = snapshot_of(put(KEY), put(replace(PLAN, throttle=None, quota=None)), put(IN_PLAN))
    plan = snapshot.find_plan(STAGE, snapshot.find_key(STAGE, VALUE))
    assert (None, None) == (plan.throttle, plan.quota)


def test_of_a_keys_plans_the_one_that_has_the_stage_counts():
    other = replace(PLAN, id="plan02", api_stages=(ApiStage(API, "beta"),))
    snapshot = snapshot_of(put(KEY), put(PLAN), put(other), put(IN_PLAN), put(replace(IN_PLAN, usage_plan_id="plan02")))
    assert ("key1", "plan01") == asked(snapshot)
    assert ("key1", "plan02") == asked(snapshot, BETA)
    assert ("key1", None) == asked(snapshot, replace(STAGE, stage_name="gamma"))


def test_a_published_snapshot_never_changes():
    before = snapshot_of(put(KEY), put(PLAN), put(IN_PLAN))
    after = compile_snapshot(before, 2, [gone(KEY), gone(IN_PLAN), gone(PLAN)])
    assert ("key1", "plan01") == asked(before)
    assert (None, None) == asked(after)


#: Each record in some states, each state a change.
STATES = (
    (put(KEY), put(replace(KEY, enabled=False)), gone(KEY)),
    (put(replace(KEY, id="key2"), "w" * 40), gone(replace(KEY, id="key2"))),
    (put(PLAN), put(replace(PLAN, api_stages=())), gone(PLAN)),
    (put(replace(PLAN, id="plan02", api_stages=(ApiStage(API, "beta"),))), gone(replace(PLAN, id="plan02"))),
    (put(IN_PLAN), gone(IN_PLAN)),
    (put(replace(IN_PLAN, id="key2")), gone(replace(IN_PLAN, id="key2"))),
    (put(replace(IN_PLAN, usage_plan_id="plan02")), gone(replace(IN_PLAN, usage_plan_id="plan02"))),
)


def answers(snapshot):
    return [
        (asked(snapshot, stage, value), key.enabled if (key := snapshot.find_key(stage, value)) else None)
        for stage in (STAGE, BETA)
        for value in (VALUE, "w" * 40)
    ]


@given(st.lists(st.sampled_from([change for states in STATES for change in states]), max_size=25), st.randoms())
@settings(max_examples=150)
def test_change_by_change_the_answers_are_those_of_the_newest_records_in_any_order(changes, random):
    step_by_step = empty_snapshot(NAMES)
    for change in changes:
        step_by_step = compile_snapshot(step_by_step, 1, [change])
    newest = list({(change.kind, change.key): change for change in changes}.values())
    random.shuffle(newest)
    at_once = snapshot_of(*[change for change in newest if change.record is not None])
    assert answers(at_once) == answers(step_by_step)


def test_a_key_takes_less_than_a_kilobyte_of_a_worker():
    """As a worker reads it, with a value and an id of the usual length, on a plan with all others."""

    def told(record, secret=None):
        read = codec.decode_kind(record.KIND, codec.encode(record))
        return RecordChange(record.KIND, ACCOUNT, REGION, read.key, read, secret)

    count = 10_000
    tracemalloc.start()
    try:
        draft = SnapshotDraft(empty_snapshot(NAMES))
        draft.apply(told(PLAN))
        for number in range(count):
            draft.apply(told(replace(KEY, id=f"{number:010}", name=f"client {number}"), f"{number:040}"))
            draft.apply(told(replace(IN_PLAN, id=f"{number:010}")))
        snapshot = draft.finish(1)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ("0000000007", "plan01") == asked(snapshot, value=f"{7:040}")
    assert 300 < taken / count < 1_000


SETTINGS = {
    "*/*": MethodSetting(throttling_rate_limit=100.0, throttling_burst_limit=50),
    "pets/GET": MethodSetting(throttling_rate_limit=1.0, throttling_burst_limit=2),
    "~1pets~1{id}/GET": MethodSetting(throttling_rate_limit=3.0, throttling_burst_limit=4),
    "~1/GET": MethodSetting(throttling_rate_limit=5.0, throttling_burst_limit=6),
    "open/ANY": MethodSetting(throttling_rate_limit=-1.0, throttling_burst_limit=-1),
    "logged/GET": MethodSetting(logging_level="INFO"),
}


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/pets", "GET", Throttle(1.0, 2)),
        ("/pets/{id}", "GET", Throttle(3.0, 4)),
        ("/", "GET", Throttle(5.0, 6)),
        ("/pets", "POST", Throttle(100.0, 50)),
        ("/open", "ANY", None),
        ("/logged", "GET", Throttle(10_000.0, 5_000)),
    ],
)
def test_a_method_has_its_own_setting_of_the_stage_or_that_of_all_methods(path, method, expected):
    assert expected == StageThrottles(SETTINGS).find(path, method)


def test_a_stage_without_settings_limits_nothing():
    assert StageThrottles({}).find("/pets", "GET") is None


def test_entries_can_be_pasted_into_an_issue():
    snapshot = snapshot_of(put(KEY), put(PLAN), put(IN_PLAN))
    assert "<KeyEntry key1 enabled, plans plan01>" == repr(snapshot.find_key(STAGE, VALUE))
    assert "<KeyEntry key2 disabled, plans ->" == repr(KeyEntry("key2", None, ()))
    assert "<KeysAndPlans 1 keys, 1 plans>" == repr(snapshot.keys_and_plans[ACCOUNT, REGION])
    plan = snapshot.find_plan(STAGE, snapshot.find_key(STAGE, VALUE))
    assert (
        "<PlanEntry plan01 Throttle(rate=5.0, burst=10) Quota(limit=500, offset=20, period='DAY'), 2 methods>"
        == repr(plan)
    )
