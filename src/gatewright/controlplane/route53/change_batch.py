"""ChangeResourceRecordSets: a batch of changes, made in order, all or none.

What this module knows: the service's rules for record sets and its sentences for those that break them (R where users have
reported them, else U). Every change is judged against the zone as the changes before it leave it, and all that is wrong
is told at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.route53.aliases import find_alias_problems
from gatewright.controlplane.route53.changes import describe_change
from gatewright.controlplane.route53.outbox import note_change
from gatewright.controlplane.route53.refusals import invalid_change_batch, invalid_input, read_name
from gatewright.controlplane.route53.values import find_problem
from gatewright.controlplane.route53.zones import bare_id, get_zone
from gatewright.core.dns.name import NameRefused, is_within, parse_name, spell_name
from gatewright.model.records import AliasTarget, HostedZone, ResourceRecordSet

#: D: the limits of one request; the service counts an UPSERT twice, here each change counts once.
MAX_VALUES: Final = 1000
MAX_CHARACTERS: Final = 32_000

#: Members of routing policies other than simple, and of health checks.
_ROUTING_MEMBERS: Final = (
    "SetIdentifier", "Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer", "HealthCheckId",
    "TrafficPolicyInstanceId", "CidrRoutingConfig", "GeoProximityLocation",
)  # fmt: skip


def change_resource_record_sets(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes are in force, or, when one of them is refused, none."""
    zone = get_zone(call.transaction, call.account, params["HostedZoneId"])
    changes = params["ChangeBatch"]["Changes"]
    _check_size(changes)
    problems: list[str] = []
    count = zone.record_set_count
    for change in changes:
        wanted = change["ResourceRecordSet"]
        _check_form(change["Action"], wanted)
        try:
            record = _read_record_set(zone, wanted)
        except NameRefused as refused:
            problems.append(str(refused))
            continue
        found = _find_problems(call, zone, change["Action"], record)
        problems += found
        if not found:
            count += _apply(call, change["Action"], record)
    if problems:
        raise invalid_change_batch(problems)
    zone = replace(zone, record_set_count=count)
    _check_apex(call, zone)
    call.transaction.put(zone)
    return {"ChangeInfo": describe_change(call, params["ChangeBatch"].get("Comment"))}


def _check_size(changes: Sequence[Mapping[str, Any]]) -> None:
    values = [
        record["Value"] for change in changes for record in change["ResourceRecordSet"].get("ResourceRecords", ())
    ]
    if len(values) > MAX_VALUES:
        raise invalid_change_batch([f"Number of records limit of {MAX_VALUES} exceeded."])  # R
    if sum(map(len, values)) > MAX_CHARACTERS:
        raise invalid_change_batch([f"Number of characters limit of {MAX_CHARACTERS} exceeded."])  # U


def _check_form(action: str, wanted: Mapping[str, Any]) -> None:
    """What makes the request itself invalid: neither values nor an alias, both, or another routing policy."""
    others = [member for member in _ROUTING_MEMBERS if wanted.get(member) is not None]
    if others:
        raise invalid_input(
            f"{', '.join(others)}: routing policies other than simple, and health checks, are not served by Gatewright."
        )
    plain = [wanted.get("TTL") is not None, bool(wanted.get("ResourceRecords"))]
    alias = "AliasTarget" in wanted
    if not any(plain) if alias else all(plain):
        return
    # R
    how_many = "more than one" if alias else "none"
    raise invalid_input(
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        f"TrafficPolicyInstanceId], but found {how_many} in Change with [Action={action}, Name={wanted['Name']}, "
        f"Type={wanted['Type']}, SetIdentifier=null]"
    )


def _read_record_set(zone: HostedZone, wanted: Mapping[str, Any]) -> ResourceRecordSet:
    alias = wanted.get("AliasTarget")
    return ResourceRecordSet(
        account=zone.account,
        region="",
        hosted_zone_id=zone.id,
        name=spell_name(read_name(wanted["Name"])),
        type=wanted["Type"],
        ttl=wanted.get("TTL"),
        values=tuple(record["Value"] for record in wanted.get("ResourceRecords", ())),
        alias_target=None
        if alias is None
        else AliasTarget(
            bare_id(alias["HostedZoneId"]),
            spell_name(read_name(alias["DNSName"])),
            bool(alias["EvaluateTargetHealth"]),
        ),
    )


