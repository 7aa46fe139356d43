"""The table of UpdateDomainName on records alone; what a changed record needs is the control plane's question."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch, parse_patch_operations
from gatewright.model.patch_tables.domain_name import ENDPOINT_MEMBERS, TABLE, check_together, names_truststore
from gatewright.model.records import DomainName, EndpointConfiguration, MutualTlsAuthentication

EDGE = {
    "certificate_name": "e",
    "certificate_arn": "e",
    "distribution_domain_name": "e",
    "distribution_hosted_zone_id": "e",
}
REGIONAL = {
    "regional_certificate_name": "r", "regional_certificate_arn": "r", "regional_domain_name": "r",
    "regional_hosted_zone_id": "r",
}  # fmt: skip


def domain_name(*types, **members):
    return DomainName("000000000000", "us-east-1", "www.example.com", EndpointConfiguration(types), 0.0, **members)


def patched(record, op, path, value=None):
    return apply_patch(record, [PatchOperation(op, path, value)], TABLE)


# D: the "DomainName" table of the API reference, as facts 1.6 give it.
DOCUMENTED = {
    "/certificateName": {"add", "replace", "remove"},
    "/certificateArn": {"add", "replace", "remove"},
    "/regionalCertificateName": {"add", "replace", "remove"},
    "/regionalCertificateArn": {"add", "replace", "remove"},
    "/endpointConfiguration/types": {"add", "remove"},
    "/endpointConfiguration/ipAddressType": {"replace"},
    "/securityPolicy": {"replace"},
    "/routingMode": {"replace"},
    "/endpointAccessMode": {"replace"},
    "/policy": {"replace"},
    "/managementPolicy": {"replace"},
    "/mutualTlsAuthentication/truststoreUri": {"add", "replace", "remove"},
    "/mutualTlsAuthentication/truststoreVersion": {"add", "replace", "remove"},
    "/ownershipVerificationCertificateArn": {"add", "replace", "remove"},
}


def test_every_documented_path_takes_its_operations_and_no_others():
    rules = {rule.path: set(rule.operations()) for rule in TABLE.rules}

    # Terraform writes the index; the service refuses it with a sentence of its own (R).
    rules.pop("/endpointConfiguration/types/{type}")
    assert rules == DOCUMENTED


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        ("/certificateName", "certificate_name"),
        ("/certificateArn", "certificate_arn"),
        ("/regionalCertificateName", "regional_certificate_name"),
        ("/regionalCertificateArn", "regional_certificate_arn"),
        ("/ownershipVerificationCertificateArn", "ownership_verification_certificate_arn"),
    ],
)
def test_texts_are_added_replaced_emptied_and_removed(path, attribute):
    record = domain_name("REGIONAL")

    for op in ("add", "replace"):
        assert getattr(patched(record, op, path, "new"), attribute) == "new"
    given = patched(record, "add", path, "new")
    assert getattr(patched(given, "replace", path, ""), attribute) is None
    assert getattr(patched(given, "remove", path), attribute) is None


@pytest.mark.parametrize(("removed", "kept"), [("EDGE", REGIONAL), ("REGIONAL", EDGE)])
@pytest.mark.parametrize("in_the_path", [True, False])
def test_an_endpoint_goes_with_its_certificate_and_its_target(removed, kept, in_the_path):
    record = domain_name("EDGE", "REGIONAL", **EDGE, **REGIONAL)
    path = "/endpointConfiguration/types"

    changed = (
        patched(record, "remove", f"{path}/{removed}") if in_the_path else patched(record, "remove", path, removed)
    )

    assert removed not in changed.endpoint_configuration.types
    assert dict.fromkeys(ENDPOINT_MEMBERS[removed]) == {
        member: getattr(changed, member) for member in ENDPOINT_MEMBERS[removed]
    }
    assert kept == {member: getattr(changed, member) for member in kept}


@pytest.mark.parametrize(
    ("op", "path", "value"),
    [
        ("remove", "/endpointConfiguration/types", "REGIONAL"),  # the last one
        ("remove", "/endpointConfiguration/types", "NOWHERE"),
        ("add", "/endpointConfiguration/types", "NOWHERE"),
        ("add", "/endpointConfiguration/types", "PRIVATE"),
        ("add", "/endpointConfiguration/types", None),
        ("replace", "/endpointConfiguration/types/REGIONAL", "EDGE"),
        ("replace", "/endpointConfiguration/ipAddressType", "ipv6"),
        ("replace", "/endpointAccessMode", "RELAXED"),
        ("replace", "/routingMode", "API_MAPPING_ONLY"),  # v2's word
        ("replace", "/routingMode", "ROUTING_RULE_ONLY"),
        ("replace", "/routingMode", "ROUTING_RULE_THEN_BASE_PATH_MAPPING"),
        ("replace", "/routingMode", None),
        ("replace", "/policy", "{}"),
        ("replace", "/domainName", "www.example.org"),
        ("test", "/securityPolicy", "TLS_1_2"),
    ],
)
def test_what_is_refused(op, path, value):
    with pytest.raises(PatchRefused):
        patched(domain_name("REGIONAL"), op, path, value)


@pytest.mark.parametrize(
    ("operations", "together"),
    [
        ([("add", "/regionalCertificateArn"), ("remove", "/certificateArn")], False),
        ([("add", "/regionalCertificateArn"), ("remove", "/ownershipVerificationCertificateArn")], True),
        ([("replace", "/regionalCertificateArn"), ("remove", "/regionalCertificateName")], True),
        ([("add", "/endpointConfiguration/types"), ("remove", "/endpointConfiguration/types")], False),
        ([("add", "/endpointConfiguration/types"), ("add", "/regionalCertificateArn")], True),
    ],
)
def test_certificates_and_endpoints_are_not_added_and_removed_at_once(operations, together):
    given = [PatchOperation(op, path) for op, path in operations]

    if together:
        check_together(given)
    else:
        with pytest.raises(PatchRefused):
            check_together(given)


URI, VERSION = "/mutualTlsAuthentication/truststoreUri", "/mutualTlsAuthentication/truststoreVersion"
HERE = MutualTlsAuthentication("s3://here/pem", "1", ("a warning",), ("www.example.com",), "CN=Root")


@pytest.mark.parametrize(
    ("before", "operations", "after"),
    [
        (None, [("add", URI, "s3://b/k")], ("s3://b/k", None)),
        (None, [("replace", URI, "s3://b/k"), ("replace", VERSION, "2")], ("s3://b/k", "2")),
        (None, [("add", VERSION, "2"), ("add", URI, "s3://b/k")], ("s3://b/k", "2")),
        (None, [("add", VERSION, "2")], ("", "2")),  # what is stored needs a URI, which somebody else asks for
        (None, [("replace", VERSION, "")], None),
        (None, [("replace", URI, "")], None),
        (HERE, [("replace", VERSION, "2")], ("s3://here/pem", "2")),
        (HERE, [("replace", VERSION, "")], ("s3://here/pem", None)),
        (HERE, [("remove", VERSION)], ("s3://here/pem", None)),
        (HERE, [("replace", URI, "s3://b/k")], ("s3://b/k", "1")),
        (HERE, [("replace", URI, "")], None),
        (HERE, [("remove", URI)], None),
        (HERE, [("replace", VERSION, ""), ("replace", URI, "")], None),
        (HERE, [("replace", URI, ""), ("replace", VERSION, "")], None),
    ],
)
def test_a_truststore_is_named_and_taken_away(before, operations, after):
    record = domain_name("REGIONAL", mutual_tls_authentication=before)

    for operation in operations:
        record = patched(record, *operation)

    found = record.mutual_tls_authentication
    assert after == (None if found is None else (found.truststore_uri, found.truststore_version))


@pytest.mark.parametrize(
    ("path", "expected"),
    [(URI, True), (VERSION, True), ("/ownershipVerificationCertificateArn", False), ("/securityPolicy", False)],
)
def test_a_request_that_speaks_of_the_truststore_is_known(path, expected):
    operations = parse_patch_operations(
        [{"op": "replace", "path": "/routingMode", "value": "x"}, {"op": "remove", "path": path}]
    )

    assert expected == names_truststore(operations)
