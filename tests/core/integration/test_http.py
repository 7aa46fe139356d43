"""HTTP and HTTP_PROXY: the header tables of the fact sheet (7.3) row by row, and what else reaches either side."""

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.context import MethodFacts
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import (
    BackendResponse,
    HttpIntegration,
    RequestMappings,
    ResponseMapping,
    build_backend_request,
    select_response,
    shape_backend_response,
)
from gatewright.core.integration.templates import Templates
from gatewright.core.integration.uri import parse_uri
from gatewright.core.mapping.expression import parse_mapping_expression
from gatewright.core.mapping.values import compile_request_source, compile_response_source
from support.exchange import EXTENDED_ID, HTTPS, REQUEST_ID, TRACE_ID, make_connection, make_context, make_request


def source(text):
    return compile_request_source(parse_mapping_expression(text))


class Backend(NamedTuple):
    """What an integration record is compiled to."""

    integration: HttpIntegration
    method: MethodFacts

    def call(self, request, connection=HTTPS, *, signed=False, **facts):
        context = make_context(request, connection, method=self.method, **facts)
        return build_backend_request(self.integration, request, context, signed=signed)


def make(uri="http://backend.test/base", *, proxy=True, method="ANY", **how):
    template = parse_uri(uri)
    integration = HttpIntegration(
        api_id="abcdefghij",
        proxy=proxy,
        http_method=method,
        endpoint=template.endpoint,
        timeout_in_millis=29_000,
        **how,
    )
    return Backend(integration, MethodFacts("r1", "/pets", "", uri=template))


def mapped(header=(), query=(), path=(), greedy=()):
    return RequestMappings(
        *(tuple((name, source(text)) for name, text in pairs) for pairs in (header, query, path)), frozenset(greedy)
    )


def sent(backend, request, *, signed=False, **facts):
    """(request line, headers by lower-case name as lists, body): what the backend reads."""
    call = backend.call(request, signed=signed, **facts)
    head, _, rest = call.head.partition(b"\r\n\r\n")
    assert rest == b""
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for text in lines:
        name, _, value = text.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return line, headers, call.body


def shaped(backend, headers, status=200, body=b"", request=None):
    fields = [(name.lower().encode(), name.encode(), value.encode()) for name, value in headers]
    return shape_backend_response(backend.integration, BackendResponse(status, fields, body), make_context(request))


# Fact sheet 7.3, the column "http_proxy" of the request; what the recordings overrule and docs/divergences.md says is
# marked. "own": the client's value is gone and ours stands there.
REQUEST_HTTP_PROXY = [
    *((name, "pass") for name in ("Age", "Accept-Charset", "Accept-Encoding", "Pragma", "Range", "Referer", "Warn")),
    ("Content-Type", "pass"),
    ("Accept", "pass"),
    ("Authorization", "pass"),
    ("Date", "pass"),
    ("User-Agent", "pass"),
    ("X-Custom", "pass"),
    ("Connection", "drop"),  # documented: pass; the connection to the backend is ours
    ("Keep-Alive", "drop"),
    ("Proxy-Connection", "drop"),
    ("Content-Encoding", "drop"),
    ("Content-Length", "own"),
    ("Content-MD5", "drop"),
    ("Expect", "drop"),
    ("Host", "own"),
    ("Max-Forwards", "drop"),
    ("Proxy-Authenticate", "drop"),
    ("TE", "drop"),
    ("Trailer", "drop"),
    ("Upgrade", "drop"),
    ("Server", "drop"),
    ("Transfer-Encoding", "drop"),
    ("Via", "drop"),
    ("WWW-Authenticate", "drop"),
    ("X-HTTP-Method-Override", "drop"),  # 2.2
    ("X-Forwarded-Proto", "own"),
    ("X-Forwarded-Port", "own"),
    ("X-Amzn-Apigateway-Api-Id", "own"),
    ("X-Amzn-Trace-Id", "own"),
]


