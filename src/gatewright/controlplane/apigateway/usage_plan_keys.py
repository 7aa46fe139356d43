"""The keys of a usage plan. R (2024-10-10, 2025-09-26): each is shown with its value, the newest member first.

An unknown plan has no keys to list and is no error (R); for everything else it is.
"""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.apigateway.api_key_values import value_of, values_of
from gatewright.controlplane.apigateway.api_keys import require_api_key
from gatewright.controlplane.apigateway.creation_order import page_by_age
from gatewright.controlplane.apigateway.plan_memberships import join, leave
from gatewright.controlplane.apigateway.usage_plans import require_usage_plan
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.records import ApiKey, UsagePlan, UsagePlanKey

#: D: "Currently, the valid key type is API_KEY."
_KEY_TYPE: Final = "API_KEY"


def create_usage_plan_key(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key is in the plan."""
    plan = require_usage_plan(call, params["usagePlanId"])
    if params["keyType"] != _KEY_TYPE:
        raise bad_request(f"Invalid key type specified. Must be one of: [{_KEY_TYPE}]")  # guess: the sentence
    key = require_api_key(call, params["keyId"])
    join(call, key, plan)
    return _render(key, value_of(call, key))


def get_usage_plan_key(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One key of the plan."""
    key = require_api_key(call, _membership(call, params).id)
    return _render(key, value_of(call, key))


def get_usage_plan_keys(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the plan's keys, or of those whose names begin with `nameQuery` as it is spelt (R)."""
    name = params.get("nameQuery")

    def select(members: list[UsagePlanKey]) -> list[UsagePlanKey]:
        keys = _keys_of(call, members)
        return [each for each, key in zip(members, keys, strict=True) if (key.name or "").startswith(name or "")]

    page, position = page_by_age(
        call, UsagePlanKey, params, params["usagePlanId"], newest_first=True, select=select if name else None
    )
    keys = _keys_of(call, page)
    items = [_render(key, value) for key, value in zip(keys, values_of(call, keys), strict=True)]
    return {"items": items, "position": position}


def delete_usage_plan_key(call: Call, params: Mapping[str, Any]) -> None:
    """The key is in the plan no more."""
    leave(call.transaction, _membership(call, params))


def require_usage_plan_key(call: Call, plan: UsagePlan, key_id: str) -> UsagePlanKey:
    """The plan's key of that id; NotFound otherwise."""
    found = call.transaction.get(UsagePlanKey, plan.account, plan.region, plan.id, key_id)
    if found is None:
        raise not_found("Invalid Usage Plan Key ID specified")  # guess: the sentence
    return found


def _membership(call: Call, params: Mapping[str, Any]) -> UsagePlanKey:
    return require_usage_plan_key(call, require_usage_plan(call, params["usagePlanId"]), params["keyId"])


def _keys_of(call: Call, members: list[UsagePlanKey]) -> list[ApiKey]:
    found = call.transaction.get_many(ApiKey, call.account, call.region, [(each.id,) for each in members])
    return [found[each.id,] for each in members]


def _render(key: ApiKey, value: str) -> dict[str, Any]:
    return {"id": key.id, "type": _KEY_TYPE, "value": value, "name": key.name}
