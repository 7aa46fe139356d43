"""Hosted zones: created with their NS and SOA records, listed, deleted when nothing else is in them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.route53.changes import describe_change
from gatewright.controlplane.route53.paging import page_size
from gatewright.controlplane.route53.refusals import ALREADY_CREATED, ZONE_NOT_EMPTY, canonical_name, invalid_input
from gatewright.controlplane.route53.zones import bare_id, get_zone
from gatewright.core.dns.name import parse_name
from gatewright.model.compile_zone import NS_TTL, SOA_TTL, is_reserved, name_servers, soa_value
from gatewright.model.records import HostedZone, ResourceRecordSet, reverse_labels

_ID_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: D: MaxItems of ListHostedZones and of ListHostedZonesByName.
LARGEST_PAGE: Final = 100


def create_hosted_zone(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A zone of its own, also beside one with the same name; the same caller reference makes no second one."""
    name = canonical_name(params["Name"])
    config = params.get("HostedZoneConfig", {})
    if "VPC" in params or config.get("PrivateZone"):
        raise invalid_input("Private hosted zones are not served by Gatewright yet: they come with private APIs.")
    if "DelegationSetId" in params:
        raise ServiceError("NoSuchDelegationSet", f"No delegation set found with ID: {params['DelegationSetId']}")  # U
    if name == "." or is_reserved(parse_name(name), call.installation.suffix):
        raise ServiceError("InvalidDomainName", f"{name} is reserved by AWS!")  # R of amazonaws.com
    reference = params["CallerReference"]
    if any(zone.caller_reference == reference for zone in call.transaction.list_under(HostedZone, call.account, "")):
        raise ServiceError("HostedZoneAlreadyExists", ALREADY_CREATED)
    servers = name_servers(call.installation.suffix)
    zone = HostedZone(
        account=call.account,
        region="",
        id="Z" + call.random_text(_ID_DIGITS, 20),
        name=name,
        caller_reference=reference,
        created_date=call.now,
        name_servers=servers,
        comment=config.get("Comment") or None,
        record_set_count=2,
    )
    call.transaction.put(zone)
    for record_type, ttl, values in (
        ("NS", NS_TTL, tuple(f"{server}." for server in servers)),
        ("SOA", SOA_TTL, (soa_value(servers, call.installation.suffix),)),
    ):
        call.transaction.put(ResourceRecordSet(zone.account, "", zone.id, name, record_type, ttl, values))
    return {
        "HostedZone": render_zone(zone),
        "ChangeInfo": describe_change(call),
        "DelegationSet": {"NameServers": list(servers)},
        "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.id}",
    }


def get_hosted_zone(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The zone and its name servers."""
    zone = get_zone(call.transaction, call.account, params["Id"])
    return {"HostedZone": render_zone(zone), "DelegationSet": {"NameServers": list(zone.name_servers)}}


def list_hosted_zones(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's zones, by id. A private zone or one of a delegation set there is none."""
    size = page_size(params, LARGEST_PAGE)
    zones = call.transaction.list_under(HostedZone, call.account, "")
    if params.get("HostedZoneType") or params.get("DelegationSetId"):
        zones = []
    marker = bare_id(params.get("Marker", ""))
    # D: the marker names the first zone of the page.
    zones = [zone for zone in zones if zone.id >= marker]
    page, rest = zones[:size], zones[size:]
    return {
        "HostedZones": [render_zone(zone) for zone in page],
        "Marker": params.get("Marker"),
        "IsTruncated": bool(rest),
        "NextMarker": rest[0].id if rest else None,
        "MaxItems": str(size),
    }


def list_hosted_zones_by_name(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the account's zones by name, labels reversed (D), beginning at a name, or at a zone of that name."""
    if "HostedZoneId" in params and "DNSName" not in params:
        raise invalid_input("HostedZoneId can be given only together with DNSName.")  # D the rule, U the words
    size = page_size(params, LARGEST_PAGE)
    start: tuple[str, str] = ("", "")
    if params.get("DNSName"):
        start = (reverse_labels(canonical_name(params["DNSName"])), bare_id(params.get("HostedZoneId", "")))
    zones = sorted(call.transaction.list_under(HostedZone, call.account, ""), key=_place_by_name)
    zones = [zone for zone in zones if _place_by_name(zone) >= start]
    page, rest = zones[:size], zones[size:]
    return {
        "HostedZones": [render_zone(zone) for zone in page],
        "DNSName": params.get("DNSName"),
        "HostedZoneId": params.get("HostedZoneId"),
        "IsTruncated": bool(rest),
        "NextDNSName": rest[0].name if rest else None,
        "NextHostedZoneId": rest[0].id if rest else None,
        "MaxItems": str(size),
    }


def get_hosted_zone_count(call: Call, _params: Mapping[str, Any]) -> Mapping[str, Any]:
    """How many zones the account has."""
    return {"HostedZoneCount": len(call.transaction.list_under(HostedZone, call.account, ""))}


def update_hosted_zone_comment(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The comment is another; without one there is none."""
    zone = replace(get_zone(call.transaction, call.account, params["Id"]), comment=params.get("Comment") or None)
    call.transaction.put(zone)
    return {"HostedZone": render_zone(zone)}


def delete_hosted_zone(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The zone is gone with the NS and SOA records of its apex; others must have been deleted before."""
    zone = get_zone(call.transaction, call.account, params["Id"])
    if zone.record_set_count > 2:
        raise ServiceError("HostedZoneNotEmpty", ZONE_NOT_EMPTY)
    call.transaction.delete_under(ResourceRecordSet, zone.account, "", zone.id)
    call.transaction.delete(zone)
    return {"ChangeInfo": describe_change(call)}


def render_zone(zone: HostedZone) -> dict[str, Any]:
    """The wire's HostedZone."""
    return {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": {"Comment": zone.comment, "PrivateZone": False},
        "ResourceRecordSetCount": zone.record_set_count,
    }


def _place_by_name(zone: HostedZone) -> tuple[str, str]:
    return (reverse_labels(zone.name), zone.id)
