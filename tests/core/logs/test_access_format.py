import json
import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.context_variables import logged_reader, read_variable
from gatewright.core.logs.access_format import AccessFormat, find_variables, identifies_requests
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from support.client_chains import make, make_client
from support.exchange import (
    EXTENDED_ID,
    REQUEST_ID,
    make_connection,
    make_context,
    make_method,
    make_request,
    make_stage,
)

#: The presets of the console (D), in four syntaxes.
CLF = (
    "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
    '"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength '
    "$context.requestId $context.extendedRequestId"
)
JSON = (
    '{ "requestId":"$context.requestId", "agent":"$context.identity.userAgent", "status":"$context.status", '
    '"length":$context.responseLength, "message":$context.error.messageString }'
)
XML = '<request id="$context.requestId"> <ip>$context.identity.sourceIp</ip> <path>$context.path</path> </request>'
CSV = "$context.identity.sourceIp,$context.status,$context.responseLatency,$context.requestId"


def finished(agent="curl/8", **facts):
    request = make_request("GET", "/dev/pets", {"User-Agent": agent})
    given = {"status": 200, "response_length": 12, "response_latency_ms": 7, "stage": make_stage()}
    return make_context(request, method=make_method("/pets"), **given | facts)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            CLF,
            f'203.0.113.7 - - [21/Nov/2026:01:36:40 +0000]"GET /pets HTTP/1.1" 200 12 {REQUEST_ID} {EXTENDED_ID}',
        ),
        (XML, f'<request id="{REQUEST_ID}"> <ip>203.0.113.7</ip> <path>/dev/pets</path> </request>'),
        (CSV, f"203.0.113.7,200,7,{REQUEST_ID}"),
        ("100%: $context.status$context.stage.", "100%: 200dev."),
        ("$context.requestId-$context.status-ok", f"{REQUEST_ID}--"),
        ("${context.status}-ok $context.status\n", "200-ok 200"),
        ("$context.no.such $context.error.message $input.body $stageVariables.x $context", None),
    ],
)
def test_a_line_is_the_format_with_the_values_of_its_variables(text, line):
    line = "- - $input.body $stageVariables.x $context" if line is None else line
    assert line == AccessFormat(text).render(finished())


def test_in_json_what_a_client_says_stays_within_its_string():
    agent = 'a" , "status":"500\\'
    line = AccessFormat(JSON).render(finished(agent, error_message='not "this"'))
    assert {
        "requestId": REQUEST_ID,
        "agent": agent,
        "status": "200",
        "length": 12,
        "message": 'not "this"',
    } == json.loads(line)


@pytest.mark.parametrize("text", [CLF, JSON, XML, CSV, 'é "\\d" $context.path\t$context.identity.userAgent \U0001f600'])
@given(agent=st.text(st.characters(codec="latin-1"), max_size=20), message=st.none() | st.text(max_size=20))
@settings(max_examples=40)
def test_in_the_files_of_a_log_group_it_is_the_same_line(text, agent, message):
    access_format, context = AccessFormat(text), finished(agent, error_message=message)
    escaped = access_format.render_escaped(context)
    assert access_format.render(context) == json.loads(f'"{escaped}"')
    assert escaped.isascii()


def test_elsewhere_it_stands_as_it_came():
    assert f'{REQUEST_ID} "a"b"' == AccessFormat('$context.requestId "$context.identity.userAgent"').render(
        finished('a"b')
    )


@pytest.mark.parametrize("refused", [True, False])
def test_a_client_s_certificate_is_logged_when_it_was_refused(refused):
    leaf = make_client("device", make("Root"))
    connection = make_connection(client_chain=(leaf.certificate.public_bytes(Encoding.DER),))
    verdict = ClientVerdict("identity", 0.0, "CN=device", CLIENT_CERT_EXPIRED if refused else None)
    context = make_context(make_request(), connection, client=verdict)
    subject = read_variable(context, "identity.clientCert.subjectDN")
    assert subject is not None
    line = AccessFormat("$context.requestId $context.identity.clientCert.subjectDN").render(context)
    assert f"{REQUEST_ID} {subject if refused else '-'}" == line


def test_the_variables_of_a_format():
    assert ["requestId", "authorizer.claims.cognito-id", "status"] == find_variables(
        "$context.requestId,$context.authorizer.claims.cognito-id-$context.status."
    )


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("$context.requestId", True),
        ("x$context.extendedRequestId.", True),
        ("${context.requestId}", True),
        ("$context.requestIdentity", False),
        ("context.requestId", False),
    ],
)
def test_which_formats_tell_one_request_from_another(text, does):
    assert does is identifies_requests(text)


#: Of what is not built (docs/divergences.md, Logs): these always print "-".
VALUELESS = re.compile(
    r"waf\..*|wafResponseCode|webaclArn|isCanaryRequest|identity\.(cognito.*|principalOrgId|vpcId|vpceId)|"
    r"(request|response)Override\..*|(authenticate|authorize)\.latency|customDomain\.routingRuleIdMatched|"
    r"error\.validationErrorString|integration\.timeTo(AllHeaders|FirstContent)"
)


def documented_variables(shared):
    """Those of facts 8.3, with a name of our own where any may stand."""
    facts = (shared / "reference" / "api-gateway-facts.md").read_text()
    (listed,) = re.findall(r"^- REST variables \(D\): (.+)\.$", facts, re.MULTILINE)
    names = []
    for word in listed.split():
        prefix, opened, rest = word.partition("{")
        names += [prefix + each for each in rest.rstrip("}").split(",")] if opened else [word]
    return [name.replace("clientCert.*", "clientCert.subjectDN").replace("*", "some") for name in names]


def test_every_variable_of_the_documentation_is_known_or_said_to_have_no_value(shared):
    names = documented_variables(shared)
    assert len(names) > 70
    assert [] == [
        name for name in names if (logged_reader(name) is None) is not (VALUELESS.fullmatch(name) is not None)
    ]
    line = AccessFormat("[" + ",".join(f'"$context.{name}"' for name in names) + "]").render(finished())
    values = dict(zip(names, json.loads(line), strict=True))
    assert ("-", "-", "200", "dev") == tuple(
        values[name] for name in ("isCanaryRequest", "authorizer.property", "status", "stage")
    )