@pytest.mark.parametrize(("name", "fate"), REQUEST_HTTP_PROXY)
def test_request_headers_towards_http_proxy(name, fate):
    line, headers, _ = sent(make(), make_request("POST", "/", {name: "mark"}, b"x"))
    assert "POST /base HTTP/1.1" == line
    expected = {"pass": ["mark"], "drop": None}
    if fate == "own":
        assert 1 == len(headers[name.lower()])
        assert "mark" != headers[name.lower()][0]
    else:
        assert expected[fate] == headers.get(name.lower())


# The column "http": of the headers that the integration maps. The client's own do not pass.
REQUEST_HTTP = {
    **{name: fate for name, fate in REQUEST_HTTP_PROXY if not name.startswith("X-")},
    "Content-Encoding": "pass",
    "X-Custom": "pass",
}
RESERVED = {"Content-Length", "Transfer-Encoding"}  # refused: see below


@pytest.mark.parametrize(("name", "fate"), [row for row in REQUEST_HTTP.items() if row[0] not in RESERVED])
def test_mapped_headers_towards_http(name, fate):
    integration = make(proxy=False, mappings=mapped(header=[(name, "'mark'")]))
    _, headers, _ = sent(integration, make_request("POST", "/", {}, b"x"))
    assert {"pass": ["mark"], "drop": None, "own": ["backend.test"]}[fate] == headers.get(name.lower())


@pytest.mark.parametrize("proxy", [True, False])
@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "x-amzn-trace-id", "X-Amzn-Apigateway-Api-Id"])
def test_a_reserved_mapped_header_is_accepted_when_configured_and_fails_when_called(name, proxy):
    integration = make(proxy=proxy, mappings=mapped(header=[(name, "'1'")]))
    with pytest.raises(GatewayError) as refused:
        sent(integration, make_request())
    assert (500, "Internal server error") == (refused.value.reason.status, refused.value.message)
    assert f"Execution failed due to configuration error: {name} header already present" == (
        refused.value.reason.log.format_map(refused.value.facts)
    )


