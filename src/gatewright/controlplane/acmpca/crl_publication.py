"""Where the revocation list of a private CA is published: nowhere yet, and nobody is told otherwise.

A CA that says in every certificate where its list is, and has no list there, would make careful clients refuse them all.
"""

from gatewright.controlplane.acmpca import refusals
from gatewright.controlplane.acmpca.refusals import invalid_args
from gatewright.controlplane.call import Call
from gatewright.model.records import PrivateCertificateAuthority


def check_publication(call: Call, authority: PrivateCertificateAuthority) -> None:  # noqa: ARG001  the bucket is there
    """Raises InvalidArgsException when the list could not be published as configured."""
    if authority.crl_configuration.enabled:
        raise invalid_args(refusals.CRL_NOT_SERVED)


def store_and_publish(call: Call, authority: PrivateCertificateAuthority) -> None:
    """The CA is stored, and its list lies where its configuration says."""
    call.transaction.put(authority)
