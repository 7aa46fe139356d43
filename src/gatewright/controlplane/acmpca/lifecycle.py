"""UpdateCertificateAuthority, DeleteCertificateAuthority, RestoreCertificateAuthority: the states of a private CA.

PENDING_CERTIFICATE ──import──► ACTIVE ◄──update──► DISABLED
PENDING_CERTIFICATE, DISABLED, EXPIRED ──delete──► DELETED ──restore──► what it was before
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.authorities import current_status, find_authority, forget_gone, with_status
from gatewright.controlplane.acmpca.crl_publication import check_publication, store_and_publish
from gatewright.controlplane.acmpca.refusals import invalid_args, invalid_state
from gatewright.controlplane.acmpca.revocation_configuration import parse_revocation_configuration
from gatewright.controlplane.call import Call

_DAY = 86_400.0

# M (PermanentDeletionTimeInDays): "if you do not set the parameter, the CA remains restorable for 30 days".
_RESTORABLE_DAYS = 30

# M: "You can disable a private CA that is in the ACTIVE state or make a CA that is in the DISABLED state active again".
_SETTABLE = ("ACTIVE", "DISABLED")

# M (DeleteCertificateAuthority), but for CREATING and FAILED, in which no CA is here.
_DELETABLE = ("PENDING_CERTIFICATE", "DISABLED", "EXPIRED")


def update_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The CA is active or disabled, as was asked, and has this revocation configuration, if one was given."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    status = params.get("Status")
    if status is not None and status not in _SETTABLE:
        raise invalid_args(f"The status can be set to ACTIVE or DISABLED, not to {status}.")
    if current_status(authority, call.now) not in _SETTABLE:
        raise invalid_state(refusals.NOT_FOR_UPDATE)
    if status is not None:
        authority = with_status(authority, status, call.now)
    if "RevocationConfiguration" not in params:
        call.transaction.put(authority)
        return
    crl = parse_revocation_configuration(params["RevocationConfiguration"])
    authority = replace(authority, crl_configuration=crl)
    check_publication(call, authority)
    store_and_publish(call, authority)


def delete_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The CA does nothing any more; until the period is over it can be restored."""
    forget_gone(call.transaction, call.account, call.region, call.now)
    authority = find_authority(call, params["CertificateAuthorityArn"])
    if current_status(authority, call.now) not in _DELETABLE:
        raise invalid_state(refusals.NOT_FOR_DELETION)
    days = params.get("PermanentDeletionTimeInDays", _RESTORABLE_DAYS)
    call.transaction.put(
        replace(
            with_status(authority, "DELETED", call.now),
            status_before_deletion=authority.status,
            restorable_until=call.now + days * _DAY,
        )
    )


def restore_certificate_authority(call: Call, params: Mapping[str, Any]) -> None:
    """The CA is what it was before its deletion: waiting, disabled or expired."""
    authority = find_authority(call, params["CertificateAuthorityArn"], deleted=True)
    before = authority.status_before_deletion
    if authority.status != "DELETED" or before is None:
        raise invalid_state(refusals.NOT_DELETED)
    call.transaction.put(
        replace(with_status(authority, before, call.now), status_before_deletion=None, restorable_until=None)
    )
