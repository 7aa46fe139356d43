"""A VPC's interface endpoint between client and gateway: its private DNS, and its policy (facts 14)."""

import json
import re
from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws
from gatewright.doctor.evidence import Evidence
from gatewright.doctor.names import is_execute_api, parse_vpc_endpoint
from gatewright.doctor.vpc_endpoint import Ruling, VpcEndpoint, is_private_address, rule_on_anonymous

#: Facts 5.5: the refusal of a caller that is anonymous to the policy; the ARN's account is masked.
_ANONYMOUS: Final = re.compile(
    r"User: anonymous is not authorized to perform: execute-api:Invoke on resource: (arn:\S+)( with an explicit deny)?"
)


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
    answer, host = evidence.http, evidence.question.host
    if answer is None or answer.status != 403 or not evidence.vpc_endpoints:
        return None
    refusal = _ANONYMOUS.search(answer.body)
    if refusal is None:
        return None
    resource, named = refusal[1], parse_vpc_endpoint(host)
    passed = [each for each in evidence.vpc_endpoints if (each.id == named if named else each.private_dns)]
    denying = [(each, ruling) for each in passed
               if (ruling := rule_on_anonymous(each.policy, resource)) in (Ruling.DENY, Ruling.SILENT)]  # fmt: skip
    if not denying:
        return None
    endpoint, ruling = denying[0]
    how = "denies it" if ruling is Ruling.DENY else "allows it to nobody that is anonymous"
    parts = resource.split(":", 5)
    api_id = parts[5].partition("/")[0]
    account = parts[4] if parts[4].isdigit() else "*"
    allowed = ":".join((*parts[:4], account, f"{api_id}/*"))
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": allowed}
    document = _with_statement(endpoint.policy, statement)
    return Found(
        f"The policy of the VPC endpoint {endpoint.id}, which is asked before the API's own, {how}.",
        (f"the answer was 403 {answer.body}", f"describe-vpc-endpoints: {endpoint.id} policy {endpoint.policy}"),
        "Allow the API in the endpoint's policy, which acts at once"
        + ("; the statement that denies has to go, too." if ruling is Ruling.DENY else "."),
        (aws("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", endpoint.id, "--policy-document", document),)
        if ruling is Ruling.SILENT else (),
    )  # fmt: skip


def _with_statement(policy: str, statement: object) -> str:
    document = json.loads(policy)
    held = document.get("Statement", [])
    held = held if isinstance(held, list) else [held]
    return json.dumps({**document, "Statement": [*held, statement]})


VPC_ENDPOINT_CHECKS: Final = (
    Check("PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN", Link.DNS, "A VPC endpoint's private DNS takes the name", "facts 14",
          _private_dns),
    Check("VPC_ENDPOINT_POLICY_DENY", Link.AUTHORIZATION, "The VPC endpoint's policy does not allow the call", "facts 14",
          _policy_deny),
)  # fmt: skip
