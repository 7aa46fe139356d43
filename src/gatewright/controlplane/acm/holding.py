"""What ACM has under one ARN, and the state it is in.

An imported certificate is there from the start. One that ACM issues begins as a request; its certificate comes to it when
it is issued, and both stay together until they are deleted. Operations look at a `Holding` and need not ask which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatewright.controlplane.acm.associations import parse_certificate_arn
from gatewright.controlplane.acm.refusals import certificate_not_found, not_a_certificate_arn, not_issued
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError
from gatewright.model.records import Certificate, CertificateListing, CertificateRequest
from gatewright.store.port import Reader

# D: "ACM gives up after 72 hours".
VALIDATION_SECONDS = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Holding:
    """An imported certificate; or a request and, once it was issued, its certificate."""

    certificate: Certificate | None
    request: CertificateRequest | None = None

    @property
    def record(self) -> Certificate | CertificateRequest:
        """The one that came first, which holds on to what lasts: the instant of creation, the tags."""
        record = self.request or self.certificate
        assert record is not None, "nothing is held without a request or a certificate"
        return record

    @property
    def arn(self) -> str:
        """Both have the same."""
        return self.record.arn

    @property
    def tags(self) -> Mapping[str, str]:
        """In the order in which their keys were added."""
        return self.record.tags

    @property
    def type(self) -> str:
        """M: IMPORTED, AMAZON_ISSUED or PRIVATE."""
        if self.request is None:
            return "IMPORTED"
        return "PRIVATE" if self.request.issuer == "PRIVATE" else "AMAZON_ISSUED"

    @property
    def is_exportable(self) -> bool:
        """D: private certificates always, public ones when that was asked for."""
        return self.request is not None and (self.request.issuer == "PRIVATE" or self.request.export == "ENABLED")

    def status(self, now: float) -> str:
        """M: CertificateStatus."""
        if self.certificate is not None:
            return current_status(self.certificate, now)
        assert self.request is not None, "nothing is held without a request or a certificate"
        return _status_of_request(self.request.status, self.request.created_at, now)

    def with_tags(self, tags: Mapping[str, str]) -> Certificate | CertificateRequest:
        """The record that has the tags, with these."""
        return replace(self.record, tags=tags)


def current_status(record: Certificate | CertificateListing, now: float) -> str:
    """EXPIRED and VALIDATION_TIMED_OUT follow from the clock; the record keeps what ACM decided."""
    if record.not_after is None:
        assert isinstance(record, CertificateListing), "a certificate has an end"
        return _status_of_request(record.status, float(record.instant), now)
    return "EXPIRED" if record.status == "ISSUED" and record.not_after < now else record.status


def _status_of_request(status: str, created_at: float, now: float) -> str:
    is_late = status == "PENDING_VALIDATION" and now > created_at + VALIDATION_SECONDS
    return "VALIDATION_TIMED_OUT" if is_late else status


def get_holding(reader: Reader, account: str, region: str, certificate_id: str) -> Holding | None:
    """What there is under an id, if anything."""
    certificate = reader.get(Certificate, account, region, certificate_id)
    request = reader.get(CertificateRequest, account, region, certificate_id)
    return Holding(certificate, request) if certificate or request else None


def find_holding(call: Call, arn: str) -> Holding:
    """The caller's holding of this ARN in the called region; other accounts' certificates cannot be seen."""
    parts = parse_certificate_arn(arn)
    if parts is None:
        raise not_a_certificate_arn(arn)
    found = None
    if (parts.account, parts.region) == (call.account, call.region):
        found = get_holding(call.transaction, call.account, call.region, parts.id)
    if found is None:
        raise certificate_not_found(arn, call.account)
    return found


def not_issued_of(holding: Holding, now: float) -> ServiceError:
    """What those are told who want the certificate of a request that has none."""
    reason = None if holding.request is None else holding.request.failure_reason
    return not_issued(holding.arn, holding.status(now), reason)
