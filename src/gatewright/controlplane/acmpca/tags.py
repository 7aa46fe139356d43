"""The tags of private CAs: TagCertificateAuthority, UntagCertificateAuthority, ListTags."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acmpca.authorities import find_authority
from gatewright.controlplane.acmpca.pagination import paginate
from gatewright.controlplane.acmpca.refusals import reserved_tag_key, too_many_tags
from gatewright.controlplane.call import Call

# M: "You can associate up to 50 tags with a private CA".
MAXIMUM_TAGS = 50
RESERVED_PREFIX = "aws:"


def tag_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The CA has these tags, with these values."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    call.transaction.put(replace(authority, tags=parse_tags(params["Tags"], authority.tags)))


def untag_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The tags are gone. D: one that is named with a value goes only if it has that value; unknown ones are no error."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    tags = dict(authority.tags)
    for tag in params["Tags"]:
        key = tag["Key"]
        _check_key(key)
        if key in tags and tag.get("Value", tags[key]) == tags[key]:
            del tags[key]
    call.transaction.put(replace(authority, tags=tags))


def list_tags(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the tags, by key."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    page, token = paginate(list(authority.tags), params, str)
    return {"Tags": [{"Key": key, "Value": authority.tags[key]} for key in page], "NextToken": token}


def parse_tags(tags: Sequence[Mapping[str, str]], present: Mapping[str, str]) -> dict[str, str]:
    """The tags `present` with those of a request added; a tag without a value has the empty one."""
    result = dict(present)
    for tag in tags:
        _check_key(tag["Key"])
        result[tag["Key"]] = tag.get("Value") or ""
    if len(result) > MAXIMUM_TAGS:
        raise too_many_tags(MAXIMUM_TAGS)
    return result


def _check_key(key: str) -> None:
    if key.lower().startswith(RESERVED_PREFIX):
        raise reserved_tag_key(key)
