"""TestDNSAnswer: what the DNS would answer from one hosted zone, whether or not it is the one that is asked."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.controlplane.route53.refusals import canonical_name, invalid_input
from gatewright.controlplane.route53.zones import get_zone
from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.name import Name, is_within, parse_name
from gatewright.core.dns.zone import Zone, Zones
from gatewright.model.compile_zone import (
    compile_service_zone,
    compile_zone,
    put_addresses,
    suffix_of_target,
    targets,
)
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
    """The zone, and our own names' zones, which its aliases point into."""
    records = call.transaction.list_under(ResourceRecordSet, hosted_zone.account, "", hosted_zone.id)
    installation = call.installation
    service: dict[Name, Zone] = {}
    for record in (None, *call.transaction.all(DomainName)):
        for target in ("",) if record is None else targets(record):
            suffix = suffix_of_target(target) if target else installation.suffix
            regions = [installation.default_region] if record is None else [record.region]
            apex = parse_name(suffix)
            zone = service.get(apex)
            if zone is None:
                zone = service[apex] = compile_service_zone(suffix, regions, installation.addresses)
            if target:
                put_addresses(zone, parse_name(target), installation.addresses)
    return Zones([*service.values(), compile_zone(hosted_zone, records)])
