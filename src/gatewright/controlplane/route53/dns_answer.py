"""TestDNSAnswer: what the DNS would answer from one hosted zone, whether or not it is the one that is asked."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.route53.refusals import canonical_name, invalid_input
from gatewright.controlplane.route53.zones import get_zone
from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.name import is_within, parse_name
from gatewright.core.dns.zone import Zones
from gatewright.model.compile_zone import (
    compile_service_zone,
    compile_zone,
    put_addresses,
    suffix_of_target,
    targets,
)
from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID
from gatewright.model.records import DomainName, HostedZone, ResourceRecordSet


def test_dns_answer(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The records of that name and type, and the response's code."""
    hosted_zone = get_zone(call.transaction, call.account, params["HostedZoneId"])
    name = canonical_name(params["RecordName"])
    if not is_within(parse_name(name), parse_name(hosted_zone.name)):
        raise invalid_input(f"{name} does not lie within the hosted zone {hosted_zone.name}")  # U
    answer = answer_question(_zones(call, hosted_zone), parse_name(name), params["RecordType"])
    # A chain of CNAMEs is the resolver's to follow: what is shown is of the name itself.
    shown = [record_set for record_set in answer.answer[:1] if record_set.type in (params["RecordType"], "CNAME")]
    return {
        "Nameserver": hosted_zone.name_servers[0],
        "RecordName": name,
        "RecordType": params["RecordType"],
        "RecordData": [value for record_set in shown for value in record_set.values],
        "ResponseCode": answer.rcode.name,
        "Protocol": "UDP",
    }


def _zones(call: Call, hosted_zone: HostedZone) -> Zones:
    """The zone, and of our own names' zones those that its aliases point into."""
    records = call.transaction.list_under(ResourceRecordSet, hosted_zone.account, "", hosted_zone.id)
    aliases = [record.alias_target for record in records if record.alias_target is not None]
    pointed_at = {alias.dns_name.removesuffix(".") for alias in aliases if alias.hosted_zone_id != hosted_zone.id}
    addresses = call.installation.addresses
    service = {
        suffix: compile_service_zone(suffix, [call.region], addresses) for suffix in map(suffix_of_target, pointed_at)
    }
    if any(alias.hosted_zone_id == EDGE_HOSTED_ZONE_ID for alias in aliases):
        for domain_name in call.transaction.all(DomainName):
            for target in pointed_at.intersection(targets(domain_name)):
                put_addresses(service[suffix_of_target(target)], parse_name(target), addresses)
    return Zones([*service.values(), compile_zone(hosted_zone, records)])
