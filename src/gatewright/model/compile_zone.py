"""Zones out of records: users' hosted zones, and our own names' zone, which is what AWS's own DNS answers for.

What this module knows: which names an installation gives out. Regional targets and default endpoints lie together under
`execute-api.{region}.{suffix}`, where any name answers; distributions under `cloudfront.{suffix}`, where only those
answer that there are; name servers under `dns.{suffix}`. All of them have the addresses of the HTTPS listener.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Final

from gatewright.core.dns.name import WILDCARD, Name, is_within, parse_name
from gatewright.core.dns.zone import RecordSet, Zone
from gatewright.model.hosted_zones import REGIONAL_HOSTED_ZONE_IDS
from gatewright.model.records import DomainName, HostedZone, ResourceRecordSet

#: Four, as a hosted zone has on the real service (D).
NAME_SERVER_LABELS: Final = ("ns-1", "ns-2", "ns-3", "ns-4")

#: D: 172800 for a hosted zone's NS record set, 900 for its SOA, whose numbers are these.
NS_TTL: Final = 172_800
SOA_TTL: Final = 900
_SOA_TAIL: Final = "1 7200 900 1209600 86400"

#: Alias records and the targets of domain names (seen of execute-api and of cloudfront.net).
ADDRESS_TTL: Final = 60


def name_servers(suffix: str) -> tuple[str, ...]:
    """The names of our name servers, without trailing dots, as a delegation set has them."""
    return tuple(f"{label}.dns.{suffix}" for label in NAME_SERVER_LABELS)


def soa_value(servers: Sequence[str], suffix: str) -> str:
    """The value of a zone's first SOA record, made like the service's: first server, mailbox, five numbers."""
    return f"{servers[0]}. hostmaster.{suffix}. {_SOA_TAIL}"


def compile_record_set(record: ResourceRecordSet) -> RecordSet:
    """The record set that answers are made of."""
    alias = None if record.alias_target is None else parse_name(record.alias_target.dns_name)
    return RecordSet(parse_name(record.name), record.type, record.ttl or 0, record.values, alias)


def compile_zone(hosted_zone: HostedZone, records: Iterable[ResourceRecordSet]) -> Zone:
    """A hosted zone as it is answered for."""
    return Zone(parse_name(hosted_zone.name), map(compile_record_set, records))


def compile_service_zone(suffix: str, regions: Iterable[str], addresses: Sequence[str]) -> Zone:
    """The zone of an installation's own names, but for its distributions."""
    apex = parse_name(suffix)
    servers = name_servers(suffix)
    zone = Zone(apex)
    zone.put(RecordSet(apex, "SOA", SOA_TTL, (soa_value(servers, suffix),)))
    zone.put(RecordSet(apex, "NS", NS_TTL, tuple(f"{server}." for server in servers)))
    for server in servers:
        put_addresses(zone, parse_name(server), addresses)
    for region in {*REGIONAL_HOSTED_ZONE_IDS, *regions}:
        put_addresses(zone, (WILDCARD, b"execute-api", region.encode(), *apex), addresses)
    return zone


def put_addresses(zone: Zone, name: Name, addresses: Sequence[str]) -> None:
    """The name has A and AAAA records of these addresses."""
    for record_type, version in (("A", 4), ("AAAA", 6)):
        values = tuple(address for address in addresses if ip_address(address).version == version)
        if values:
            zone.put(RecordSet(name, record_type, ADDRESS_TTL, values))


def remove_addresses(zone: Zone, name: Name) -> None:
    """The name has none."""
    for record_type in ("A", "AAAA"):
        zone.remove(name, record_type)


def is_reserved(name: Name, suffix: str) -> bool:
    """True for names that no hosted zone may have, since our own names lie there."""
    apex = parse_name(suffix)
    if not is_within(name, apex):
        return False
    if name == apex:
        return True
    label = name[-len(apex) - 1]
    return label in (b"cloudfront", b"dns") or label.decode("latin-1") in REGIONAL_HOSTED_ZONE_IDS


def targets(record: DomainName) -> tuple[str, ...]:
    """The names that a custom domain name's record may point at."""
    return tuple(each for each in (record.regional_domain_name, record.distribution_domain_name) if each is not None)


def suffix_of_target(target: str) -> str:
    """What follows `{label}.execute-api.{region}.` or `{label}.cloudfront.`: the suffix when the target was made."""
    labels = target.split(".")
    return ".".join(labels[3:] if labels[1] == "execute-api" else labels[2:])
