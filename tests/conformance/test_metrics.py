"""Metrics of a running gateway: what was sent is what CloudWatch and Prometheus tell, over workers, deaths and restarts."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.apis import ApiBuilder
from support.https import ask, distrust

pytestmark = pytest.mark.e2e

NAMESPACE = "AWS/ApiGateway"
#: A worker hands over what it counted once a second, and once a second it is taken in; on a busy machine.
PATIENCE = 15.0
PETS = {"ApiName": "pets", "Stage": "dev"}


class Metered:
    """A gateway with an API whose paths answer with every class of status, and what was sent to it."""

    def __init__(self, gateway, backend, deaf_port):
        self.gateway = gateway
        client = gateway.client("apigateway")
        api = ApiBuilder(client)
        self.api_id = api.id
        api.mock("/ok")
        api.proxy("/echo", "GET", backend.url + "/echo")
        api.mock("/throttled")
        moved = api.method("/moved", "ANY")
        client.put_integration(**moved, type="MOCK", requestTemplates={"application/json": '{"statusCode": 302}'})
        client.put_method_response(**moved, statusCode="302")
        client.put_integration_response(**moved, statusCode="302")
        api.proxy("/broken", "GET", f"http://127.0.0.1:{deaf_port}/")
        api.deploy("dev")
        settings = {
            "/~1throttled/GET/throttling/rateLimit": "0.001",
            "/~1throttled/GET/throttling/burstLimit": "2",
            "/*/*/metrics/enabled": "true",
            "/~1throttled/GET/metrics/enabled": "false",
        }
        client.update_stage(
            restApiId=api.id,
            stageName="dev",
            patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in settings.items()],
        )
        self.sent = Counter()

    def call(self, path):
        """One request, over a connection of its own and so to any worker."""
        host = f"{self.api_id}.execute-api.us-east-1.gateway.localhost"
        status = ask(self.gateway.https_port, host, f"/dev{path}", context=distrust()).status
        self.sent[path, status] += 1

    def burst(self, **counts):
        with ThreadPoolExecutor(8) as callers:
            list(callers.map(self.call, [f"/{path}" for path, count in counts.items() for _ in range(count)]))

    def statistics(self, metric, of=PETS, names=("Sum",)):
        """The statistics of the last hour as one point."""
        end = datetime.now(UTC) + timedelta(minutes=1)
        answer = self.gateway.client("cloudwatch").get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in of.items()],
            StartTime=end - timedelta(hours=2),
            EndTime=end,
            Period=4 * 3600,
            Statistics=list(names),
        )
        return [tuple(point[name] for name in names) for point in answer["Datapoints"]]

    def wait_for_all(self):
        """All that was sent is told; more is waited for in vain by the next assertion."""
        self.gateway.wait_for(
            lambda: self.statistics("Count") == [(self.sent.total(),)], seconds=PATIENCE, interval=0.25
        )

    def of_class(self, number):
        return sum(count for (_, status), count in self.sent.items() if status // 100 == number)

    def exposed(self):
        """What Prometheus reads, by name and labels."""
        with urllib.request.urlopen(self.gateway.endpoint + "/_gatewright/metrics", timeout=10) as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        assert len(families) == len({family.name for family in families})
        return {
            (s.name, *(f"{name}={value}" for name, value in sorted(s.labels.items()))): s.value
            for family in families
            for s in family.samples
        }


@pytest.fixture
def metered(unstarted, backend):
    unstarted.start()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and never listens: who connects is refused
        yield Metered(unstarted, backend, deaf.getsockname()[1])


def test_what_was_sent_is_what_is_told(metered):
    metered.burst(ok=20, echo=12, moved=5, throttled=9, broken=4, nowhere=6)
    assert {200: 34, 302: 5, 429: 7, 500: 4, 403: 6} == {
        status: sum(count for (_, each), count in metered.sent.items() if each == status)
        for status in {status for _, status in metered.sent}
    }
    metered.wait_for_all()
    every = ("SampleCount", "Sum", "Minimum", "Maximum")
    assert [(56, 56, 1, 1)] == metered.statistics("Count", names=every)
    assert [(56, 13, 0, 1)] == metered.statistics("4XXError", names=every)
    assert [(56, 4, 0, 1)] == metered.statistics("5XXError", names=every)
    assert [(16,)] == metered.statistics("IntegrationLatency", names=("SampleCount",))
    assert [(56,)] == metered.statistics("Count", {"ApiName": "pets"})
    ((average, longest),) = metered.statistics("Latency", names=("Average", "Maximum"))
    ((within, _),) = metered.statistics("IntegrationLatency", names=("Maximum", "Sum"))
    assert 0 <= average <= longest
    assert within <= longest < 40_000
    by_method = {
        path: metered.statistics("Count", {**PETS, "Resource": path, "Method": verb})
        for path, verb in (
            ("/ok", "GET"),
            ("/echo", "GET"),
            ("/moved", "ANY"),
            ("/broken", "GET"),
            ("/throttled", "GET"),
        )
    }
    assert {"/ok": [(20,)], "/echo": [(12,)], "/moved": [(5,)], "/broken": [(4,)], "/throttled": []} == by_method
    spools = {path.name[:8] for path in (metered.gateway.data_dir / "metrics" / "spool").iterdir()}
    assert {"worker-0", "worker-1"} == spools

    told, stage = metered.exposed(), (f"api={metered.api_id}", "stage=dev")
    assert {number: metered.of_class(number) for number in (2, 3, 4, 5)} == {
        number: told["gatewright_stage_requests_total", stage[0], f"class={number}xx", stage[1]]
        for number in (2, 3, 4, 5)
    }
    assert 56 == told["gatewright_stage_latency_seconds_count", *stage]
    assert 16 == told["gatewright_stage_integration_latency_seconds_count", *stage]
    assert (
        7
        == told["gatewright_throttled_total", "level=stage"]
        == told["gatewright_refusals_total", "reason=THROTTLED_STAGE"]
    )
    assert 0 == told["gatewright_throttled_total", "level=account"]
    explained = [
        json.loads(line)
        for path in (metered.gateway.data_dir / "logs" / "requests").iterdir()
        for line in path.read_text().splitlines()
    ]
    reasons = Counter(record["reason"]["code"] for record in explained if record["reason"])
    assert 17 == reasons.total()
    assert reasons == {
        label[0].removeprefix("reason="): value
        for (name, *label), value in told.items()
        if name == "gatewright_refusals_total" and value
    }

    asked = ("--namespace", NAMESPACE, "--metric-name", "4XXError", "--period", "14400", "--statistics", "Sum")
    now = datetime.now(UTC)
    times = (
        "--start-time",
        (now - timedelta(hours=2)).isoformat(),
        "--end-time",
        (now + timedelta(minutes=1)).isoformat(),
    )
    dimensions = ("--dimensions", "Name=ApiName,Value=pets", "Name=Stage,Value=dev")
    printed = subprocess.run(
        ["aws", "cloudwatch", "get-metric-statistics", *asked, *times, *dimensions],
        env=metered.gateway.environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert [13.0] == [point["Sum"] for point in json.loads(printed)["Datapoints"]]


def test_counts_outlive_restarts_and_the_death_of_the_control_process(metered):
    gateway = metered.gateway
    metered.burst(ok=10)
    gateway.stop()  # at once: what the workers hold in their last second is theirs to write
    gateway.start()
    metered.burst(ok=7)
    metered.wait_for_all()
    assert [(17,)] == metered.statistics("Count")

    control = gateway.processes()["control"]
    os.kill(control, signal.SIGKILL)
    metered.burst(ok=5)
    gateway.wait_for(lambda: gateway.processes().get("control", control) != control)
    gateway.wait_for(lambda: is_answering(gateway), seconds=PATIENCE)
    metered.wait_for_all()

    time.sleep(1.5)  # a worker that is killed loses what it counted in its last second
    gateway.kill_tree()
    gateway.start()
    metered.wait_for_all()
    assert [(22,)] == metered.statistics("Count")


def is_answering(gateway):
    try:
        with urllib.request.urlopen(gateway.endpoint + "/_gatewright/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
