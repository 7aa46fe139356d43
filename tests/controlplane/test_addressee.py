"""Who is called and in which words the answer will be."""

import pytest

from gatewright.controlplane.addressee import find_addressee
from gatewright.core.sigv4.refusal import ProtocolFamily
from gatewright.wire.http import HttpRequest

ANY = HttpRequest("POST", "/", "", {}, b"")


@pytest.mark.parametrize(
    ("signing_name", "name", "family"),
    [
        ("apigateway", "apigateway", ProtocolFamily.REST_JSON),
        ("acm", "acm", ProtocolFamily.JSON),
        ("elasticloadbalancing", "elbv2", ProtocolFamily.QUERY),
        ("route53", "route53", ProtocolFamily.REST_XML),
        ("ec2", "ec2", ProtocolFamily.EC2),
        ("s3", "s3", ProtocolFamily.S3),
        ("s3express", "s3", ProtocolFamily.S3),
        ("s3-object-lambda", "s3", ProtocolFamily.S3),
    ],
)
def test_the_scope_of_a_signature_names_the_service(signing_name, name, family):
    addressee = find_addressee(ANY, signing_name)
    assert (name, family) == (addressee.name, addressee.family)


def test_a_service_with_several_protocols_answers_in_the_one_it_was_called_in():
    cbor = HttpRequest("POST", "/service/X/operation/Y", "", {"smithy-protocol": "rpc-v2-cbor"}, b"")
    assert ProtocolFamily.CBOR == find_addressee(cbor, "monitoring").family
    assert ProtocolFamily.QUERY == find_addressee(ANY, "monitoring").family


def test_nobody_is_called_by_an_unknown_name():
    assert None is find_addressee(ANY, "dynamodb")
