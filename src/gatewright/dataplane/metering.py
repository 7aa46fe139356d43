"""Key, quota and the four throttle levels of one request (facts 4.2, 4.3): the step between authorize and validate.

- A key counts only where the method asks for one; elsewhere one that is sent is ignored, with its plan. It comes with the
  request, or from the method's authorizer, as the API's `apiKeySource` says; never from both (D, facts 4.3).
- A plan's own limit of a method takes the place of the plan's limit there. Both are each key's own, and one bucket for
  all stages of the plan, as is the quota.
- A stage's limit is one bucket a method, also the limit that `*/*` has for all that have none of their own (D: limits of
  a stage apply at the level of its methods).
- The account's limit and the region's are the installation's.
- Where a quota is in doubt the request waits (`doubts.py`).
- Should the meters themselves fail, the request is let through (D, facts 4.5).
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from time import time
from typing import Final

from gatewright.core.context import MethodFacts, RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.logs.execution_log import mask
from gatewright.core.metering.charge import Bucket, Ledger, Level, MethodLevels, Shortage
from gatewright.core.metering.limits import Throttle
from gatewright.core.metering.meter_names import name_client, name_of, name_within
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.core.reasons import (
    API_KEY_DISABLED,
    API_KEY_MISSING,
    API_KEY_NOT_IN_PLAN,
    API_KEY_UNKNOWN,
    QUOTA_EXCEEDED,
    THROTTLED_ACCOUNT,
    THROTTLED_PLAN,
    THROTTLED_PLAN_METHOD,
    THROTTLED_REGION,
    THROTTLED_STAGE,
    Reason,
)
from gatewright.dataplane.doubts import Doubts
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.ports import Meters
from gatewright.model.compiled_method import CompiledMethod
from gatewright.model.plans import Client, KeyEntry, PlanEntry
from gatewright.model.snapshot import Route, Snapshot, StageEntry

_LOG = logging.getLogger(__name__)

#: The region's limit is there so that many accounts cannot have more together than an installation bears: ten accounts'.
REGION_FACTOR: Final = 10
_MAX_LIMITS: Final = 1_024
#: How often the log is told that requests go unmetered.
_FAILURES_SECONDS: Final = 60.0

_REASONS: Final[dict[Level, Reason]] = {
    Level.PLAN: THROTTLED_PLAN,
    Level.PLAN_METHOD: THROTTLED_PLAN_METHOD,
    Level.STAGE: THROTTLED_STAGE,
    Level.ACCOUNT: THROTTLED_ACCOUNT,
    Level.REGION: THROTTLED_REGION,
}


class Metering:
    """The step, with what a worker remembers of names and limits, and the requests that wait. Nothing that counts is in here.

    Without `call_later` none waits.
    """

    def __init__(
        self,
        meters: Meters,
        account: Throttle,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self._meters = meters
        self._account = Limit(account)
        self._region = Limit(Throttle(account.rate * REGION_FACTOR, account.burst * REGION_FACTOR))
        self._limits: dict[Throttle, Limit] = {}
        self._shared: dict[tuple[str, str], tuple[Bucket, ...]] = {}  # by account and region
        self._failed_at = -_FAILURES_SECONDS
        self.doubts = None if call_later is None else Doubts(self._take, call_later, now)

    def meter(
        self, method: CompiledMethod, route: Route, context: RequestContext, snapshot: Snapshot, now: float
    ) -> Waiter[None] | None:
        """None for a request that may go on, which is counted; raises `GatewayError` for one that may not.

        What it gives else is to be awaited, and ends in the same way: the quota is in doubt.
        """
        buckets = route.buckets
        if buckets is None:
            buckets = route.buckets = self._find_levels(route).buckets
        instant = int(now * 1e9)
        if not method.api_key_required:
            shortage = self._take(None, buckets, instant)
            if shortage is not None:
                raise _explain(route, None, None, shortage)
            return None
        key = identify(route, context, snapshot)
        plan = snapshot.find_plan(route.entry.stage, key)
        if plan is None:
            raise GatewayError(API_KEY_NOT_IN_PLAN, **_describe_method(route), **_describe_key(key))
        client = key.client
        if client is None or client.plan is not plan:
            client = key.client = self._make_client(key, plan)
        bucket = client.bucket
        if plan.method_throttles:
            own = plan.method_throttles.get(f"{route.met.resource_path}/{route.met.http_method}")
            if own is not None:
                bucket = Bucket(
                    Level.PLAN_METHOD,
                    name_within(client.client_name, self._find_levels(route).name),
                    self._limit(own),
                )
        if bucket is not None:
            buckets = (bucket, *buckets)
        shortage = self._take(client, buckets, instant)
        if shortage is None:
            return None
        if shortage.in_doubt and self.doubts is not None:
            doubt = self.doubts.enter(client, buckets, partial(_explain, route, key, plan))
            if doubt is not None:
                return doubt
        raise _explain(route, key, plan, shortage)

    def _take(self, ledger: Ledger | None, buckets: Sequence[Bucket], now: int) -> Shortage | None:
        try:
            return self._meters.take(ledger, buckets, now)
        except (OSError, ValueError):
            if now / SECOND - self._failed_at >= _FAILURES_SECONDS:
                self._failed_at = now / SECOND
                _LOG.exception("Usage Plan check failed due to an internal error: requests pass unmetered")
            return None

    def _make_client(self, key: KeyEntry, plan: PlanEntry) -> Client:
        before = key.client
        # A key that calls several stages of its plan is named once.
        same = before is not None and before.plan.id == plan.id
        name = before.client_name if before is not None and same else name_client(plan.id, key.id)
        return Client(plan, name, None if plan.throttle is None else self._limit(plan.throttle))

    def _limit(self, throttle: Throttle) -> Limit:
        """One for all keys of a plan: it is the same for each."""
        limit = self._limits.get(throttle)
        if limit is None:
            if len(self._limits) >= _MAX_LIMITS:
                self._limits.clear()
            limit = Limit(throttle)
            self._limits[throttle] = limit
        return limit

    def _find_levels(self, route: Route) -> MethodLevels:
        known = route.entry.levels
        levels = known.get(route.met)
        if levels is None:
            levels = known[route.met] = self._make_levels(route.entry, route.met)
        return levels

    def _make_levels(self, entry: StageEntry, method: MethodFacts) -> MethodLevels:
        stage = entry.stage
        name = name_of("method", stage.api_id, stage.stage_name, method.resource_path, method.http_method)
        throttle = entry.throttle_of(method.resource_path, method.http_method)
        shared = self._find_shared(stage.account, stage.region)
        if throttle is None:
            return MethodLevels(name, shared)
        return MethodLevels(name, (Bucket(Level.STAGE, name, self._limit(throttle)), *shared))

    def _find_shared(self, account: str, region: str) -> tuple[Bucket, ...]:
        """The buckets of all methods of an account in a region."""
        shared = self._shared.get((account, region))
        if shared is None:
            shared = self._shared[account, region] = (
                Bucket(Level.ACCOUNT, name_of("account", account, region), self._account),
                Bucket(Level.REGION, name_of("region", region), self._region),
            )
        return shared


def identify(route: Route, context: RequestContext, snapshot: Snapshot) -> KeyEntry:
    """The API key that the request carries. All that can be wrong with it looks the same to the client (R, facts 4.3)."""
    text, entry = None, route.entry
    if entry.deployed.api.api_key_source == "HEADER":
        value = context.request.last.get(b"x-api-key")
        text = None if value is None else value.decode("latin-1")
    elif context.authorizer is not None:
        text = context.authorizer.usage_identifier_key
    if not text:
        raise GatewayError(API_KEY_MISSING, **_describe_method(route), source=_describe_source(entry, context))
    context.api_key = text
    key = snapshot.find_key(entry.stage, text)
    if key is None:
        raise GatewayError(API_KEY_UNKNOWN, **_describe_method(route), api_key=mask(text))
    context.api_key_id = key.id
    if not key.enabled:
        raise GatewayError(API_KEY_DISABLED, **_describe_method(route), **_describe_key(key))
    return key


def _describe_source(entry: StageEntry, context: RequestContext) -> str:
    if entry.deployed.api.api_key_source == "HEADER":
        return "the header x-api-key has none"
    if context.authorizer is None:
        return "the API takes keys from its authorizers, and the method has none"
    return f"the API takes keys from its authorizers, and {context.authorizer.authorizer_id} gave no usageIdentifierKey"


def _describe_method(route: Route) -> dict[str, str]:
    entry, method = route.entry, route.met
    return {
        "method": method.http_method,
        "resource": method.resource_path,
        "resource_id": method.resource_id,
        "api_id": entry.stage.api_id,
        "stage": entry.stage.stage_name,
        "account": entry.stage.account,
        "region": entry.stage.region,
        "setting": method.resource_path.replace("/", "~1"),
    }


def _describe_key(key: KeyEntry) -> dict[str, str]:
    return {"key_id": key.id, "api_key": mask(key.value or "")}


def _explain(route: Route, key: KeyEntry | None, plan: PlanEntry | None, shortage: Shortage) -> GatewayError:
    facts = _describe_method(route)
    if key is not None and plan is not None:
        facts.update(_describe_key(key))
        facts["plan"] = plan.id
    facts["retry_in"] = f"{shortage.retry_in / SECOND:.3f}"
    bucket = shortage.bucket
    if bucket is None:
        assert plan is not None, "only a plan has a quota"
        quota = plan.quota
        assert quota is not None, "it was exceeded"
        return GatewayError(QUOTA_EXCEEDED, limit=quota.limit, period=quota.period, **facts)
    return GatewayError(
        _REASONS[bucket.level],
        level=bucket.level.value,
        rate=f"{bucket.limit.rate:.2f}",
        burst=bucket.limit.burst,
        tokens=shortage.remaining,
        **facts,
    )
