"""Where a request ends: what the world of a worker has its log groups keep."""

import json
from dataclasses import replace

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.errors import GatewayError
from gatewright.core.logs.log_group import LogGroupName, execution_group
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from gatewright.dataplane.log_groups import LogGroups
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    AccessLogSettings,
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    MethodSetting,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import REQUEST_ID, make_context, make_request

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
REGIONAL = EndpointConfiguration(("REGIONAL",))
ACCESS = LogGroupName(ACCOUNT, REGION, "access")
STAGE = Stage(
    ACCOUNT,
    REGION,
    API,
    "dev",
    "d1",
    0.0,
    0.0,
    method_settings={"*/*": MethodSetting(logging_level="ERROR")},
    access_log_settings=AccessLogSettings(
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access",
        "$context.requestId $context.stage $context.status $context.endpointType",
    ),
)


class Lines:
    lost = 0

    def append(self, line):
        return False

    def flush(self):
        """Nothing waits."""


def make_world(folder, stage=STAGE):
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, REGIONAL)
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, ()),
        stage,
        DomainName(ACCOUNT, REGION, "www.example.com", REGIONAL, 0.0),
        BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", API, "dev"),
    ]
    changes = [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)
    groups = LogGroups(folder, 0, lambda _delay, _call: None)
    return World(snapshot, None, Lines(), lambda _delay, _call: None, 8443, log_groups=groups), groups


def refused_client():
    return make_context(
        make_request("GET", "/v1/pets"),
        client=ClientVerdict("identity", 0.0, "CN=device", CLIENT_CERT_EXPIRED),
        status=403,
        response_latency_ms=1,
    )


def messages(folder, group):
    return [
        json.loads(line)[1]
        for path in (folder / group.folder).glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]


def test_a_refused_client_is_told_of_in_the_logs_of_the_stage_that_it_was_after(tmp_path):
    world, groups = make_world(tmp_path)
    world.record(refused_client(), refusal=GatewayError(CLIENT_CERT_EXPIRED), latency_ms=1)
    groups.flush()
    assert [f"{REQUEST_ID} dev 403 REGIONAL"] == messages(tmp_path, ACCESS)
    assert [
        f"({REQUEST_ID}) Access denied. Reason: certificate has expired",
        f"({REQUEST_ID}) Method completed with status: 403",
    ] == messages(tmp_path, execution_group(ACCOUNT, REGION, API, "dev"))
    assert 2 + 1 == world.counters()["gatewright_log_events_total"]


def test_a_stage_without_logs_leaves_no_file(tmp_path):
    world, groups = make_world(tmp_path, replace(STAGE, method_settings={}, access_log_settings=None))
    world.record(refused_client(), refusal=GatewayError(CLIENT_CERT_EXPIRED), latency_ms=1)
    groups.flush()
    assert [] == list(tmp_path.iterdir())
