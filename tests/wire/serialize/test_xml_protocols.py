"""The frames of the protocols that answer in XML, and S3's names."""

import xml.etree.ElementTree as ET

import pytest

from gatewright.wire.serialize import serialize_response
from gatewright.wire.serialize.rest_xml import _S3_ROOTS
from gatewright.wire.services import load_service

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def body(service: str, operation: str, result: dict[str, object]) -> str:
    return serialize_response(
        load_service(service).operation_model(operation), result, request_id="an-id"
    ).body.decode()


def test_query_wraps_the_result():
    assert body("sts", "GetCallerIdentity", {"Account": "123456789012"}) == DECLARATION + (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        "<Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>an-id</RequestId>"
        "</ResponseMetadata></GetCallerIdentityResponse>"
    )


def test_query_without_output_has_the_request_id_alone():
    assert body("iam", "DeleteUser", {}) == DECLARATION + (
        '<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata>'
        "<RequestId>an-id</RequestId></ResponseMetadata></DeleteUserResponse>"
    )


def test_ec2_has_members_beside_the_request_id():
    assert body("ec2", "DescribeVpcEndpoints", {"VpcEndpoints": [{"VpcEndpointId": "vpce-1"}]}) == DECLARATION + (
        '<DescribeVpcEndpointsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>an-id</requestId>'
        "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId></item></vpcEndpointSet></DescribeVpcEndpointsResponse>"
    )


def test_ec2_without_output_says_true():
    assert "<return>true</return>" in body("ec2", "DeleteTags", {})


def test_route53_names_the_root_by_the_shape():
    assert body("route53", "GetHostedZoneCount", {"HostedZoneCount": 1}) == DECLARATION + (
        '<GetHostedZoneCountResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
        "<HostedZoneCount>1</HostedZoneCount></GetHostedZoneCountResponse>"
    )


def test_cloudfront_names_the_root_by_the_payload():
    assert "<Distribution xmlns=" in body("cloudfront", "GetDistribution", {"Distribution": {"Id": "E1"}})


def test_s3_names_its_roots_by_its_reference_and_flat_lists_bare():
    assert body("s3", "ListObjectsV2", {"KeyCount": 1, "Contents": [{"Key": "a\rb"}]}) == DECLARATION + (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Contents><Key>a&#13;b</Key></Contents>'
        "<KeyCount>1</KeyCount></ListBucketResult>"
    )


def test_each_name_in_the_table_of_roots_is_an_operation_with_a_body_of_its_own():
    s3 = load_service("s3")
    for name in _S3_ROOTS:
        assert "payload" not in s3.operation_model(name).output_shape.serialization


def test_the_type_of_a_grantee_is_an_attribute_in_its_namespace():
    grants = [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]
    root = ET.fromstring(body("s3", "GetBucketAcl", {"Grants": grants}))
    grantee = root.find(".//{http://s3.amazonaws.com/doc/2006-03-01/}Grantee")
    assert grantee.attrib == {"{http://www.w3.org/2001/XMLSchema-instance}type": "Group"}


@pytest.mark.parametrize(("result", "text"), [({"LocationConstraint": "eu-west-1"}, "eu-west-1"), ({}, None)])
def test_a_buckets_location_is_the_text_of_the_root(result, text):
    root = ET.fromstring(body("s3", "GetBucketLocation", result))
    assert (root.tag, root.text) == ("{http://s3.amazonaws.com/doc/2006-03-01/}LocationConstraint", text)


def test_characters_that_xml_can_not_hold_do_not_break_the_document():
    document = body("iam", "GetUser", {"User": {"UserName": "a\x00b"}})
    assert "<UserName>a\ufffdb</UserName>" in document
