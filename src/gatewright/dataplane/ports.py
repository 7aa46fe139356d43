"""What the pipeline needs from the world: time, identifiers, the snapshot, backends, and somewhere to record.

One worker has one `Ports`. Tests hand in others.
"""

from typing import Protocol

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.dataplane.client_verdicts import ClientVerdicts
from gatewright.dataplane.drive import Waiter
from gatewright.model.snapshot import Snapshot


class Backends(Protocol):
    """Calls backends."""

    def call(self, request: BackendRequest) -> Waiter[BackendResponse]:
        """Send the request; the waiter gets the whole answer or a `GatewayError`, within the request's timeout."""


class Lines(Protocol):
    """Where the lines of finished requests go: `dataplane.journal.Journal`."""

    lost: int

    def append(self, line: str) -> bool:
        """Keep a line until the next flush. True when it is the first one waiting."""

    def flush(self) -> None:
        """Write what waits."""


class Ports(Protocol):
    """The world of one worker."""

    @property
    def snapshot(self) -> Snapshot:
        """What is configured, as of now."""

    @property
    def backends(self) -> Backends:
        """Where integrations go."""

    @property
    def client_verdicts(self) -> ClientVerdicts:
        """Which clients' certificates were found good, and which not."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def request_ids(self, received_at: float) -> tuple[str, str, str]:
        """A fresh request id (UUID), extended request id, and trace id."""

    def record(self, context: RequestContext, *, refusal: GatewayError | None, latency_ms: int) -> None:
        """Keep what is to be kept of a finished request. Never blocks, never raises."""
