import pytest

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.context import AuthorizerFacts
from gatewright.core.context_variables import logged_reader, read_variable
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.uri import Endpoint
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from gatewright.core.sigv4.verification import AccessKey
from support.client_chains import make, make_client
from support.exchange import (
    EXTENDED_ID,
    REQUEST_ID,
    TRACE_ID,
    make_connection,
    make_context,
    make_method,
    make_request,
    make_stage,
)


def read_logged(context, name):
    """What an access log says where its format has the variable; None: the name has none."""
    read = logged_reader(name)
    return None if read is None else read(context)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accountId", "000000000000"),
        ("apiId", "abcdefghij"),
        ("cipherSuite", "TLS_AES_128_GCM_SHA256"),
        ("customDomain.basePathMatched", "v1"),
        ("deploymentId", "dep001"),
        ("domainName", "www.example.com"),
        ("domainPrefix", "www"),
        ("error.message", None),
        ("error.messageString", None),
        ("error.responseType", None),
        ("extendedRequestId", EXTENDED_ID),
        ("httpMethod", "GET"),
        ("identity.sourceIp", "203.0.113.7"),
        ("identity.userAgent", "curl/8"),
        ("integration.latency", "3"),
        ("integration.status", "200"),
        ("integrationLatency", "3"),
        ("integrationStatus", "200"),
        ("path", "/v1/pets"),
        ("protocol", "HTTP/1.1"),
        ("requestId", REQUEST_ID),
        ("requestTime", "21/Nov/2026:01:36:40 +0000"),
        ("requestTimeEpoch", "1795225000250"),
        ("resourceId", "r1"),
        ("resourcePath", "/pets"),
        ("responseLength", None),
        ("stage", "dev"),
        ("status", None),
        ("tlsVersion", "TLSv1.3"),
        ("xrayTraceId", TRACE_ID),
        ("no.such.name", None),
    ],
)
def test_the_context_variables(name, expected):
    context = make_context(
        make_request("GET", "/v1/pets?x", {"User-Agent": "curl/8"}),
        base_path="v1",
        integration_latency_ms=3,
        integration_status=200,
        method=make_method("/pets"),
        stage=make_stage(),
    )
    assert expected == read_variable(context, name)


def test_a_header_that_is_absent_has_no_value():
    assert None is read_variable(make_context(), "identity.userAgent")


CLIENT_VARIABLES = [
    ("subjectDN", "CN=device,O=Fleet"),
    ("issuerDN", "CN=Root,O=Fleet"),
    ("serialNumber", None),
    ("validity.notBefore", None),
    ("validity.notAfter", None),
    ("clientCertPem", None),
]


@pytest.mark.parametrize(("name", "expected"), CLIENT_VARIABLES)
def test_a_clients_certificate_is_told_of_where_the_domain_asked_for_it(name, expected):
    """Facts 3.4: mappings have it on success, access logs only when it was refused."""
    client = make_client("device", make("Root"))
    connection = make_connection(client_chain=(client.der,))
    variable = f"identity.clientCert.{name}"
    not_asked = make_context(connection=connection)
    let_in = make_context(connection=connection, client=ClientVerdict("t", 0.0))
    refused = make_context(connection=connection, client=ClientVerdict("t", 0.0, None, CLIENT_CERT_EXPIRED))
    assert (None, None) == (read_variable(not_asked, variable), read_logged(not_asked, variable))
    value = read_variable(let_in, variable)
    assert value
    assert expected in {value, None}
    assert None is read_logged(let_in, variable)
    assert (value, value) == (read_variable(refused, variable), read_logged(refused, variable))
    assert "GET" == read_logged(let_in, "httpMethod")


@pytest.mark.parametrize("chain", [(), (b"\x30\x00",)])
def test_without_a_certificate_that_can_be_read_there_is_nothing_to_tell(chain):
    context = make_context(
        connection=make_connection(client_chain=chain), client=ClientVerdict("t", 0.0, None, CLIENT_CERT_EXPIRED)
    )
    assert {None} == {read_logged(context, f"identity.clientCert.{name}") for name, _ in CLIENT_VARIABLES}


ENDPOINT_ID = (b"x-amzn-requestid", b"x-amzn-RequestId", b"an-id")
CALLER = AccessKey("AKIAX", "secret", "222222222222", "arn:aws:iam::222222222222:user/ann", "AIDAANN")


