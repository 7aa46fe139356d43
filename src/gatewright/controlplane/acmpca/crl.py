"""The revocation list of a private CA: what it says, where it lies, and how certificates point to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.controlplane.acmpca.authorities import load_issuer
from gatewright.core.x509.issuance import SIGNING_ALGORITHMS, Extension, Revocation, issue_revocation_list
from gatewright.model.records import PrivateCertificateAuthority, PrivateCertificateRevocation
from gatewright.store.port import Reader

# M: RevocationReason, by RFC 5280's names (section 5.3.1).
_REASONS = MappingProxyType(
    {
        "UNSPECIFIED": x509.ReasonFlags.unspecified,
        "KEY_COMPROMISE": x509.ReasonFlags.key_compromise,
        "CERTIFICATE_AUTHORITY_COMPROMISE": x509.ReasonFlags.ca_compromise,
        "AFFILIATION_CHANGED": x509.ReasonFlags.affiliation_changed,
        "SUPERSEDED": x509.ReasonFlags.superseded,
        "CESSATION_OF_OPERATION": x509.ReasonFlags.cessation_of_operation,
        "PRIVILEGE_WITHDRAWN": x509.ReasonFlags.privilege_withdrawn,
        "A_A_COMPROMISE": x509.ReasonFlags.aa_compromise,
    }
)


def render_crl(reader: Reader, authority: PrivateCertificateAuthority, now: float) -> bytes:
    """The list in DER, complete: every certificate that is taken back and has not expired by itself."""
    this_update = datetime.fromtimestamp(int(now), UTC)
    revocations = [
        Revocation(int(each.serial, 16), datetime.fromtimestamp(int(each.revoked_at), UTC), _REASONS[each.reason])
        for each in reader.list_under(PrivateCertificateRevocation, authority.account, authority.region, authority.id)
        if each.not_after >= now
    ]
    days = authority.crl_configuration.expiration_in_days or 1
    crl = issue_revocation_list(
        load_issuer(reader, authority),
        SIGNING_ALGORITHMS[authority.signing_algorithm],
        revocations,
        number=authority.crl_number,
        this_update=this_update,
        next_update=this_update + timedelta(days=days),
    )
    return crl.public_bytes(Encoding.DER)


def crl_key(authority: PrivateCertificateAuthority) -> str:
    """The key of the list's object in its bucket."""
    # D: `crl/{id of the CA}.crl`; M (CustomPath): with a path of the user's own, in place of `crl`.
    path = (authority.crl_configuration.custom_path or "crl").strip("/")
    return f"{path}/{authority.id}.crl" if path else f"{authority.id}.crl"


def distribution_points(authority: PrivateCertificateAuthority) -> Iterator[Extension]:
    """The extension that tells clients where the list is, when there is one and it is not to be omitted."""
    crl = authority.crl_configuration
    if not crl.enabled or crl.omit_extension:
        return
    # D: the alias in place of the bucket's own name. RFC 5280 section 4.2.1.13: by HTTP, since a list is signed itself.
    host = crl.custom_cname or f"{crl.s3_bucket_name}.s3.{authority.region}.amazonaws.com"
    place = x509.UniformResourceIdentifier(f"http://{host}/{crl_key(authority)}")
    yield Extension(x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]))
