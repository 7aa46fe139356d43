import pytest

from gatewright.core.integration.uri import Endpoint, parse_uri, resolve_stage_variables


@pytest.mark.parametrize(
    ("uri", "endpoint", "parts", "query"),
    [
        ("http://a.test", Endpoint("http", "a.test", 80), ("/",), ()),
        ("HTTPS://a.test/x", Endpoint("https", "a.test", 443), ("/x",), ()),
        ("http://a.test:8080/x?y=1", Endpoint("http", "a.test", 8080), ("/x",), ("y=1",)),
        ("http://[::1]:81/", Endpoint("http", "::1", 81), ("/",), ()),
        ("http://a.test/p/{id}/q", Endpoint("http", "a.test", 80), ("/p/", "id", "/q"), ()),
        ("http://a.test/{proxy+}", Endpoint("http", "a.test", 80), ("/", "proxy", ""), ()),
        ("http://a.test/%20é", Endpoint("http", "a.test", 80), ("/%20%C3%A9",), ()),
        ("http://a.test?q=a|b", Endpoint("http", "a.test", 80), ("/",), ("q=a%7Cb",)),
        ("http://a.test/x?a={b}&c={d+}", Endpoint("http", "a.test", 80), ("/x",), ("a=", "b", "&c=", "d", "")),
    ],
)
def test_a_uri_is_an_endpoint_a_path_and_a_query(uri, endpoint, parts, query):
    assert (endpoint, parts, query) == parse_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "ftp://a.test/",
        "http://",
        "http://user@a.test/",
        "a.test/x",
        "http://a.test/x y",
        "http://a.test:0/",
        "http://a.test:65536/",
        "http://a\r\nb/",
    ],
)
def test_what_is_no_backend_address_is_refused(uri):
    with pytest.raises(ValueError, match=r"no http:// or https://|port"):
        parse_uri(uri)


@pytest.mark.parametrize(
    ("endpoint", "authority"),
    [
        (Endpoint("http", "a.test", 80), "a.test"),
        (Endpoint("http", "a.test", 443), "a.test:443"),
        (Endpoint("https", "a.test", 443), "a.test"),
        (Endpoint("https", "::1", 8443), "[::1]:8443"),
    ],
)
def test_the_host_header_names_the_port_unless_it_is_the_schemes_own(endpoint, authority):
    assert authority == endpoint.authority
    assert f"{endpoint.scheme}://{authority}" == str(endpoint)


def test_stage_variables_are_filled_in_once_and_unknown_ones_leave_nothing():
    variables = {"host": "b.test", "evil": "${stageVariables.host}"}
    assert "http://b.test/x" == resolve_stage_variables(
        "http://${stageVariables.host}/${stageVariables.nope}x", variables
    )
    assert "${stageVariables.host}" == resolve_stage_variables("${stageVariables.evil}", variables)
    assert "plain" == resolve_stage_variables("plain", variables)


def test_what_stands_in_braces_in_the_query_is_one_value_there_whatever_it_is():
    template = parse_uri("http://a.test/x?a={b}&c={d}/{e}&f")
    assert "a=1%262%3D3%23%2B%25%20%C3%A4&c=/x/y&f" == template.render_query({"b": "1&2=3#+% ä", "e": "x/y"})
    assert ("q=1", "") == (
        parse_uri("http://a.test/?q=1").render_query({}),
        parse_uri("http://a.test/").render_query({}),
    )
