"""Record sets on the wire, and their listing."""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.route53.paging import page_size
from gatewright.controlplane.route53.refusals import canonical_name, invalid_input
from gatewright.controlplane.route53.zones import get_zone
from gatewright.model.records import ResourceRecordSet, reverse_labels

#: D: MaxItems of ListResourceRecordSets.
LARGEST_PAGE: Final = 300


def list_resource_record_sets(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of the zone's record sets: by name with its labels reversed, then by type (D)."""
    zone = get_zone(call.transaction, call.account, params["HostedZoneId"])
    size = page_size(params, LARGEST_PAGE)
    if "StartRecordType" in params and "StartRecordName" not in params:
        raise invalid_input(
            "StartRecordType can be given only together with StartRecordName."
        )  # D the rule, U the words
    after: tuple[str, ...] | None = None
    if params.get("StartRecordName"):
        start = reverse_labels(canonical_name(params["StartRecordName"]))
        # The page begins with that name and type itself: behind the greatest key that is less.
        after = _just_before(zone.id, start, params.get("StartRecordType", ""))
    found = call.transaction.list_under(ResourceRecordSet, zone.account, "", zone.id, after=after, limit=size + 1)
    page, rest = found[:size], found[size:]
    return {
        "ResourceRecordSets": [render_record_set(record) for record in page],
        "IsTruncated": bool(rest),
        "NextRecordName": rest[0].name if rest else None,
        "NextRecordType": rest[0].type if rest else None,
        "MaxItems": str(size),
    }


def _just_before(zone_id: str, name: str, record_type: str) -> tuple[str, ...]:
    """A key behind which come exactly those that are not before this name and type.

    Types are upper-case letters, so a type is preceded by itself with its last letter replaced by the one before, and
    something that follows every letter; no type at all by the empty one, which no record has.
    """
    if not record_type:
        return (zone_id, name, "")
    return (zone_id, name, record_type[:-1] + chr(ord(record_type[-1]) - 1) + "~")


def render_record_set(record: ResourceRecordSet) -> dict[str, Any]:
    """The wire's ResourceRecordSet."""
    rendered: dict[str, Any] = {"Name": record.name, "Type": record.type}
    if record.alias_target is not None:
        rendered["AliasTarget"] = {
            "HostedZoneId": record.alias_target.hosted_zone_id,
            "DNSName": record.alias_target.dns_name,
            "EvaluateTargetHealth": record.alias_target.evaluate_target_health,
        }
        return rendered
    return {**rendered, "TTL": record.ttl, "ResourceRecords": [{"Value": value} for value in record.values]}
