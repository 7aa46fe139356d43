"""One worker's world: the present snapshot, time, identifiers, backends, journal and counters. The real `Ports`."""

from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Protocol, TypeAlias

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.request_record import render_record
from gatewright.dataplane.identifiers import RequestIds
from gatewright.dataplane.journal import FLUSH_SECONDS, Journal
from gatewright.dataplane.ports import Backends
from gatewright.dataplane.ticket_keys import TicketKeys
from gatewright.dataplane.tls import TlsContexts
from gatewright.model.snapshot import Snapshot


class Expirable(Protocol):
    """A client connection, as the worker looks after it."""

    def drain(self) -> None:
        """Answer what is under way, then close."""

    def expire(self, now: float) -> None:
        """Close when a limit has passed."""


#: An event loop's `call_later`.
CallLater: TypeAlias = Callable[[float, Callable[[], None]], object]


class World:
    """Implements `gatewright.dataplane.ports.Ports` for a worker."""

    def __init__(
        self,
        snapshot: Snapshot,
        backends: Backends,
        journal: Journal,
        call_later: CallLater,
        https_port: int,
        *,
        ticket_keys: TicketKeys | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.backends = backends
        self.https_port = https_port
        self.tls_contexts = TlsContexts(ticket_keys)
        self.connections: set[Expirable] = set()
        self.request_ids = RequestIds()
        self.now = time
        self._journal = journal
        self._call_later = call_later
        self._counters: Counter[str] = Counter()
        self._answers: dict[int, int] = {}  # requests by status
        self._date_second = 0
        self._date = b""

    def http_date(self) -> bytes:
        """The Date header's value, made once a second."""
        second = int(time())
        if second != self._date_second:
            self._date_second = second
            self._date = formatdate(second, usegmt=True).encode()
        return self._date

    def record(self, context: RequestContext, *, refusal: GatewayError | None, latency_ms: int) -> None:
        """One line in the journal, one more in the counters."""
        status = context.status or 0
        self._answers[status] = self._answers.get(status, 0) + 1
        if refusal is not None:
            self.count_refusal(refusal)
        line = render_record(context, refusal=refusal, latency_ms=latency_ms)
        if self._journal.append(line):
            self._call_later(FLUSH_SECONDS, self._journal.flush)

    def count_refusal(self, refusal: GatewayError) -> None:
        """A request that the gateway itself answered."""
        self._counters[f'gatewright_refusals_total{{reason="{refusal.reason.code}"}}'] += 1

    def count_handshake(self, *, resumed: bool) -> None:
        """A TLS session that carried a first request; whether it took up an earlier one."""
        self._counters["gatewright_handshakes_total"] += 1
        if resumed:
            self._counters["gatewright_handshakes_resumed_total"] += 1

    def count_handshake_failure(self, fault: str) -> None:
        """A client that did not get a session."""
        self._counters[f'gatewright_handshake_failures_total{{fault="{fault}"}}'] += 1

    def counters(self) -> dict[str, int]:
        """All totals since the worker began, by metric name."""
        return {
            **self._counters,
            **{f'gatewright_requests_total{{status="{status}"}}': count for status, count in self._answers.items()},
            "gatewright_connections": len(self.connections),
            "gatewright_journal_lines_lost_total": self._journal.lost,
        }
