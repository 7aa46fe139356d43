"""Mutual TLS's verdicts on clients, each made once and kept while it holds.

What this module knows: a verdict depends on the certificates that came, on the truststore and its revocation lists, and on
the time. So it is kept by fingerprint of the former and identity of the latter, until the next instant at which a
certificate of either begins or ceases to be valid. A connection keeps its own, so that a further request costs a comparison;
when the domain gets another truststore the comparison fails, and the next request on the open connection is judged anew.

The rule this file keeps: what cannot be judged is refused. A domain name that asks for client certificates and has no
truststore, or one that cannot be read, lets nobody in.
"""

import logging
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from math import inf
from typing import Final, NamedTuple

from gatewright.core.connection_facts import ClientVerdict, ConnectionFacts
from gatewright.core.errors import GatewayError
from gatewright.core.reasons import CLIENT_CERT_MISSING, TRUSTSTORE_MISSING, TRUSTSTORE_UNREADABLE, Reason
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.client_chain import verify_client_chain
from gatewright.core.x509.revocation import RevocationListError, RevocationLists
from gatewright.core.x509.truststore import Truststore, TruststoreError
from gatewright.model.snapshot import ClientTrust

_LOG = logging.getLogger(__name__)

#: Verdicts of a worker, some 500 bytes each; one costs 0.3 ms to make.
_MAX_VERDICTS: Final = 16_384
#: Bytes of the PEM texts whose certificates are kept parsed; these take some eight times as much.
_MAX_PARSED_BYTES: Final = 8_388_608
#: A revocation list may say of each certificate when it is revoked; nobody looks through all of that to know when to ask
#: again.
_REVOCATION_SECONDS: Final = 60.0
#: A certificate is good at the very instant at which it ends (RFC 5280 section 4.1.2.5), to the microsecond of `datetime`.
_INCLUSIVE: Final = 2e-6
_MAX_TEXT: Final = 512


class _Anchors(NamedTuple):
    """A truststore as it is used; `turns` are the instants at which one of its certificates begins or ceases to be valid."""

    truststore: Truststore
    revocation: RevocationLists | None
    turns: tuple[float, ...]
    size: int


class ClientVerdicts:
    """What one worker has found of its clients' certificates.

    `note` is told of each connection's client: domain name, certificate, refusal if any, and when.
    """

    __slots__ = ("_anchors", "_note", "_parsed_bytes", "_verdicts")

    def __init__(self, note: Callable[[str, bytes, Reason | None, float], None] | None = None) -> None:
        self._note = note
        self._verdicts: OrderedDict[tuple[bytes, str], ClientVerdict] = OrderedDict()
        self._anchors: OrderedDict[str, _Anchors] = OrderedDict()
        self._parsed_bytes = 0

    def judge(self, connection: ConnectionFacts, trust: ClientTrust, now: float) -> ClientVerdict:
        """The verdict on the client of a connection, by the truststore that its domain has now."""
        known = connection.verdict
        if known is not None and known.identity == trust.identity and now < known.until:
            return known
        connection.verdict = found = self._find(connection.client_chain, trust, now)
        if self._note is not None and connection.client_chain:
            self._note(trust.domain_name, connection.client_chain[0], found.reason, now)
        return found

    def _find(self, chain: tuple[bytes, ...], trust: ClientTrust, now: float) -> ClientVerdict:
        if not chain:
            return _refuse(trust, CLIENT_CERT_MISSING)
        if trust.bundle is None:
            return _refuse(trust, TRUSTSTORE_MISSING)
        # DER says where it ends, so that no two chains are the same bytes.
        key = (sha256(b"".join(chain)).digest(), trust.identity)
        verdict = self._verdicts.get(key)
        if verdict is not None and now < verdict.until:
            self._verdicts.move_to_end(key)
            return verdict
        try:
            anchors = self._read(trust, trust.bundle)
        except (TruststoreError, RevocationListError) as error:
            _LOG.error("The truststore of %s cannot be used, and nobody comes in: %s", trust.domain_name, error)
            return _refuse(trust, TRUSTSTORE_UNREADABLE, why=str(error))
        verdict = self._verdicts[key] = _judge(chain, trust, anchors, now)
        self._verdicts.move_to_end(key)
        if len(self._verdicts) > _MAX_VERDICTS:
            self._verdicts.popitem(last=False)
        return verdict

    def _read(self, trust: ClientTrust, bundle: str) -> _Anchors:
        anchors = self._anchors.get(trust.identity)
        if anchors is not None:
            self._anchors.move_to_end(trust.identity)
            return anchors
        truststore = Truststore.from_pem(bundle.encode())
        revocation = None
        if trust.revocation_lists is not None:
            revocation = RevocationLists.from_files([trust.revocation_lists.encode()])
        turns = sorted({instant for entry in truststore.entries for instant in _turns_of(entry.facts)})
        anchors = self._anchors[trust.identity] = _Anchors(truststore, revocation, tuple(turns), len(bundle))
        self._parsed_bytes += anchors.size
        while self._parsed_bytes > _MAX_PARSED_BYTES and len(self._anchors) > 1:
            _, dropped = self._anchors.popitem(last=False)
            self._parsed_bytes -= dropped.size
        return anchors


def _refuse(trust: ClientTrust, reason: Reason, **facts: str) -> ClientVerdict:
    return ClientVerdict(trust.identity, inf, None, reason, facts)


def _judge(chain: tuple[bytes, ...], trust: ClientTrust, anchors: _Anchors, now: float) -> ClientVerdict:
    reason: Reason | None = None
    facts: dict[str, str] = {}
    leaf: CertificateFacts | None = None
    turns = list(anchors.turns)
    try:
        verified = verify_client_chain(
            chain[0],
            anchors.truststore,
            datetime.fromtimestamp(now, UTC),
            sent=chain[1:],
            revocation=anchors.revocation,
        )
        leaf = verified.leaf
        turns.append(_end(verified.not_after))
    except GatewayError as error:
        reason = error.reason
        # Names in certificates may be as long as their makers like, and these are kept.
        facts = {name: str(value)[:_MAX_TEXT] for name, value in error.facts.items()}
        with suppress(CertificateError):
            leaf = CertificateFacts.from_der(chain[0])
    if leaf is not None:
        turns += _turns_of(leaf)
    if anchors.revocation is not None:
        turns.append(now + _REVOCATION_SECONDS)
    turns.sort()
    next_turn = bisect_right(turns, now)
    until = turns[next_turn] if next_turn < len(turns) else inf
    return ClientVerdict(trust.identity, until, None if leaf is None else leaf.subject[:_MAX_TEXT], reason, facts)


def _turns_of(certificate: CertificateFacts) -> tuple[float, float]:
    return certificate.not_before.timestamp(), _end(certificate.not_after)


def _end(instant: datetime) -> float:
    return instant.timestamp() + _INCLUSIVE
