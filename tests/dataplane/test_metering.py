"""What keys, plans, stages, accounts and the region allow, through the whole pipeline in one process (facts 4)."""

import asyncio
import json
import shlex

import pytest

from gatewright.core.logs.execution_log import mask
from gatewright.core.metering.limits import Throttle
from gatewright.core.request_record import explain
from gatewright.dataplane.pipeline import invoke
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    ApiKey,
    ApiStage,
    DeployedApi,
    EndpointConfiguration,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    MethodSetting,
    QuotaSettings,
    Resource,
    RestApi,
    Stage,
    ThrottleSettings,
    UsagePlan,
    UsagePlanKey,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import HTTPS, make_request
from support.interpreted import on_sources

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
VALUE = "v" * 34 + "F0yrv6"
NOON = 1_900_000_800.0
ONE = ThrottleSettings(0.01, 1)
WIDE = Throttle(10_000.0, 5_000)


class Lines:
    lost = 0

    def __init__(self):
        self.lines = []

    def append(self, line):
        self.lines.append(json.loads(line))
        return False

    def flush(self):
        """Nothing waits."""


def mock(status="200"):
    return Integration(
        "MOCK",
        request_templates={"application/json": f'{{"statusCode": {status}}}'},
        integration_responses={status: IntegrationResponse(status)},
    )


def method(integration, **how):
    responses = {status: MethodResponse(status) for status in integration.integration_responses}
    return Method("GET", method_responses=responses, method_integration=integration, **how)


def api_of(account=ACCOUNT, api_id=API, *, settings=None, responses=(), region=REGION):
    api = RestApi(account, region, api_id, "pets", "root", 0.0, EndpointConfiguration(("REGIONAL",)))
    methods = {
        "/": method(mock(), api_key_required=False),
        "/pets": method(mock(), api_key_required=True),
        "/toys": method(mock(), api_key_required=True),
        "/busy": method(mock("429"), api_key_required=False),
        "/pets/{id}": method(mock(), api_key_required=True),
    }
    resources = tuple(
        Resource(account, region, api_id, f"r{number}", path, resource_methods={"GET": each})
        for number, (path, each) in enumerate(methods.items())
    )
    return [
        DeployedApi(account, region, api_id, "d1", api, resources, gateway_responses=responses),
        Stage(account, region, api_id, "dev", "d1", 0.0, 0.0, method_settings=settings or {}),
    ]


def plan_of(*, throttle=None, methods=None, quota=None):
    """A plan of the stage, with one key."""
    return [
        ApiKey(ACCOUNT, REGION, "key001", 0.0, 0.0, enabled=True),
        UsagePlan(
            ACCOUNT, REGION, "plan01", "gold", 0.0,
            throttle=throttle, quota=quota, api_stages=(ApiStage(API, "dev", methods or {}),),
        ),
        UsagePlanKey(ACCOUNT, REGION, "plan01", "key001", 0.0),
    ]  # fmt: skip


def code_of(line):
    """The reason of a line of the journal; None: the request was let through."""
    reason = line.get("reason")
    return None if reason is None else reason["code"]


def changes(records):
    return [
        RecordChange(each.KIND, each.account, each.region, each.key, each, VALUE if each.KIND == "api_key" else None)
        for each in records
    ]


class Gateway:
    """A worker's world with these records; `now` is its clock."""

    def __init__(self, *records, account=WIDE):
        self.now, self.journal = NOON, Lines()
        snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes(records))
        self.world = World(
            snapshot, None, self.journal, lambda _delay, _call: None, 8443,
            account_throttle=account, now=lambda: self.now,
        )  # fmt: skip

    def put(self, *records):
        """These are changed."""
        snapshot = self.world.snapshot
        self.world.snapshot = compile_snapshot(snapshot, snapshot.revision + 1, changes(records))

    def call(self, path="/pets", *, api_id=API, key=VALUE, region=REGION):
        host = f"{api_id}.execute-api.{region}.gateway.localhost"
        headers = {"Host": host} | ({} if key is None else {"X-API-Key": key})
        return asyncio.run(invoke(make_request("GET", f"/dev{path}", headers), HTTPS, self.world))

    def reasons(self, count, path="/pets", **how):
        """Of so many calls, the reason of each that was refused; None for those that were let through."""
        for _ in range(count):
            self.call(path, **how)
        return [code_of(line) for line in self.journal.lines[-count:]]


