"""The tags of certificates: AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatewright.controlplane.acm.holding import find_holding
from gatewright.controlplane.acm.refusals import reserved_tag_key, too_many_tags
from gatewright.controlplane.call import Call

# D: 50 tags a resource; the lengths of keys and values are constraints of the model.
MAXIMUM_TAGS = 50
RESERVED_PREFIX = "aws:"


def add_tags_to_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate has these tags, with these values."""
    holding = find_holding(call, params["CertificateArn"])
    call.transaction.put(holding.with_tags(parse_tags(params["Tags"], holding.tags)))


def remove_tags_from_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The tags are gone. D: one that is named with a value goes only if it has that value; unknown ones are no error."""
    holding = find_holding(call, params["CertificateArn"])
    tags = dict(holding.tags)
    for tag in params["Tags"]:
        key = tag["Key"]
        _check_key(key)
        if key in tags and tag.get("Value", tags[key]) == tags[key]:
            del tags[key]
    call.transaction.put(holding.with_tags(tags))


def list_tags_for_certificate(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All tags, in the order in which their keys were added."""
    tags = find_holding(call, params["CertificateArn"]).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def parse_tags(tags: Sequence[Mapping[str, str]], present: Mapping[str, str]) -> dict[str, str]:
    """The tags `present` with those of a request added; a tag without a value has the empty one (D: it is optional)."""
    result = dict(present)
    for tag in tags:
        _check_key(tag["Key"])
        result[tag["Key"]] = tag.get("Value") or ""
    if len(result) > MAXIMUM_TAGS:
        raise too_many_tags(result)
    return result


def _check_key(key: str) -> None:
    if key.lower().startswith(RESERVED_PREFIX):
        raise reserved_tag_key(key)
