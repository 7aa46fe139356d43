"""Who a client is by its API key, and what it was promised: the compiled form of ApiKey, UsagePlan and UsagePlanKey.

    key = snapshot.find_key(stage, value)
    plan = None if key is None else snapshot.find_plan(stage, key)

Keys and plans belong to an account in a region (facts 4.3), and so do their tables here. What the tables keep to:

- Entries are replaced, never changed: requests in flight hold them.
- A look-up takes the same time with one key and with 100,000 on one plan. A plan knows its stages, a key its plans; no
  entry names the keys of a plan. A key takes less than a kilobyte.
- Records may come in any order: the association of a key that is not known yet waits for it.
"""

from collections.abc import Mapping
from typing import Final

from gatewright.core.metering.charge import Bucket, Ledger, Level
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.meter_names import name_ledger_of
from gatewright.core.metering.token_bucket import Limit
from gatewright.model.records import ApiKey, MethodSetting, UsagePlan
from gatewright.model.shards import Shards

_NO_THROTTLES: Final[Mapping[str, Throttle]] = {}


class Client(Ledger):
    """What a key has under the plan of a stage: its ledger, and its bucket of the methods without a limit of their own.

    The plan's other stages are other entries of the same plan, with the same ledger and bucket.
    """

    __slots__ = ("bucket", "client_name", "plan")

    def __init__(self, plan: "PlanEntry", client_name: int, limit: Limit | None) -> None:
        super().__init__(name_ledger_of(client_name), plan.quota)
        self.plan = plan
        self.client_name = client_name
        self.bucket = None if limit is None else Bucket(Level.PLAN, client_name, limit)


class KeyEntry:
    """An API key. A disabled one is there too: that it is disabled is a reason of its own to refuse its client.

    `client` is there once it has called: kept here, and not in a table of whom a worker remembers, it costs as much with
    100,000 keys as with one, and what has changed is not found again.
    """

    __slots__ = ("client", "customer_id", "enabled", "id", "name", "plan_ids", "value")

    def __init__(
        self,
        id: str,  # noqa: A002  the member's name
        value: str | None,
        plan_ids: tuple[str, ...],
        *,
        enabled: bool = False,
        name: str | None = None,
        customer_id: str | None = None,
    ) -> None:
        self.id = id
        self.value = value  # None: only its plans are known so far, and nobody finds it
        self.enabled = enabled
        self.name = name
        self.customer_id = customer_id
        self.plan_ids = plan_ids
        self.client: Client | None = None

    def __repr__(self) -> str:
        return (
            f"<KeyEntry {self.id} {'enabled' if self.enabled else 'disabled'}, plans {', '.join(self.plan_ids) or '-'}>"
        )


class PlanEntry:
    """A usage plan as it applies to one stage. `throttle` and `quota` are each key's own; None: no limit of that sort.

    `method_throttles` are this stage's, by resource path and method: `/pets/GET`, and `//GET` for the root.
    """

    __slots__ = ("id", "method_throttles", "name", "quota", "throttle")

    def __init__(
        self,
        id: str,  # noqa: A002  the member's name
        name: str,
        throttle: Throttle | None,
        method_throttles: Mapping[str, Throttle],
        quota: Quota | None,
    ) -> None:
        self.id = id
        self.name = name
        self.throttle = throttle
        self.method_throttles = method_throttles
        self.quota = quota

    def throttle_of(self, resource_path: str, method: str) -> Throttle | None:
        """What the plan allows on a method: the method's own limit where the plan has one, else the plan's."""
        if not self.method_throttles:
            return self.throttle
        return self.method_throttles.get(f"{resource_path}/{method}", self.throttle)

    def __repr__(self) -> str:
        return f"<PlanEntry {self.id} {self.throttle} {self.quota}, {len(self.method_throttles)} methods>"


