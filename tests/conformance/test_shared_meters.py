"""Two gateways with one Redis: together they let through what one would, and without Redis each serves by itself."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.request import urlopen

import pytest

from support.gateway import Gateway
from support.https import Connection, distrust
from support.redis import running_redis

pytestmark = pytest.mark.e2e

SECRET = "n0t-in-any-log"
PLANS = {
    "throttled": {"throttle": {"rateLimit": 100, "burstLimit": 50}},
    "counted": {"quota": {"limit": 500, "period": "MONTH"}},
    "wide": {"throttle": {"rateLimit": 10_000, "burstLimit": 5_000}, "quota": {"limit": 1_000_000, "period": "DAY"}},
    # Of these a node may use two before it has heard of the others.
    **{f"cut off: {how}": {"quota": {"limit": 40, "period": "MONTH"}} for how in ("held", "killed", "stopped")},
    **{f"uneven: {how}": {"quota": {"limit": 500, "period": "MONTH"}} for how in ("idle", "slow")},
}


class Key(NamedTuple):
    """An API key with a plan of its own."""

    id: str
    value: str
    plan: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two gateways that were configured alike, their Redis, the id of their API, whose GET /locked asks for a key, and keys.

    The second one begins with a copy of the stopped first one's data directory.
    """
    folder = tmp_path_factory.mktemp("pair")
    with running_redis(folder, password=SECRET) as redis:
        gateways = [Gateway(folder / name, "--cache", redis.url) for name in ("first", "second")]
        try:
            gateways[0].start()
            client = gateways[0].client("apigateway")
            api_id = make_api(client)
            # Ids are each gateway's own making, so what is to be shared is made before the copy.
            keys = {name: make_key(client, api_id, name, limits) for name, limits in PLANS.items()}
            gateways[0].stop()
            shutil.copytree(folder / "first", folder / "second")
            for gateway in gateways:
                gateway.start()
                gateway.wait_for(lambda gateway=gateway: metric(gateway, "gatewright_cache_up") == 1)
            yield gateways, redis, api_id, keys
        finally:
            logs = [gateway.log() for gateway in gateways if gateway.data_dir.exists()]
            for gateway in gateways:
                if gateway.is_running:
                    gateway.kill_tree()
    assert not any(SECRET in log for log in logs)


def make_api(client):
    api_id = client.create_rest_api(name="pets")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    resource = client.create_resource(restApiId=api_id, parentId=root, pathPart="locked")["id"]
    at = {"restApiId": api_id, "resourceId": resource, "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE", apiKeyRequired=True)
    client.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**at, statusCode="200")
    client.put_integration_response(**at, statusCode="200")
    client.create_deployment(restApiId=api_id, stageName="dev")
    return api_id


