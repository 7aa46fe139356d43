"""ImportApiKeys: many keys at once, out of a CSV file (`api_key_file`).

D: a key whose value is there already is overwritten, and of two rows with the same value the later one counts; the
plans that a row names are added to those that the key is in. What cannot be done for a row becomes a warning; with
`failOnWarnings` nothing is imported then. Guess: the sentences, which name the row.

A file may have ten thousand rows, and nobody else writes meanwhile: what is there is read before the first row is
looked at, and what the rows made is stored after the last one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.api_key_file import FileMalformed, ImportedKey, parse_api_key_file
from gatewright.controlplane.apigateway.api_key_values import Digests, new_value
from gatewright.controlplane.apigateway.api_keys import new_key
from gatewright.controlplane.apigateway.creation_order import place_of
from gatewright.controlplane.apigateway.plan_memberships import check_may_join, plans_of_key, records_of
from gatewright.controlplane.apigateway.usage_plans import require_usage_plan
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request
from gatewright.model.records import ApiKey, ApiKeyValue, Record, UsagePlan, UsagePlanKey


def import_api_keys(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The account has the keys of the file, in the plans that it names."""
    try:
        rows = parse_api_key_file(_read_body(params["body"]))
    except FileMalformed as malformed:
        raise bad_request(str(malformed)) from malformed
    imported = _Import(call, rows)
    warnings: list[str] = []
    for row in rows:
        try:
            key = imported.take(row)
        except ServiceError as refused:
            warnings.append(f"Row {row.line}: {refused.message}")
            continue
        for plan_id in row.plan_ids:
            try:
                imported.join(key, plan_id)
            except ServiceError as refused:
                warnings.append(f"Row {row.line}: {refused.message}: {plan_id}")
    if warnings and params.get("failOnWarnings"):
        raise bad_request(f"Failed to import API Keys due to: {'; '.join(warnings)}")
    imported.store()
    return {"ids": list(imported.keys), "warnings": warnings or None}


def _read_body(body: Any) -> bytes:
    return body if isinstance(body, bytes) else bytes(body.read())


class _Import:
    """What the rows so far have made of the account's keys; `keys` are theirs, by id, in the order of their first rows."""

    def __init__(self, call: Call, rows: Iterable[ImportedKey]) -> None:
        self.keys: dict[str, ApiKey] = {}
        self._call = call
        digests = Digests(call)
        self._digests = {row.value: digests.of(row.value) for row in rows if row.value}
        self._ids = _find_holders(call, self._digests)
        self._present = call.transaction.get_many(
            ApiKey, call.account, call.region, [(key_id,) for key_id in self._ids.values()]
        )
        self._members = _find_members(call, rows, self._ids)
        self._made: dict[str, str] = {}  # value by id
        self._plans: dict[str, UsagePlan] = {}
        self._joined: dict[str, list[UsagePlan]] = {}  # by the key's id
        self._memberships: list[UsagePlanKey] = []

    def take(self, row: ImportedKey) -> ApiKey:
        """The key is what the row says; refused if no key can be that."""
        if not row.value:
            raise bad_request("API Key value should be at least 20 characters")
        value = new_value(self._call, row.value)
        key = new_key(self._call, row.name, row.description, enabled=row.enabled)
        key_id = self._ids.get(value)
        if key_id is None:
            self._ids[value] = key.id
            self._made[key.id] = value
            self._joined[key.id] = []
        else:
            before = self.keys.get(key_id) or self._present[key_id,]
            key = replace(
                before,
                name=key.name,
                description=key.description,
                enabled=key.enabled,
                last_updated_date=self._call.now,
            )
        self.keys[key.id] = key
        return key

    def join(self, key: ApiKey, plan_id: str) -> None:
        """The key is in the plan, perhaps for long; refused if it may not be."""
        if (plan_id, key.id) in self._members:
            return
        plan = self._plans.get(plan_id)
        if plan is None:
            plan = self._plans[plan_id] = require_usage_plan(self._call, plan_id)
        joined = self._joined.get(key.id)
        if joined is None:
            joined = self._joined[key.id] = plans_of_key(self._call.transaction, key)
        check_may_join(key, plan, joined)
        joined.append(plan)
        self._members.add((plan_id, key.id))
        self._memberships.append(UsagePlanKey(key.account, key.region, plan.id, key.id, self._call.now))

    def store(self) -> None:
        """All of it is kept."""
        records: list[Record] = [*self.keys.values()]
        for key_id, value in self._made.items():
            key = self.keys[key_id]
            records += (place_of(key), ApiKeyValue(key.account, key.region, self._digests[value], key.id))
        for membership in self._memberships:
            records += records_of(membership)
        self._call.transaction.put_many(records)
        self._call.transaction.put_secrets(
            {self.keys[key_id].secret_name: value.encode("ascii") for key_id, value in self._made.items()}
        )


def _find_members(call: Call, rows: Iterable[ImportedKey], ids: Mapping[str, str]) -> set[tuple[str, ...]]:
    """Which keys that are there are already in a plan that their row names: the id of the plan, and that of the key."""
    asked = {(plan_id, ids[row.value]): None for row in rows if row.value in ids for plan_id in row.plan_ids}
    return set(call.transaction.get_many(UsagePlanKey, call.account, call.region, [*asked]))


def _find_holders(call: Call, digests: Mapping[str, str]) -> dict[str, str]:
    """The ids of the keys that have these values, by value."""
    found = call.transaction.get_many(ApiKeyValue, call.account, call.region, [(each,) for each in digests.values()])
    return {value: found[digest,].key_id for value, digest in digests.items() if (digest,) in found}
