"""The tags of certificates: AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate."""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.acm.holding import find_holding
from gatewright.controlplane.acm.refusals import reserved_tag_key, too_many_tags
from gatewright.controlplane.call import Call
from gatewright.controlplane.tag_lists import TagRules

TAG_RULES: Final = TagRules(reserved_tag_key, too_many_tags)


def add_tags_to_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate has these tags, with these values."""
    holding = find_holding(call, params["CertificateArn"])
    call.transaction.put(holding.with_tags(TAG_RULES.add(holding.tags, params["Tags"])))


def remove_tags_from_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The tags are gone."""
    holding = find_holding(call, params["CertificateArn"])
    call.transaction.put(holding.with_tags(TAG_RULES.remove(holding.tags, params["Tags"])))


def list_tags_for_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All tags, in the order in which their keys were added."""
    tags = find_holding(call, params["CertificateArn"]).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
