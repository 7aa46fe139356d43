"""Logs as their users meet them: Terraform makes them, requests fill them, the AWS CLI reads and follows them."""

import json
import resource
import shutil
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from support.apis import ApiBuilder
from support.terraform import Module

pytestmark = pytest.mark.e2e

MODULE = Path(__file__).with_name("logs.tf")
GROUP = "/aws/apigateway/pets"
#: An event is shown when it is a quarter of a second old; ten times that on a busy machine.
PATIENCE = 5.0


def call(gateway, api, path, agent):
    """The request id of a call through the plain entry."""
    url = f"http://127.0.0.1:{gateway.control_port}/_aws/execute-api/{api}/prod{path}"
    request = urllib.request.Request(url, headers={"User-Agent": agent})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["x-amzn-RequestId"]


def aws(gateway, *words):
    command = ["aws", "logs", *words]
    return subprocess.run(command, env=gateway.environment, check=True, capture_output=True, text=True).stdout


def wait_for(find):
    deadline = time.monotonic() + PATIENCE
    while not (found := find()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_stage_s_logs_from_terraform_to_tail(gateway, backend, terraform_plugins, tmp_path):
    module = Module(tmp_path / "module", MODULE.read_text(), gateway, terraform_plugins, backend=backend.url)
    module.apply()
    assert "" == module.plan()
    api = module.outputs()["api"]
    logs = gateway.client("logs")
    agent = 'a "quoted" agent'
    request_id = call(gateway, api, "/pets?x=1", agent)

    def access_events(**how):
        return logs.filter_log_events(logGroupName=GROUP, **how)["events"]

    (event,) = wait_for(lambda: access_events(filterPattern=f'{{ $.requestId = "{request_id}" }}'))
    line = json.loads(event["message"])
    latency = line.pop("latency")
    assert latency.isdigit()
    assert {"requestId": request_id, "path": "/prod/pets", "agent": agent, "status": "200", "user": "-"} == line
    assert abs(event["timestamp"] / 1000 - time.time()) < 60

    execution = f"API-Gateway-Execution-Logs_{api}/prod"
    texts = [
        each["message"].removeprefix(f"({request_id}) ")
        for each in logs.filter_log_events(logGroupName=execution)["events"]
    ]
    assert f"Starting execution for request: {request_id}" in texts
    assert "HTTP Method: GET, Resource Path: /pets" in texts
    assert "Method request path: {proxy=pets}" in texts
    assert "Method completed with status: 200" in texts
    sent = texts.index(f"Sending request to {backend.url}/?x=1")
    assert texts[sent + 1].startswith("Received response. Status: 200")
    found = json.loads(
        aws(gateway, "filter-log-events", "--log-group-name", execution, "--filter-pattern", "completed")
    )
    assert 2 == len(found["events"])
    assert {GROUP, execution} == {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    metrics = gateway.endpoint + "/_gatewright/metrics"
    with urllib.request.urlopen(metrics, timeout=10) as answer:
        assert b"gatewright_log_events_lost_total 0" in answer.read()

    module.destroy()
    assert GROUP not in {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}


@pytest.fixture(scope="module")
def api(gateway, backend, terraform_plugins, tmp_path_factory):
    """The id of an API with logs."""
    folder = tmp_path_factory.mktemp("followed") / "module"
    module = Module(folder, MODULE.read_text(), gateway, terraform_plugins, backend=backend.url)
    module.apply()
    yield module.outputs()["api"]
    module.destroy()


def test_who_follows_a_group_meets_every_event_once(gateway, api):
    # What `aws logs tail --follow` does: ask again from the instant of the last event, and pass over those it has seen.
    logs, seen, since = gateway.client("logs"), {}, int(time.time() * 1000) - 300_000
    asked = []
    deadline = time.monotonic() + PATIENCE + 5
    while len(seen) < 40 and time.monotonic() < deadline:
        if len(asked) < 40:
            asked.append(call(gateway, api, f"/pets/{len(asked)}", "follower"))
        events = logs.filter_log_events(logGroupName=GROUP, startTime=since, interleaved=True)["events"]
        seen |= {event["eventId"]: json.loads(event["message"])["requestId"] for event in events}
        since = max([since, *(event["timestamp"] for event in events)])
    assert sorted(asked) == sorted(seen.values())


def find_tail():
    """The AWS CLI that has `logs tail`, which came with version 2; Debian's package is one."""
    for place in (shutil.which("aws"), "/usr/bin/aws"):
        if place is not None and Path(place).exists():
            told = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
            if told.startswith("aws-cli/2"):
                return place
    return None


@pytest.mark.skipif(find_tail() is None, reason="no AWS CLI here has `logs tail`, which came with version 2")
def test_the_cli_s_tail_tells_each_call_as_it_happens(gateway, api):
    # Debian's CLI is older than AWS_ENDPOINT_URL.
    command = [find_tail(), "--endpoint-url", gateway.endpoint, "logs", "tail", GROUP]
    with subprocess.Popen(
        [*command, "--follow", "--since", "5m", "--format", "short"],
        env=gateway.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as tail:
        patience = threading.Timer(60, tail.kill)
        patience.daemon = True
        patience.start()
        try:
            for number in range(3):
                request_id = call(gateway, api, f"/pets/{number}", "tail")
                while request_id not in (line := tail.stdout.readline()):
                    assert line, "the CLI ended"
        finally:
            patience.cancel()
            tail.kill()  # SIGINT may be ignored from the start, where no terminal is


def test_a_full_disk_loses_events_which_are_counted_and_no_request(gateway, apigateway):
    """RLIMIT_FSIZE: no file of the workers may grow, as on a full disk, and then they may again."""
    api = ApiBuilder(apigateway)
    api.mock("/pets")
    api.deploy("prod")
    group = "/aws/apigateway/full"
    for path, value in [
        ("/accessLogSettings/destinationArn", f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"),
        ("/accessLogSettings/format", "$context.requestId"),
    ]:
        patch = [{"op": "replace", "path": path, "value": value}]
        apigateway.update_stage(restApiId=api.id, stageName="prod", patchOperations=patch)
    workers = [process for name, process in gateway.processes().items() if name.startswith("worker-")]
    unlimited = resource.prlimit(workers[0], resource.RLIMIT_FSIZE)

    def lost():
        with urllib.request.urlopen(gateway.endpoint + "/_gatewright/metrics", timeout=10) as answer:
            lines = [line.split() for line in answer.read().decode().splitlines()]
        return next(float(line[-1]) for line in lines if line[0].startswith("gatewright_log_events_lost_total"))

    def logged(ids):
        events = gateway.client("logs").filter_log_events(logGroupName=group)["events"]
        return set(ids) <= {event["message"] for event in events}

    before = [call(gateway, api.id, "/pets", "before") for _ in range(4)]
    gateway.wait_for(lambda: logged(before))
    try:
        for worker in workers:
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        during = [call(gateway, api.id, "/pets", "during") for _ in range(4)]
        gateway.wait_for(lambda: lost() == 4)
    finally:
        for worker in workers:
            resource.prlimit(worker, resource.RLIMIT_FSIZE, unlimited)
    after = [call(gateway, api.id, "/pets", "after") for _ in range(4)]
    gateway.wait_for(lambda: logged(after))
    assert not logged(during[:1])
