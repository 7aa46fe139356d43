"""Permissions of a private CA: that ACM may issue with it and renew what it requested."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.authorities import find_authority, instant
from gatewright.controlplane.acmpca.pagination import paginate
from gatewright.controlplane.acmpca.refusals import permission_exists, permission_not_found, validation_error
from gatewright.controlplane.call import Call
from gatewright.model.records import PrivateCertificateAuthority, PrivateCertificateAuthorityPermission

ACM = "acm.amazonaws.com"


def create_permission(call: Call, params: Mapping[str, Any]) -> None:
    """ACM may do these things with the CA."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    if params["Principal"] != ACM:
        raise validation_error(refusals.ONLY_ACM)
    if _find(call, authority, params) is not None:
        raise permission_exists(params["Principal"])
    call.transaction.put(
        PrivateCertificateAuthorityPermission(
            account=authority.account,
            region=authority.region,
            authority_id=authority.id,
            principal=params["Principal"],
            source_account=_source_account(authority, params),
            actions=tuple(dict.fromkeys(params["Actions"])),
            created_at=call.now,
        )
    )


def list_permissions(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the permissions."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    present = call.transaction.list_under(
        PrivateCertificateAuthorityPermission, authority.account, authority.region, authority.id
    )
    page, token = paginate(present, params, lambda each: f"{each.principal}/{each.source_account}")
    return {
        "Permissions": [
            {
                "CertificateAuthorityArn": authority.arn,
                "CreatedAt": instant(each.created_at),
                "Principal": each.principal,
                "SourceAccount": each.source_account,
                "Actions": list(each.actions),
            }
            for each in page
        ],
        "NextToken": token,
    }


def delete_permission(call: Call, params: Mapping[str, Any]) -> None:
    """The permission is gone."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    permission = _find(call, authority, params)
    if permission is None:
        raise permission_not_found(params["Principal"])
    call.transaction.delete(permission)


def _find(
    call: Call, authority: PrivateCertificateAuthority, params: Mapping[str, Any]
) -> PrivateCertificateAuthorityPermission | None:
    return call.transaction.get(
        PrivateCertificateAuthorityPermission,
        authority.account,
        authority.region,
        authority.id,
        params["Principal"],
        _source_account(authority, params),
    )


def _source_account(authority: PrivateCertificateAuthority, params: Mapping[str, Any]) -> str:
    # U: without one, the permission is for the CA's own account.
    account: str = params.get("SourceAccount", authority.account)
    return account
