"""Usage plans: the stages that they open and the limits that they set, for each of their keys (facts 4.4).

`tags` is shown empty by Get and Update, and absent by Create and the listing when there are none (R: 2023-07-28).
"""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.apigateway.creation_order import page_by_age
from gatewright.controlplane.apigateway.free_ids import draw_free_id
from gatewright.controlplane.apigateway.pagination import paginate
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.plan_memberships import delete_plan, plans_of_key, put_plan
from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request, not_found
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.usage_plan import INVALID_API_STAGE, TABLE, check_usage_plan
from gatewright.model.records import ApiKey, ApiStage, QuotaSettings, Stage, ThrottleSettings, UsagePlan


def create_usage_plan(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The account has one more plan, without keys."""
    tags = params.get("tags") or {}
    check_tags(tags)
    throttle, quota = params.get("throttle"), params.get("quota")
    plan = UsagePlan(
        account=call.account,
        region=call.region,
        id=draw_free_id(call, UsagePlan),
        name=params["name"],
        created_date=call.now,
        description=params.get("description") or None,
        throttle=None if throttle is None else _parse_throttle(throttle),
        quota=None if quota is None else _parse_quota(quota),
        api_stages=tuple(_parse_stage(each) for each in params.get("apiStages") or ()),
        tags=tags,
    )
    _check(call, plan, previous=None)
    put_plan(call, plan, previous=None)
    return render_usage_plan(plan)


def get_usage_plan(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One plan."""
    return render_usage_plan(require_usage_plan(call, params["usagePlanId"]), always_tags=True)


def get_usage_plans(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's plans in the region, the newest first; or of those that a key is in, by id."""
    key_id = params.get("keyId")
    if key_id is None:
        page, position = page_by_age(call, UsagePlan, params, newest_first=True)
    else:
        key = call.transaction.get(ApiKey, call.account, call.region, key_id)
        # Guess: an unknown key is in no plan; GetUsagePlanKeys answers alike of an unknown plan (R).
        plans = [] if key is None else plans_of_key(call.transaction, key)
        page, position = paginate(plans, params, lambda plan: plan.id)
    return {"items": [render_usage_plan(plan) for plan in page], "position": position}


def update_usage_plan(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The plan is what the patch operations made of it, at once and for all of its keys."""
    previous = require_usage_plan(call, params["usagePlanId"])
    plan = patched(previous, params, TABLE)
    _check(call, plan, previous)
    put_plan(call, plan, previous)
    return render_usage_plan(plan, always_tags=True)


def delete_usage_plan(call: Call, params: Mapping[str, Any]) -> None:
    """The plan is gone, its keys stay; a plan that opens a stage is not deleted."""
    plan = require_usage_plan(call, params["usagePlanId"])
    if plan.api_stages:
        stage = plan.api_stages[0]
        # R (published by a user of the SDK for JavaScript, 2021).
        raise bad_request(
            f"Cannot delete Usage Plan {plan.id} because there are API Stages associated with it, "
            f"including {stage.api_id}:{stage.stage}"
        )
    delete_plan(call.transaction, plan)


def require_usage_plan(call: Call, plan_id: str) -> UsagePlan:
    """The caller's plan of that id; NotFound otherwise."""
    plan = call.transaction.get(UsagePlan, call.account, call.region, plan_id)
    if plan is None:
        raise not_found("Invalid Usage Plan ID specified")  # R
    return plan


def render_usage_plan(plan: UsagePlan, *, always_tags: bool = False) -> dict[str, Any]:
    """The members of `UsagePlan`; `always_tags` also shows that there are none."""
    quota = plan.quota
    return {
        "id": plan.id,
        "name": plan.name,
        "description": plan.description,
        "apiStages": [_render_stage(each) for each in plan.api_stages],
        "throttle": None if plan.throttle is None else _render_throttle(plan.throttle),
        "quota": None if quota is None else {"limit": quota.limit, "offset": quota.offset, "period": quota.period},
        "productCode": plan.product_code,
        "tags": dict(plan.tags) if plan.tags or always_tags else None,
    }


def _render_stage(stage: ApiStage) -> dict[str, Any]:
    throttle = {key: _render_throttle(each) for key, each in stage.throttle.items()}
    return {"apiId": stage.api_id, "stage": stage.stage, "throttle": throttle or None}


def _render_throttle(throttle: ThrottleSettings) -> dict[str, Any]:
    return {"burstLimit": throttle.burst_limit, "rateLimit": throttle.rate_limit}


def _parse_stage(stage: Mapping[str, Any]) -> ApiStage:
    if not stage.get("apiId") or not stage.get("stage"):
        raise bad_request(INVALID_API_STAGE)
    throttle = {key: _parse_throttle(each) for key, each in (stage.get("throttle") or {}).items()}
    return ApiStage(stage["apiId"], stage["stage"], throttle)


def _parse_throttle(throttle: Mapping[str, Any]) -> ThrottleSettings:
    """M: both members are optional; what is not said is 0."""
    return ThrottleSettings(throttle.get("rateLimit") or 0.0, throttle.get("burstLimit") or 0)


def _parse_quota(quota: Mapping[str, Any]) -> QuotaSettings:
    return QuotaSettings(quota.get("limit") or 0, quota.get("period") or "", quota.get("offset") or 0)


def _check(call: Call, plan: UsagePlan, previous: UsagePlan | None) -> None:
    """Refuses a plan that must not be stored in place of `previous` (None: a new one)."""
    try:
        check_usage_plan(plan)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused
    known = set() if previous is None else {(each.api_id, each.stage) for each in previous.api_stages}
    seen: set[tuple[str, str]] = set()
    for each in plan.api_stages:
        place = (each.api_id, each.stage)
        if place in seen:
            raise bad_request(INVALID_API_STAGE)  # guess: a stage that is named twice
        seen.add(place)
        if place not in known and call.transaction.get(Stage, call.account, call.region, *place) is None:
            # R
            raise not_found(
                f"Invalid API Stage {{api: {each.api_id}, stage: {each.stage}}} specified for usageplan {plan.id}"
            )
