"""Which keys are in which usage plans, and which stages those open: both ways round, and at most one plan a key and stage.

Beside each `UsagePlanKey` lies a `PlanOfKey`, beside each stage of a plan a `PlanOfStage`, so that nobody looks through
all plans. Whoever stores or deletes a plan or a membership, a stage or an API, does so here or tells this module.
"""

from collections.abc import Iterable
from dataclasses import replace

from gatewright.controlplane.apigateway.creation_order import append, forget_keys, place_of, withdraw
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import conflict
from gatewright.model.records import ApiKey, PlanOfKey, PlanOfStage, Record, RestApi, Stage, UsagePlan, UsagePlanKey
from gatewright.store.port import Reader, Transaction


def join(call: Call, key: ApiKey, plan: UsagePlan) -> UsagePlanKey:
    """The key is in the plan; refused if it may not be (`check_may_join`)."""
    check_may_join(key, plan, plans_of_key(call.transaction, key))
    membership = UsagePlanKey(key.account, key.region, plan.id, key.id, call.now)
    call.transaction.put_many(records_of(membership))
    return membership


def check_may_join(key: ApiKey, plan: UsagePlan, joined: Iterable[UsagePlan]) -> None:
    """Refused if the plan is one of those that the key has joined, or if one of those opens one of the plan's stages."""
    stages = _places(plan)
    for other in joined:
        if other.id == plan.id:
            raise conflict(f"API Key {key.id} is already in Usage Plan {plan.id}")  # guess: the sentence
        _refuse_shared(key.id, stages & _places(other))


def records_of(membership: UsagePlanKey) -> tuple[Record, ...]:
    """The membership and what lies beside it."""
    beside = PlanOfKey(membership.account, membership.region, membership.id, membership.usage_plan_id)
    return membership, place_of(membership), beside


def leave(transaction: Transaction, membership: UsagePlanKey) -> None:
    """The key is in the plan no more."""
    withdraw(transaction, membership)
    transaction.delete(PlanOfKey(membership.account, membership.region, membership.id, membership.usage_plan_id))


def leave_all_plans(transaction: Transaction, key: ApiKey) -> None:
    """The key is in no plan."""
    for found in transaction.list_under(PlanOfKey, key.account, key.region, key.id):
        membership = transaction.get(UsagePlanKey, key.account, key.region, found.usage_plan_id, key.id)
        assert membership is not None, "a PlanOfKey lies beside a UsagePlanKey"
        leave(transaction, membership)


def plans_of_key(reader: Reader, key: ApiKey) -> list[UsagePlan]:
    """The plans that the key is in."""
    found = reader.list_under(PlanOfKey, key.account, key.region, key.id)
    keys = [(each.usage_plan_id,) for each in found]
    return list(reader.get_many(UsagePlan, key.account, key.region, keys).values())


def put_plan(call: Call, plan: UsagePlan, previous: UsagePlan | None) -> None:
    """The plan is stored, in place of `previous` (None: it is new).

    Refused if one of its keys is in another plan that opens a stage which this one newly opens.
    """
    before = frozenset() if previous is None else _places(previous)
    opened = _places(plan) - before
    if previous is None:
        append(call.transaction, plan)
    else:
        _check_opened(call.transaction, plan, opened)
        call.transaction.put(plan)
    for api_id, stage in sorted(opened):
        call.transaction.put(PlanOfStage(plan.account, plan.region, api_id, stage, plan.id))
    for api_id, stage in sorted(before - _places(plan)):
        call.transaction.delete(PlanOfStage(plan.account, plan.region, api_id, stage, plan.id))


def delete_plan(transaction: Transaction, plan: UsagePlan) -> None:
    """The plan, which opens no stage, is gone; its keys stay and are not in it."""
    for membership in transaction.list_under(UsagePlanKey, plan.account, plan.region, plan.id):
        transaction.delete(PlanOfKey(plan.account, plan.region, membership.id, plan.id))
    forget_keys(transaction, plan)
    withdraw(transaction, plan)


def close_stage(transaction: Transaction, stage: Stage) -> None:
    """No plan opens the stage, which is being deleted (C: seen by users of Terraform)."""
    _close(transaction, transaction.list_under(PlanOfStage, stage.account, stage.region, *stage.key))


def close_api(transaction: Transaction, api: RestApi) -> None:
    """No plan opens a stage of the API, which is being deleted."""
    _close(transaction, transaction.list_under(PlanOfStage, api.account, api.region, api.id))


def _close(transaction: Transaction, opened: Iterable[PlanOfStage]) -> None:
    for found in opened:
        plan = transaction.get(UsagePlan, found.account, found.region, found.usage_plan_id)
        assert plan is not None, "a PlanOfStage lies beside a UsagePlan"
        rest = tuple(each for each in plan.api_stages if (each.api_id, each.stage) != (found.api_id, found.stage))
        transaction.put(replace(plan, api_stages=rest))
        transaction.delete(found)


def _places(plan: UsagePlan) -> frozenset[tuple[str, str]]:
    return frozenset((each.api_id, each.stage) for each in plan.api_stages)


def _check_opened(reader: Reader, plan: UsagePlan, opened: frozenset[tuple[str, str]]) -> None:
    """Which of the plan's keys are in another plan is asked only where another plan opens the same stage."""
    keys: set[str] | None = None
    for place in sorted(opened):
        for found in reader.list_under(PlanOfStage, plan.account, plan.region, *place):
            if keys is None:
                keys = _keys_of(reader, plan.account, plan.region, plan.id)
            shared = keys & _keys_of(reader, plan.account, plan.region, found.usage_plan_id) if keys else set()
            if shared:
                _refuse_shared(min(shared), {place})


def _keys_of(reader: Reader, account: str, region: str, plan_id: str) -> set[str]:
    return {each.id for each in reader.list_under(UsagePlanKey, account, region, plan_id)}


def _refuse_shared(key_id: str, shared: Iterable[tuple[str, str]]) -> None:
    """D: a key may be in several plans, but only in one a stage. Guess: the sentence and its code."""
    stages = ", ".join(f"{api_id}:{stage}" for api_id, stage in sorted(shared))
    if stages:
        raise conflict(f"API Key {key_id} cannot reference multiple Usage Plans with the same API Stages: {stages}")
