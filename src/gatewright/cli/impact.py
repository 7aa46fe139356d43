"""Which of the clients that came to a domain name lately a new truststore would refuse: from the lines that workers keep.

Each worker keeps its own lines (`gatewright.dataplane.seen_clients`). Only clients that were let in count: who is refused
today loses nothing. A certificate that has expired since is refused with or without the new truststore, and says so.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gatewright.core.errors import GatewayError
    from gatewright.core.x509.revocation import RevocationLists
    from gatewright.core.x509.truststore import Truststore


class SeenClient(NamedTuple):
    """A client's certificate (DER) and when it was last seen, to the day."""

    certificate: bytes
    seen_at: datetime


class Impact(NamedTuple):
    """A client that was seen, and what the truststore says of it; no fault lets it in."""

    client: SeenClient
    subject: str
    fault: GatewayError | None


def read_seen_clients(folder: Path, domain_name: str, since: datetime) -> list[SeenClient]:
    """The clients that the domain name let in since then, the one that was seen last first."""
    latest: dict[bytes, int] = {}
    for line in _lines(folder):
        if line.get("domainName") == domain_name and line.get("reason") is None:
            try:
                certificate, seen_at = b64decode(line["certificate"], validate=True), int(line["seenAt"])
            except (KeyError, TypeError, ValueError):
                continue
            latest[certificate] = max(seen_at, latest.get(certificate, 0))
    clients = [SeenClient(certificate, datetime.fromtimestamp(at, UTC)) for certificate, at in latest.items()]
    # A line is written once a day: a client that came after its line is as late as a day later.
    found = [client for client in clients if client.seen_at >= since - timedelta(days=1)]
    return sorted(found, key=lambda client: client.seen_at, reverse=True)


def judge_clients(
    clients: list[SeenClient], truststore: Truststore, now: datetime, revocation: RevocationLists | None
) -> Iterator[Impact]:
    """What the truststore says of each."""
    from gatewright.core.errors import GatewayError
    from gatewright.core.x509.certificate import CertificateFacts
    from gatewright.core.x509.client_chain import verify_client_chain

    for client in clients:
        fault = None
        try:
            verify_client_chain(client.certificate, truststore, now, revocation=revocation)
        except GatewayError as error:
            fault = error
        # Whoever was let in had a certificate that could be read.
        yield Impact(client, CertificateFacts.from_der(client.certificate).subject, fault)


def _lines(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue  # it is being written
                if isinstance(line, dict):
                    yield line
