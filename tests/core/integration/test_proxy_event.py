"""The event of payload format 1.0, against what was seen of the real service (facts 7.6; recorded 2024-07-10)."""

import base64
import ssl

import pytest

from gatewright.core.connection_facts import ClientVerdict
from gatewright.core.context import AuthorizerFacts, MethodFacts
from gatewright.core.integration.proxy_event import collect_values, is_binary, make_proxy_event, raw_path_parameters
from gatewright.core.sigv4.verification import AccessKey
from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.client_certificate import render_client_certificate
from support.ca import CertificateAuthority
from support.exchange import EXTENDED_ID, REQUEST_ID, TRACE_ID, make_connection, make_context, make_request, make_stage

GREEDY = MethodFacts("r1", "/{proxy+}", "<AWS_PROXY f>")


def event_of(request=None, *, binary=(), signed=False, mapped=(), mapped_query=(), connection=None, **facts):
    given = {"stage": make_stage(name="test"), "method": GREEDY, **facts}
    request = request or make_request("GET", "/test/test-path")
    given.setdefault("routed_path", request.path.removeprefix("/test"))
    given.setdefault("path_parameters", {"proxy": "decoded"})
    context = make_context(request, connection or make_connection(), **given)
    return make_proxy_event(
        context, binary_media_types=binary, signed=signed, more_headers=mapped, more_query=mapped_query
    )


def test_an_event_is_the_recorded_one():
    request = make_request(
        "GET",
        "/test/test-path/",
        [
            ("Host", "abc.execute-api.us-east-1.amazonaws.com"),
            ("user-agent", "python-requests/testing"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
            ("Content-Length", "0"),
            ("tEsT-HEADeR", "aValUE"),
            ("authorization", "random-value"),
        ],
    )
    event = event_of(request)
    headers = {
        "Host": "abc.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "python-requests/testing",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "tEsT-HEADeR": "aValUE",
        "Authorization": "random-value",
        "X-Amzn-Trace-Id": TRACE_ID,
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    assert {
        "resource": "/{proxy+}",
        "path": "/test-path/",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": "test-path"},
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "abcdefghij",
            "deploymentId": "dep001",
            "domainName": "www.example.com",
            "domainPrefix": "www",
            "extendedRequestId": EXTENDED_ID,
            "httpMethod": "GET",
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": "203.0.113.7",
                "user": None,
                "userAgent": "python-requests/testing",
                "userArn": None,
            },
            "path": "/test/test-path/",
            "protocol": "HTTP/1.1",
            "requestId": REQUEST_ID,
            "requestTime": "21/Nov/2026:01:36:40 +0000",
            "requestTimeEpoch": 1_795_225_000_250,
            "resourceId": "r1",
            "resourcePath": "/{proxy+}",
            "stage": "test",
        },
        "body": None,
        "isBase64Encoded": False,
    } == event


def test_paths_stand_as_they_came_and_queries_are_decoded():
    path = "/test/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com"
    query = (
        "dateTimeOffset=2023-06-12T18:05:10.123456+00:00&email=test%2Balias@gmail.com&plus=test+alias@gmail.com&a=1&a=2"
    )
    event = event_of(make_request("GET", f"{path}?{query}"))
    assert "/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com" == event["path"]
    assert {"proxy": "api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com"} == event["pathParameters"]
    assert {
        "dateTimeOffset": "2023-06-12T18:05:10.123456 00:00",
        "email": "test+alias@gmail.com",
        "plus": "test alias@gmail.com",
        "a": "2",
    } == event["queryStringParameters"]
    assert ["1", "2"] == event["multiValueQueryStringParameters"]["a"]


def test_a_path_parameter_within_a_path():
    method = MethodFacts("r1", "/pets/{id}/toys/{toy}", "")
    context = make_context(method=method, routed_path="/pets/a%20b/toys/7/", path_parameters={"id": "a b", "toy": "7"})
    assert {"id": "a%20b", "toy": "7"} == raw_path_parameters(context)


def test_the_base_path_is_part_of_the_path():
    request = make_request("GET", "/v1/pets")
    event = event_of(request, routed_path="/pets", base_path="v1", domain_name="www.example.com")
    assert ("/v1/pets", "/v1/pets") == (event["path"], event["requestContext"]["path"])
    event = event_of(make_request("GET", "/pets"), routed_path="/pets", base_path="", domain_name="www.example.com")
    assert "/pets" == event["path"]


def test_a_client_certificate_is_told_in_its_exact_formats():
    issued = CertificateAuthority("Root").issue("client.example.com")
    der = ssl.PEM_cert_to_DER_cert(issued.certificate_pem)
    leaf = CertificateFacts.from_der(der)
    connection = make_connection(client_chain=(der,))
    verdict = ClientVerdict("t", 0.0, "CN=client.example.com")
    told = event_of(connection=connection, client=verdict)["requestContext"]["identity"]["clientCert"]
    assert render_client_certificate(leaf).as_event() == told
    assert {"clientCertPem", "subjectDN", "issuerDN", "serialNumber", "validity"} == set(told)
    assert {"notBefore", "notAfter"} == set(told["validity"])
    assert "clientCert" not in event_of(connection=connection)["requestContext"]["identity"]


