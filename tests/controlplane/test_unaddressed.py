"""A request for nobody is told so, in a form that its client can read."""

import json

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from gatewright.controlplane.unaddressed import refuse_unaddressed
from gatewright.wire.http import HttpRequest


def test_an_unsigned_request_is_not_authorized_for_anything():
    answer = refuse_unaddressed(HttpRequest("GET", "/", "", {}, b""), None, "id")
    assert 403 == answer.status
    assert "Unable to determine service/operation name to be authorized" == json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    ("protocol", "content_type"),
    [("json", "application/x-amz-json-1.0"), ("query", "application/x-www-form-urlencoded")],
)
def test_a_client_of_a_service_that_is_not_served_reads_its_name(protocol, content_type):
    answer = refuse_unaddressed(HttpRequest("POST", "/", "", {"content-type": content_type}, b""), "dynamo<db>", "id")
    read = create_parser(protocol).parse(
        {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}, None
    )
    assert "UnknownOperationException" == read["Error"]["Code"]
    assert read["Error"]["Message"].startswith("Gatewright does not serve the service 'dynamo<db>'. It serves acm, ")


def test_a_real_client_gets_it(harness):
    client = harness.client("dynamodb")
    with pytest.raises(client.exceptions.ClientError, match="does not serve the service 'dynamodb'"):
        client.list_tables()


def test_a_name_that_is_no_text_is_spelt_out():
    answer = refuse_unaddressed(HttpRequest("GET", "/", "", {}, b""), "\udcff", "id")
    assert "\\udcff" in json.loads(answer.body)["message"]
