"""The tags of private CAs: TagCertificateAuthority, UntagCertificateAuthority, ListTags."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.acmpca.authorities import find_authority
from gatewright.controlplane.acmpca.pagination import paginate
from gatewright.controlplane.acmpca.refusals import reserved_tag_key, too_many_tags
from gatewright.controlplane.call import Call
from gatewright.controlplane.tag_lists import TagRules

TAG_RULES: Final = TagRules(reserved_tag_key, too_many_tags)


def tag_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The CA has these tags, with these values."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    call.transaction.put(replace(authority, tags=TAG_RULES.add(authority.tags, params["Tags"])))


def untag_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The tags are gone."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    call.transaction.put(replace(authority, tags=TAG_RULES.remove(authority.tags, params["Tags"])))


def list_tags(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the tags, by key."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    page, token = paginate(list(authority.tags), params, str)
    return {"Tags": [{"Key": key, "Value": authority.tags[key]} for key in page], "NextToken": token}
