"""Mutual TLS's judgement: is there a path from a client's certificate to a root inside the domain's truststore?

What this module knows: facts 3.2 and the rules of a path in RFC 5280 section 6.1. Every certificate of the path but the
leaf comes from the truststore, and it ends at a self-signed one there; a self-signed leaf has to be in the truststore
itself. What else the client sends is not used.

Which reason is told when several apply, since the service does not say; later steps come only after the earlier ones:

1. the leaf alone: readable, signature algorithm, key, critical extensions, purpose;
2. a path: the issuer (or the self-signed leaf) is in the truststore, and made the signature; four CAs at most;
3. each CA on it alone: signature algorithm, key, critical extensions, CA, purpose; then path lengths, name constraints;
4. time, from the leaf to the root; 5. revocation, when lists are given.

Of several paths that fail, the one that came furthest in this order is told.

The rules this file keeps: `verify_…` returns the proof or raises. A certificate that somebody sends decides neither how
long the search takes (it is bounded) nor, by standing in its way, that a good path is overlooked: paths that can hold
are looked at before those that only explain.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from gatewright.core import reasons
from gatewright.core.errors import GatewayError
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.limits import MAXIMUM_CAS, find_standing_faults, find_validity_fault
from gatewright.core.x509.name_constraints import find_constraint_violation
from gatewright.core.x509.path_certificate import PathCertificate
from gatewright.core.x509.revocation import RevocationLists
from gatewright.core.x509.truststore import Truststore

#: Certificates that a search looks at, each with a signature to check (50-100 µs): some 20 ms at worst, for a truststore
#: with hundreds of CAs of one name. Go's verifier stops at 100 signatures, OpenSSL does not search.
MAXIMUM_VISITS: Final = 256

Path = tuple[PathCertificate, ...]
#: By certificate and issuer: whether the signature verified, so that no search checks one twice.
_Signed = dict[tuple[PathCertificate, PathCertificate], bool]

# The order of steps 2 to 5 above.
_PROGRESS: Final = {
    reason.code: step
    for step, reason in enumerate(
        (
            reasons.CLIENT_CERT_SELF_SIGNED,
            reasons.CLIENT_CERT_ISSUER_NOT_FOUND,
            reasons.CLIENT_CERT_SIGNATURE_WRONG,
            reasons.CLIENT_CHAIN_SEARCH_EXHAUSTED,
            reasons.CLIENT_CHAIN_TOO_LONG,
            reasons.CLIENT_CERT_WEAK_SIGNATURE,
            reasons.CLIENT_CERT_WEAK_KEY,
            reasons.CLIENT_CERT_UNKNOWN_EXTENSION,
            reasons.CLIENT_CHAIN_NOT_CA,
            reasons.CLIENT_CERT_WRONG_PURPOSE,
            reasons.CLIENT_CHAIN_PATH_LENGTH,
            reasons.CLIENT_CHAIN_NAME_CONSTRAINTS,
            reasons.CLIENT_CERT_NOT_YET_VALID,
            reasons.CLIENT_CERT_EXPIRED,
            reasons.CLIENT_CERT_REVOCATION_UNKNOWN,
            reasons.CLIENT_CERT_REVOKED,
        )
    )
}


class VerifiedClient(NamedTuple):
    """The proof that a client may come in: made by `verify_client_chain` only.

    `path` is the leaf, its issuer and so on to the root; it holds until `not_after`, when the first certificate of it
    or the first revocation list that was asked runs out.
    """

    path: tuple[CertificateFacts, ...]
    not_after: datetime

    @property
    def leaf(self) -> CertificateFacts:
        """The client's own certificate."""
        return self.path[0]

    @property
    def depth(self) -> int:
        """How many CA certificates the path has; 0 for a self-signed leaf."""
        return len(self.path) - 1


def verify_client_chain(
    leaf: bytes,
    truststore: Truststore,
    now: datetime,
    *,
    sent: Sequence[bytes] = (),
    revocation: RevocationLists | None = None,
) -> VerifiedClient:
    """The proof for the client's certificate (DER); raises GatewayError with the reason of facts 3.2.

    `sent` are the other certificates that the client sent: they only make the refusal's explanation better.
    """
    try:
        certificate = PathCertificate.from_facts(CertificateFacts.from_der(leaf))
    except CertificateError as error:
        raise GatewayError(reasons.CLIENT_CERT_UNREADABLE, why=str(error)) from None
    for fault in find_standing_faults(certificate.facts, issues=False):
        raise fault
    faults: list[GatewayError] = []
    signed: _Signed = {}
    for search in (_Search(truststore, now, signed), _Search(truststore, None, signed)):
        # The second search meets every path that the first did, and those that are known not to hold.
        faults.clear()
        for path in search.find_paths(certificate):
            found = _judge(path, now, revocation)
            if isinstance(found, VerifiedClient):
                return found
            faults.append(found)
        faults += search.dead_ends
    fault = max(faults, key=lambda fault: _PROGRESS[fault.reason.code])
    if fault.reason is reasons.CLIENT_CERT_ISSUER_NOT_FOUND:
        raise _tell_of_sent(fault, sent)
    raise fault


