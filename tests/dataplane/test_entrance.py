"""`endpointAccessMode` STRICT (facts 1.7): who may come in by which name, and through which type of endpoint."""

import pytest

from gatewright.core.connection_facts import ConnectionFacts
from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.dataplane.pipeline import locate
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import BasePathMapping, DeployedApi, DomainName, EndpointConfiguration, RestApi, Stage
from gatewright.model.snapshot import InstallationNames
from support.exchange import make_request

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
NAME, ENDPOINT = "www.example.com", f"{API}.execute-api.{REGION}.gateway.localhost"


def change(record):
    return RecordChange(record.KIND, record.account, record.region, record.key, record)


def enter(host, server_name, *, domain=None, api=None, domain_type="REGIONAL", api_type="REGIONAL", entry="https"):
    """Where the request leads; `domain` and `api` are access modes."""
    record = RestApi(
        ACCOUNT, REGION, API, "pets", "root", 0.0, EndpointConfiguration((api_type,)), endpoint_access_mode=api
    )
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", record, ()),
        Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0),
        DomainName(ACCOUNT, REGION, NAME, EndpointConfiguration((domain_type,)), 0.0, endpoint_access_mode=domain),
        DomainName(ACCOUNT, REGION, "*.example.net", EndpointConfiguration(("REGIONAL",)), 0.0, endpoint_access_mode=domain),
        BasePathMapping(ACCOUNT, REGION, NAME, "", API, "dev"),
        BasePathMapping(ACCOUNT, REGION, "*.example.net", "", API, "dev"),
    ]  # fmt: skip
    snapshot = compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, map(change, records))
    connection = ConnectionFacts(entry, "127.0.0.1", 1, server_name=server_name)
    context = RequestContext(make_request("GET", "/dev/x", {}), connection, host, 0.0, "id", "extended", "trace")
    return locate(context, snapshot).entry.api.api_id


def refusal(*arguments, **how):
    with pytest.raises(GatewayError) as caught:
        enter(*arguments, **how)
    return caught.value.reason.code, caught.value.reason.status


MISMATCH, WRONG_TYPE = ("HOST_SNI_MISMATCH", 403), ("ENDPOINT_TYPE_MISMATCH", 403)
OTHERS = pytest.mark.parametrize("server_name", ["other.example.com", "*.example.net", None])


@pytest.mark.parametrize("host", [NAME, ENDPOINT, "a.example.net"])
@pytest.mark.parametrize("mode", [None, "BASIC"])
@OTHERS
def test_without_strict_the_host_alone_decides(host, mode, server_name):
    assert API == enter(host, server_name, domain=mode, api=mode)


@OTHERS
def test_a_strict_domain_is_entered_by_its_own_name(server_name):
    assert API == enter(NAME, NAME, domain="STRICT")
    assert MISMATCH == refusal(NAME, server_name, domain="STRICT")


def test_a_strict_wildcard_domain_is_entered_by_the_name_in_the_host_not_by_any_that_it_covers():
    assert API == enter("a.example.net", "a.example.net", domain="STRICT")
    assert MISMATCH == refusal("a.example.net", "b.example.net", domain="STRICT")


@OTHERS
@pytest.mark.parametrize("host", [NAME, ENDPOINT])
def test_a_strict_api_is_entered_by_the_name_in_the_host_whichever_it_is(host, server_name):
    assert API == enter(host, host, api="STRICT")
    assert MISMATCH == refusal(host, server_name, api="STRICT")


@pytest.mark.parametrize(("domain_type", "api_type"), [("REGIONAL", "EDGE"), ("EDGE", "REGIONAL")])
def test_a_strict_api_is_entered_through_an_endpoint_of_its_own_type(domain_type, api_type):
    types = {"domain_type": domain_type, "api_type": api_type}
    assert WRONG_TYPE == refusal(NAME, NAME, api="STRICT", **types)
    assert API == enter(NAME, NAME, api="BASIC", **types)
    assert API == enter(NAME, NAME, domain="STRICT", **types)  # of a domain name's own mode the API's type is no part
    assert API == enter(NAME, NAME, api="STRICT", domain_type=api_type, api_type=api_type)


def test_the_plain_entry_on_loopback_has_no_handshake_to_agree_with():
    assert API == enter(ENDPOINT, None, api="STRICT", entry="local")
