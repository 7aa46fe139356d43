"""Members in the path, the query string, headers and the payload."""

import pytest

from gatewright.wire.parse import SerializationError
from gatewright.wire.parse.rest import split_header_list
from support.raw_request import read_as


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ('"a, b",c', ["a, b", "c"]),
        ('"say \\"a\\"", b', ['say "a"', "b"]),
        ("a,,b", ["a", "", "b"]),
        ('"a"b,"c', ['"a"b', '"c']),
    ],
)
def test_a_header_lists_with_commas_and_quotes(text, elements):
    assert elements == split_header_list(text)


def test_a_query_map_has_what_no_member_and_no_constant_names():
    read = read_as(
        "apigateway", "ImportRestApi", b"{}", query="mode=import&failonwarnings=true&basepath=split&ignore=x"
    )
    assert read == {"failOnWarnings": True, "parameters": {"basepath": "split", "ignore": "x"}, "body": b"{}"}


def test_a_query_member_may_be_given_several_times_when_it_is_a_list():
    read = read_as("apigateway", "UntagResource", query="tagKeys=a&tagKeys=b%2Cc", labels={"resource_arn": "x"})
    assert read == {"resourceArn": "x", "tagKeys": ["a", "b,c"]}


def test_headers_with_a_prefix_become_a_map():
    labels = {"Bucket": "b", "Key": "k"}
    read = read_as("s3", "PutObject", b"x", headers={"x-amz-meta-color": "red", "x-amz-acl": "private"}, labels=labels)
    assert read == {"Bucket": "b", "Key": "k", "Metadata": {"color": "red"}, "ACL": "private", "Body": b"x"}


def test_an_empty_payload_is_absent():
    assert "body" not in read_as("apigateway", "ImportRestApi", b"")


@pytest.mark.parametrize(
    ("operation", "body", "query", "message"),
    [
        ("GetRestApis", b"", "limit=many", "An integer was expected, but 'many' was found."),
        ("GetRestApis", b"", "limit=%FF", "The query string is not percent-encoded UTF-8."),
        ("CreateRestApi", b"{", "", "The request body is not well-formed JSON."),
    ],
)
def test_what_can_not_be_read_is_refused(operation, body, query, message):
    with pytest.raises(SerializationError, match=message):
        read_as("apigateway", operation, body, query=query)


def test_a_payload_that_is_text_must_be_utf_8():
    labels = {"Bucket": "b"}
    assert read_as("s3", "PutBucketPolicy", b"{}", labels=labels) == {"Bucket": "b", "Policy": "{}"}
    with pytest.raises(SerializationError, match=r"The request body is not UTF-8 text."):
        read_as("s3", "PutBucketPolicy", b"\xff", labels=labels)
