"""An interface endpoint of a VPC for execute-api: what its policy says of a call, and which addresses are a VPC's.

What this module knows (facts 14): the endpoint's policy is asked first, by default it allows all, and a caller without a
valid signature is anonymous to it. A statement with conditions may or may not be meant, which only the service knows.
"""

import ipaddress
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gatewright.doctor.resource_policy import find_statements

#: RFC 1918, RFC 6598 (which VPCs may use too) and RFC 4193.
_PRIVATE: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """One endpoint as DescribeVpcEndpoints tells of it."""

    id: str
    vpc_id: str
    private_dns: bool = False
    policy: str = ""  # JSON; empty: the default, which allows all
    dns_names: tuple[str, ...] = ()


class Ruling(StrEnum):
    """What a policy says of a call."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"
    UNKNOWN = "unknown"  # it depends on conditions, or the policy cannot be read


def rule_on(policy: str, user: str, resource: str) -> Ruling:
    """What the endpoint's policy says of that caller's execute-api:Invoke on that ARN."""
    if not policy:
        return Ruling.ALLOW
    try:
        json.loads(policy)
    except ValueError:
        return Ruling.UNKNOWN
    denies = find_statements(policy, "Deny", user, resource)
    allows = find_statements(policy, "Allow", user, resource)
    if any(not each.conditional for each in denies):
        return Ruling.DENY
    if denies or (allows and all(each.conditional for each in allows)):
        return Ruling.UNKNOWN
    return Ruling.ALLOW if allows else Ruling.SILENT


def is_private_address(address: str) -> bool:
    """An address of a VPC, rather than of this machine or of the internet."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _PRIVATE if network.version == parsed.version)
