"""The shortcut of the pipeline against its plain version: what is recalled is what would be found."""

import pytest

from gatewright.core.context import RequestContext
from gatewright.dataplane import pipeline
from gatewright.dataplane.pipeline import find_method, locate, recall, remember
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    Resource,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import HTTPS, make_request

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"


def put(record):
    return RecordChange(record.KIND, record.account, record.region, record.key, record)


def make_snapshot(access_mode=None):
    regional = EndpointConfiguration(("REGIONAL",))
    method = Method("ANY", method_integration=Integration("MOCK"))
    resources = (
        Resource(ACCOUNT, REGION, API, "r1", "/pets/{id}", resource_methods={"ANY": method}),
        Resource(ACCOUNT, REGION, API, "r2", "/pets/{id}/toys", resource_methods={"GET": method}),
    )
    api = RestApi(ACCOUNT, REGION, API, "pets", "root", 0.0, regional)
    domain = DomainName(ACCOUNT, REGION, "www.example.com", regional, 0.0, endpoint_access_mode=access_mode)
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, resources),
        Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0),
        domain,
        BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", API, "dev"),
    ]
    return compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, map(put, records))


def context_of(verb, path, headers=None):
    request = make_request(verb, path, headers)
    return RequestContext(request, HTTPS, "www.example.com", 0.0, "id", "extended", "trace")


def ask(snapshot, verb, path, headers=None):
    """As `invoke` does: (whether it was recalled, what the request met, its context)."""
    context = context_of(verb, path, headers)
    route = recall(context, snapshot)
    if route is not None:
        return True, where(route), context
    route = locate(context, snapshot)
    find_method(route, context, snapshot)
    remember(route, context, snapshot)
    return False, where(route), context


def where(route):
    return route.entry, route.path, route.domain, route.base_path, route.compiled, route.method


def facts(context):
    return (context.stage, context.method, dict(context.path_parameters), context.domain_name, context.base_path)


def test_the_second_request_meets_what_the_first_one_met():
    snapshot = make_snapshot()
    first, found, plain = ask(snapshot, "GET", "/v1/pets/7")
    second, recalled, quick = ask(snapshot, "GET", "/v1/pets/7")
    assert (False, True) == (first, second)
    assert found == recalled
    assert facts(plain) == facts(quick)
    assert {"id": "7"} == quick.path_parameters


@pytest.mark.parametrize(("verb", "path"), [("POST", "/v1/pets/7"), ("GET", "/v1/pets/8"), ("GET", "/v1/pets/7/toys")])
def test_another_method_or_path_is_found_anew(verb, path):
    snapshot = make_snapshot()
    ask(snapshot, "GET", "/v1/pets/7")
    assert not ask(snapshot, verb, path)[0]


def test_an_override_of_the_method_is_neither_remembered_nor_answered_from_memory():
    snapshot = make_snapshot()
    override = {"X-HTTP-Method-Override": "DELETE"}
    assert not ask(snapshot, "GET", "/v1/pets/7", override)[0]
    assert not ask(snapshot, "GET", "/v1/pets/7")[0]
    recalled, _, context = ask(snapshot, "GET", "/v1/pets/7", override)
    assert not recalled
    assert "DELETE" == context.http_method


def test_what_depends_on_the_handshake_or_is_long_is_not_remembered():
    strict = make_snapshot("STRICT")
    ask(strict, "GET", "/v1/pets/7")
    assert not ask(strict, "GET", "/v1/pets/7")[0]
    snapshot, path = make_snapshot(), "/v1/pets/" + "7" * 300
    ask(snapshot, "GET", path)
    assert not ask(snapshot, "GET", path)[0]


def test_a_new_snapshot_remembers_nothing_of_the_old_one():
    snapshot = make_snapshot()
    ask(snapshot, "GET", "/v1/pets/7")
    assert not ask(compile_snapshot(snapshot, 2, []), "GET", "/v1/pets/7")[0]
    assert ask(snapshot, "GET", "/v1/pets/7")[0]


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(pipeline, "_MAX_RECALLED", 3)
    snapshot = make_snapshot()
    for number in range(10):
        ask(snapshot, "GET", f"/v1/pets/{number}")
        assert len(snapshot.recalled) <= 3
    assert ask(snapshot, "GET", "/v1/pets/9")[0]
