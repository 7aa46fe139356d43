"""The limits leave room for what the services document."""

from gatewright.controlplane.limits import BODY_LIMITS, DEFAULT_BODY_LIMIT, body_limit
from gatewright.controlplane.registry import OPERATIONS
from gatewright.wire.services import load_service


def test_only_services_with_operations_have_a_limit_of_their_own():
    assert BODY_LIMITS.keys() <= OPERATIONS.keys()
    assert all(limit > DEFAULT_BODY_LIMIT for limit in BODY_LIMITS.values())


def test_a_request_for_nobody_has_the_default():
    assert DEFAULT_BODY_LIMIT == body_limit(None) == body_limit("sts")


def test_a_certificate_with_the_longest_chain_fits():
    members = load_service("acm").operation_model("ImportCertificate").input_shape.members
    total = sum(members[name].metadata["max"] for name in ("Certificate", "CertificateChain", "PrivateKey"))
    assert total * 4 / 3 < body_limit("acm")
