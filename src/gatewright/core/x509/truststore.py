"""Truststores: a PEM bundle of the CAs, or the self-signed certificates, whose clients a domain lets in.

What this module knows: the limits of API Gateway's truststores (facts 3.1: 1,000 certificates, 1 MB) and what it warns
of when it reads one (facts 3.5: it names the fault and the subject, the literal texts are not published, so these are
the sentences of `core.reasons`). Mutual TLS is on whatever the warnings say.

The rules this file keeps: a truststore that is over a limit, or in which there is no certificate that can be read, does
not become a value; a block that cannot be read does not spoil its neighbours. The bundle itself is what is stored and
sent to workers: reading it again gives an equal truststore. Time is an argument.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple

from gatewright.core.reasons import (
    CLIENT_CERT_ISSUER_NOT_FOUND,
    CLIENT_CHAIN_SEARCH_EXHAUSTED,
    CLIENT_CHAIN_TOO_LONG,
)
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.limits import MAXIMUM_CAS, find_standing_faults, find_validity_fault
from gatewright.core.x509.name import CanonicalName
from gatewright.core.x509.path_certificate import PathCertificate
from gatewright.core.x509.pem import parse_pem_blocks

# Facts 3.1. NOTE: whether a MB is 10^6 or 2^20 bytes is not said; the larger refuses nothing that works there.
MAXIMUM_BYTES: Final = 1_048_576
MAXIMUM_CERTIFICATES: Final = 1_000

#: Signatures that are checked to find which certificates lead to a root: some 1.5 s of a control process at worst, for a
#: bundle made for that. An honest bundle needs about as many as it has certificates.
MAXIMUM_SIGNATURES: Final = 20_000


class TruststoreError(ValueError):
    """The bytes cannot be a truststore."""


class UnreadableBlock(NamedTuple):
    """A PEM block that gives no certificate: its place from 1, the line it begins at, its label and why."""

    number: int
    line: int
    label: str
    why: str

    def __str__(self) -> str:
        return f"Block {self.number} of the PEM text (line {self.line}, {self.label}) is no certificate: {self.why}."


class TruststoreWarning(NamedTuple):
    """What is wrong with one certificate: the reason's code, and a sentence that names the subject."""

    code: str
    text: str


