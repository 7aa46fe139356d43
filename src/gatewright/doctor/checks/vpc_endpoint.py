"""A VPC's interface endpoint between client and gateway: its private DNS, and its policy (facts 14)."""

import json
from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws
from gatewright.doctor.denial import Denial, parse_denial
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.names import is_execute_api, parse_vpc_endpoint
from gatewright.doctor.resource_policy import ACTION, ANONYMOUS, policy_principal
from gatewright.doctor.vpc_endpoint import Ruling, VpcEndpoint, is_private_address, rule_on


def _private_dns(evidence: Evidence) -> Found | None:
    name, domain, api, answer = evidence.name, evidence.domain, evidence.api, evidence.http
    if name is None or not name.addresses or not all(map(is_private_address, name.addresses)):
        return None
    taken = next((each for each in (evidence.question.host, *name.canonical_names) if is_execute_api(each)), None)
    if taken is None or parse_vpc_endpoint(taken) or (answer is not None and answer.status not in (0, 403)):
        return None
    if "PRIVATE" in ((domain.endpoint_types if domain else api.endpoint_types if api else None) or ()):
        return None  # private DNS is how it is meant to be reached
    catching = [each for each in evidence.vpc_endpoints or () if each.private_dns]
    if not catching:
        return None
    return Found(
        f"{taken} leads to {name.addresses[0]}, inside the VPC: the private DNS of {_named(catching)} takes all "
        "execute-api names there, and the endpoint answers for private APIs only.",
        (f"{name.resolver} answers {' → '.join((evidence.question.host, *name.canonical_names, *name.addresses))}",
         *(f"describe-vpc-endpoints: {each.id} in {each.vpc_id}, private DNS enabled" for each in catching)),
        "Turn the endpoint's private DNS off, and call private APIs by API_ID-VPCE_ID names; or let a Regional domain "
        "name's record be an alias instead of a CNAME, which is resolved outside of the VPC.",
        tuple(aws("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", each.id, "--no-private-dns-enabled")
              for each in catching),
    )  # fmt: skip


def _named(endpoints: list[VpcEndpoint]) -> str:
    return ", ".join(each.id for each in endpoints)


def _policy_deny(evidence: Evidence) -> Found | None:
    answer, named = evidence.http, parse_vpc_endpoint(evidence.question.host)
    denial = parse_denial(answer.body) if answer is not None and answer.status == 403 else None
    if denial is None or answer is None:
        return None
    # A name that says no endpoint came by private DNS, through any of those that have it.
    passed = [each for each in evidence.vpc_endpoints or () if (each.id == named if named else each.private_dns)]
    rulings = [(each, rule_on(each.policy, denial.user, denial.resource)) for each in passed]
    endpoint, ruling = next((pair for pair in rulings if pair[1] in (Ruling.DENY, Ruling.SILENT)), (None, None))
    if endpoint is None:
        return None
    how = "denies the call" if ruling is Ruling.DENY else f"has nothing that allows the call to {denial.user}"
    command = aws("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", endpoint.id, "--policy-document",
                  _with_api(endpoint.policy, denial))  # fmt: skip
    return Found(
        f"The policy of the VPC endpoint {endpoint.id}, which is asked before the API's own, {how}.",
        (f"the answer was 403 {answer.body}", f"describe-vpc-endpoints: {endpoint.id} policy {endpoint.policy}"),
        "Allow the API in the endpoint's policy, which acts at once"
        + ("; the statement that denies has to go, too." if ruling is Ruling.DENY else "."),
        (command,) if ruling is Ruling.SILENT else (),
    )


def _with_api(policy: str, denial: Denial) -> str:
    """The policy with a statement more, which allows the caller the whole API."""
    document = json.loads(policy)
    held = document.get("Statement", [])
    parts = denial.resource.split(":", 5)
    account = parts[4] if parts[4].isdigit() else "*"  # it may be masked
    api = ":".join((*parts[:4], account, f"{parts[5].partition('/')[0]}/*"))
    principal = "*" if denial.user == ANONYMOUS else {"AWS": policy_principal(denial.user)}
    statement = {"Effect": "Allow", "Principal": principal, "Action": ACTION, "Resource": api}
    return json.dumps({**document, "Statement": [*(held if isinstance(held, list) else [held]), statement]})


VPC_ENDPOINT_CHECKS: Final = (
    Check("PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN", Link.DNS, "A VPC endpoint's private DNS takes the name", "facts 14",
          _private_dns),
    Check("VPC_ENDPOINT_POLICY_DENY", Link.AUTHORIZATION, "The VPC endpoint's policy does not allow the call", "facts 14",
          _policy_deny),
)  # fmt: skip
