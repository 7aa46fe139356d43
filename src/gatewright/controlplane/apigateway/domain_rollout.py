"""`domainNameStatus` UPDATING: a change of how a domain name answers handshakes is on its way to the workers.

What this module knows (facts 1.7): on the real service UpdateDomainName answers UPDATING when it changes the certificate,
the truststore, the security policy or the endpoint type, and GetDomainName says so until the change is in force everywhere.
CreateDomainName is shown with AVAILABLE (D: the examples of the AWS CLI). What it keeps to:

- The answer of an update speaks of the instant of the commit, when no worker has been told. It is sent when the workers
  have acknowledged, so who looks next sees AVAILABLE.
- A worker that has not, because it hangs or is busy, is what GetDomainName tells of. It locks nothing: the real service
  refuses further changes meanwhile, and here a worker that hangs must not stop an operator.
"""

from collections.abc import Container
from typing import Final

from gatewright.controlplane.acm.associations import parse_certificate_arn
from gatewright.controlplane.apigateway.domain_status import AVAILABLE, DomainStatus
from gatewright.controlplane.rollout import Place, place_of
from gatewright.model.records import Certificate, DomainName, Truststore, ValidatedCertificate

UPDATING: Final = DomainStatus(
    "UPDATING",
    "The change is on its way to all workers of the gateway. Until each has it the domain name may answer as before.",
)


def status_after_update(
    status: DomainStatus, before: DomainName, after: DomainName, *, reads_truststore: bool
) -> DomainStatus:
    """What an update answers, where `status` is what is asked of the certificates: that matters more than the way there."""
    changed = reads_truststore or _as_met_by_clients(before) != _as_met_by_clients(after)
    return UPDATING if changed and status == AVAILABLE else status


def status_on_the_way(status: DomainStatus, record: DomainName, unacknowledged: Container[Place]) -> DomainStatus:
    """What is seen of the domain name while some records are not acknowledged by every worker."""
    is_under_way = any(place in unacknowledged for place in _places(record))
    return UPDATING if is_under_way and status == AVAILABLE else status


def _as_met_by_clients(record: DomainName) -> tuple[object, ...]:
    return (
        record.certificate_arn,
        record.regional_certificate_arn,
        record.endpoint_configuration.types,
        record.security_policy,
        record.endpoint_access_mode,
        record.mutual_tls_authentication is not None,
    )


def _places(record: DomainName) -> list[Place]:
    """The records that decide about the domain name's handshakes."""
    beside = (record.account, record.region, (record.domain_name,))
    places = [place_of(record), (Truststore.KIND, *beside), (ValidatedCertificate.KIND, *beside)]
    for arn in (record.certificate_arn, record.regional_certificate_arn):
        parts = None if arn is None else parse_certificate_arn(arn)
        if parts is not None:
            places.append((Certificate.KIND, parts.account, parts.region, (parts.id,)))
    return places