def test_stage_variables_key_and_caller_are_told():
    caller = AccessKey("AKID", "s", "111122223333", "arn:aws:iam::111122223333:root", "111122223333")
    event = event_of(
        stage=make_stage(variables={"color": "red"}), api_key="value-of-the-key", api_key_id="k1", caller=caller
    )
    identity = event["requestContext"]["identity"]
    assert {"color": "red"} == event["stageVariables"]
    assert ("value-of-the-key", "k1") == (identity["apiKey"], identity["apiKeyId"])
    assert ("AKID", "111122223333", "arn:aws:iam::111122223333:root") == (
        identity["accessKey"],
        identity["accountId"],
        identity["userArn"],
    )


def test_what_an_authorizer_said_is_told():
    facts = AuthorizerFacts("a1", principal_id="me", properties={"tenant": "t1", "n": "1"}, latency_ms=7)
    told = event_of(authorizer=facts)["requestContext"]["authorizer"]
    assert {"tenant": "t1", "n": "1", "principalId": "me", "integrationLatency": 7} == told


@pytest.mark.parametrize(
    ("content_type", "binary", "encoded"),
    [
        ("image/png", ("image/png",), True),
        ("image/png; q=1", ("image/*",), True),
        ("text/plain", ("*/*",), True),
        ("text/plain", ("image/png",), False),
        ("text/plain", (), False),
    ],
)
def test_a_body_is_base64_where_its_type_is_binary(content_type, binary, encoded):
    event = event_of(make_request("POST", "/test/x", {"Content-Type": content_type}, b"hi \xff"), binary=binary)
    assert encoded == event["isBase64Encoded"]
    assert (base64.b64encode(b"hi \xff").decode() if encoded else "hi \N{REPLACEMENT CHARACTER}") == event["body"]


def test_no_body_is_null_also_where_everything_is_binary():
    event = event_of(binary=("*/*",))
    assert (None, False) == (event["body"], event["isBase64Encoded"])


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Proto", "X_Forwarded_Proto", "X_Amzn-Trace_Id", "TE", "Upgrade", "Keep-Alive"]
)
def test_what_a_client_may_not_say_is_not_in_the_event(name):
    event = event_of(make_request("GET", "/test/x", {name: "forged"}))
    assert "forged" not in event["headers"].values()


def test_the_addresses_before_the_client_stay_and_the_peer_is_added():
    event = event_of(make_request("GET", "/test/x", [("X-Forwarded-For", "10.0.0.1"), ("x-forwarded-for", "10.0.0.2")]))
    assert "10.0.0.1, 10.0.0.2, 203.0.113.7" == event["headers"]["X-Forwarded-For"]


@pytest.mark.parametrize(
    ("value", "signed", "there"),
    [("Bearer t", False, True), ("Bearer t", True, False), ("AWS4-HMAC-SHA256 Credential=x", False, False)],
)
def test_a_signature_stays_with_us(value, signed, there):
    event = event_of(make_request("GET", "/test/x", {"Authorization": value}), signed=signed)
    assert there == ("Authorization" in event["headers"])


def test_what_connection_names_ends_here():
    event = event_of(make_request("GET", "/test/x", {"Connection": "X-Hop", "X-Hop": "1", "X-Stay": "2"}))
    assert ("X-Stay" in event["headers"], "X-Hop" in event["headers"]) == (True, False)


def test_mapped_parameters_take_the_place_of_those_sent():
    event = event_of(
        make_request("GET", "/test/x?a=sent&b=kept", {"foo": "sent"}),
        mapped=[("Foo", "mapped")],
        mapped_query=[("a", "mapped")],
    )
    assert ("mapped", None) == (event["headers"]["Foo"], event["headers"].get("foo"))
    assert {"a": "mapped", "b": "kept"} == event["queryStringParameters"]


def test_values_of_a_name_in_two_spellings_are_one_list():
    sent = [("Accept", "a"), ("accept", "b")]
    assert {"Accept": ["a", "b"]} == collect_values(sent, ignoring_case=True)
    assert {"Accept": ["a"], "accept": ["b"]} == collect_values(sent)


def test_a_mapping_without_a_value_takes_the_place_of_what_was_sent_too():
    sent = [("X-User", "mallory"), ("x", "1")]
    assert {"x": ["1"]} == collect_values(sent, [("x-user", None)], ignoring_case=True)
    assert {"x": ["1"]} == collect_values(sent, [("X-User", None)])


def test_which_types_are_binary():
    assert is_binary("image/png", ("IMAGE/PNG",))
    assert not is_binary("image/png", ("application/*",))
