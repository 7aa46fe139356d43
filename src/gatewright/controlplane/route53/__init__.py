"""Amazon Route 53: public hosted zones and their records, which the built-in DNS answers with."""

from collections.abc import Mapping

from gatewright.controlplane.call import Operation
from gatewright.controlplane.route53.change_batch import change_resource_record_sets
from gatewright.controlplane.route53.changes import get_change
from gatewright.controlplane.route53.dns_answer import test_dns_answer
from gatewright.controlplane.route53.hosted_zones import (
    create_hosted_zone,
    delete_hosted_zone,
    get_hosted_zone,
    get_hosted_zone_count,
    list_hosted_zones,
    list_hosted_zones_by_name,
    update_hosted_zone_comment,
)
from gatewright.controlplane.route53.record_sets import list_resource_record_sets
from gatewright.controlplane.route53.tags import (
    change_tags_for_resource,
    list_tags_for_resource,
    list_tags_for_resources,
)
from gatewright.controlplane.route53.unimplemented import UNIMPLEMENTED

OPERATIONS: Mapping[str, Operation] = {
    "ChangeResourceRecordSets": change_resource_record_sets,
    "ChangeTagsForResource": change_tags_for_resource,
    "CreateHostedZone": create_hosted_zone,
    "DeleteHostedZone": delete_hosted_zone,
    "GetChange": get_change,
    "GetHostedZone": get_hosted_zone,
    "GetHostedZoneCount": get_hosted_zone_count,
    "ListHostedZones": list_hosted_zones,
    "ListHostedZonesByName": list_hosted_zones_by_name,
    "ListResourceRecordSets": list_resource_record_sets,
    "ListTagsForResource": list_tags_for_resource,
    "ListTagsForResources": list_tags_for_resources,
    "TestDNSAnswer": test_dns_answer,
    "UpdateHostedZoneComment": update_hosted_zone_comment,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
