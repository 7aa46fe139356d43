"""One worker's world: the present snapshot, time, identifiers, backends, journal and counters. The real `Ports`."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from time import monotonic, time
from typing import Final, Protocol, TypeAlias

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.integration.invocation import InvokeApi
from gatewright.core.metering.limits import Throttle
from gatewright.core.request_record import render_record
from gatewright.dataplane.authorizer_cache import AuthorizerCache
from gatewright.dataplane.capacity import Capacity, Limits
from gatewright.dataplane.client_verdicts import ClientVerdicts
from gatewright.dataplane.identifiers import RequestIds
from gatewright.dataplane.journal import FLUSH_SECONDS
from gatewright.dataplane.log_groups import LogGroups
from gatewright.dataplane.metering import Metering
from gatewright.dataplane.meters import SharedMeters
from gatewright.dataplane.ports import Backends, Lines, Meters
from gatewright.dataplane.request_metrics import RequestMetrics
from gatewright.dataplane.seen_clients import SeenClients
from gatewright.dataplane.ticket_keys import TicketKeys
from gatewright.dataplane.tls import TlsContexts
from gatewright.model.snapshot import Snapshot


class Expirable(Protocol):
    """A client connection, as the worker looks after it."""

    @property
    def held(self) -> int:
        """Bytes of answers that lie about for this client."""

    def seconds_to_read(self, now: float) -> float:
        """How long it will take for those."""

    def cut(self) -> None:
        """End it at once."""

    def drain(self) -> None:
        """Answer what is under way, then close."""

    def expire(self, now: float) -> None:
        """Close when a limit has passed."""


_LOG = logging.getLogger(__name__)

#: Facts 4.1.
DEFAULT_ACCOUNT_THROTTLE: Final = Throttle(10_000.0, 5_000)
#: How often the log is told that connections are refused: a flood must not fill it.
_REFUSALS_SECONDS: Final = 60.0

#: An event loop's `call_later`.
CallLater: TypeAlias = Callable[[float, Callable[[], None]], object]


class World:
    """Implements `gatewright.dataplane.ports.Ports` for a worker."""

    def __init__(
        self,
        snapshot: Snapshot,
        backends: Backends,
        journal: Lines,
        call_later: CallLater,
        https_port: int,
        *,
        ticket_keys: TicketKeys | None = None,
        capacity: Capacity | None = None,
        seen_clients: SeenClients | None = None,
        log_groups: LogGroups | None = None,
        request_metrics: RequestMetrics | None = None,
        meters: Meters | None = None,
        account_throttle: Throttle = DEFAULT_ACCOUNT_THROTTLE,
        tells_retry: bool = False,
        invoke_api: InvokeApi | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self.snapshot = snapshot
        self.backends = backends
        self.invoke_api = invoke_api
        self.authorizer_cache = AuthorizerCache()
        self.https_port = https_port
        self.capacity = Capacity(Limits()) if capacity is None else capacity
        self.tls_contexts = TlsContexts(ticket_keys)
        self.client_verdicts = ClientVerdicts(None if seen_clients is None else seen_clients.note)
        # Without meters that are shared: those of this process.
        self.metering = Metering(SharedMeters() if meters is None else meters, account_throttle, call_later, now)
        self.tells_retry = tells_retry
        self.connections: set[Expirable] = set()
        self.request_ids = RequestIds()
        self.now = now  # seconds since the epoch; with a clock that tests may move
        self.uptime = monotonic  # what limits on connections go by
        self._journal = journal
        self._log_groups = log_groups
        self._request_metrics = request_metrics
        self._call_later = call_later
        self._counters: Counter[str] = Counter()
        self._answers: dict[int, int] = {}  # requests by status
        self._refused_at = -_REFUSALS_SECONDS  # when the log was last told of refused connections
        self._date_second = 0
        self._date = b""

    def http_date(self) -> bytes:
        """The Date header's value, made once a second."""
        second = int(self.now())
        if second != self._date_second:
            self._date_second = second
            self._date = formatdate(second, usegmt=True).encode()
        return self._date

    def record(self, context: RequestContext, *, refusal: GatewayError | None, latency_ms: int) -> None:
        """One line in the journal, one more in the counters and the stage's metrics, and what the stage logs."""
        status = context.status or 0
        self._answers[status] = self._answers.get(status, 0) + 1
        if refusal is not None:
            self.count_refusal(refusal)
        # Before `_find_stage`: facts 8.4, requests that are refused before their stage is known are not in its metrics.
        if context.stage is not None and self._request_metrics is not None and context.stage.metrics is not None:
            metrics = context.stage.metrics
            self._request_metrics.count(
                metrics,
                context.method if metrics.is_detailed else None,
                context.received_at + latency_ms / 1000,
                status,
                latency_ms,
                context.integration_latency_ms,
            )
        line = render_record(context, refusal=refusal, latency_ms=latency_ms)
        if self._journal.append(line):
            self._call_later(FLUSH_SECONDS, self._journal.flush)
        if refusal is not None and context.stage is None and context.client is not None:
            self._find_stage(context)
        if context.stage is not None and context.stage.logs is not None and self._log_groups is not None:
            self._log_groups.record(context.stage.logs, context, refusal)

    def _find_stage(self, context: RequestContext) -> None:
        """The stage that a client was after whose certificate was refused: its logs are the ones that tell of it."""
        with suppress(GatewayError):
            context.route = self.snapshot.locate(context.host, context.request.path)
            context.stage = context.route.stage

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

    def note_refused_connection(self, now: float) -> None:
        """A client was sent away because as many as the worker serves are there."""
        self._counters["gatewright_connections_refused_total"] += 1
        if now - self._refused_at >= _REFUSALS_SECONDS:
            self._refused_at = now
            _LOG.warning(
                "%d clients are connected, which is all that this worker serves: further ones are refused. "
                "More files (ulimit -n), or more workers, allow for more.",
                self.capacity.limits.connections,
            )

    def count_slow_reader(self) -> None:
        """A client was cut off because others needed the memory that its unread answers held."""
        self._counters["gatewright_slow_readers_cut_total"] += 1

    def counters(self) -> dict[str, int]:
        """All totals since the worker began, by metric name."""
        return {
            **self._counters,
            **{f'gatewright_requests_total{{status="{status}"}}': count for status, count in self._answers.items()},
            "gatewright_connections": len(self.connections),
            "gatewright_backend_calls": self.capacity.calls,
            'gatewright_body_bytes{of="requests"}': self.capacity.requests.used,
            'gatewright_body_bytes{of="answers"}': self.capacity.answers.used,
            "gatewright_journal_lines_lost_total": self._journal.lost,
            **self._log_counters(),
            **self._metric_counters(),
            **self._doubt_counters(),
        }

    def _doubt_counters(self) -> dict[str, int]:
        doubts = self.metering.doubts
        if doubts is None or not doubts.waited:
            return {}  # as where nodes share nothing
        return {
            "gatewright_quota_waiting": doubts.present,
            "gatewright_quota_waits_total": doubts.waited,
            "gatewright_quota_waits_in_vain_total": doubts.in_vain,
        }

    def _metric_counters(self) -> dict[str, int]:
        if self._request_metrics is None:
            return {}
        return {"gatewright_metric_lines_lost_total": self._request_metrics.lost}

    def _log_counters(self) -> dict[str, int]:
        if self._log_groups is None:
            return {}
        return {
            "gatewright_log_events_total": self._log_groups.written,
            "gatewright_log_events_lost_total": self._log_groups.lost,
        }
