"""Keys, throttles and quotas of a running gateway, over its workers, their deaths, and its own."""

import http.client
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from support.gateway import running_gateway
from support.https import Connection, ask, distrust

pytestmark = pytest.mark.e2e

FORBIDDEN = b'{"message":"Forbidden"}'
CALLERS = 8


@pytest.fixture
def metered(unstarted):
    """A gateway, the id of its API, whose GET /locked asks for a key and GET /open does not, and a client."""
    unstarted.start()
    client = unstarted.client("apigateway")
    api_id = client.create_rest_api(name="pets")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    for part, needs_key in (("locked", True), ("open", False)):
        resource = client.create_resource(restApiId=api_id, parentId=root, pathPart=part)["id"]
        at = {"restApiId": api_id, "resourceId": resource, "httpMethod": "GET"}
        client.put_method(**at, authorizationType="NONE", apiKeyRequired=needs_key)
        client.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
        client.put_method_response(**at, statusCode="200")
        client.put_integration_response(**at, statusCode="200")
    client.create_deployment(restApiId=api_id, stageName="dev")
    return unstarted, api_id, client


def call(gateway, api_id, path, key=None):
    """One request, over a connection of its own and so to any worker; None when that ended without an answer."""
    host = f"{api_id}.execute-api.us-east-1.gateway.localhost"
    headers = {} if key is None else {"x-api-key": key}
    try:
        return ask(gateway.https_port, host, f"/dev/{path}", headers=headers, context=distrust())
    except OSError:
        return None


def burst(gateway, api_id, path, count, key=None):
    """The answers to so many requests, some at once."""
    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(lambda _: call(gateway, api_id, path, key), range(count)))


def statuses(answers):
    return {status: sum(answer.status == status for answer in answers) for status in (200, 403, 429)}


