"""ImportApiKeys: many keys at once, out of a CSV file (`api_key_file`).

D: a key whose value is there already is overwritten, and of two rows with the same value the later one counts; the
plans that a row names are added to those that the key is in. What cannot be done for a row becomes a warning; with
`failOnWarnings` nothing is imported then. Guess: the sentences, which name the row.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.api_key_file import FileMalformed, ImportedKey, parse_api_key_file
from gatewright.controlplane.apigateway.api_key_values import (
    Digests,
    holder_of,
    keep_unheld_value,
    new_value,
)
from gatewright.controlplane.apigateway.api_keys import new_key
from gatewright.controlplane.apigateway.creation_order import append
from gatewright.controlplane.apigateway.plan_memberships import join
from gatewright.controlplane.apigateway.usage_plans import require_usage_plan
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.model.records import ApiKey, UsagePlan, UsagePlanKey


def import_api_keys(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The account has the keys of the file, in the plans that it names."""
    try:
        rows = parse_api_key_file(_read_body(params["body"]))
    except FileMalformed as malformed:
        raise bad_request(str(malformed)) from malformed
    digests = Digests(call)
    plans: dict[str, UsagePlan] = {}
    ids: dict[str, None] = {}
    warnings: list[str] = []
    for row in rows:
        try:
            key = _import_key(call, row, digests)
        except ServiceError as refused:
            warnings.append(f"Row {row.line}: {refused.message}")
            continue
        ids[key.id] = None
        for plan_id in row.plan_ids:
            try:
                _join(call, key, plan_id, plans)
            except ServiceError as refused:
                warnings.append(f"Row {row.line}: {refused.message}: {plan_id}")
    if warnings and params.get("failOnWarnings"):
        # The transaction is undone with it.
        raise bad_request(f"Failed to import API Keys due to: {'; '.join(warnings)}")
    return {"ids": list(ids), "warnings": warnings or None}


def _read_body(body: Any) -> bytes:
    return body if isinstance(body, bytes) else bytes(body.read())


def _import_key(call: Call, row: ImportedKey, digests: Digests) -> ApiKey:
    if not row.value:
        raise bad_request("API Key value should be at least 20 characters")
    value = new_value(call, row.value)
    made = new_key(call, row.name, row.description, enabled=row.enabled)
    digest = digests.of(value)
    holder = holder_of(call, digest)
    if holder is None:
        keep_unheld_value(call, made, value, digest)
        append(call.transaction, made)
        return made
    before = call.transaction.get(ApiKey, call.account, call.region, holder)
    assert before is not None, "an ApiKeyValue lies beside an ApiKey"
    key = replace(
        before,
        name=made.name,
        description=made.description,
        enabled=made.enabled,
        last_updated_date=call.now,
    )
    call.transaction.put(key)
    return key


def _join(call: Call, key: ApiKey, plan_id: str, plans: dict[str, UsagePlan]) -> None:
    plan = plans.get(plan_id)
    if plan is None:
        plan = plans[plan_id] = require_usage_plan(call, plan_id)
    if call.transaction.get(UsagePlanKey, call.account, call.region, plan.id, key.id) is None:
        join(call, key, plan)
