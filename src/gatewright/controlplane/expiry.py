"""What ends when: the certificates of ACM, and what domain names trust for mutual TLS.

D (ACM User Guide, "ACM Certificate Approaching Expiration"): imported and private certificates are spoken of from 45 days
ahead, or as many as PutAccountConfiguration says; those that ACM renews, from 30 days, since by then something is wrong.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from gatewright.controlplane.acm.associations import parse_certificate_arn, users_of
from gatewright.controlplane.acm.options import days_before_expiry
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.pem import parse_pem_blocks
from gatewright.model.records import (
    Certificate,
    CertificateAssociation,
    DomainName,
    Truststore,
    ValidatedCertificate,
)
from gatewright.store.port import Change, Reader

#: How many days ahead an end is spoken of, after the first time; and on the day itself.
LATER_STAGES = (30, 7, 1, 0)
_DAY = 86_400.0

_ENTRY: Final = "truststore entry"
_DOMAIN_NAME_ARN: Final = re.compile(r"arn:aws:apigateway:(?P<region>[^:]+)::/domainnames/(?P<name>.+)")

#: Where an end comes from: the ARN of a certificate, or account, region and domain name of a truststore.
Source: TypeAlias = tuple[str, ...]
#: Which end it is, whenever that comes.
Identity: TypeAlias = tuple[str, str, str, str, str]
#: When it comes, and the stage that was spoken of.
Told: TypeAlias = tuple[float, int | None]


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

    @property
    def identity(self) -> Identity:
        """All but the instant."""
        return (self.kind, self.account, self.region, self.domain_name, self.name)

    @property
    def source(self) -> Source:
        """The certificate or the truststore."""
        return (self.account, self.region, self.domain_name) if self.kind == _ENTRY else (self.name,)

    def stage(self, now: float) -> int | None:
        """The last of the days ahead that has come; None when all are still to come."""
        left = (self.not_after - now) / _DAY
        return min((days for days in {self.first_days, *LATER_STAGES} if left <= days <= self.first_days), default=None)

    def told(self, now: float) -> Told:
        """What has been said of it by then: another end, or another stage, is to be said anew."""
        return self.not_after, self.stage(now)

    def explain(self, now: float) -> str:
        """The sentence for the log."""
        day = datetime.fromtimestamp(self.not_after, UTC).strftime("%Y-%m-%d %H:%M UTC")
        days = int((self.not_after - now) // _DAY)
        when = f"expired on {day}" if days < 0 else f"expires in {days} day{'s' * (days != 1)}, on {day}"
        return f"The {self.kind} {self.name} of {self.domain_name} {when}."


def find_expiries(reader: Reader) -> list[Expiry]:
    """All ends, the next first."""
    uses = _all_uses(reader)
    found = [
        *chain.from_iterable(_of_certificate(reader, each, uses[each.arn]) for each in reader.all(Certificate)),
        *chain.from_iterable(_of_truststore(reader, each) for each in reader.all(Truststore)),
    ]
    return sorted(found, key=lambda each: (each.not_after, each.kind, each.name, each.domain_name))


def find_touched(reader: Reader, changes: Iterable[Change]) -> set[Source]:
    """The certificates and truststores of which another end may be told after these changes."""
    touched: set[Source] = set()
    for change in changes:
        match change.kind:
            case Certificate.KIND | CertificateAssociation.KIND:
                touched.add((f"arn:aws:acm:{change.region}:{change.account}:certificate/{change.key[0]}",))
            case Truststore.KIND:
                touched.add((change.account, change.region, change.key[0]))
            case ValidatedCertificate.KIND:
                domain = reader.get(DomainName, change.account, change.region, *change.key)
                if domain is not None and domain.regional_certificate_arn is not None:
                    touched.add((domain.regional_certificate_arn,))
    return touched


def find_expiries_of(reader: Reader, sources: Iterable[Source]) -> list[Expiry]:
    """The ends of these certificates and truststores, as far as they are there."""
    found: list[Expiry] = []
    for source in sources:
        parts = parse_certificate_arn(source[0])
        if parts is not None:
            certificate = reader.get(Certificate, parts.account, parts.region, parts.id)
            if certificate is not None:
                found += _of_certificate(reader, certificate, _uses_of(reader, certificate))
        else:
            account, region, domain_name = source
            truststore = reader.get(Truststore, account, region, domain_name)
            if truststore is not None:
                found += _of_truststore(reader, truststore)
    return found


def newly_due(expiries: Iterable[Expiry], told: Mapping[Identity, Told], now: float) -> list[Expiry]:
    """Those of which something is to be said now: within reach, and not `told` of this end at this stage."""
    return [each for each in expiries if each.stage(now) is not None and told.get(each.identity) != each.told(now)]


class _Use(NamedTuple):
    """What a domain name uses a certificate for; `not_after` is set where it is served with an earlier import of it."""

    kind: str
    domain_name: str
    not_after: float | None = None


def _of_certificate(reader: Reader, certificate: Certificate, uses: Sequence[_Use]) -> Iterator[Expiry]:
    if certificate.status != "ISSUED":
        return
    days = days_before_expiry(reader, certificate.account, certificate.region)
    if certificate.type == "AMAZON_ISSUED":
        days = min(30, days)
    for kind, domain_name, not_after in uses or [_Use("certificate", certificate.domain_name)]:
        yield Expiry(
            kind,
            certificate.account,
            certificate.region,
            domain_name,
            certificate.arn,
            certificate.not_after if not_after is None else not_after,
            days,
        )


def _all_uses(reader: Reader) -> defaultdict[str, list[_Use]]:
    """What domain names use each certificate for, by its ARN."""
    kept = {(each.account, each.region, *each.key): each.not_after for each in reader.all(ValidatedCertificate)}
    uses: defaultdict[str, list[_Use]] = defaultdict(list)
    for domain in reader.all(DomainName):
        for arn, use in _uses_by(domain, kept.get((domain.account, domain.region, *domain.key))):
            uses[arn].append(use)
    return uses


def _uses_of(reader: Reader, certificate: Certificate) -> list[_Use]:
    """The same of one certificate, at the cost of its own uses."""
    uses: list[_Use] = []
    for used_by in users_of(reader, certificate):
        place = _DOMAIN_NAME_ARN.fullmatch(used_by)
        domain = place and reader.get(DomainName, certificate.account, place["region"], place["name"])
        if domain:
            kept = reader.get(ValidatedCertificate, domain.account, domain.region, *domain.key)
            told = _uses_by(domain, None if kept is None else kept.not_after)
            uses += [use for arn, use in told if arn == certificate.arn]
    return uses


def _uses_by(domain: DomainName, kept_until: float | None) -> Iterator[tuple[str, _Use]]:
    """The certificates of a domain name, each with what it is for."""
    for arn in {domain.certificate_arn, domain.regional_certificate_arn} - {None}:
        yield str(arn), _Use("server certificate", domain.domain_name, kept_until)
    if domain.ownership_verification_certificate_arn is not None:
        yield (
            domain.ownership_verification_certificate_arn,
            _Use("ownership certificate", domain.domain_name),
        )


def _of_truststore(reader: Reader, truststore: Truststore) -> Iterator[Expiry]:
    days = days_before_expiry(reader, truststore.account, truststore.region)
    ends: dict[str, float] = {}
    for entry in _entries(truststore.pem):
        # One end a subject: of two certificates with the same one, a chain may use either.
        ends[entry.subject] = max(ends.get(entry.subject, 0.0), entry.not_after.timestamp())
    for subject, not_after in ends.items():
        yield Expiry(_ENTRY, truststore.account, truststore.region, truststore.domain_name, subject, not_after, days)


def _entries(pem: str) -> Iterator[CertificateFacts]:
    for block in parse_pem_blocks(pem.encode()):
        if block.label == "CERTIFICATE" and block.content is not None:
            try:
                yield CertificateFacts.from_der(block.content)
            except CertificateError:
                continue  # a truststore warning told of it when it was read