def plan_with(client, api_id, **limits):
    """A key's id and value, and the id of its plan."""
    key = client.create_api_key(name="partner", enabled=True)
    plan = client.create_usage_plan(name="gold", apiStages=[{"apiId": api_id, "stage": "dev"}], **limits)["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    return key["id"], key["value"], plan


def reason_of(gateway, answer):
    """What `gatewright explain` says of a refused request, once the journal has it."""
    deadline = time.monotonic() + 5
    while True:
        told = gateway.cli("explain", answer.header("x-amzn-RequestId"), check=False)
        if told.returncode == 0:
            return told.stdout
        assert time.monotonic() < deadline, told.stderr
        time.sleep(0.2)


def test_keys_throttles_and_what_is_said_of_them(metered):
    gateway, api_id, client = metered
    missing, unknown = call(gateway, api_id, "locked"), call(gateway, api_id, "locked", "x" * 30)
    assert (403, FORBIDDEN) == (missing.status, missing.body) == (unknown.status, unknown.body)
    assert "API_KEY_MISSING" in reason_of(gateway, missing)
    assert "API_KEY_UNKNOWN" in reason_of(gateway, unknown)

    key_id, key, plan = plan_with(client, api_id, throttle={"rateLimit": 0.01, "burstLimit": 12})
    answers = burst(gateway, api_id, "locked", 40, key)
    assert {200: 12, 403: 0, 429: 28} == statuses(answers)
    refused = next(answer for answer in answers if answer.status == 429)
    assert b'{"message":"Too Many Requests"}' == refused.body
    assert "TooManyRequestsException" == refused.header("x-amzn-ErrorType")
    assert refused.header("Retry-After") is None
    told = reason_of(gateway, refused)
    for words in (
        "THROTTLED_PLAN",
        "0.01 tokens a second, holds 12, and had 0 at that instant (level: usage plan)",
        f"aws apigateway update-usage-plan --usage-plan-id {plan}",
        f"exceeded throttle limit for API Stage {api_id}/dev: Key throttle limit exceeded for Usage Plan ID {plan},",
        "Limit: 0.01 Burst: 12",
    ):
        assert words in told

    client.update_api_key(apiKey=key_id, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert "API_KEY_DISABLED" in reason_of(gateway, call(gateway, api_id, "locked", key))
    other = client.create_api_key(name="alone", enabled=True)["value"]
    assert "API_KEY_NOT_IN_PLAN" in reason_of(gateway, call(gateway, api_id, "locked", other))

    client.update_stage(
        restApiId=api_id,
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/~1open/GET/throttling/rateLimit", "value": "0.01"},
            {"op": "replace", "path": "/~1open/GET/throttling/burstLimit", "value": "5"},
        ],
    )
    answers = burst(gateway, api_id, "open", 20)
    assert {200: 5, 403: 0, 429: 15} == statuses(answers)
    told = reason_of(gateway, next(answer for answer in answers if answer.status == 429))
    assert "THROTTLED_STAGE" in told
    assert f"aws apigateway update-stage --rest-api-id {api_id} --stage-name dev" in told


def test_the_first_call_after_a_throttle_was_raised_is_answered(metered):
    gateway, api_id, client = metered

    def limit(rate, burst):
        patch = [
            {"op": "replace", "path": f"/~1open/GET/throttling/{name}Limit", "value": str(number)}
            for name, number in (("rate", rate), ("burst", burst))
        ]
        client.update_stage(restApiId=api_id, stageName="dev", patchOperations=patch)

    limit(1, 1)
    for _ in range(3):  # with two workers, whichever gets the calls
        while call(gateway, api_id, "open").status != 429:
            pass
        limit(1_000, 20)  # which flow in within 20 ms: far less than what the narrow bucket still owes
        assert {200: 20, 403: 0, 429: 0} == statuses([call(gateway, api_id, "open") for _ in range(20)])
        limit(1, 1)


def test_a_quota_over_workers_their_deaths_and_restarts(metered):
    gateway, api_id, client = metered
    key_id, key, plan = plan_with(client, api_id, quota={"limit": 500, "period": "MONTH"})
    let_through = statuses(burst(gateway, api_id, "locked", 150, key))[200]
    assert 150 == let_through

    worker = gateway.processes()["worker-0"]
    os.kill(worker, signal.SIGKILL)
    gateway.wait_for(lambda: gateway.processes().get("worker-0", worker) != worker)
    gateway.wait_for(lambda: all(call(gateway, api_id, "open") for _ in range(8)))
    let_through += statuses(burst(gateway, api_id, "locked", 150, key))[200]
    assert 300 == let_through

    gateway.kill_tree()
    gateway.start()
    answers = burst(gateway, api_id, "locked", 240, key)
    assert {200: 200, 403: 0, 429: 40} == statuses(answers)
    refused = next(answer for answer in answers if answer.status == 429)
    assert (b'{"message":"Limit Exceeded"}', "LimitExceededException") == (
        refused.body,
        refused.header("x-amzn-ErrorType"),
    )
    told = reason_of(gateway, refused)
    assert "Limit: 500 Period: MONTH" in told
    assert "aws apigateway update-usage --usage-plan-id" in told

    client = gateway.client("apigateway")  # the restarted one listens elsewhere
    today = datetime.now(UTC).date().isoformat()
    days = {"usagePlanId": plan, "startDate": today, "endDate": today}
    assert {key_id: [[500, 0]]} == client.get_usage(**days)["items"]
    more = [{"op": "replace", "path": "/remaining", "value": "3"}]
    client.update_usage(usagePlanId=plan, keyId=key_id, patchOperations=more)
    assert {200: 3, 403: 0, 429: 2} == statuses(burst(gateway, api_id, "locked", 5, key))
    assert {key_id: [[503, 0]]} == client.get_usage(**days)["items"]


class Callers:
    """Clients that call as fast as they can, over connections that they keep, until they are told to stop."""

    def __init__(self, gateway, api_id, path, key, count=CALLERS):
        self._place = (gateway, f"{api_id}.execute-api.us-east-1.gateway.localhost", f"/dev/{path}", key)
        self._stopped = threading.Event()
        #: Of each call: when it began, when it ended, and its status; None: it ended without an answer.
        self.calls: list[tuple[float, float, int | None]] = []
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)

    def count(self, status):
        return sum(each[2] == status for each in list(self.calls))

    def _call(self):
        gateway, host, target, key = self._place
        connection = None
        while not self._stopped.is_set():
            began, status = time.monotonic(), None
            try:
                connection = connection or Connection(gateway.https_port, host, context=distrust())
                began = time.monotonic()
                status = connection.ask(target, headers={"x-api-key": key}).status
            except (OSError, http.client.HTTPException):
                if connection is None:  # nothing was sent
                    time.sleep(0.02)
                    continue
                connection.close()
                connection = None
            self.calls.append((began, time.monotonic(), status))
        if connection is not None:
            connection.close()


def test_over_all_workers_rate_times_time_and_the_burst_are_let_through(metered):
    gateway, api_id, client = metered
    rate, held = 100, 50
    _, key, _ = plan_with(client, api_id, throttle={"rateLimit": rate, "burstLimit": held})
    with Callers(gateway, api_id, "locked", key) as callers:
        gateway.wait_for(lambda: callers.count(429) > 0)
        time.sleep(3.0)
    assert {200, 429} == {status for _, _, status in callers.calls}
    began, ended = min(each[0] for each in callers.calls), max(each[1] for each in callers.calls)
    # The bucket was full when the first call arrived, and had less than a token when the last one was refused.
    full, empty = min(each[1] for each in callers.calls), max(each[0] for each in callers.calls if each[2] == 429)
    let_through = callers.count(200)
    assert held + rate * (empty - full) - 1 <= let_through <= held + rate * (ended - began) + 1


