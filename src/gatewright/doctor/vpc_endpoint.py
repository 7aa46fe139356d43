"""An interface endpoint of a VPC for execute-api: what its policy says of a call, and which addresses are a VPC's.

What this module knows (facts 14): the endpoint's policy is asked first, by default it allows all, and a caller without a
valid signature is anonymous to it. Of a policy only what can be told without the caller's identity is judged: a statement
with conditions, or for named principals, may or may not be meant.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

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
    """What a policy says of an anonymous call."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"
    UNKNOWN = "unknown"  # it depends on conditions or on who calls


def rule_on_anonymous(policy: str, resource: str) -> Ruling:
    """What the endpoint's policy says of an anonymous execute-api:Invoke on that ARN."""
    try:
        document = json.loads(policy) if policy else {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}
    except ValueError:
        return Ruling.UNKNOWN
    allows, depends = False, False
    for statement in _listed(document.get("Statement", ())):
        if not _is_about(statement, resource):
            continue
        if statement.get("Condition") or not _means_everybody(statement.get("Principal")):
            depends = True
        elif statement.get("Effect") == "Deny":
            return Ruling.DENY
        else:
            allows = True
    if depends:
        return Ruling.UNKNOWN
    return Ruling.ALLOW if allows else Ruling.SILENT


def is_private_address(address: str) -> bool:
    """An address of a VPC, rather than of this machine or of the internet."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _PRIVATE if network.version == parsed.version)


def _is_about(statement: Mapping[str, Any], resource: str) -> bool:
    acts = _matches(statement, "Action", "execute-api:Invoke", re.IGNORECASE)
    return acts and _matches(statement, "Resource", _without_account(resource), re.NOFLAG)


def _matches(statement: Mapping[str, Any], member: str, value: str, flags: re.RegexFlag) -> bool:
    if f"Not{member}" in statement:
        return not any(_fits(each, value, flags) for each in _listed(statement[f"Not{member}"]))
    return any(_fits(each, value, flags) for each in _listed(statement.get(member, "*")))


def _fits(pattern: str, value: str, flags: re.RegexFlag) -> bool:
    pattern = _without_account(pattern)
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, flags) is not None


def _without_account(arn: str) -> str:
    """The refusal masks the account (facts 5.5), so it is not compared."""
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], "", parts[5])) if len(parts) == 6 else arn


def _means_everybody(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    return "*" in _listed(principal)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
