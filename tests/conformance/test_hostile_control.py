"""Junk at the control listener of a running gateway: the service's error for each, never a 5xx, and nothing changed."""

import http.client
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.apis import ApiBuilder, leftovers

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def api(apigateway):
    made = ApiBuilder(apigateway)
    made.mock("/health")
    return made


def send(gateway, method, path, body=b"", headers=None, *, signed="apigateway", secret=None):
    """(status, headers, body) of a request that is sent as it stands, with the root's signature."""
    fields = dict(headers or {})
    if signed:
        key, root_secret = gateway.credentials
        request = AWSRequest(method, f"{gateway.endpoint}{path}", data=body, headers=fields)
        SigV4Auth(Credentials(key, secret or root_secret), signed, "us-east-1").add_auth(request)
        fields = dict(request.headers.items())
    connection = http.client.HTTPConnection("127.0.0.1", gateway.control_port, timeout=40)
    try:
        connection.request(method, path, body=body or None, headers=fields)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


JSON = {"Content-Type": "application/json"}
ACM = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "CertificateManager.ListCertificates"}
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
JUNK = [
    ("no such path", "GET", "/nothing/here", b"", {}, "apigateway"),
    ("no such method of a path", "PATCH", "/restapis", b"{}", JSON, "apigateway"),
    ("a path that climbs", "GET", "/restapis/../../etc/passwd", b"", {}, "apigateway"),
    ("bytes that are not UTF-8", "GET", "/restapis/%ff%fe", b"", {}, "apigateway"),
    ("a null byte", "GET", "/restapis/%00", b"", {}, "apigateway"),
    ("an empty id", "GET", "/restapis//resources", b"", {}, "apigateway"),
    ("malformed JSON", "POST", "/restapis", b'{"name": ', JSON, "apigateway"),
    ("not JSON at all", "POST", "/restapis", b"\x00\xff\x00", JSON, "apigateway"),
    ("an array for an object", "POST", "/restapis", b"[1, 2]", JSON, "apigateway"),
    ("JSON's null", "POST", "/restapis", b"null", JSON, "apigateway"),
    ("a number for a string", "POST", "/restapis", b'{"name": {"a": 1}}', JSON, "apigateway"),
    ("a string for a list", "POST", "/restapis", b'{"name": "a", "binaryMediaTypes": "x"}', JSON, "apigateway"),
    ("a member missing", "POST", "/restapis", b"{}", JSON, "apigateway"),
    ("a value outside its enumeration", "POST", "/restapis", b'{"name": "a", "apiKeySource": "X"}', JSON, "apigateway"),
    ("a float for an integer", "POST", "/restapis", b'{"name": "a", "minimumCompressionSize": 1.5}', JSON, "apigateway"),
    ("not a number", "POST", "/restapis", b'{"name": "a", "minimumCompressionSize": NaN}', JSON, "apigateway"),
    ("nested without end", "POST", "/restapis", DEEP, JSON, "apigateway"),
    ("a huge integer", "POST", "/restapis", b'{"name": "a", "minimumCompressionSize": 1' + b"0" * 5000 + b"}", JSON, "apigateway"),
    ("a lone surrogate", "POST", "/restapis", b'{"name": "\\ud800"}', JSON, "apigateway"),
    ("a limit that is no number", "GET", "/restapis?limit=abc", b"", {}, "apigateway"),
    ("a position of nobody", "GET", "/restapis?position=%00%ff", b"", {}, "apigateway"),
    ("more than the service takes", "POST", "/restapis", b'{"name": "' + b"a" * 11_000_000 + b'"}', JSON, "apigateway"),
    ("acm: malformed JSON", "POST", "/", b"{", ACM, "acm"),
    ("acm: wrong type", "POST", "/", b'{"MaxItems": "x"}', ACM, "acm"),
    ("acm: no such target", "POST", "/", b"{}", {**ACM, "X-Amz-Target": "CertificateManager.Nothing"}, "acm"),
    ("sts: no action", "POST", "/", b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, "sts"),
    ("sts: no such action", "POST", "/", b"Action=Nothing&Version=2011-06-15",
     {"Content-Type": "application/x-www-form-urlencoded"}, "sts"),
    ("a service nobody has", "POST", "/", b"{}", JSON, "nosuchservice"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method", "path", "body", "headers", "service"), JUNK, ids=[junk[0] for junk in JUNK])
def test_junk_gets_the_services_error_and_changes_nothing(
    gateway, api, apigateway, acm, name, method, path, body, headers, service
):
    before = leftovers(apigateway, acm)
    status, answered, content = send(gateway, method, path, body, headers, signed=service)
    assert 400 <= status < 500, content[:300]
    if "xml" in answered.get("content-type", ""):
        assert b"<Code>" in content
        assert b"<Message>" in content
    else:
        json.loads(content)
        assert "x-amzn-errortype" in answered or b"__type" in content
    assert "x-amzn-requestid" in answered
    assert before == leftovers(apigateway, acm)


@pytest.mark.parametrize("signed", ["", "apigateway"], ids=["unsigned", "with a wrong secret"])
def test_who_does_not_sign_changes_nothing(gateway, api, apigateway, acm, signed):
    before = leftovers(apigateway, acm)
    status, _, _ = send(gateway, "POST", "/restapis", b'{"name": "x"}', JSON, signed=signed, secret="wrong")
    assert 403 == status
    assert 403 == send(gateway, "DELETE", f"/restapis/{api.id}", signed=signed, secret="wrong")[0]
    assert before == leftovers(apigateway, acm)


def test_a_patch_of_which_one_operation_is_refused_changes_nothing(apigateway, api):
    before = apigateway.get_rest_api(restApiId=api.id)
    operations = [
        {"op": "replace", "path": "/name", "value": "changed"},
        {"op": "add", "path": "/binaryMediaTypes/image~1png"},
        {"op": "replace", "path": "/nonsense", "value": "x"},
    ]
    with pytest.raises(apigateway.exceptions.BadRequestException):
        apigateway.update_rest_api(restApiId=api.id, patchOperations=operations)
    after = apigateway.get_rest_api(restApiId=api.id)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert before == after


def test_nothing_of_this_was_a_failure_of_ours(gateway):
    """Last in this file: whatever the tests above did, no traceback was logged."""
    assert "Traceback" not in gateway.log()
