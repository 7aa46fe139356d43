"""API keys: made, read, changed, deleted. Their values are secrets (`api_key_values`), their plans `plan_memberships`.

What this module keeps to, all of it recorded (R: 2024-10-10 to 2025-09-26):

- A value is shown by CreateApiKey, and by Get only to whoever asks for it with `includeValue` or `includeValues`.
- `tags` is shown empty by Get and Update, and absent by Create and the listing when there are none.
- The listing has the newest first. `nameQuery` is the beginning of a name, as it is spelt.
- A key is disabled unless told.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.api_key_values import forget_value, keep_value, new_value, value_of, values_of
from gatewright.controlplane.apigateway.creation_order import append, page_by_age, withdraw
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.plan_memberships import leave_all_plans
from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.apigateway.timestamps import shown_instant
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request, not_found
from gatewright.model.identifiers import make_api_id
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.api_key import TABLE, check_description, check_name
from gatewright.model.records import ApiKey, Stage


def create_api_key(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The account has one more key.

    Its id is always distinct from its value: `generateDistinctId` is for keys from before there were usage plans.
    """
    value = new_value(call, params.get("value"))
    tags = params.get("tags") or {}
    check_tags(tags)
    key = replace(
        new_key(call, params.get("name"), params.get("description"), enabled=params.get("enabled") or False),
        customer_id=params.get("customerId") or None,
        stage_keys=tuple(
            f"{each.get('restApiId') or ''}/{each.get('stageName') or ''}" for each in params.get("stageKeys") or ()
        ),
        tags=tags,
    )
    _check_stages(call, key.stage_keys)
    keep_value(call, key, value)
    append(call.transaction, key)
    return render_api_key(key, value)


def get_api_key(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One key, with its value if that is asked for."""
    key = require_api_key(call, params["apiKey"])
    return render_api_key(key, value_of(call, key) if params.get("includeValue") else None, always_tags=True)


def get_api_keys(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's keys in the region, the newest first, with their values if those are asked for."""
    name, customer = params.get("nameQuery"), params.get("customerId")

    def select(keys: list[ApiKey]) -> list[ApiKey]:
        return [key for key in keys if (key.name or "").startswith(name or "") and customer in (None, key.customer_id)]

    narrowed = bool(name) or customer is not None
    page, position = page_by_age(call, ApiKey, params, newest_first=True, select=select if narrowed else None)
    values: list[str | None] = [*values_of(call, page)] if params.get("includeValues") else [None] * len(page)
    items = [render_api_key(key, value) for key, value in zip(page, values, strict=True)]
    return {"items": items, "position": position}


def update_api_key(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key is what the patch operations made of it; its value stays."""
    previous = require_api_key(call, params["apiKey"])
    key = replace(patched(previous, params, TABLE), last_updated_date=call.now)
    _check_stages(call, [stage for stage in key.stage_keys if stage not in previous.stage_keys])
    call.transaction.put(key)
    return render_api_key(key, always_tags=True)


def delete_api_key(call: Call, params: Mapping[str, Any]) -> None:
    """The key is gone, with its value and out of every usage plan."""
    key = require_api_key(call, params["apiKey"])
    leave_all_plans(call.transaction, key)
    forget_value(call, key)
    withdraw(call.transaction, key)


def new_key(call: Call, name: str | None, description: str | None, *, enabled: bool) -> ApiKey:
    """A key that is not stored yet, and has no value."""
    try:
        return ApiKey(
            account=call.account,
            region=call.region,
            id=make_api_id(call.random_text),
            created_date=call.now,
            last_updated_date=call.now,
            name=check_name(name),
            description=check_description(description),
            enabled=enabled,
        )
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused


def require_api_key(call: Call, key_id: str) -> ApiKey:
    """The caller's key of that id; NotFound otherwise."""
    key = call.transaction.get(ApiKey, call.account, call.region, key_id)
    if key is None:
        raise not_found("Invalid API Key identifier specified")  # R (published by users of Terraform)
    return key


def render_api_key(key: ApiKey, value: str | None = None, *, always_tags: bool = False) -> dict[str, Any]:
    """The members of `ApiKey`; `always_tags` also shows that there are none."""
    return {
        "id": key.id,
        "value": value,
        "name": key.name,
        "customerId": key.customer_id,
        "description": key.description,
        "enabled": key.enabled,
        "createdDate": shown_instant(key.created_date),
        "lastUpdatedDate": shown_instant(key.last_updated_date),
        "stageKeys": list(key.stage_keys),
        "tags": dict(key.tags) if key.tags or always_tags else None,
    }


def _check_stages(call: Call, stage_keys: tuple[str, ...] | list[str]) -> None:
    for stage_key in stage_keys:
        api_id, _, name = stage_key.partition("/")
        if call.transaction.get(Stage, call.account, call.region, api_id, name) is None:
            raise bad_request("Invalid stage identifier specified")  # guess: that it is looked up at all