class KeysAndPlans:
    """The API keys and usage plans of one account in one region."""

    __slots__ = ("_by_id", "_by_value", "_plans", "_sole")

    def __init__(self) -> None:
        self._by_id: Shards[KeyEntry] = Shards()
        self._by_value: Shards[KeyEntry] = Shards()
        self._plans: dict[str, dict[tuple[str, str], PlanEntry]] = {}  # by plan id, then (API id, stage name)
        # One tuple for all keys that have just this plan: less memory, and less of it to be fetched.
        self._sole: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return f"<KeysAndPlans {len(self._by_value)} keys, {len(self._plans)} plans>"

    def copy(self) -> "KeysAndPlans":
        """The same entries; what is put into the copy is not in this one."""
        made = KeysAndPlans()
        made._by_id = self._by_id.copy()
        made._by_value = self._by_value.copy()
        made._plans = self._plans.copy()
        made._sole = self._sole
        return made

    def find_key(self, value: str) -> KeyEntry | None:
        """The key that has this value."""
        return self._by_value.get(value)

    def find_plan(self, key: KeyEntry, api_id: str, stage_name: str) -> PlanEntry | None:
        """The plan of the key that has this stage; there is one at most (facts 4.3)."""
        place = (api_id, stage_name)
        for plan_id in key.plan_ids:
            stages = self._plans.get(plan_id)
            if stages is not None:
                plan = stages.get(place)
                if plan is not None:
                    return plan
        return None

    def put_key(self, key_id: str, record: ApiKey | None, value: str | None) -> None:
        """The key is as its record says; None: it is gone, or its value is."""
        before = self._by_id.get(key_id)
        if before is not None and before.value is not None:
            self._by_value.discard(before.value)
        plan_ids = () if before is None else before.plan_ids
        if record is not None and value is not None:
            self._put(
                KeyEntry(
                    key_id,
                    value,
                    plan_ids,
                    enabled=record.enabled,
                    name=record.name,
                    customer_id=record.customer_id,
                )
            )
        elif plan_ids:
            self._put(KeyEntry(key_id, None, plan_ids))
        else:
            self._by_id.discard(key_id)

    def put_plan(self, plan_id: str, record: UsagePlan | None) -> None:
        """The plan is as its record says; None: it is gone."""
        if record is None:
            self._plans.pop(plan_id, None)
            self._sole.pop(plan_id, None)
        else:
            self._plans[plan_id] = _compile_plan(record)

    def attach(self, plan_id: str, key_id: str) -> None:
        """The key is one of the plan's."""
        before = self._by_id.get(key_id)
        if before is None:
            self._put(KeyEntry(key_id, None, self._sole_plan(plan_id)))
        elif not before.plan_ids:
            self._put(_with_plans(before, self._sole_plan(plan_id)))
        elif plan_id not in before.plan_ids:
            self._put(_with_plans(before, (*before.plan_ids, plan_id)))

    def detach(self, plan_id: str, key_id: str) -> None:
        """The key is none of the plan's."""
        before = self._by_id.get(key_id)
        if before is None or plan_id not in before.plan_ids:
            return
        rest = tuple([each for each in before.plan_ids if each != plan_id])
        if rest or before.value is not None:
            self._put(_with_plans(before, rest))
        else:
            self._by_id.discard(key_id)

    def _sole_plan(self, plan_id: str) -> tuple[str, ...]:
        return self._sole.setdefault(plan_id, (plan_id,))

    def _put(self, entry: KeyEntry) -> None:
        self._by_id.put(entry.id, entry)
        if entry.value is not None:
            self._by_value.put(entry.value, entry)


def _with_plans(entry: KeyEntry, plan_ids: tuple[str, ...]) -> KeyEntry:
    return KeyEntry(
        entry.id,
        entry.value,
        plan_ids,
        enabled=entry.enabled,
        name=entry.name,
        customer_id=entry.customer_id,
    )


def _compile_plan(plan: UsagePlan) -> dict[tuple[str, str], PlanEntry]:
    throttle = None if plan.throttle is None else Throttle(plan.throttle.rate_limit, plan.throttle.burst_limit)
    quota = None if plan.quota is None else Quota(plan.quota.limit, plan.quota.offset, plan.quota.period)
    return {
        (each.api_id, each.stage): PlanEntry(
            plan.id,
            plan.name,
            throttle,
            {key: Throttle(own.rate_limit, own.burst_limit) for key, own in each.throttle.items()} or _NO_THROTTLES,
            quota,
        )
        for each in plan.api_stages
    }


class StageThrottles:
    """What the method settings of a stage allow on each of its methods, whoever the client is.

    Keys of method settings are a resource path without its first slash and a method, and slashes may be `~1` in them
    (facts 1.5, 1.6); `*/*` is every method that has no setting of its own. A setting that was made for another matter
    has throttling all the same, with the service's defaults (R, facts 1.5); -1 says that there is none (C: Terraform).
    """

    __slots__ = ("_by_method", "_default")

    def __init__(self, settings: Mapping[str, MethodSetting]) -> None:
        self._default: Throttle | None = None
        self._by_method: dict[str, Throttle | None] = {}
        for key, setting in settings.items():
            if key == "*/*":
                self._default = _throttle_of(setting)
            else:
                self._by_method["/" + key.replace("~1", "/").removeprefix("/")] = _throttle_of(setting)

    def find(self, resource_path: str, method: str) -> Throttle | None:
        """The limit of a method, or None."""
        if not self._by_method:
            return self._default
        return self._by_method.get(f"{resource_path}/{method}", self._default)


def _throttle_of(setting: MethodSetting) -> Throttle | None:
    if setting.throttling_rate_limit < 0 or setting.throttling_burst_limit < 0:
        return None
    return Throttle(setting.throttling_rate_limit, setting.throttling_burst_limit)
