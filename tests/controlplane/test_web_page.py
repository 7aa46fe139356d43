"""In lenient mode only AWS clients are believed, and not the web pages that a browser on the same machine shows."""

import json

import pytest

from gatewright.controlplane.web_page import explain_web_page
from support.control import ACCOUNT, ENDPOINT, ControlHarness

LENIENT = ControlHarness(lenient=True)
ENFORCING = ControlHarness()

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:3000"},  # another program of this machine
    {"Origin": "http://localhost"},
    {"Origin": "null"},  # a sandboxed frame, a file
    {"Origin": ""},
    {"Origin": "http://localhost:4566.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "Cross-Site"},
    {"Host": "evil.example:4566"},  # a name that was rebound
    {"Host": "evil.example:4566", "Origin": "http://evil.example:4566"},
    {"Host": "0.0.0.0:4566"},  # reaches loopback on Linux, and no browser tells it from a public address
    {"Host": "192.0.2.7"},
    {"Host": "localhost.evil.example"},
    {"Host": "evillocalhost"},
    {"Host": "[::1"},
    {"Host": ""},
]

OWN = [
    {},
    {"Origin": ENDPOINT},
    {"Origin": ENDPOINT.upper()},
    {"Sec-Fetch-Site": "same-origin", "Origin": ENDPOINT},
    {"Sec-Fetch-Site": "none"},
    {"Host": "127.0.0.1:4566"},
    {"Host": "127.8.0.1"},
    {"Host": "[::1]:4566"},
    {"Host": "LOCALHOST.:4566"},
    {"Host": "apigateway.localhost:4566"},
    {"Host": "host.docker.internal:4566"},
    {"Host": "apigateway.us-east-1.amazonaws.com"},
    {"Host": "apigateway.cn-north-1.amazonaws.com.cn"},
]


def with_host(headers):
    return {"host": "localhost:4566", **{name.lower(): value for name, value in headers.items()}}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_is_told(headers):
    assert explain_web_page(with_host(headers)) is not None


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_client_and_a_page_of_the_listener_itself_are_told_from_foreign_pages(headers):
    assert explain_web_page(with_host(headers)) is None


def test_a_request_without_host_is_no_clients():
    assert explain_web_page({}) is not None


@pytest.mark.parametrize("headers", FOREIGN[:4], ids=str)
def test_a_form_that_a_page_posts_changes_nothing_and_is_answered_with_the_reason(headers):
    body = json.dumps({"name": "planted"}).encode()
    answer = LENIENT.raw("POST", "/restapis", headers={"Content-Type": "text/plain", **headers}, body=body)
    assert (403, "AccessDeniedException") == (answer.status, dict(answer.headers)["x-amzn-ErrorType"].partition(":")[0])
    assert b"web page" in answer.body
    assert b"--auth lenient" in answer.body
    assert [] == LENIENT.client("apigateway").get_rest_apis()["items"]


def test_a_page_reads_no_listing_of_a_query_service_either():
    path = "/?Action=GetCallerIdentity&Version=2011-06-15"
    assert ACCOUNT.encode() in LENIENT.raw("GET", path).body
    answer = LENIENT.raw("GET", path, headers={"Sec-Fetch-Site": "cross-site"})
    assert (403, False) == (answer.status, ACCOUNT.encode() in answer.body)
    assert b"<Code>AccessDenied</Code>" in answer.body


def test_where_signatures_are_verified_a_page_with_credentials_is_a_client_like_others():
    headers = {"Origin": "https://console.example", "Sec-Fetch-Site": "cross-site"}
    assert 200 == ENFORCING.raw("GET", "/account", headers=headers, sign="apigateway").status
    assert 403 == ENFORCING.raw("GET", "/account", headers=headers).status