def header(response, name):
    return {key.lower(): value for key, value in response.headers}.get(name)


# What speaks first. Each of these, and all that come behind it, have nothing left after one call.
STAGE_METHOD = {"~1pets/GET": MethodSetting(throttling_rate_limit=0.01, throttling_burst_limit=1)}
STAGE_ALL = {"*/*": MethodSetting(throttling_rate_limit=0.01, throttling_burst_limit=1)}
LADDER = {
    "QUOTA_EXCEEDED": ({"quota": QuotaSettings(1, "DAY", 0), "methods": {"/pets/GET": ONE}}, STAGE_METHOD, Throttle(0.01, 1)),
    "THROTTLED_PLAN_METHOD": ({"methods": {"/pets/GET": ONE}, "throttle": ONE}, STAGE_METHOD, Throttle(0.01, 1)),
    "THROTTLED_PLAN": ({"throttle": ONE}, STAGE_METHOD, Throttle(0.01, 1)),
    "THROTTLED_STAGE": ({}, STAGE_ALL, Throttle(0.01, 1)),
    "THROTTLED_ACCOUNT": ({}, {}, Throttle(0.01, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("speaks", "limits"), LADDER.items())
def test_of_all_that_have_nothing_left_the_first_speaks(speaks, limits):
    plan, settings, account = limits
    gateway = Gateway(*api_of(settings=settings), *plan_of(**plan), account=account)
    assert [None, speaks] == gateway.reasons(2)


def test_the_region_speaks_when_ten_accounts_have_called_and_none_of_them_too_often():
    accounts = {f"{number:012d}": f"api{number:07d}" for number in range(11)}
    records = [each for account, api_id in accounts.items() for each in api_of(account, api_id)]
    abroad = api_of("000000000010", "abroad0000", region="eu-west-1")
    gateway = Gateway(*records, *abroad, account=Throttle(0.01, 1))
    assert [None] * 10 == [gateway.reasons(1, "/", api_id=api_id)[0] for api_id in list(accounts.values())[:10]]
    refused = gateway.call("/", api_id="api0000010")
    assert (429, b'{"message":"Too Many Requests"}') == (refused.status, refused.body)
    line = gateway.journal.lines[-1]
    assert "THROTTLED_REGION" == code_of(line)
    told = "\n".join(explain(line))
    for words in ("0.10 tokens a second, holds 10, and had 0 at that instant (level: region)", "--account-throttle"):
        assert words in told
    assert [None] == gateway.reasons(1, "/", api_id="abroad0000", region="eu-west-1"), "another region has its own"
    gateway.now += 10.0
    assert [None] == gateway.reasons(1, "/", api_id="api0000010"), "what was refused took nothing of its account"


COMMANDS = {
    "QUOTA_EXCEEDED": "aws apigateway update-usage --usage-plan-id plan01 --key-id key001 --region us-east-1",
    "THROTTLED_PLAN_METHOD": 'op=replace,path="/apiStages/abcdefghij:dev/throttle/~1pets/GET/rateLimit",value=…',
    "THROTTLED_PLAN": "aws apigateway update-usage-plan --usage-plan-id plan01 --region us-east-1 --patch-operations "
    "op=replace,path=/throttle/rateLimit,value=…",
    "THROTTLED_STAGE": "aws apigateway update-stage --rest-api-id abcdefghij --stage-name dev --region us-east-1 "
    "--patch-operations 'op=replace,path=\"/~1pets/GET/throttling/rateLimit\",value=…'",
    "THROTTLED_ACCOUNT": "gatewright serve --account-throttle RATE:BURST",
}


@pytest.mark.parametrize(("speaks", "limits"), LADDER.items())
def test_a_refusal_is_explained_with_the_bucket_as_it_was_and_the_command_that_raises_it(speaks, limits):
    plan, settings, account = limits
    gateway = Gateway(*api_of(settings=settings), *plan_of(**plan), account=account)
    gateway.reasons(2)
    told = "\n".join(explain(gateway.journal.lines[-1]))
    assert COMMANDS[speaks] in told
    if speaks == "QUOTA_EXCEEDED":
        assert "has used its quota of 1 requests a DAY under usage plan plan01" in told
    else:
        assert "0.01 tokens a second, holds 1, and had 0 at that instant" in told
    assert VALUE not in json.dumps(gateway.journal.lines[-1])


@pytest.mark.parametrize(
    ("plan", "settings", "path"),
    [
        ({"methods": {"/pets/{id}/GET": ONE}}, {}, "/apiStages/abcdefghij:dev/throttle/~1pets~1{id}/GET/rateLimit"),
        ({}, STAGE_ALL, "/~1pets~1{id}/GET/throttling/rateLimit"),
    ],
)
def test_the_command_is_one_that_a_shell_and_the_cli_understand(plan, settings, path):
    shorthand = pytest.importorskip("awscli.shorthand", reason="the AWS CLI that reads the command is not installed")
    gateway = Gateway(*api_of(settings=settings), *plan_of(**plan))
    gateway.reasons(2, "/pets/7")
    (remedy,) = [line for line in explain(gateway.journal.lines[-1]) if "to mend" in line]
    words = shlex.split(remedy)
    operation = words[words.index("--patch-operations") + 1]
    assert {"op": "replace", "path": path, "value": "…"} == shorthand.ShorthandParser().parse(operation)


def test_a_429_of_the_backend_is_none_of_ours():
    gateway = Gateway(*api_of())
    answer = gateway.call("/busy")
    assert (429, None) == (answer.status, header(answer, b"x-amzn-errortype"))
    line = gateway.journal.lines[-1]
    assert code_of(line) is None
    assert "THROTTLED" not in "\n".join(explain(line))
    assert {} == {name: count for name, count in gateway.world.counters().items() if "refus" in name and count}


@pytest.mark.parametrize(
    ("kind", "plan", "message"),
    [
        ("THROTTLED", {"throttle": ONE}, "Too Many Requests"),
        ("QUOTA_EXCEEDED", {"quota": QuotaSettings(1, "DAY", 0)}, "Limit Exceeded"),
        ("DEFAULT_4XX", {"throttle": ONE}, "Too Many Requests"),
    ],
)
def test_a_gateway_response_says_what_a_refused_client_gets(kind, plan, message):
    customised = GatewayResponse(
        ACCOUNT, REGION, API, kind,
        status_code="503",
        response_parameters={
            "gatewayresponse.header.Retry-After": "'7'",
            "gatewayresponse.header.X-Type": "context.error.responseType",
        },
        response_templates={"application/json": '{"said": $context.error.messageString}'},
    )  # fmt: skip
    gateway = Gateway(*api_of(responses=(customised,)), *plan_of(**plan))
    gateway.call()
    refused = gateway.call()
    assert (503, json.dumps({"said": message})) == (refused.status, refused.body.decode())
    assert b"7" == header(refused, b"retry-after")
    assert (kind if kind != "DEFAULT_4XX" else "THROTTLED") == header(refused, b"x-type").decode()
    assert header(refused, b"x-amzn-errortype") in (b"TooManyRequestsException", b"LimitExceededException")


# Keys


@pytest.mark.parametrize(
    ("key", "more", "reason"),
    [
        (None, [], "API_KEY_MISSING"),
        ("", [], "API_KEY_MISSING"),
        ("x" * 40, [], "API_KEY_UNKNOWN"),
        (VALUE.lower(), [], "API_KEY_UNKNOWN"),
        (VALUE, [ApiKey(ACCOUNT, REGION, "key001", 0.0, 0.0, enabled=False)], "API_KEY_DISABLED"),
        (VALUE, [ApiKey(ACCOUNT, REGION, "key001", 0.0, 0.0, enabled=True)], "API_KEY_NOT_IN_PLAN"),
        (VALUE, plan_of(), None),
    ],
)
def test_a_key_that_does_not_open_the_stage_is_forbidden_whatever_is_wrong_with_it(key, more, reason):
    gateway = Gateway(*api_of(), *more)
    answer = gateway.call(key=key)
    line = gateway.journal.lines[-1]
    assert reason == code_of(line)
    if reason is not None:
        assert (403, b'{"message":"Forbidden"}') == (answer.status, answer.body)
        assert b"ForbiddenException" == header(answer, b"x-amzn-errortype")
        assert VALUE not in "\n".join(explain(line))


def test_where_no_key_is_asked_for_one_that_is_sent_counts_for_nothing():
    gateway = Gateway(*api_of(), *plan_of(throttle=ONE, quota=QuotaSettings(1, "DAY", 0)))
    assert [None] * 5 == gateway.reasons(5, "/")
    assert [None] == gateway.reasons(1)


def test_a_plans_limit_of_a_method_is_in_place_of_the_plans_own_there_and_only_there():
    generous = {"/pets/GET": ThrottleSettings(0.01, 3)}
    gateway = Gateway(*api_of(), *plan_of(throttle=ONE, methods=generous))
    assert [None, None, None, "THROTTLED_PLAN_METHOD"] == gateway.reasons(4, "/pets")
    assert [None, "THROTTLED_PLAN"] == gateway.reasons(2, "/toys")


def test_a_stages_limit_of_all_methods_is_one_bucket_for_each_and_a_methods_own_comes_before_it():
    own = {"~1pets/GET": MethodSetting(throttling_rate_limit=0.01, throttling_burst_limit=2)}
    gateway = Gateway(*api_of(settings=STAGE_ALL | own), *plan_of())
    assert [None, "THROTTLED_STAGE"] == gateway.reasons(2, "/toys")
    assert [None, "THROTTLED_STAGE"] == gateway.reasons(2, "/")
    assert [None, None, "THROTTLED_STAGE"] == gateway.reasons(3, "/pets")


def test_a_bucket_starts_full_and_fills_at_its_rate():
    gateway = Gateway(*api_of(), *plan_of(throttle=ThrottleSettings(5.0, 10)))
    assert [None] * 10 + ["THROTTLED_PLAN"] * 2 == gateway.reasons(12)
    gateway.now += 0.6
    assert [None] * 3 + ["THROTTLED_PLAN"] == gateway.reasons(4)
    gateway.now += 3_600.0
    assert [None] * 10 + ["THROTTLED_PLAN"] == gateway.reasons(11)


CHANGES = {
    "of the stage": (
        api_of(settings={"*/*": MethodSetting(throttling_rate_limit=1.0, throttling_burst_limit=1)})[1],
        api_of(settings={"*/*": MethodSetting(throttling_rate_limit=1_000.0, throttling_burst_limit=1_000)})[1],
    ),
    "of the plan": (plan_of(throttle=ThrottleSettings(1.0, 1))[1], plan_of(throttle=ThrottleSettings(900.0, 900))[1]),
    "of the plan's method": (
        plan_of(methods={"/pets/GET": ThrottleSettings(1.0, 1)})[1],
        plan_of(methods={"/pets/GET": ThrottleSettings(900.0, 900)})[1],
    ),
}


@pytest.mark.parametrize(("narrow", "wide"), CHANGES.values(), ids=CHANGES)
def test_the_first_request_after_a_limit_was_raised_is_let_through(narrow, wide):
    gateway = Gateway(*api_of(), *plan_of(), narrow)
    assert [None, True, True] == [reason and reason.startswith("THROTTLED") for reason in gateway.reasons(3)]
    gateway.put(wide)
    assert [None] * 50 == gateway.reasons(50)
    gateway.put(narrow)
    assert gateway.reasons(1) != [None], "narrow again, the bucket is as empty as it was left"


@on_sources
def test_a_request_that_waited_for_its_authorizer_is_metered_when_that_has_answered(monkeypatch):
    """It came before those that emptied the bucket, and must not be taken for a clock that was set back."""
    gateway = Gateway(*api_of(), *plan_of(throttle=ThrottleSettings(1.0, 2)))
    arrived = gateway.now
    gateway.now += 20.0
    assert [None, None, "THROTTLED_PLAN"] == gateway.reasons(3)

    async def answer_late(_inquiry, _context, _ports):
        gateway.now = arrived + 20.0

    monkeypatch.setattr("gatewright.dataplane.pipeline.authorize", lambda *_: "an inquiry")
    monkeypatch.setattr("gatewright.dataplane.pipeline.settle", answer_late)
    gateway.now = arrived
    assert ["THROTTLED_PLAN"] == gateway.reasons(1)
    monkeypatch.undo()
    assert ["THROTTLED_PLAN"] == gateway.reasons(1), "and it has freed nothing"


@on_sources
def test_meters_that_fail_let_requests_through():
    class Failing:
        def take(self, ledger, buckets, now):
            raise OSError("no space left on device")

    gateway = Gateway(*api_of(), *plan_of(throttle=ONE))
    gateway.world.metering._meters = Failing()
    assert [None] * 3 == gateway.reasons(3)


def test_a_masked_key_shows_its_last_six_characters():
    assert "*" * 34 + "F0yrv6" == mask(VALUE)
