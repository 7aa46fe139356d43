"""XML bodies."""

import pytest

from gatewright.wire.parse import SerializationError
from support.raw_request import read_as

BUCKET = {"Bucket": "b"}


def read(operation: str, body: bytes) -> dict[str, object]:
    return read_as("s3", operation, body, labels=BUCKET)


@pytest.mark.parametrize("namespace", [b"", b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', b' xmlns="urn:other"'])
def test_a_namespace_makes_no_difference(namespace):
    body = b"<VersioningConfiguration" + namespace + b"><Status>Enabled</Status></VersioningConfiguration>"
    assert read("PutBucketVersioning", body) == {**BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}


def test_an_attribute_is_found_under_any_prefix():
    body = (
        b'<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        b'i:type="Group"><URI>u</URI></Grantee></Grant></AccessControlList></AccessControlPolicy>'
    )
    assert read("PutBucketAcl", body)["AccessControlPolicy"] == {"Grants": [{"Grantee": {"Type": "Group", "URI": "u"}}]}


def test_an_attribute_may_be_absent():
    body = b"<a><AccessControlList><Grant><Grantee><URI>u</URI></Grantee></Grant></AccessControlList></a>"
    assert read("PutBucketAcl", body)["AccessControlPolicy"] == {"Grants": [{"Grantee": {"URI": "u"}}]}


def test_unknown_elements_are_ignored_and_a_flat_list_is_gathered():
    body = b"<Delete><Object><Key>a</Key><X/></Object><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>"
    assert read("DeleteObjects", body)["Delete"] == {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": True}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<Delete>", "not well formed"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><Delete/>", "declarations are not accepted"),
        (b"<Delete><Quiet>maybe</Quiet></Delete>", "A boolean was expected, but 'maybe' was found."),
        (b"<Delete><Quiet><a/></Quiet></Delete>", "A boolean was expected, but Quiet has elements."),
    ],
)
def test_what_is_not_the_document_is_refused(body, message):
    with pytest.raises(SerializationError, match=message):
        read("DeleteObjects", body)


def test_an_operation_whose_members_are_elsewhere_needs_no_body():
    read_tags = read_as("route53", "ListTagsForResource", labels={"ResourceType": "hostedzone", "ResourceId": "Z1"})
    assert read_tags == {"ResourceType": "hostedzone", "ResourceId": "Z1"}
    assert read_as("route53", "CreateHostedZone", b"") == {}
