"""RevokeCertificate: a certificate is taken back, and the CA's revocation list says so at once."""

import re
from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.authorities import find_authority
from gatewright.controlplane.acmpca.crl_publication import store_and_publish
from gatewright.controlplane.acmpca.refusals import (
    already_revoked,
    certificate_not_found,
    invalid_request,
    invalid_state,
)
from gatewright.controlplane.call import Call
from gatewright.model.records import PrivateCertificate, PrivateCertificateRevocation

# M (CertificateSerial): hexadecimal, as `openssl x509 -text` shows it, with colons; or without them.
_SERIAL = re.compile(r"[0-9A-Fa-f]{1,40}")


def revoke_certificate(call: Call, params: Mapping[str, Any]) -> None:
    """The certificate is revoked for this reason, for good."""
    authority = find_authority(call, params["CertificateAuthorityArn"])
    if authority.certificate_pem is None:
        raise invalid_state(refusals.NOT_FOR_ISSUING)
    given = params["CertificateSerial"]
    digits = given.replace(":", "")
    if not _SERIAL.fullmatch(digits):
        raise invalid_request(refusals.SERIAL_UNREADABLE)
    serial = f"{int(digits, 16):032x}"
    place = (authority.account, authority.region, authority.id, serial)
    issued = call.transaction.get(PrivateCertificate, *place)
    if issued is None:
        raise certificate_not_found(f"{authority.arn}/certificate/{serial}")
    # M: "You cannot revoke a root CA self-signed certificate."; only such a one has no chain.
    if issued.chain_pem is None:
        raise invalid_request(refusals.REVOKE_ROOT)
    if call.transaction.get(PrivateCertificateRevocation, *place) is not None:
        raise already_revoked(given)
    call.transaction.put(
        PrivateCertificateRevocation(
            account=authority.account,
            region=authority.region,
            authority_id=authority.id,
            serial=serial,
            revoked_at=call.now,
            reason=params["RevocationReason"],
            not_after=issued.not_after,
        )
    )
    store_and_publish(call, authority)
