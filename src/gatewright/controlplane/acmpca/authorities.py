"""Private CAs: how they are found and shown, what state they are in, and the key that they sign with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.arn import parse_authority_arn
from gatewright.controlplane.acmpca.pagination import paginate
from gatewright.controlplane.acmpca.refusals import authority_not_found, invalid_arn, invalid_state
from gatewright.controlplane.acmpca.revocation_configuration import render_revocation_configuration
from gatewright.controlplane.acmpca.subject import render_subject
from gatewright.controlplane.call import Call
from gatewright.controlplane.private_keys import key_from_pem
from gatewright.core.x509.issuance import Issuer, issuer_of, self_issuer
from gatewright.model.records import (
    PrivateCertificate,
    PrivateCertificateAuthority,
    PrivateCertificateAuthorityPermission,
    PrivateCertificateRevocation,
)
from gatewright.store.port import Reader, Transaction


def describe_certificate_authority(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything about one private CA, also when it is deleted and can be restored."""
    authority = find_authority(call, params["CertificateAuthorityArn"], deleted=True)
    return {"CertificateAuthority": render_authority(authority, call.now)}


def list_certificate_authorities(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the caller's private CAs, the oldest first; none are shared between accounts."""
    if params.get("ResourceOwner") == "OTHER_ACCOUNTS":
        return {"CertificateAuthorities": []}
    present = [
        each
        for each in call.transaction.list_under(PrivateCertificateAuthority, call.account, call.region)
        if not is_gone(each, call.now)
    ]
    page, token = paginate(present, params, lambda each: f"{each.created_at:020.6f}/{each.id}")
    return {"CertificateAuthorities": [render_authority(each, call.now) for each in page], "NextToken": token}


def get_certificate_authority_csr(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with which the CA asks for its own certificate."""
    return {"Csr": find_authority(call, params["CertificateAuthorityArn"]).csr_pem}


def find_authority(call: Call, arn: str, *, deleted: bool = False) -> PrivateCertificateAuthority:
    """The caller's private CA of this ARN in the called region; one in the DELETED state only when `deleted` allows."""
    parts = parse_authority_arn(arn)
    if parts is None:
        raise invalid_arn(arn, "certificate authority")
    if (parts.account, parts.region) != (call.account, call.region):
        raise authority_not_found(arn)
    authority = call.transaction.get(PrivateCertificateAuthority, call.account, call.region, parts.id)
    if authority is None or is_gone(authority, call.now):
        raise authority_not_found(arn)
    if authority.status == "DELETED" and not deleted:
        raise invalid_state(refusals.DELETED)
    return authority


def current_status(authority: PrivateCertificateAuthority, now: float) -> str:
    """EXPIRED follows from the clock; the record keeps what was decided."""
    expires = authority.status in ("ACTIVE", "DISABLED") and authority.not_after is not None
    return "EXPIRED" if expires and authority.not_after < now else authority.status  # type: ignore[operator]  # `expires`


def is_gone(authority: PrivateCertificateAuthority, now: float) -> bool:
    """Whether it was deleted so long ago that it cannot be restored."""
    return authority.restorable_until is not None and authority.restorable_until <= now


def forget_gone(transaction: Transaction, account: str, region: str, now: float) -> None:
    """Destroys what is left of the private CAs that can no longer be restored, first of all their keys."""
    for authority in transaction.list_under(PrivateCertificateAuthority, account, region):
        if is_gone(authority, now):
            transaction.delete_secret(authority.secret_name)
            transaction.delete(authority)
            transaction.delete_under(PrivateCertificate, account, region, authority.id)
            transaction.delete_under(PrivateCertificateRevocation, account, region, authority.id)
            transaction.delete_under(PrivateCertificateAuthorityPermission, account, region, authority.id)


def with_status(authority: PrivateCertificateAuthority, status: str, now: float) -> PrivateCertificateAuthority:
    """The record after a change of state."""
    if status == authority.status:
        return authority
    return replace(authority, status=status, last_state_change_at=now)


def load_issuer(reader: Reader, authority: PrivateCertificateAuthority) -> Issuer:
    """The CA as one who signs; before it has a certificate, by the name and the key of its own request."""
    pem = reader.get_secret(authority.secret_name)
    assert pem is not None, "a private CA and its key are stored and deleted together"
    key = key_from_pem(pem)
    if authority.certificate_pem is None:
        return self_issuer(x509.load_pem_x509_csr(authority.csr_pem.encode()).subject, key)
    return issuer_of(x509.load_pem_x509_certificate(authority.certificate_pem.encode()), key)


def render_authority(authority: PrivateCertificateAuthority, now: float) -> dict[str, Any]:
    """A `CertificateAuthority` of the service's model."""
    configuration = {
        "KeyAlgorithm": authority.key_algorithm,
        "SigningAlgorithm": authority.signing_algorithm,
        "Subject": render_subject(authority.subject),
        "CsrExtensions": {"KeyUsage": dict.fromkeys(authority.csr_key_usage, True)}
        if authority.csr_key_usage
        else None,
    }
    return {
        "Arn": authority.arn,
        "OwnerAccount": authority.account,
        "CreatedAt": instant(authority.created_at),
        "LastStateChangeAt": instant(authority.last_state_change_at),
        "Type": authority.type,
        "Serial": authority.serial,
        "Status": current_status(authority, now),
        "NotBefore": instant(authority.not_before),
        "NotAfter": instant(authority.not_after),
        "CertificateAuthorityConfiguration": {k: v for k, v in configuration.items() if v is not None},
        "RevocationConfiguration": render_revocation_configuration(authority.crl_configuration),
        "RestorableUntil": instant(authority.restorable_until),
        "KeyStorageSecurityStandard": authority.key_storage_security_standard,
        "UsageMode": authority.usage_mode,
    }


def instant(seconds: float | None) -> datetime | None:
    """An instant of a record as the wire layer takes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