# Fact sheet 7.3, response, column "http_proxy", with what was recorded: Content-Length and x-amzn-RequestId remapped.
RESPONSE_HTTP_PROXY = [
    *((name, "pass") for name in ("Age", "Accept-Charset", "Accept-Encoding", "Pragma", "Range", "Referer", "Warn")),
    ("Content-Type", "pass"),
    ("Accept", "pass"),
    ("Content-Encoding", "pass"),
    ("X-Custom", "pass"),
    *(
        (name, "remap")
        for name in (
            "Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Max-Forwards", "Server",
            "User-Agent", "WWW-Authenticate", "x-amzn-RequestId",
        )
    ),
    *(
        (name, "drop")
        for name in (
            "Expect", "Host", "Proxy-Authenticate", "TE", "Trailer", "Upgrade", "Transfer-Encoding", "Via", "Keep-Alive",
            "Proxy-Connection",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fate"), RESPONSE_HTTP_PROXY)
def test_response_headers_of_http_proxy(name, fate):
    value = "close" if name == "Connection" else "mark"
    response = shaped(make(), [(name, value)], 201, b"body")
    others = [] if name == "Content-Type" else [(b"Content-Type", b"application/json")]
    found = {
        "pass": [(name.encode(), value.encode())],
        "remap": [(b"x-amzn-Remapped-" + name.encode(), value.encode())],
        "drop": [],
    }
    assert (201, found[fate] + others, b"body") == (response.status, response.headers, response.body)


# Fact sheet 7.3, recorded for HTTP: these are remapped, TE and Via pass, Accept and Transfer-Encoding are dropped.
RESPONSE_HTTP = [
    *(
        (name, "remap")
        for name in (
            "Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host", "Max-Forwards",
            "Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate",
        )
    ),
    *((name, "pass") for name in ("TE", "Via", "Age", "Pragma", "X-Custom", "Content-Encoding")),
    *((name, "drop") for name in ("Accept", "Transfer-Encoding", "Keep-Alive")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fate"), RESPONSE_HTTP)
def test_mapped_response_headers_of_http(name, fate):
    response = shaped(make(proxy=False, responses=[respond(headers={name: "'mark'"})]), [])
    found = [(n, v) for n, v in response.headers if v == b"mark"]
    assert {
        "pass": [(name.encode(), b"mark")],
        "remap": [(b"x-amzn-Remapped-" + name.encode(), b"mark")],
        "drop": [],
    }[fate] == found


def respond(status=200, pattern=None, headers=None, templates=None, *, declared=True):
    return ResponseMapping(
        status,
        None if pattern is None else re.compile(pattern),
        tuple(
            (name.encode(), compile_response_source(parse_mapping_expression(text)))
            for name, text in (headers or {}).items()
        ),
        Templates(templates),
        declared,
    )


def test_what_we_add_towards_an_http_proxy_backend():
    line, headers, body = sent(make(), make_request("GET", "/?a=1&b=%20x"))
    assert "GET /base?a=1&b=%20x HTTP/1.1" == line
    assert {
        "host": ["backend.test"],
        "x-amzn-apigateway-api-id": ["abcdefghij"],
        "accept": ["application/json"],
        "user-agent": ["AmazonAPIGateway_abcdefghij"],
        "x-forwarded-for": ["203.0.113.7"],
        "x-forwarded-port": ["443"],
        "x-forwarded-proto": ["https"],
        "x-amzn-trace-id": [TRACE_ID],
    } == headers
    assert b"" == body


def test_what_we_add_towards_an_http_backend():
    line, headers, _ = sent(make(proxy=False), make_request("GET", "/?a=1", {"X-Custom": "no", "Accept": "text/html"}))
    assert "GET /base HTTP/1.1" == line  # neither query nor headers pass unless they are mapped
    assert {
        "host": ["backend.test"],
        "x-amzn-apigateway-api-id": ["abcdefghij"],
        "accept": ["application/json"],
        "user-agent": ["AmazonAPIGateway_abcdefghij"],
        "x-amzn-trace-id": [TRACE_ID],
    } == headers


def test_the_clients_own_forwarded_chain_is_continued():
    request = make_request("GET", "/", [("X-Forwarded-For", "192.0.2.1"), ("x-forwarded-for", "198.51.100.2")])
    assert ["192.0.2.1, 198.51.100.2, 203.0.113.7"] == sent(make(), request)[1]["x-forwarded-for"]


def test_the_plain_entry_is_forwarded_as_http():
    request = make_request()
    call = make().call(request, make_connection(entry="local"))
    assert b"X-Forwarded-Proto: http\r\n" in call.head


@pytest.mark.parametrize(
    ("value", "signed", "passes"),
    [
        ("Bearer abc", False, True),
        ("AWS4-HMAC-SHA256 Credential=a", False, False),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", False, False),
        ("Bearer abc", True, False),  # the method uses AWS_IAM
    ],
)
def test_a_signature_stays_with_us(value, signed, passes):
    _, headers, _ = sent(make(), make_request("GET", "/", {"Authorization": value}), signed=signed)
    assert passes == ("authorization" in headers)


@pytest.mark.parametrize("proxy", [True, False])
def test_a_signature_is_not_smuggled_out_through_a_mapping(proxy):
    integration = make(proxy=proxy, mappings=mapped(header=[("Authorization", "method.request.header.Authorization")]))
    request = make_request("GET", "/", {"Authorization": "AWS4-HMAC-SHA256 Credential=a"})
    assert "authorization" not in sent(integration, request, signed=True)[1]


def test_headers_that_connection_nominates_end_here():
    request = make_request(
        "GET",
        "/",
        [("X-Hop", "1"), ("Connection", "X-Hop, close"), ("connection", "x-too"), ("X-Too", "2"), ("X-On", "3")],
    )
    _, headers, _ = sent(make(), request)
    assert (None, None, ["3"]) == (headers.get("x-hop"), headers.get("x-too"), headers.get("x-on"))


def test_connection_cannot_hide_what_the_gateway_decides_by():
    request = make_request(
        "GET",
        "/",
        [("Connection", "authorization, x-api-key, host"), ("Authorization", "Bearer a"), ("X-Api-Key", "k")],
    )
    _, headers, _ = sent(make(), request)
    assert (["Bearer a"], ["k"], ["backend.test"]) == (headers["authorization"], headers["x-api-key"], headers["host"])


def test_connection_cannot_take_away_what_we_write():
    ours = [
        "Host",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "x-amzn-apigateway-api-id",
        "Content-Length",
    ]
    plain, nominated = (
        sent(make(), make_request("POST", "/", headers, b"body"))[1]
        for headers in ({}, {"Connection": ", ".join(ours).lower(), "X-Forwarded-For": "198.51.100.9"})
    )
    assert {name.lower(): plain[name.lower()] for name in ours} == {
        name.lower(): nominated[name.lower()] for name in ours
    }


@pytest.mark.parametrize(
    "name",
    [
        "X_Forwarded_For",
        "X-Forwarded_Proto",
        "Content_Length",
        "transfer_encoding",
        "x_amzn-trace_id",
        "X_Http_Method_Override",
    ],
)
def test_what_a_client_may_not_say_with_hyphens_it_may_not_say_with_underscores(name):
    _, headers, _ = sent(make(), make_request("GET", "/", {name: "1", "X_Other": "2", "user_agent": "3"}))
    assert (None, ["2"], ["3"]) == (headers.get(name.lower()), headers["x_other"], headers["user_agent"])


def test_a_mapped_header_cannot_be_said_with_underscores_by_the_client_either():
    integration = make(mappings=mapped(header=[("X-User-Id", "'alice'")]))
    _, headers, _ = sent(integration, make_request("GET", "/", {"X_User_Id": "mallory", "x-user_id": "mallory"}))
    assert (["alice"], []) == (headers["x-user-id"], [name for name in headers if "_" in name])


def test_headers_that_a_backend_nominates_end_here():
    response = shaped(make(), [("X-Hop", "1"), ("Connection", "x-hop"), ("X-On", "2")])
    assert [b"x-amzn-Remapped-Connection", b"X-On", b"Content-Type"] == [name for name, _ in response.headers]


def test_repeated_headers_keep_their_order_and_spelling():
    request = make_request("GET", "/", [("X-a", "1"), ("x-A", "2")])
    call = make().call(request)
    assert b"X-a: 1\r\nx-A: 2\r\n" in call.head


@pytest.mark.parametrize("proxy", [True, False])
def test_a_mapped_header_takes_the_place_of_the_clients(proxy):
    integration = make(
        proxy=proxy,
        mappings=mapped(header=[("Accept", "'text/x'"), ("User-Agent", "'u'"), ("X-Id", "method.request.path.id")]),
    )
    request = make_request("GET", "/", {"accept": "text/html", "user-agent": "curl", "X-Id": "client"})
    _, headers, _ = sent(integration, request, path_parameters={"id": "7"})
    assert (["text/x"], ["u"], ["7"]) == (headers["accept"], headers["user-agent"], headers["x-id"])


def test_what_an_api_says_of_a_caller_the_caller_cannot_say_where_the_api_has_nothing_to_say():
    """No certificate was asked for, or its PEM text cannot stand in a header."""
    integration = make(
        mappings=mapped(
            header=[("X-Subject", "context.identity.clientCert.subjectDN"), ("Accept", "method.request.header.nope")],
            query=[("subject", "context.identity.clientCert.subjectDN")],
        )
    )
    claimed = {"x-subject": "CN=admin", "X_Subject": "CN=admin", "Accept": "text/html"}
    line, headers, _ = sent(integration, make_request("GET", "/?a=1&subject=CN%3Dadmin", claimed))
    assert "GET /base?a=1 HTTP/1.1" == line
    assert (None, None, ["application/json"]) == (headers.get("x-subject"), headers.get("x_subject"), headers["accept"])


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x7fb"])
def test_a_mapped_value_cannot_begin_another_header(value):
    integration = make(proxy=False, mappings=mapped(header=[("X-Id", "method.request.path.id")]))
    assert "x-id" not in sent(integration, make_request(), path_parameters={"id": value})[1]
    response = shaped(
        make(proxy=False, responses=[respond(headers={"X-Id": "integration.response.body.id"})]),
        [],
        body=b'{"id":"a\\r\\nX-Evil: 1"}',
    )
    assert [b"Content-Type", b"X-Amzn-Trace-Id"] == [name for name, _ in response.headers]


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=150)
def test_no_value_breaks_out_of_its_place(path, query):
    integration = make(
        "http://backend.test/{p}/end",
        mappings=mapped(
            header=[("X-V", "method.request.path.p")], query=[("q", "method.request.path.q")], path=[], greedy=["p"]
        ),
    )
    call = integration.call(make_request(), path_parameters={"p": path, "q": query})
    line = call.head.split(b"\r\n", 1)[0]
    assert 3 == len(line.split(b" "))
    assert all(0x21 <= byte < 0x7F for byte in line.replace(b" ", b""))
    assert 1 == call.head.count(b"\r\n\r\n")
    names = [text.split(b":")[0] for text in call.head.split(b"\r\n")[1:-2]]
    assert set(names) <= {
        b"Host", b"x-amzn-apigateway-api-id", b"X-V", b"Accept", b"User-Agent", b"X-Forwarded-For", b"X-Forwarded-Port",
        b"X-Forwarded-Proto", b"X-Amzn-Trace-Id",
    }  # fmt: skip


def test_path_parameters_are_encoded_again_and_only_greedy_ones_go_over_segments():
    parameters = {"id": "a/b c?d#é%", "proxy": "x y/../z"}
    plain = make("http://backend.test/pets/{id}")
    assert "GET /pets/a%2Fb%20c%3Fd%23%C3%A9%25 HTTP/1.1" == sent(plain, make_request(), path_parameters=parameters)[0]
    greedy = make("http://backend.test/{proxy}", mappings=RequestMappings(greedy=frozenset({"proxy"})))
    assert "GET /x%20y/../z HTTP/1.1" == sent(greedy, make_request(), path_parameters=parameters)[0]


def test_a_mapped_path_parameter_stands_before_the_routes_own_and_absent_ones_are_empty():
    integration = make(
        "http://backend.test/{a}/{b}/{c}",
        mappings=mapped(path=[("a", "'one'"), ("b", "method.request.header.nope")]),
    )
    assert "GET /one/two/ HTTP/1.1" == sent(integration, make_request(), path_parameters={"a": "x", "b": "two"})[0]


@pytest.mark.parametrize(
    ("uri", "value", "line"),
    [
        ("http://backend.test/pets/{id}", "..", None),
        ("http://backend.test/pets/{id}/x", ".", None),
        ("http://backend.test/pets/{id}", "a%2F..%2Fb", None),  # some backends divide at an encoded slash
        ("http://backend.test/pets/{id}", "..%3Bx", None),
        ("http://backend.test/pets/{id}", "%5C..%5Cx", None),
        ("http://backend.test/files/{proxy+}", "a/../../b", None),
        ("http://backend.test/pets/.{id}", ".", None),
        ("http://backend.test/pets/{id}", "...", "GET /pets/... HTTP/1.1"),
        ("http://backend.test/pets/{id}", "a..", "GET /pets/a.. HTTP/1.1"),
        ("http://backend.test/pets/{id}", "%252e%252e", "GET /pets/%252e%252e HTTP/1.1"),
        ("http://backend.test/a/../pets/{id}", "7", "GET /a/../pets/7 HTTP/1.1"),  # the API's own word
    ],
)
def test_a_mapped_parameter_makes_no_dot_segment(uri, value, line):
    name = "proxy" if "proxy" in uri else "id"
    integration = make(
        uri, proxy=False, mappings=mapped(path=[(name, "method.request.querystring.v")], greedy=["proxy"])
    )
    request = make_request("GET", f"/?v={value}")
    if line is not None:
        assert line == sent(integration, request)[0]
        return
    with pytest.raises(GatewayError) as refusal:
        sent(integration, request)
    assert "REQUEST_MALFORMED" == refusal.value.reason.code


def test_mapped_query_parameters_stand_in_place_of_the_clients_and_the_uris_query_comes_first():
    integration = make(
        "http://backend.test/p?fixed=1",
        mappings=mapped(query=[("a", "'x y&z'"), ("gone", "method.request.header.nope")]),
    )
    request = make_request("GET", "/?a=1;b=2&a=3&c=%2F+%25")
    assert "GET /p?fixed=1&b=2&c=/%20%25&a=x%20y%26z HTTP/1.1" == sent(integration, request)[0]
    assert "GET /p?fixed=1 HTTP/1.1" == sent(make("http://backend.test/p?fixed=1"), make_request())[0]
    assert "GET /p?fixed=1&q HTTP/1.1" == sent(make("http://backend.test/p?fixed=1"), make_request("GET", "/?q"))[0]


def test_parameters_of_the_uris_query_are_filled_in():
    integration = make(
        "http://backend.test/p?id={id}&of={who}", mappings=mapped(path=[("who", "method.request.querystring.w")])
    )
    line, _, _ = sent(integration, make_request("GET", "/?w=a%26b"), path_parameters={"id": "7/8 9"})
    assert "GET /p?id=7/8%209&of=a%26b&w=a%26b HTTP/1.1" == line


def test_half_a_surrogate_pair_in_json_is_replaced_and_not_our_bug():
    integration = make(
        "http://backend.test/{a}",
        mappings=mapped(
            header=[("X", "method.request.body.v")],
            query=[("q", "method.request.body.v")],
            path=[("a", "method.request.body.v")],
        ),
    )
    line, headers, _ = sent(integration, make_request("POST", "/", {}, rb'{"v":"\ud800"}'))
    assert ("POST /%3F?q=? HTTP/1.1", ["?"]) == (line, headers["x"])


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("GET", b"", None),
        ("DELETE", b"", None),
        ("HEAD", b"", None),
        ("POST", b"", ["0"]),
        ("GET", b"abc", ["3"]),
        ("PUT", b"a", ["1"]),
    ],
)
@pytest.mark.parametrize("proxy", [True, False])
def test_the_length_is_generated_from_the_body(method, body, length, proxy):
    _, headers, out = sent(make(proxy=proxy), make_request(method, "/", {}, body))
    assert (length, body) == (headers.get("content-length"), out)


def test_the_integrations_method_stands_before_the_clients_and_an_override_before_the_wires():
    assert "PUT /base HTTP/1.1" == sent(make(method="PUT"), make_request("POST"))[0]
    assert "PATCH /base HTTP/1.1" == sent(make(), make_request("POST"), http_method="PATCH")[0]


@pytest.mark.parametrize(
    ("passthrough", "templates", "content_type", "expected"),
    [
        ("WHEN_NO_MATCH", None, "text/plain", b"body"),
        ("WHEN_NO_MATCH", {"application/json": "T"}, "text/plain", b"body"),
        ("WHEN_NO_MATCH", {"application/json": "T"}, "application/json; charset=utf-8", b"T"),
        ("WHEN_NO_MATCH", {"application/json": "T"}, None, b"T"),
        ("WHEN_NO_TEMPLATES", None, "text/plain", b"body"),
        ("WHEN_NO_TEMPLATES", {"application/json": "T"}, "text/plain", 415),
        ("NEVER", None, "text/plain", 415),
        ("NEVER", {"application/json": "T"}, "text/plain", 415),
        ("NEVER", {"text/plain": "T"}, "text/plain", b"T"),
    ],
)
def test_passthrough_behaviour(passthrough, templates, content_type, expected):
    integration = make(proxy=False, passthrough=passthrough, request_templates=Templates(templates))
    request = make_request("POST", "/", {"Content-Type": content_type} if content_type else {}, b"body")
    if expected == 415:
        with pytest.raises(GatewayError) as refused:
            sent(integration, request)
        assert (415, "UNSUPPORTED_MEDIA_TYPE") == (refused.value.reason.status, refused.value.reason.response_type)
    else:
        assert expected == sent(integration, request)[2]


def test_the_content_type_of_a_passed_body_passes_and_that_of_a_template_is_json():
    request = make_request("POST", "/", {"Content-Type": "text/csv"}, b"a,b")
    assert ["text/csv"] == sent(make(proxy=False), request)[1]["content-type"]
    templates = Templates({"text/csv": "{}"})
    assert ["application/json"] == sent(make(proxy=False, request_templates=templates), request)[1]["content-type"]
    typed = make(proxy=False, mappings=mapped(header=[("Content-Type", "'text/x'")]))
    assert ["text/x"] == sent(typed, request)[1]["content-type"]


# --- answers of HTTP -----------------------------------------------------------------------------------------------


def test_responses_are_selected_by_a_pattern_that_matches_the_whole_status():
    default, other, server, not_found = respond(200), respond(201), respond(500, r"5\d{2}"), respond(404, "40")
    responses = [default, other, server, not_found]
    assert server is select_response(responses, "503")
    assert default is select_response(responses, "404")  # "40" matches only a part; the first default stands
    assert None is select_response([server], "200")


def test_no_matching_response_is_a_configuration_error():
    with pytest.raises(GatewayError) as refused:
        shaped(make(proxy=False, responses=[respond(500, "5..")]), [], 403)
    assert (
        "Execution failed due to configuration error: No match for output mapping and no default output mapping "
        "configured. Endpoint Response Status Code: 403"
    ) == refused.value.reason.log.format_map(refused.value.facts)


def test_an_undeclared_method_response_is_a_configuration_error():
    with pytest.raises(GatewayError) as refused:
        shaped(make(proxy=False, responses=[respond(202, declared=False)]), [])
    assert (
        "Execution failed due to configuration error: Output mapping refers to an invalid method response: 202"
    ) == refused.value.reason.log.format_map(refused.value.facts)


def test_a_response_that_is_mapped_to_an_interim_status_is_a_configuration_error():
    with pytest.raises(GatewayError) as refused:
        shaped(make(proxy=False, responses=[respond(103)]), [])
    assert ("RESPONSE_NOT_FINAL", 500) == (refused.value.reason.code, refused.value.reason.status)


def test_of_an_http_answer_only_what_is_mapped_passes():
    integration = make(
        proxy=False,
        responses=[
            respond(
                202,
                headers={
                    "X-Total": "integration.response.body.total",
                    "X-From": "integration.response.header.X-Backend",
                    "X-None": "integration.response.header.absent",
                    "X-Rid": "context.requestId",
                },
            )
        ],
    )
    response = shaped(
        integration, [("X-Backend", "b"), ("X-Other", "o"), ("Content-Type", "text/x")], 200, b'{"total": 3}'
    )
    assert (
        202,
        [
            (b"Content-Type", b"application/json"),
            (b"X-Total", b"3"),
            (b"X-From", b"b"),
            (b"X-Rid", REQUEST_ID.encode()),
            (b"X-Amzn-Trace-Id", TRACE_ID.encode()),
        ],
        b'{"total": 3}',
    ) == (response.status, response.headers, response.body)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, (b"application/json", b"J")),
        ("text/html", (b"text/html", b"H")),
        ("text/html;q=0.9, */*", (b"text/html", b"H")),
        ("image/png", (b"application/json", b"J")),
    ],
)
def test_the_response_template_is_chosen_by_accept(accept, expected):
    templates = {"text/html": "H", "application/json": "J"}
    request = make_request("GET", "/", {"Accept": accept} if accept else {})
    response = shaped(make(proxy=False, responses=[respond(templates=templates)]), [], 200, b"raw", request)
    assert expected == (dict(response.headers)[b"Content-Type"], response.body)


def test_without_a_json_template_the_first_one_applies_and_a_mapped_content_type_wins():
    response = shaped(
        make(proxy=False, responses=[respond(headers={"content-type": "'text/y'"}, templates={"text/x": "X"})]), []
    )
    assert (b"Content-Type", b"text/y") == response.headers[0]
    assert b"X" == response.body


def test_an_integration_shows_where_it_goes():
    assert "<HTTP_PROXY ANY http://backend.test>" == repr(make().integration)
    assert EXTENDED_ID.endswith("=")
