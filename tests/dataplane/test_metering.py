"""The metering step: what a worker remembers of keys, plans and methods is what they are now."""

from dataclasses import replace

import pytest

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.metering.limits import Throttle
from gatewright.dataplane.metering import Metering
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.pipeline import locate, recall, remember, route
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    ApiKey,
    ApiStage,
    DeployedApi,
    EndpointConfiguration,
    Integration,
    Method,
    QuotaSettings,
    Resource,
    RestApi,
    Stage,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import HTTPS, make_request

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
HOST = f"{API}.execute-api.{REGION}.gateway.localhost"
NOW = 1_795_225_000.0
PLAN = UsagePlan(
    ACCOUNT,
    REGION,
    "plan",
    "gold",
    0.0,
    quota=QuotaSettings(2, "DAY"),
    api_stages=(ApiStage(API, "dev"), ApiStage(API, "live")),
)


def put(record, value=None):
    return RecordChange(record.KIND, record.account, record.region, record.key, record, value)


def make_snapshot(*, needs_key):
    method = Method("GET", api_key_required=needs_key, method_integration=Integration("MOCK"))
    resources = tuple(
        Resource(ACCOUNT, REGION, API, path, f"/{path}", resource_methods={"GET": method}) for path in ("a", "b")
    )
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, EndpointConfiguration(("REGIONAL",)))
    changes = [
        put(DeployedApi(ACCOUNT, REGION, API, "d1", api, resources)),
        put(Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0)),
        put(Stage(ACCOUNT, REGION, API, "live", "d1", 0.0, 0.0)),
        put(PLAN),
        put(ApiKey(ACCOUNT, REGION, "key", 0.0, 0.0, enabled=True), "the-value-of-the-key"),
        put(UsagePlanKey(ACCOUNT, REGION, "plan", "key", 0.0)),
    ]
    return compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)


def call(metering, snapshot, path):
    """None, or the reason that the request was refused for; the second call of a path is a recalled one."""
    request = make_request("GET", path, {"X-API-Key": "the-value-of-the-key"})
    context = RequestContext(request, HTTPS, HOST, NOW, "id", "extended", "trace")
    known = recall(context, snapshot)
    if known is None:
        address = locate(context, snapshot)
        method = route(address, context, snapshot)
        remember(context, snapshot, address, method)
    else:
        address, method = known.address, known.method
    try:
        metering.meter(method, address, context, snapshot)
    except GatewayError as error:
        return error.reason.code
    return None


@pytest.fixture
def metering():
    return Metering(SharedMeters(), Throttle(1_000.0, 3))


def test_the_stages_of_a_plan_have_one_quota_and_a_changed_plan_counts_at_once(metering):
    snapshot = make_snapshot(needs_key=True)
    answers = [call(metering, snapshot, path) for path in ("/dev/a", "/live/a", "/dev/a", "/live/b")]
    assert [None, None, "QUOTA_EXCEEDED", "QUOTA_EXCEEDED"] == answers
    more = compile_snapshot(snapshot, 2, [put(replace(PLAN, quota=QuotaSettings(3, "DAY")))])
    assert [None, "QUOTA_EXCEEDED"] == [call(metering, more, "/live/a") for _ in range(2)]


def test_all_methods_of_all_stages_share_the_bucket_of_their_account(metering):
    snapshot = make_snapshot(needs_key=False)
    answers = [call(metering, snapshot, path) for path in ("/dev/a", "/live/b", "/dev/a", "/live/a")]
    assert [None, None, None, "THROTTLED_ACCOUNT"] == answers
