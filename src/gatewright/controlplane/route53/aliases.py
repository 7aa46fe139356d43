"""Where alias records may point: to records of their own hosted zone, and to targets of API Gateway and CloudFront.

A client copies the target's hosted zone id from `regionalHostedZoneId` or `distributionHostedZoneId` of the domain name.
"""

from typing import Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.route53.refusals import read_name
from gatewright.core.dns.name import NameRefused, is_within, parse_name
from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID, REGIONAL_HOSTED_ZONE_IDS
from gatewright.model.records import DomainName, HostedZone, ResourceRecordSet

_REGION_OF_ZONE: Final = {zone_id: region for region, zone_id in REGIONAL_HOSTED_ZONE_IDS.items()}


def find_alias_problems(call: Call, zone: HostedZone, record: ResourceRecordSet) -> list[str]:
    """All that is wrong with an alias record; R the sentences."""
    alias = record.alias_target
    assert alias is not None, "only alias records are asked about"
    try:
        target = read_name(alias.dns_name)
    except NameRefused as refused:
        return [str(refused)]
    tried = f"Tried to create an alias that targets {alias.dns_name}, type {record.type} in zone {alias.hosted_zone_id}, but "
    outside = f"{tried}the alias target name does not lie within the target zone"
    not_found = f"{tried}that target was not found"
    if alias.hosted_zone_id == zone.id:
        if not is_within(target, parse_name(zone.name)):
            return [outside, not_found]
        probe = ResourceRecordSet(zone.account, "", zone.id, alias.dns_name, record.type)
        there = call.transaction.get(ResourceRecordSet, zone.account, "", *probe.key)
        return [] if there is not None and probe.key != record.key else [not_found]
    if record.type not in ("A", "AAAA"):
        return [not_found]
    if not _is_target_in(call, alias.hosted_zone_id, alias.dns_name.removesuffix(".")):
        return [outside, not_found]
    return []


def _is_target_in(call: Call, zone_id: str, name: str) -> bool:
    """True when one of our domain names, of whatever account, has this target, or the name would be one."""
    labels = name.split(".")
    suffix = call.installation.suffix
    if zone_id == EDGE_HOSTED_ZONE_ID:
        return any(name == record.distribution_domain_name for record in call.transaction.all(DomainName))
    region = _REGION_OF_ZONE.get(zone_id)
    if region is None:
        return False
    if name == f"{labels[0]}.execute-api.{region}.{suffix}":
        return True
    # Under the suffix of an earlier start.
    return any(name == record.regional_domain_name for record in call.transaction.all(DomainName))
