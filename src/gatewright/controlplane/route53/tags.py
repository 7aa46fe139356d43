"""Tags of hosted zones. Health checks, which could have tags too, there are none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.route53.refusals import invalid_input
from gatewright.controlplane.route53.zones import bare_id, get_zone
from gatewright.model.records import HostedZone

#: D: tags a resource.
MAX_TAGS: Final = 50


def change_tags_for_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tags are added, or have other values; tags are removed."""
    zone = _tagged(call, params["ResourceType"], params["ResourceId"])
    removed = set(params.get("RemoveTagKeys", ()))
    added = {tag["Key"]: tag.get("Value", "") for tag in params.get("AddTags", ()) if "Key" in tag}
    tags = {**{key: value for key, value in zone.tags.items() if key not in removed}, **added}
    if len(tags) > MAX_TAGS:
        raise invalid_input(f"The maximum number of tags for a resource is {MAX_TAGS}.")  # U
    call.transaction.put(replace(zone, tags=tags))
    return {}


def list_tags_for_resource(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tags of one zone."""
    return {"ResourceTagSet": _render(_tagged(call, params["ResourceType"], params["ResourceId"]))}


def list_tags_for_resources(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tags of several zones."""
    zones = [_tagged(call, params["ResourceType"], resource_id) for resource_id in params["ResourceIds"]]
    return {"ResourceTagSets": [_render(zone) for zone in zones]}


def _tagged(call: Call, resource_type: str, resource_id: str) -> HostedZone:
    if resource_type != "hostedzone":
        raise ServiceError("NoSuchHealthCheck", f"No health check exists with the specified ID: {resource_id}")  # U
    return get_zone(call.transaction, call.account, resource_id)


def _render(zone: HostedZone) -> dict[str, Any]:
    return {
        "ResourceType": "hostedzone",
        "ResourceId": bare_id(zone.id),
        "Tags": [{"Key": key, "Value": value} for key, value in zone.tags.items()],
    }