@pytest.mark.parametrize(
    ("name", "facts", "value"),
    [
        ("identity.accessKey", {"caller": CALLER}, "AKIAX"),
        ("identity.accountId", {"caller": CALLER}, "222222222222"),
        ("identity.caller", {"caller": CALLER}, "AIDAANN"),
        ("identity.user", {"caller": CALLER}, "AIDAANN"),
        ("identity.userArn", {"caller": CALLER}, "arn:aws:iam::222222222222:user/ann"),
        ("identity.userArn", {}, None),
        ("identity.apiKey", {"api_key": "0123456789"}, "0123456789"),
        ("identity.apiKey", {}, None),
        ("identity.apiKeyId", {"api_key_id": "abc"}, "abc"),
        ("authenticate.status", {"caller": CALLER}, "200"),
        ("authenticate.status", {"response_type": "INVALID_SIGNATURE", "status": 403}, "403"),
        ("authenticate.status", {}, None),
        ("authenticate.error", {"response_type": "INVALID_SIGNATURE", "error_message": "no"}, "no"),
        ("authenticate.error", {"response_type": "THROTTLED", "error_message": "no"}, None),
        ("authorize.status", {"caller": CALLER}, "200"),
        ("authorize.status", {"caller": CALLER, "response_type": "ACCESS_DENIED", "status": 403}, "403"),
        ("authorize.error", {"response_type": "ACCESS_DENIED", "error_message": "no"}, "no"),
        ("integration.error", {"integration_error": "Execution failed"}, "Execution failed"),
        ("integration.error", {"response_type": "THROTTLED", "error_message": "no"}, None),
        ("integration.integrationStatus", {"integration_status": 502}, "502"),
        ("integration.requestId", {"backend_answer": BackendResponse(200, [ENDPOINT_ID], b"")}, "an-id"),
        ("awsEndpointRequestId", {"backend_answer": BackendResponse(200, [ENDPOINT_ID], b"")}, "an-id"),
        ("awsEndpointRequestId", {"backend_answer": BackendResponse(200, [], b"")}, None),
        ("integration.responseTransferMode", {"integration_latency_ms": 0}, "BUFFERED"),
        ("integration.responseTransferMode", {}, None),
        ("endpointType", {"stage": make_stage(endpoint_type="REGIONAL")}, "REGIONAL"),
        ("error.messageString", {"error_message": 'say "no"'}, '"say \\"no\\""'),
        ("responseLatency", {"response_latency_ms": 0}, "0"),
    ],
)
def test_what_authorization_and_the_backend_left(name, facts, value):
    assert value == read_variable(make_context(**facts), name)


def test_what_an_authorizer_said_are_variables():
    facts = AuthorizerFacts(
        "auth01",
        principal_id="me",
        properties={"tenant": "t1", "a-b": "c"},
        latency_ms=7,
        status=200,
        request_id="inv-1",
    )
    context = make_context(authorizer=facts)
    expected = {
        "authorizer.principalId": "me",
        "authorizer.tenant": "t1",
        "authorizer.a-b": "c",
        "authorizer.claims": None,
        "authorizer.latency": "7",
        "authorizer.integrationLatency": "7",
        "authorizer.status": "200",
        "authorizer.integrationStatus": "200",
        "authorizer.requestId": "inv-1",
        "authorizer.error": None,
        "authorize.status": "200",
    }
    assert expected == {name: read_variable(context, name) for name in expected}
    assert expected == {name: read_logged(context, name) for name in expected}
    bare = make_context()
    assert {None} == {read_variable(bare, name) for name in expected}


@pytest.mark.parametrize(("response_type", "answered"), [(None, "201"), ("DEFAULT_5XX", None)])
def test_the_status_of_a_function_is_its_own_and_lambdas_is_another(response_type, answered):
    call = BackendRequest(Endpoint("http", "h", 80), "POST", b"", b"", 1, "/2015-03-31/functions/f/invocations")
    context = make_context(backend_request=call, integration_status=200, status=201, response_type=response_type)
    assert (answered, "200", "200") == tuple(
        read_variable(context, name)
        for name in ("integration.status", "integration.integrationStatus", "integrationStatus")
    )
