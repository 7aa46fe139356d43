"""Calls of the AWS APIs: what is not permitted names the action, and a dead endpoint is asked once."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest

from gatewright.doctor.evidence import Unknown
from gatewright.doctor.probes.api import AwsApi, NotServed
from gatewright.doctor.probes.configuration import probe_configuration
from gatewright.doctor.probes.deadline import CannotLook, Deadline
from gatewright.doctor.question import parse_question


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status, error, body = self.server.answer
        self.send_response(status)
        self.send_header("x-amzn-ErrorType", error)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def account():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    server.asked = []
    server.answer = (
        403,
        "AccessDeniedException",
        b'{"message":"User: x is not authorized to perform: apigateway:GET on resource: y"}',
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def api_at(url: str) -> AwsApi:
    session = botocore.session.Session()
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    return AwsApi(session, "us-east-1", url)


def test_a_call_that_is_not_permitted_names_the_missing_action(account):
    api = api_at(f"http://127.0.0.1:{account.server_port}")
    found = probe_configuration(api, parse_question("www.example.com"), Deadline())
    assert [Unknown("domain", "apigateway get_domain_name is not permitted", "apigateway:GET")] == found.unknowns
    assert None is found.domains


def test_what_is_not_there_is_an_answer(account):
    account.answer = (404, "NotFoundException", b'{"message":"Invalid domain name identifier specified"}')
    api = api_at(f"http://127.0.0.1:{account.server_port}")
    assert None is api.call("apigateway", "get_domain_name", domainName="www.example.com")


def test_an_endpoint_that_cannot_be_reached_is_asked_once(account):
    api = api_at("http://127.0.0.1:1")
    for _ in range(2):
        with pytest.raises(CannotLook, match="Could not connect to the endpoint URL"):
            api.call("apigateway", "get_domain_name", domainName="www.example.com")


def test_a_service_that_is_not_served_is_no_failure_and_no_other_endpoint_is_given_up(account):
    account.answer = (400, "UnsupportedOperation", b'{"message":"GetDomainName is not served"}')
    api = api_at(f"http://127.0.0.1:{account.server_port}")
    with pytest.raises(NotServed, match="apigateway get_domain_name is not served here"):
        api.call("apigateway", "get_domain_name", domainName="www.example.com")
    account.answer = (200, "", b'{"domainName":"www.example.com"}')
    assert "www.example.com" == api.call("apigateway", "get_domain_name", domainName="www.example.com")["domainName"]


def test_a_call_that_the_policy_does_not_have_cannot_be_made(account):
    with pytest.raises(KeyError):
        api_at("http://127.0.0.1:1").call("apigateway", "delete_domain_name", domainName="www.example.com")