def _judge(path: Path, now: datetime, revocation: RevocationLists | None) -> VerifiedClient | GatewayError:
    """Steps 3 to 5 on a path whose names, key identifiers and signatures chain."""
    leaf, authorities = path[0], path[1:]
    for authority in authorities:
        for fault in find_standing_faults(authority.facts, issues=True):
            return fault
    for height, authority in enumerate(authorities):
        if fault_of_length := _find_length_fault(authority, authorities[:height]):
            return fault_of_length
    for height, authority in enumerate(authorities, 1):
        if fault_of_names := _find_names_fault(authority, leaf, path[1:height]):
            return fault_of_names
    for certificate in path:
        if fault_of_time := find_validity_fault(certificate.facts, now):
            return fault_of_time
    not_after = min(certificate.facts.not_after for certificate in path)
    facts = tuple(certificate.facts for certificate in path)
    if revocation is None:
        return VerifiedClient(facts, not_after)
    try:
        return VerifiedClient(facts, min(not_after, *revocation.verify_path(path, now)))
    except GatewayError as error:
        return error


def _find_length_fault(authority: PathCertificate, below: Path) -> GatewayError | None:
    # RFC 5280 section 4.2.1.9: intermediates that follow it on the path; the leaf and self-issued ones do not count.
    allowed = authority.facts.path_length
    count = sum(not certificate.self_issued for certificate in below)
    if allowed is None or count <= allowed:
        return None
    return GatewayError(reasons.CLIENT_CHAIN_PATH_LENGTH, subject=authority.facts.subject, allowed=allowed, found=count)


def _find_names_fault(authority: PathCertificate, leaf: PathCertificate, below: Path) -> GatewayError | None:
    constraints = authority.name_constraints
    if constraints is None:
        return None
    # RFC 5280 section 6.1.3 (b): self-issued intermediates are passed over, the leaf never is.
    for certificate in (leaf, *(each for each in below if not each.self_issued)):
        violation = find_constraint_violation(certificate.facts, constraints, is_leaf=certificate is leaf)
        if violation:
            return GatewayError(
                reasons.CLIENT_CHAIN_NAME_CONSTRAINTS,
                subject=certificate.facts.subject,
                issuer=authority.facts.subject,
                subtree=violation.subtree,
                found=violation.why,
            )
    return None


def _tell_of_sent(fault: GatewayError, sent: Sequence[bytes]) -> GatewayError:
    """The fault, which tells when the client sent the issuer that the truststore lacks."""
    for der in sent:
        try:
            subject = CertificateFacts.from_der(der).subject
        except CertificateError:
            continue
        if subject == fault.facts["issuer"]:
            facts = {**fault.facts, "sent": "; the client sent one, which does not count"}
            return GatewayError(fault.reason, **facts)
    return fault


class _Search:
    """One search, depth first. With `now`, only by CAs that are good by themselves at that instant; else by all."""

    def __init__(self, truststore: Truststore, now: datetime | None, signed: _Signed) -> None:
        self._truststore = truststore
        self._now = now
        self._visits = 0
        self._signed = signed
        self.dead_ends: list[GatewayError] = []

    def find_paths(self, leaf: PathCertificate) -> Iterator[Path]:
        """Each path to a self-signed certificate of the truststore, as long as the number of visits lasts."""
        if leaf.self_signed:
            # Facts 3.2: it stands in the truststore itself, or nothing there can vouch for it.
            if leaf in self._truststore.by_subject.get(leaf.subject, ()):
                yield (leaf,)
            else:
                self.dead_ends.append(GatewayError(reasons.CLIENT_CERT_SELF_SIGNED, subject=leaf.facts.subject))
            return
        yield from self._extend((leaf,))

    def _extend(self, path: Path) -> Iterator[Path]:
        last, found = path[-1], False
        for issuer in self._truststore.find_issuers(last):
            if not self._may_follow(issuer, path):
                continue
            if self._visits == MAXIMUM_VISITS:
                self.dead_ends.append(
                    GatewayError(
                        reasons.CLIENT_CHAIN_SEARCH_EXHAUSTED, subject=path[0].facts.subject, visited=MAXIMUM_VISITS
                    )
                )
                return
            self._visits += 1
            if not self._is_signed(last, issuer):
                # Without an identifier of the key, an issuer of the same name may simply be another.
                if last.authority is None or last.identifies_key_of(issuer):
                    self.dead_ends.append(_fault_of_link(reasons.CLIENT_CERT_SIGNATURE_WRONG, last))
                    found = True
                continue
            found = True
            # The leaf is on the path and does not count.
            if len(path) > MAXIMUM_CAS:
                self.dead_ends.append(GatewayError(reasons.CLIENT_CHAIN_TOO_LONG, subject=path[0].facts.subject))
            elif issuer.self_signed:
                yield (*path, issuer)
            else:
                yield from self._extend((*path, issuer))
        if not found:
            self.dead_ends.append(_fault_of_link(reasons.CLIENT_CERT_ISSUER_NOT_FOUND, last))

    def _may_follow(self, issuer: PathCertificate, path: Path) -> bool:
        if issuer == path[0]:
            return False
        # A path that meets the same CA twice is no better than the one without the loop (RFC 4158 section 5.2).
        if any(issuer.subject == met.subject and issuer.public_key == met.public_key for met in path[1:]):
            return False
        return self._now is None or (
            find_validity_fault(issuer.facts, self._now) is None
            and next(find_standing_faults(issuer.facts, issues=True), None) is None
        )

    def _is_signed(self, certificate: PathCertificate, issuer: PathCertificate) -> bool:
        link = (certificate, issuer)
        if link not in self._signed:
            self._signed[link] = certificate.is_signed_by(issuer)
        return self._signed[link]


def _fault_of_link(reason: reasons.Reason, certificate: PathCertificate) -> GatewayError:
    return GatewayError(reason, subject=certificate.facts.subject, issuer=certificate.facts.issuer, sent="")
