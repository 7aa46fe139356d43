"""What an endpoint type demands of a domain name, and what it gives it (facts 1.7).

An endpoint demands a certificate: of the right region, of the account that makes the domain name, covering the name.
It gives a target, to which the name's DNS record points, and the hosted zone of that target. `settle` asks and gives
for a new domain name and for a changed one alike, so that no way of changing one leads around the rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from gatewright.controlplane.acm.associations import parse_certificate_arn
from gatewright.controlplane.acm.description import read_certificate
from gatewright.controlplane.acm.holding import get_holding
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request
from gatewright.core.tls.security_policy import SECURITY_POLICIES
from gatewright.core.x509.coverage import evaluate_coverage
from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID, regional_hosted_zone_id
from gatewright.model.identifiers import make_distribution_label, make_regional_label
from gatewright.model.patch_tables.domain_name import ENDPOINT_MEMBERS, EndpointMembers
from gatewright.model.records import Certificate, DomainName

#: D: the certificate of an edge-optimized domain name lies where CloudFront looks for it.
EDGE_CERTIFICATE_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class EndpointKind:
    """One endpoint type: its members of the record, and where its certificate and its target come from."""

    members: EndpointMembers
    certificate_region: Callable[[Call], str]
    make_target: Callable[[Call], str]
    hosted_zone_id: Callable[[Call], str | None]


ENDPOINT_KINDS: Final[Mapping[str, EndpointKind]] = MappingProxyType(
    {
        "EDGE": EndpointKind(
            ENDPOINT_MEMBERS["EDGE"],
            certificate_region=lambda _call: EDGE_CERTIFICATE_REGION,
            # CloudFront's `….cloudfront.net` would lead clients away from this installation.
            make_target=lambda call: (
                f"{make_distribution_label(call.random_text)}.cloudfront.{call.installation.suffix}"
            ),
            hosted_zone_id=lambda _call: EDGE_HOSTED_ZONE_ID,
        ),
        "REGIONAL": EndpointKind(
            ENDPOINT_MEMBERS["REGIONAL"],
            certificate_region=lambda call: call.region,
            make_target=lambda call: (
                f"{make_regional_label(call.random_text)}.execute-api.{call.region}.{call.installation.suffix}"
            ),
            hosted_zone_id=lambda call: regional_hosted_zone_id(call.region),
        ),
    }
)


def settle(call: Call, record: DomainName, previous: DomainName | None) -> DomainName:
    """The record with its targets, as it can be stored; raises BadRequest where an endpoint lacks what it needs.

    A certificate is looked at when it is named, not when something else changes: one that was re-imported without the
    domain name stays in service, as it does on AWS.
    """
    _check_security_policy(record, previous)
    for endpoint_type, kind in ENDPOINT_KINDS.items():
        arn: str | None = getattr(record, kind.members.certificate_arn)
        if endpoint_type not in record.endpoint_configuration.types:
            if arn is not None:
                active = record.endpoint_configuration.types[0]
                # R
                raise bad_request(f"Cannot import certificates for {endpoint_type} while {active} is active.")
            continue
        if arn is None:
            raise bad_request(f"A certificate was not provided for the endpoint type {endpoint_type}.")  # R
        if previous is None or arn != getattr(previous, kind.members.certificate_arn):
            verify_domain_certificate(call, arn, kind.certificate_region(call), record.domain_name)
            record = replace(record, certificate_upload_date=float(int(call.now)))
        if getattr(record, kind.members.target) is None:
            target: dict[str, Any] = {
                kind.members.target: kind.make_target(call),
                kind.members.hosted_zone_id: kind.hosted_zone_id(call),
            }
            record = replace(record, **target)
    return record


def verify_domain_certificate(call: Call, arn: str, region: str, domain_name: str) -> Certificate:
    """The certificate itself, when it can serve the domain name; raises BadRequest when it cannot."""
    parts = parse_certificate_arn(arn)
    if parts is None:
        raise bad_request(f"Invalid certificate ARN: {arn}.")  # guess, after the next one
    if parts.region != region:
        raise bad_request(f"Invalid certificate ARN: {arn}. Certificate must be in '{region}'.")  # R
    if parts.account != call.account:
        raise bad_request("The certificate provided must be owned by the account creating the domain.")  # R
    holding = get_holding(call.transaction, parts.account, parts.region, parts.id)
    if holding is None:
        raise bad_request("The provided certificate does not exist.")  # R
    certificate, status = holding.certificate, holding.status(call.now)
    if status == "EXPIRED":
        raise bad_request("The provided certificate has expired.")  # guess
    if certificate is None or status != "ISSUED":
        raise bad_request(f"Certificate {arn} in account {parts.account} not yet issued")  # R
    coverage = evaluate_coverage(read_certificate(certificate.certificate_pem), domain_name)
    if coverage.covered_by is None:
        raise bad_request("The domain name to be created is not covered by the provided certificate.")  # R
    return certificate


def _check_security_policy(record: DomainName, previous: DomainName | None) -> None:
    """D (facts 1.7): which policies an endpoint type may have, and which need an access mode. Guess: the sentences."""
    policy = SECURITY_POLICIES.get(record.security_policy)
    types = record.endpoint_configuration.types
    if policy is None or not policy.endpoint_types.issuperset(types):
        raise bad_request(f"Invalid security policy {record.security_policy} for endpoint type {', '.join(types)}.")
    if policy.enhanced and record.endpoint_access_mode is None:
        raise bad_request(f"Endpoint access mode must be specified for security policy {policy.name}")
    if not policy.enhanced and record.endpoint_access_mode is not None:
        raise bad_request(f"Endpoint access mode cannot be specified for security policy {policy.name}")
    if previous is not None and previous.security_policy != record.security_policy and len(types) > 1:
        raise bad_request("Cannot change the security policy of a domain name with two endpoint types.")
