"""The chain that a server sent, as the checks of both legs read it: who is wrong, and OpenSSL's numbers for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from gatewright.core.x509.certificate import CertificateFacts, parse_certificate_pem
from gatewright.core.x509.coverage import find_covering_name
from gatewright.doctor.evidence import TlsAttempt
from gatewright.doctor.names import is_address

# openssl-verification-options(1), X509_V_ERR_…
NOT_YET_VALID: Final = 9
EXPIRED: Final = 10
SELF_SIGNED_LEAF: Final = 18
SELF_SIGNED_IN_CHAIN: Final = 19
#: 2 and 20: the issuer's certificate is not there; 21: nor can the leaf's signature be checked therefore.
ISSUER_MISSING: Final = frozenset({2, 20, 21})


class TrustFault(NamedTuple):
    """Why a chain leads to no trusted root: `SELF_SIGNED`, `INCOMPLETE` or `UNTRUSTED_ROOT`, and who is missing."""

    kind: str
    missing: str


def read_chain(attempt: TlsAttempt | None) -> tuple[CertificateFacts, ...]:
    """The certificates that were sent, the leaf first; empty when there were none."""
    return tuple(fact for pem in (attempt.chain if attempt else ()) for fact in parse_certificate_pem(pem.encode()))


def covers(leaf: CertificateFacts, host: str) -> bool:
    """Whether a client takes the certificate for that host name or address."""
    if is_address(host):
        return host in leaf.ip_addresses
    return find_covering_name(leaf.domain_names, host) is not None


def find_time_fault(attempt: TlsAttempt, chain: Sequence[CertificateFacts], number: int) -> CertificateFacts | None:
    """The certificate that is too old or too new, by OpenSSL's verdict."""
    depth = next((fault.depth for fault in attempt.faults if fault.number == number), None)
    return chain[depth] if depth is not None and depth < len(chain) else None


def find_trust_fault(attempt: TlsAttempt, chain: Sequence[CertificateFacts]) -> TrustFault | None:
    """Why no trusted root was reached.

    NOTE: where the last certificate that was sent is not self-signed, an intermediate may be missing or the root be
    unknown. It is called incomplete when the leaf came alone, and when the client has roots of its own choice, which
    will be the right ones; with the public roots, a root that is not public is the commoner case.
    """
    numbers = {fault.number for fault in attempt.faults}
    if not chain:
        return None
    last = chain[-1]
    if SELF_SIGNED_LEAF in numbers:
        return TrustFault("SELF_SIGNED", last.subject)
    if SELF_SIGNED_IN_CHAIN in numbers:
        return TrustFault("UNTRUSTED_ROOT", last.issuer)
    if numbers & ISSUER_MISSING:
        kind = "INCOMPLETE" if len(chain) == 1 or attempt.own_roots else "UNTRUSTED_ROOT"
        return TrustFault(kind, last.issuer)
    return None


def render_instant(instant: datetime) -> str:
    """RFC 3339 in UTC."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def describe(certificate: CertificateFacts) -> str:
    """One line of evidence."""
    names = ", ".join(certificate.domain_names) or "no name"
    return (
        f"served certificate: {certificate.subject or '(no subject)'} for {names}, issued by {certificate.issuer}, "
        f"valid {render_instant(certificate.not_before)} to {render_instant(certificate.not_after)}"
    )
