"""Which certificates are in use, and by what (`InUseBy`, ResourceInUseException).

An association is stored beside the certificate, under the ARN of the resource that uses it, so that to describe, list
or delete a certificate never means to look through all domain names. Whoever stores a resource that names certificates
calls `set_associations` with all that it names now; nothing else writes these records.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gatewright.model.records import Certificate, CertificateAssociation
from gatewright.store.port import Reader, Transaction

_CERTIFICATE_ARN = re.compile(r"arn:aws:acm:([a-z0-9-]+):([0-9]{12}):certificate/([A-Za-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class CertificateArn:
    """`arn:aws:acm:{region}:{account}:certificate/{id}` in its parts."""

    region: str
    account: str
    id: str


def parse_certificate_arn(arn: str) -> CertificateArn | None:
    """The parts of a certificate's ARN, or None for what is none."""
    parts = _CERTIFICATE_ARN.fullmatch(arn)
    return CertificateArn(*parts.groups()) if parts else None


def set_associations(
    transaction: Transaction, used_by: str, *, before: Iterable[str | None], after: Iterable[str | None]
) -> None:
    """The resource `used_by` used the certificates `before` (ARNs; None is none) and now uses those of `after`."""
    old = {arn for arn in before if arn is not None}
    new = {arn for arn in after if arn is not None}
    for arn in sorted(old - new):
        association = _association(arn, used_by)
        if association is not None:
            transaction.delete_under(
                CertificateAssociation, association.account, association.region, association.certificate_id, used_by
            )
    for arn in sorted(new - old):
        association = _association(arn, used_by)
        if association is not None:
            transaction.put(association)


def users_of(reader: Reader, certificate: Certificate) -> list[str]:
    """The ARNs of what uses this certificate, in order."""
    found = reader.list_under(CertificateAssociation, certificate.account, certificate.region, certificate.id)
    return [association.used_by for association in found]


def is_used(reader: Reader, certificate: Certificate) -> bool:
    """Whether anything uses this certificate."""
    where = (certificate.account, certificate.region, certificate.id)
    return bool(reader.list_under(CertificateAssociation, *where, limit=1))


def _association(arn: str, used_by: str) -> CertificateAssociation | None:
    parts = parse_certificate_arn(arn)
    return CertificateAssociation(parts.account, parts.region, parts.id, used_by) if parts else None
