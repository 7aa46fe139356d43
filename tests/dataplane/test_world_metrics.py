"""Where a request ends: what the world of a worker counts of it, and of which stage."""

import json

import pytest

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.errors import GatewayError
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from gatewright.dataplane.request_metrics import RequestMetrics
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    MethodSetting,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import make_context, make_method, make_request, make_stage

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
REGIONAL = EndpointConfiguration(("REGIONAL",))
RECEIVED_AT = 1_795_225_000.25  # 40 s into a minute


class Lines:
    lost = 0

    def append(self, line):
        return False

    def flush(self):
        """Nothing waits."""


@pytest.fixture
def metrics(tmp_path):
    return RequestMetrics(tmp_path, 0, lambda _delay, _call: None)


@pytest.fixture
def world(metrics):
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, REGIONAL), ()),
        Stage(
            ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0, method_settings={"*/*": MethodSetting(metrics_enabled=True)}
        ),
        DomainName(ACCOUNT, REGION, "www.example.com", REGIONAL, 0.0),
        BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", API, "dev"),
    ]
    changes = [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)
    return World(snapshot, None, Lines(), lambda _delay, _call: None, 8443, request_metrics=metrics)


def counted(metrics, folder):
    """(resource, method): minute, 4xx, requests, and those that called a backend."""
    metrics.flush()
    lines = [json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines()]
    return {(name[5], name[6]): (minute, counts[1], counts[3][0], counts[4][0]) for minute, name, counts in lines}


def test_a_request_is_counted_in_the_minute_in_which_it_was_answered(world, metrics, tmp_path):
    stage, method = world.snapshot.stages[API]["dev"].facts, make_method()
    for status, latency, integration in ((200, 5, 4), (404, 5, None), (200, 25_000, 24_000)):
        context = make_context(stage=stage, method=method, status=status, integration_latency_ms=integration)
        world.record(context, refusal=None, latency_ms=latency)
    minute = int(RECEIVED_AT) // 60 * 60
    metrics.flush()
    lines = [json.loads(line) for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert [(minute, 2), (minute + 60, 1)] == [(at, counts[3][0]) for at, _, counts in lines]


def test_what_met_no_method_is_its_stage_s(world, metrics, tmp_path):
    stage = world.snapshot.stages[API]["dev"].facts
    world.record(make_context(stage=stage, status=403), refusal=None, latency_ms=1)
    world.record(make_context(stage=stage, method=make_method(), status=200), refusal=None, latency_ms=1)
    minute = int(RECEIVED_AT) // 60 * 60
    assert {(None, None): (minute, 1, 1, 0), ("/pets", "ANY"): (minute, 0, 1, 0)} == counted(metrics, tmp_path)


def test_what_was_refused_before_its_stage_was_known_is_counted_for_none(world, metrics, tmp_path):
    refused = make_context(
        make_request("GET", "/v1/pets"),
        client=ClientVerdict("identity", 0.0, "CN=device", CLIENT_CERT_EXPIRED),
        status=403,
    )
    world.record(refused, refusal=GatewayError(CLIENT_CERT_EXPIRED), latency_ms=1)
    assert refused.stage is not None  # found for its logs
    world.record(make_context(status=403), refusal=None, latency_ms=1)
    assert {} == counted(metrics, tmp_path)


def test_a_world_without_metrics_counts_none(world):
    plain = World(world.snapshot, None, Lines(), lambda _delay, _call: None, 8443)
    plain.record(make_context(stage=world.snapshot.stages[API]["dev"].facts, status=200), refusal=None, latency_ms=1)
    plain.record(make_context(stage=make_stage(), status=200), refusal=None, latency_ms=1)
    assert "gatewright_metric_lines_lost_total" not in plain.counters()
    assert 0 == world.counters()["gatewright_metric_lines_lost_total"]