def test_whoever_is_killed_under_load_takes_no_count_along(metered):
    gateway, api_id, client = metered
    key_id, key, plan = plan_with(client, api_id, quota={"limit": 1_000_000, "period": "MONTH"})

    def used():
        today = datetime.now(UTC).date()
        days = {"startDate": (today - timedelta(days=1)).isoformat(), "endDate": today.isoformat()}
        report = gateway.client("apigateway").get_usage(usagePlanId=plan, **days)["items"]
        return sum(day[0] for day in report[key_id]), report[key_id][-1][1]

    def go_on():
        before = callers.count(200)
        gateway.wait_for(lambda: callers.count(200) > before + 40)

    with Callers(gateway, api_id, "locked", key) as callers:
        go_on()
        for name in ("worker-0", "control", "worker-1"):
            before = gateway.processes()[name]
            os.kill(before, signal.SIGKILL)
            gateway.wait_for(lambda name=name, before=before: gateway.processes().get(name, before) != before)
            go_on()
        gateway.process.kill()  # the supervisor alone; the others notice
        gateway.wait()
        gateway.start()
        go_on()
        gateway.kill_tree()
        gateway.start()
        go_on()
    answered, lost = callers.count(200), callers.count(None)
    assert 0 == callers.count(429)
    counted, left = used()
    assert answered <= counted <= answered + lost
    assert 1_000_000 == counted + left
    more = [{"op": "replace", "path": "/remaining", "value": "20"}]
    gateway.client("apigateway").update_usage(usagePlanId=plan, keyId=key_id, patchOperations=more)
    assert {200: 20, 403: 0, 429: 10} == statuses(burst(gateway, api_id, "locked", 30, key))


def test_the_execution_log_has_the_lines_of_the_article(metered):
    gateway, api_id, client = metered
    _, key, plan = plan_with(client, api_id, throttle={"rateLimit": 0.01, "burstLimit": 1})
    level = {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}
    client.update_stage(restApiId=api_id, stageName="dev", patchOperations=[level])
    resources = {each["path"]: each["id"] for each in client.get_resources(restApiId=api_id)["items"]}
    asked = {
        "let in": call(gateway, api_id, "locked", key),
        "too many": call(gateway, api_id, "locked", key),
        "no key": call(gateway, api_id, "locked"),
        "needs none": call(gateway, api_id, "open", key),
    }
    assert [200, 429, 403, 200] == [answer.status for answer in asked.values()]
    logs, group = gateway.client("logs"), f"API-Gateway-Execution-Logs_{api_id}/dev"

    def lines(what):
        request_id = asked[what].header("x-amzn-RequestId")
        events = logs.filter_log_events(logGroupName=group, filterPattern=f'"{request_id}"')["events"]
        return [each["message"].removeprefix(f"({request_id}) ").replace(request_id, "rid") for each in events]

    gateway.wait_for(lambda: all(lines(what) for what in asked))
    stage, masked = f"{api_id}/dev", "*" * (len(key) - 6) + key[-6:]
    locked = "method 'GET /locked' requires API Key"
    let_in = lines("let in")
    assert [
        f"Verifying Usage Plan for request: rid. API Key: {masked} API Stage: {stage}",
        f"API Key {masked} authorized because {locked}. Request will contribute to throttle or quota limits",
        f"Usage Plan check succeeded for API Key {masked} and API Stage {stage}",
        "Starting execution for request: rid",
    ] == let_in[let_in.index(f"Verifying Usage Plan for request: rid. API Key: {masked} API Stage: {stage}") :][:4]
    assert (
        f"API Key {masked} exceeded throttle limit for API Stage {stage}: Key throttle limit exceeded for Usage Plan ID "
        f"{plan}, RestApi {api_id}, Stage dev, Resource {resources['/locked']}, HttpMethod GET. Limit: 0.01 Burst: 1"
    ) in lines("too many")
    assert "Method completed with status: 429" in lines("too many")
    assert any(line.startswith(f"API Key  not authorized because {locked}") for line in lines("no key"))
    assert (
        "API Key  authorized because method 'GET /open' does not require API Key. Request will not contribute to throttle "
        "or quota limits"
    ) in lines("needs none")
    assert not any(key in line for what in asked for line in lines(what)), "the key itself is in no log"


@pytest.fixture
def narrow(tmp_path):
    """A gateway whose account may call three times."""
    with running_gateway(tmp_path, "--account-throttle", "0.01:3", "--retry-after", "on") as gateway:
        yield gateway


def test_the_account_s_limit_is_an_option_and_the_stage_speaks_before_it(narrow):
    gateway, client = narrow, narrow.client("apigateway")
    assert {"rateLimit": 0.01, "burstLimit": 3} == client.get_account()["throttleSettings"]
    api_id = client.create_rest_api(name="pets")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    at = {"restApiId": api_id, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    client.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**at, statusCode="200")
    client.put_integration_response(**at, statusCode="200")
    client.create_deployment(restApiId=api_id, stageName="dev")
    answers = burst(gateway, api_id, "", 5)
    assert {200: 3, 403: 0, 429: 2} == statuses(answers)
    refused = next(answer for answer in answers if answer.status == 429)
    assert 1 <= int(refused.header("Retry-After")) <= 100
    told = reason_of(gateway, refused)
    for words in ("THROTTLED_ACCOUNT", "0.01 tokens a second, holds 3", "--account-throttle"):
        assert words in told
    patch = [
        {"op": "replace", "path": f"/*/*/throttling/{name}Limit", "value": value}
        for name, value in (("rate", "0.01"), ("burst", "0"))
    ]
    client.update_stage(restApiId=api_id, stageName="dev", patchOperations=patch)
    assert "THROTTLED_STAGE" in reason_of(gateway, call(gateway, api_id, ""))