class TruststoreWarnings(NamedTuple):
    """What is wrong in a truststore: blocks that are no certificate, and each certificate with its faults."""

    unreadable: tuple[UnreadableBlock, ...]
    by_entry: tuple[tuple[PathCertificate, tuple[TruststoreWarning, ...]], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """`truststoreWarnings` of the domain name: the blocks first, then the certificates in their order."""
        return (
            *map(str, self.unreadable),
            *(warning.text for _, warnings in self.by_entry for warning in warnings),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Truststore:
    """The certificates of one bundle, each once and in its order. Two are equal when their bundles are."""

    digest: bytes
    entries: tuple[PathCertificate, ...] = field(compare=False)
    unreadable: tuple[UnreadableBlock, ...] = field(compare=False)
    by_subject: Mapping[CanonicalName, tuple[PathCertificate, ...]] = field(compare=False)

    @classmethod
    def from_pem(cls, data: bytes) -> "Truststore":
        """The truststore of a PEM bundle; raises TruststoreError when it is over a limit or has no certificate."""
        if len(data) > MAXIMUM_BYTES:
            raise TruststoreError(
                f"A truststore may have {MAXIMUM_BYTES:,} bytes (1 MB), and this one has {len(data):,}. "
                "Remove certificates that are no longer used, and text outside the PEM blocks."
            )
        entries: dict[bytes, PathCertificate] = {}
        unreadable = []
        blocks = list(parse_pem_blocks(data))
        count = sum(block.label == "CERTIFICATE" for block in blocks)
        if count > MAXIMUM_CERTIFICATES:
            raise TruststoreError(
                f"A truststore may have {MAXIMUM_CERTIFICATES:,} certificates, and this one has {count:,}. "
                "Remove those that are no longer used."
            )
        for block in blocks:
            why = block.fault
            if block.content is not None and block.label != "CERTIFICATE":
                why = f"a certificate's label is CERTIFICATE, and this one's is {block.label}"
            elif block.content is not None:
                try:
                    entries.setdefault(
                        block.content, PathCertificate.from_facts(CertificateFacts.from_der(block.content))
                    )
                except CertificateError as error:
                    why = str(error).rstrip(".")
            if why is not None:
                unreadable.append(UnreadableBlock(block.number, block.line, block.label, why))
        if not entries:
            raise TruststoreError(_why_empty(unreadable))
        return cls(sha256(data).digest(), tuple(entries.values()), tuple(unreadable), _index(entries.values()))

    def __repr__(self) -> str:
        broken = f", {len(self.unreadable)} unreadable blocks" if self.unreadable else ""
        return f"<Truststore {self.digest.hex()[:12]} of {len(self.entries)} certificates{broken}>"

    def find_issuers(self, certificate: PathCertificate) -> Iterator[PathCertificate]:
        """Those that may have issued it, by names and key identifiers; the likeliest first."""
        named = self.by_subject.get(certificate.issuer, ())
        candidates = [issuer for issuer in named if certificate.names_key_of(issuer)]
        # Among re-keyed and cross-signed twins: the one whose key is named, then the nearest to a root, then the newest.
        candidates.sort(
            key=lambda issuer: (
                not certificate.identifies_key_of(issuer),
                not issuer.self_signed,
                -issuer.facts.not_after.timestamp(),
            )
        )
        return iter(candidates)


def find_truststore_warnings(truststore: Truststore, now: datetime) -> TruststoreWarnings:
    """What is wrong in the truststore at that instant."""
    heights = _find_heights(truststore)
    issuers = {entry.issuer for entry in truststore.entries if not entry.self_signed}
    by_entry = []
    for entry in truststore.entries:
        # A self-signed certificate that says CA:TRUE may be there for itself or for what it issued: the CA's rules are
        # the milder ones for it (`openssl req -x509` says so of everything it makes).
        issues = not entry.self_signed or entry.facts.is_ca or entry.subject in issuers
        faults = [*find_standing_faults(entry.facts, issues=issues), find_validity_fault(entry.facts, now)]
        warnings = [
            TruststoreWarning(fault.reason.code, fault.reason.summary.format_map(fault.facts))
            for fault in faults
            if fault is not None
        ]
        height = heights.get(entry) if heights is not None else 0
        if height is None or not 0 < height <= MAXIMUM_CAS:
            warnings.append(_warn_of_path(entry, height))
        by_entry.append((entry, tuple(warnings)))
    return TruststoreWarnings(truststore.unreadable, tuple(by_entry))


def _warn_of_path(entry: PathCertificate, height: int | None) -> TruststoreWarning:
    """`height` None: there is no way to a root; 0: it was not found out."""
    subject, issuer = entry.facts.subject, entry.facts.issuer
    if height is None:
        return TruststoreWarning(
            CLIENT_CERT_ISSUER_NOT_FOUND.code,
            f"The certificate {subject!r} does not lead to a self-signed root in the truststore, so no client that it "
            f"issued is let in: a certificate is missing between {issuer!r} and a root.",
        )
    if height == 0:
        return TruststoreWarning(
            CLIENT_CHAIN_SEARCH_EXHAUSTED.code,
            f"Whether the certificate {subject!r} leads to a root was not found out: too many certificates of the "
            "truststore have the same subject.",
        )
    return TruststoreWarning(
        CLIENT_CHAIN_TOO_LONG.code,
        f"The certificate {subject!r} is the last of {height} CA certificates from its root, and a path may have "
        f"{MAXIMUM_CAS}.",
    )


def _find_heights(truststore: Truststore) -> dict[PathCertificate, int] | None:
    """By certificate, how many stand on its shortest way to a root, both counted; None when that took too long."""
    heights = {entry: 1 for entry in truststore.entries if entry.self_signed}
    open_ends = [entry for entry in truststore.entries if not entry.self_signed]
    level, height, checked = set(heights), 1, 0
    while level and open_ends:
        height += 1
        reached = set()
        for entry in open_ends:
            for issuer in truststore.by_subject.get(entry.issuer, ()):
                if issuer not in level or not entry.names_key_of(issuer):
                    continue
                checked += 1
                if checked > MAXIMUM_SIGNATURES:
                    return None
                if entry.is_signed_by(issuer):
                    reached.add(entry)
                    break
        heights.update(dict.fromkeys(reached, height))
        open_ends = [entry for entry in open_ends if entry not in reached]
        level = reached
    return heights


def _index(entries: Iterable[PathCertificate]) -> Mapping[CanonicalName, tuple[PathCertificate, ...]]:
    found: dict[CanonicalName, list[PathCertificate]] = {}
    for entry in entries:
        found.setdefault(entry.subject, []).append(entry)
    return MappingProxyType({name: tuple(twins) for name, twins in found.items()})


def _why_empty(unreadable: list[UnreadableBlock]) -> str:
    if unreadable:
        return (
            f"None of the {len(unreadable)} blocks of the truststore is a certificate that can be read. {unreadable[0]}"
        )
    return "The truststore has no PEM block; a certificate begins with -----BEGIN CERTIFICATE-----."
