"""The line kept of a request, read back by the standard library's JSON, and the explanation made of it."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core import reasons
from gatewright.core.context import AuthorizerFacts, MethodFacts, StageFacts
from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request
from gatewright.core.integration.http import BackendRequest
from gatewright.core.integration.uri import Endpoint
from gatewright.core.request_record import explain, render_record
from support.exchange import (
    EXTENDED_ID,
    REQUEST_ID,
    make_connection,
    make_context,
    make_method,
    make_request,
    make_stage,
)

ANY_TEXT = st.text(st.characters(), max_size=20)
OPTIONAL = st.none() | ANY_TEXT


@given(
    st.fixed_dictionaries(
        {
            "host": ANY_TEXT,
            "http_method": ANY_TEXT,
            "domain_name": OPTIONAL,
            "base_path": OPTIONAL,
            "integration_status": st.none() | st.integers(100, 999),
            "integration_latency_ms": st.none() | st.integers(0, 30_000),
            "status": st.integers(100, 999),
            "response_length": st.integers(0),
        }
    ),
    ANY_TEXT,
    ANY_TEXT,
    st.none() | st.builds(StageFacts, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT),
    st.none() | st.builds(MethodFacts, ANY_TEXT, ANY_TEXT, ANY_TEXT),
    st.binary(max_size=20),
)
@settings(max_examples=150)
def test_whatever_came_from_outside_the_line_is_one_line_of_json(facts, path, server_name, stage, method, agent):
    request = Request("GET", path, "", [(b"user-agent", b"User-Agent", agent)], b"")
    context = make_context(request, make_connection(server_name=server_name), stage=stage, method=method, **facts)
    refusal = GatewayError(reasons.HOST_UNKNOWN, host=path, suffix=server_name, message=path)
    line = render_record(context, refusal=refusal, latency_ms=7)
    assert line.endswith("\n")
    assert 1 == line.count("\n")
    record = json.loads(line)
    assert (path, server_name, agent.decode("latin-1"), 7) == (
        record["path"],
        record["serverName"],
        record["userAgent"],
        record["responseLatency"],
    )
    assert (stage and stage.api_id, stage and stage.name, stage and stage.deployment_id) == (
        record["apiId"],
        record["stage"],
        record["deploymentId"],
    )
    assert (method and method.resource_path, method and method.integration) == (
        record["resourcePath"],
        record["integration"],
    )
    assert facts == {
        "host": record["host"],
        "http_method": record["httpMethod"],
        "domain_name": record["domainName"],
        "base_path": record["basePathMatched"],
        "integration_status": record["integrationStatus"],
        "integration_latency_ms": record["integrationLatency"],
        "status": record["status"],
        "response_length": record["responseLength"],
    }
    assert {"host": path, "suffix": server_name} == record["reason"]["facts"]
    assert explain(record)


def test_a_long_user_agent_is_rendered_whole_and_not_kept():
    """Of what was allocated beneath this test: other threads of the process have allocations of their own."""
    render_record(make_context(make_request()), refusal=None, latency_ms=0)
    tracemalloc.start(25)
    try:
        for number in range(100):
            agent = b"%d" % number + b"\xff" * 9_000
            context = make_context(Request("GET", "/", "", [(b"user-agent", b"User-Agent", agent)], b""))
            line = render_record(context, refusal=None, latency_ms=0)
            assert agent.decode("latin-1") == json.loads(line)["userAgent"]
        del agent, context, line
        left = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    ours = left.filter_traces([tracemalloc.Filter(inclusive=True, filename_pattern=__file__, all_frames=True)])
    long = [trace for trace in ours.traces if trace.size >= 9_000]
    assert len(long) < 10, "a table of the interpreter's that happened to grow may be among them"


def line_of(context, **how):
    return json.loads(render_record(context, **({"refusal": None, "latency_ms": 12} | how)))


def test_a_request_that_nobody_answered_yet_has_a_record_too():
    record = line_of(make_context())
    assert (0, 0, None, None) == (
        record["status"],
        record["responseLength"],
        record["userAgent"],
        record["reason"],
    )
    assert (REQUEST_ID, EXTENDED_ID, 1_795_225_000_250) == (
        record["requestId"],
        record["extendedRequestId"],
        record["requestTimeEpoch"],
    )


CALLED = {
    "stage": make_stage(),
    "method": make_method("/pets/{id}", "<HTTP_PROXY GET http://b.test/>"),
    "status": 200,
    "response_length": 42,
}


def test_the_explanation_of_a_request_through_a_custom_domain_name():
    context = make_context(
        make_request("GET", "/v1/pets/7"),
        make_connection(binding="www.example.com", binding_reason="EXACT"),
        domain_name="www.example.com",
        base_path="v1",
        integration_status=200,
        integration_latency_ms=3,
        **CALLED,
    )
    assert [
        "Request 9d2c1f0e-3a4b-4c5d-8e6f-708192a3b4c5 of 21/Nov/2026:01:36:40 +0000",
        "  GET /v1/pets/7 for www.example.com from 203.0.113.7",
        "",
        "certificate  The server name www.example.com is a custom domain name.",
        "handshake    TLSv1.3, TLS_AES_128_GCM_SHA256",
        "address      Custom domain name www.example.com, base path v1: API abcdefghij, stage dev",
        "route        GET /pets/{id}, deployment dep001",
        "integration  <HTTP_PROXY GET http://b.test/>: status 200 after 3 ms",
        "answered     200, 42 bytes, after 12 ms",
    ] == explain(line_of(context))


def test_the_explanation_of_a_refusal_says_what_mends_it():
    context = make_context(
        make_request("GET", "/dev/x"),
        make_connection(entry="local"),
        host="",
        integration_latency_ms=50,
        **{**CALLED, "status": 504},
    )
    refusal = GatewayError(reasons.BACKEND_TIMEOUT, endpoint="http://b.test", timeout_in_millis=50)
    assert [
        "  GET /dev/x for no host from 203.0.113.7",
        "",
        "entry        The request came through the control listener's plain entry, on loopback.",
        "address      Default endpoint: API abcdefghij, stage dev",
        "route        GET /pets/{id}, deployment dep001",
        "integration  <HTTP_PROXY GET http://b.test/>",
        "refused      BACKEND_TIMEOUT",
        "             The backend http://b.test did not answer within 50 ms.",
        "             log: Execution failed due to a timeout error",
        "  to mend    Make the backend faster, or raise the integration's timeoutInMillis (at most 29000).",
        "  known as   recorded from Amazon API Gateway",
        "  more       gatewright kb BACKEND_TIMEOUT",
        "answered     504, 42 bytes, after 12 ms",
    ] == explain(line_of(context, refusal=refusal))[1:]


def test_a_handshake_on_the_default_certificate_and_a_base_path_that_is_none():
    context = make_context(
        connection=make_connection(server_name=None, binding_reason="DEFAULT_NO_SERVER_NAME"),
        **{**CALLED, "method": None},
        domain_name="www.example.com",
        base_path="",
    )
    lines = explain(line_of(context))
    assert "certificate  The client sent no server name (SNI), so it got the default certificate." in lines
    assert "address      Custom domain name www.example.com, base path (none): API abcdefghij, stage dev" in lines
    assert not [
        line for line in explain(line_of(make_context())) if line.startswith(("address", "route", "certificate"))
    ]


@pytest.mark.parametrize(
    ("called", "principal", "line"),
    [
        (True, "principal-7", "authorizer   auth01 answered after 7 ms: principal *****ipal-7"),
        (False, "principal-7", "authorizer   auth01 was remembered: principal *****ipal-7"),
        (True, None, "authorizer   auth01 answered after 7 ms"),
    ],
)
def test_an_authorizer_is_one_of_the_decisions(called, principal, line):
    facts = AuthorizerFacts("auth01", principal_id=principal, latency_ms=7)
    if called:
        facts.call = BackendRequest(Endpoint("http", "h", 80), "POST", b"", b"", 1, "/f")
    record = line_of(make_context(authorizer=facts))
    assert ("auth01", 7 if called else None) == (record["authorizer"]["id"], record["authorizer"]["latency"])
    assert line in explain(record)
    assert "authorizer" not in line_of(make_context())


def test_a_functions_429_is_told_to_be_the_functions():
    method = make_method("/pets", "<AWS_PROXY arn:aws:lambda:us-east-1:000000000000:function:pets>")
    context = make_context(
        method=method, stage=make_stage(), integration_status=200, integration_latency_ms=7, status=429
    )
    (line,) = [line for line in explain(line_of(context)) if line.startswith("integration")]
    assert line.endswith("function:pets>: status 200 of Lambda and 429 of the function after 7 ms")
    refused = line_of(context, refusal=GatewayError(reasons.LAMBDA_THROTTLED, function="f", status=429, said="x"))
    assert "of the function after" not in "\n".join(explain(refused))


def test_a_backends_429_is_told_to_be_the_backends():
    method = make_method("/pets", "<HTTP_PROXY GET http://b.test/pets>")
    for status, told in (
        (429, "; it is the backend that wants fewer requests, no limit of the gateway's was met"),
        (200, ""),
    ):
        context = make_context(
            method=method, stage=make_stage(), integration_status=status, integration_latency_ms=7, status=status
        )
        assert f"integration  <HTTP_PROXY GET http://b.test/pets>: status {status} after 7 ms{told}" in explain(
            line_of(context)
        )


def test_every_reason_can_be_explained_even_with_no_facts_recorded():
    for code, reason in reasons.CATALOGUE.items():
        record = line_of(make_context(), refusal=GatewayError(reason))
        lines = explain(record)
        assert f"refused      {code}" in lines
        assert any("to mend" in line for line in lines)


def test_a_reason_of_another_release_is_named_and_no_more():
    record = line_of(make_context(), refusal=GatewayError(reasons.HOST_UNKNOWN))
    record["reason"]["code"] = "FROM_THE_FUTURE"
    assert "refused      FROM_THE_FUTURE" == explain(record)[-2]