def _find_problems(call: Call, zone: HostedZone, action: str, record: ResourceRecordSet) -> list[str]:
    name, apex = parse_name(record.name), parse_name(zone.name)
    if not is_within(name, apex):
        return [f"RRSet with DNS name {record.name} is not permitted in zone {zone.name}"]  # R
    there = call.transaction.get(ResourceRecordSet, zone.account, "", *record.key)
    which = f"resource record set [name='{record.name}', type='{record.type}']"
    if action == "DELETE":
        if there is None:
            return [f"Tried to delete {which} but it was not found"]  # R
        if not _is_same(there, record):
            return [f"Tried to delete {which} but the values provided do not match the current values"]  # R
        return []
    problems = []
    if action == "CREATE" and there is not None:
        problems.append(f"Tried to create {which} but it already exists")  # R
    problems += _find_conflicts(call, zone, record)
    if record.alias_target is not None:
        return problems + find_alias_problems(call, zone, record)
    if len({value.lower() if record.type in ("A", "AAAA") else value for value in record.values}) < len(record.values):
        problems.append(f"Duplicate Resource Record: '{record.values[0]}'")  # R
    invalid = [found for value in record.values if (found := find_problem(record.type, value)) is not None]
    problems += [f"Invalid Resource Record: '{found}'" for found in invalid]  # R
    if record.type in ("SOA", "CNAME") and len(record.values) > 1:
        problems.append(f"RRSet of type {record.type} with DNS name {record.name} may contain only one record")  # U
    return problems


def _find_conflicts(call: Call, zone: HostedZone, record: ResourceRecordSet) -> list[str]:
    """Which records may be beside each other, and where."""
    of_type = f"RRSet of type {record.type} with DNS name {record.name}"
    at_apex = record.name == zone.name
    problems = []
    if record.type == "SOA" and not at_apex:
        problems.append(f"{of_type} is not permitted: SOA records are permitted at the apex only")  # U
    if record.type == "CNAME" and at_apex:
        problems.append(f"{of_type} is not permitted at apex in zone {zone.name}")  # R
    if record.type == "DS" and at_apex:
        problems.append(f"{of_type} is not permitted at apex in zone {zone.name}")  # U
    if record.type == "NS" and (record.alias_target is not None or parse_name(record.name)[:1] == (b"*",)):
        problems.append(f"{of_type} is not permitted: NS records can be neither wildcards nor aliases")  # D, U
    if record.type != "CNAME" or not at_apex:
        beside = call.transaction.list_under(ResourceRecordSet, zone.account, "", *record.key[:2])
        others = {other.type for other in beside if other.type != record.type}
        if record.type == "CNAME" and others:
            problems.append(  # R
                f"{of_type} is not permitted as it conflicts with other records with the same DNS name in zone {zone.name}"
            )
        elif "CNAME" in others:
            problems.append(  # R
                f"{of_type} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already "
                f"exists in zone {zone.name}"
            )
    return problems


def _is_same(there: ResourceRecordSet, given: ResourceRecordSet) -> bool:
    """D: to delete a record set one gives all of it. Values are compared in any order."""
    return replace(there, values=()) == replace(given, values=()) and sorted(there.values) == sorted(given.values)


def _apply(call: Call, action: str, record: ResourceRecordSet) -> int:
    """The change is made; how many record sets the zone has more."""
    there = call.transaction.get(ResourceRecordSet, record.account, "", *record.key)
    if action == "DELETE":
        call.transaction.delete(record)
    else:
        call.transaction.put(record)
    note_change(call.transaction, call.installation, record.account, record.name, record.type)
    return (action != "DELETE") - (there is not None)


def _check_apex(call: Call, zone: HostedZone) -> None:
    """R: what every zone has, whatever was changed."""
    probe = ResourceRecordSet(zone.account, "", zone.id, zone.name, "SOA")
    apex = call.transaction.list_under(ResourceRecordSet, zone.account, "", *probe.key[:2])
    types = {record.type for record in apex}
    problems = []
    if "SOA" not in types:
        problems.append("A HostedZone must contain exactly one SOA record.")
    if "NS" not in types:
        problems.append("A HostedZone must contain at least one NS record for the zone itself.")
    if problems:
        raise invalid_change_batch(problems)
