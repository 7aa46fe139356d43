"""What ends when: the certificates of ACM, and what domain names trust for mutual TLS.

D (ACM User Guide, "ACM Certificate Approaching Expiration"): imported and private certificates are spoken of from 45 days
ahead, or as many as PutAccountConfiguration says; those that ACM renews, from 30 days, since by then something is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gatewright.controlplane.acm.options import days_before_expiry
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.pem import parse_pem_blocks
from gatewright.model.records import Certificate, DomainName, Truststore
from gatewright.store.port import Reader

#: How many days ahead an end is spoken of, after the first time; and on the day itself.
LATER_STAGES = (30, 7, 1, 0)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Expiry:
    """One end. `name` is the certificate's ARN, or the subject of a truststore's entry."""

    kind: str  # server certificate, ownership certificate, certificate (that no domain name uses), truststore entry
    account: str
    region: str
    domain_name: str  # that it is for; of a certificate that no domain name uses, its own first name
    name: str
    not_after: float
    first_days: int

    def stage(self, now: float) -> int | None:
        """The last of the days ahead that has come; None when all are still to come."""
        left = (self.not_after - now) / _DAY
        return min((days for days in {self.first_days, *LATER_STAGES} if left <= days <= self.first_days), default=None)

    def explain(self, now: float) -> str:
        """The sentence for the log."""
        day = datetime.fromtimestamp(self.not_after, UTC).strftime("%Y-%m-%d %H:%M UTC")
        days = int((self.not_after - now) // _DAY)
        when = f"expired on {day}" if days < 0 else f"expires in {days} day{'s' * (days != 1)}, on {day}"
        return f"The {self.kind} {self.name} of {self.domain_name} {when}."


def find_expiries(reader: Reader) -> list[Expiry]:
    """All ends, the next first."""
    found = [*_certificates(reader), *_truststore_entries(reader)]
    return sorted(found, key=lambda each: (each.not_after, each.kind, each.name, each.domain_name))


def newly_due(expiries: Iterable[Expiry], before: float | None, now: float) -> list[Expiry]:
    """Those of which something is to be said now: whose stage is another than at the last look, if there was one."""
    return [
        each
        for each in expiries
        if each.stage(now) is not None and (before is None or each.stage(before) != each.stage(now))
    ]


def _certificates(reader: Reader) -> Iterator[Expiry]:
    uses = _uses(reader)
    for certificate in reader.all(Certificate):
        if certificate.status != "ISSUED":
            continue
        first = min(30, _first_days(reader, certificate)) if certificate.type == "AMAZON_ISSUED" else None
        days = _first_days(reader, certificate) if first is None else first
        for kind, domain_name in uses.get(certificate.arn) or [("certificate", certificate.domain_name)]:
            yield Expiry(
                kind, certificate.account, certificate.region, domain_name, certificate.arn, certificate.not_after, days
            )


def _uses(reader: Reader) -> dict[str, list[tuple[str, str]]]:
    """What domain names use each certificate for."""
    uses: dict[str, list[tuple[str, str]]] = {}
    for domain in reader.all(DomainName):
        for kind, arns in (
            ("server certificate", {domain.certificate_arn, domain.regional_certificate_arn}),
            ("ownership certificate", {domain.ownership_verification_certificate_arn}),
        ):
            for arn in arns - {None}:
                uses.setdefault(str(arn), []).append((kind, domain.domain_name))
    return uses


def _truststore_entries(reader: Reader) -> Iterator[Expiry]:
    for truststore in reader.all(Truststore):
        days = days_before_expiry(reader, truststore.account, truststore.region)
        ends: dict[str, float] = {}
        for entry in _entries(truststore.pem):
            # One end a subject: of two certificates with the same one, a chain may use either.
            ends[entry.subject] = max(ends.get(entry.subject, 0.0), entry.not_after.timestamp())
        for subject, not_after in ends.items():
            yield Expiry(
                "truststore entry",
                truststore.account,
                truststore.region,
                truststore.domain_name,
                subject,
                not_after,
                days,
            )


def _entries(pem: str) -> Iterator[CertificateFacts]:
    for block in parse_pem_blocks(pem.encode()):
        if block.label == "CERTIFICATE" and block.content is not None:
            try:
                yield CertificateFacts.from_der(block.content)
            except CertificateError:
                continue  # a truststore warning told of it when it was read


def _first_days(reader: Reader, certificate: Certificate) -> int:
    return days_before_expiry(reader, certificate.account, certificate.region)