def make_key(client, api_id, name, limits):
    """The ids of a key and of its plan, and the key's value."""
    key = client.create_api_key(name=name, enabled=True)
    plan = client.create_usage_plan(name=name, apiStages=[{"apiId": api_id, "stage": "dev"}], **limits)["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    return Key(key["id"], key["value"], plan)


def metric(gateway, name):
    """A number that the gateway tells of itself."""
    with urlopen(f"{gateway.endpoint}/_gatewright/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), 0.0)


class Load:
    """Requests with a key at all gateways, over some kept-alive connections each, until it is told to stop."""

    def __init__(self, gateways, api_id, key, *, connections=2, pause=0.0):
        self.statuses = Counter()
        self.refusals = Counter()
        self.answers = []  # when each request was sent and answered, and with what
        self._stopped = threading.Event()
        self._failures = []
        self._threads = [
            threading.Thread(target=self._run, args=(gateway.https_port, api_id, key, pause), daemon=True)
            for gateway in gateways
            for _ in range(connections)
        ]
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self):
        """How long it took; every request was answered."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
        assert [] == self._failures
        return time.monotonic() - self.began

    def wait_for(self, status, count, seconds=20):
        """So many answers of that status are there."""
        deadline = time.monotonic() + seconds
        while self.statuses[status] < count:
            assert time.monotonic() < deadline, self.statuses
            assert [] == self._failures
            time.sleep(0.01)

    def _run(self, port, api_id, key, pause):
        host = f"{api_id}.execute-api.us-east-1.gateway.localhost"
        try:
            with Connection(port, host, context=distrust()) as connection:
                while not self._stopped.is_set():
                    sent = time.monotonic()
                    answer = connection.ask("/dev/locked", headers={"x-api-key": key})
                    self.answers.append((sent, time.monotonic(), answer.status))
                    self.statuses[answer.status] += 1
                    if answer.status != 200:
                        self.refusals[answer.body] += 1
                    self._stopped.wait(pause)
        except Exception as failure:  # noqa: BLE001  whatever it is, `stop` tells it
            self._failures.append(repr(failure))


def test_together_they_let_through_what_the_limit_says(pair):
    gateways, _, api_id, keys = pair
    rate, burst = 100, 50
    load = Load(gateways, api_id, keys["throttled"].value, pause=0.002)
    time.sleep(4)
    took = load.stop()
    assert {200, 429} == set(load.statuses)
    # Beside 2 %: a token for each node, and what flows in while a request is on its way.
    assert rate * took + burst == pytest.approx(load.statuses[200], rel=0.02, abs=5)


def test_a_quota_is_that_of_both_and_so_is_what_usage_says(pair):
    gateways, _, api_id, keys = pair
    key = keys["counted"]
    load = Load(gateways, api_id, key.value)
    deadline, last = time.monotonic() + 20, -1
    while time.monotonic() < deadline and (load.statuses[200] < 500 or load.statuses[200] != last):
        last = load.statuses[200]
        time.sleep(0.5)
    load.stop()
    assert 500 == load.statuses[200]

    client, other = (gateway.client("apigateway") for gateway in gateways)
    today = datetime.now(UTC).date().isoformat()
    for each in (client, other):
        told = each.get_usage(usagePlanId=key.plan, startDate=today, endDate=today)["items"]
        assert {key.id: [[500, 0]]} == told
    more = [{"op": "replace", "path": "/remaining", "value": "40"}]
    assert {key.id: [[500, 40]]} == client.update_usage(usagePlanId=key.plan, keyId=key.id, patchOperations=more)[
        "items"
    ]
    time.sleep(0.3)  # the other is told
    load = Load(gateways, api_id, key.value)
    gateways[0].wait_for(lambda: load.statuses[200] >= 40)
    time.sleep(0.3)
    load.stop()
    assert 40 == load.statuses[200]
    told = other.get_usage(usagePlanId=key.plan, startDate=today, endDate=today)["items"]
    assert {key.id: [[540, 0]]} == told


def test_an_exchange_that_is_killed_fails_no_request_and_is_started_again(pair):
    gateways, _, api_id, keys = pair
    load = Load(gateways, api_id, keys["wide"].value, pause=0.01)
    killed = gateways[0].processes()["leases"]
    exchanges = metric(gateways[0], "gatewright_cache_exchanges_total")
    os.kill(killed, signal.SIGKILL)
    gateways[0].wait_for(lambda: gateways[0].processes().get("leases", killed) != killed)
    gateways[0].wait_for(lambda: metric(gateways[0], "gatewright_cache_exchanges_total") > exchanges + 10)
    load.stop()
    assert {200} == set(load.statuses), load.refusals


@pytest.mark.parametrize("how", ["held", "killed"])
def test_a_redis_that_goes_away_fails_no_request(pair, how):
    gateways, redis, api_id, keys = pair
    said = [[gateway.log().count(words) for words in ("cannot be used", "is back after")] for gateway in gateways]
    load = Load(gateways, api_id, keys["wide"].value, pause=0.01)
    time.sleep(0.5)
    redis.hold() if how == "held" else redis.kill()
    for gateway in gateways:
        gateway.wait_for(lambda gateway=gateway: metric(gateway, "gatewright_cache_up") == 0)
    time.sleep(1)
    redis.release() if how == "held" else redis.start()
    for gateway in gateways:
        gateway.wait_for(lambda gateway=gateway: metric(gateway, "gatewright_cache_up") == 1)
        assert metric(gateway, "gatewright_cache_fallback_tokens_total") > 0
        gateway.wait_for(lambda gateway=gateway: metric(gateway, "gatewright_cache_nodes") == 2)
    load.stop()
    assert {200} == set(load.statuses), load.refusals
    told = [[gateway.log().count(words) for words in ("cannot be used", "is back after")] for gateway in gateways]
    assert [[lost + 1, back + 1] for lost, back in said] == told

    # What was counted meanwhile is known on both sides.
    key, today = keys["wide"], datetime.now(UTC).date().isoformat()
    used = [
        gateway.client("apigateway").get_usage(usagePlanId=key.plan, startDate=today, endDate=today)["items"][key.id]
        for gateway in gateways
    ]
    assert used[0] == used[1]
    assert used[0][0][0] >= load.statuses[200]


def first_refusals(*loads):
    """How many requests that were let through had been sent before the first refusal was there, and how many were in all."""
    answers = [answer for load in loads for answer in load.answers]
    refused_at = min(answered for _, answered, status in answers if status == 429)
    admitted = [sent for sent, _, status in answers if status == 200]
    return sum(sent < refused_at for sent in admitted), len(admitted)


@pytest.mark.parametrize("how", ["idle", "slow"])
def test_nobody_is_refused_before_all_of_a_quota_is_used_wherever_it_was_leased(pair, how):
    """One node sends as fast as it can; what the other one holds is had by it too, and it by the other."""
    gateways, _, api_id, keys = pair
    key = keys[f"uneven: {how}"].value
    few = Load(gateways[1:], api_id, key, connections=1, pause=60 if how == "idle" else 0.02)
    few.wait_for(200, 1)
    many = Load(gateways[:1], api_id, key)
    many.wait_for(429, 20)
    if how == "slow":
        few.wait_for(429, 3)
    for load in (many, few):
        load.stop()
    assert (500, 500) == first_refusals(many, few), (many.statuses, few.statuses)


@pytest.mark.parametrize("how", ["held", "killed", "stopped"])
def test_nobody_is_refused_while_it_is_not_known_that_the_cache_is_away(pair, how):
    """The lease of a quota is used up when Redis hangs or dies, or the process that asks it hangs."""
    gateways, redis, api_id, keys = pair
    for gateway in gateways:
        gateway.wait_for(lambda gateway=gateway: metric(gateway, "gatewright_cache_up") == 1)
    leases = gateways[0].processes()["leases"]
    cut = {"held": redis.hold, "killed": redis.strike, "stopped": lambda: os.kill(leases, signal.SIGSTOP)}[how]
    mend = {"held": redis.release, "killed": redis.restart, "stopped": lambda: os.kill(leases, signal.SIGCONT)}[how]
    host = f"{api_id}.execute-api.us-east-1.gateway.localhost"
    with Connection(gateways[0].https_port, host, context=distrust()) as connection:

        def ask(name, count):
            return [connection.ask("/dev/locked", headers={"x-api-key": keys[name].value}).status for _ in range(count)]

        assert [200] * 5 == ask("wide", 5)
        cut()
        try:
            statuses = ask(f"cut off: {how}", 50)
        finally:
            mend()
    assert [200] * 40 + [429] * 10 == statuses
    if how != "killed":  # that is noticed so soon that it may be known already
        gateways[0].wait_for(lambda: metric(gateways[0], "gatewright_quota_waits_total") > 0)
