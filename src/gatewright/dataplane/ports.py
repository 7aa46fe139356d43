"""What the pipeline needs from the world: time, identifiers, the snapshot, backends, and somewhere to record.

One worker has one `Ports`. Tests hand in others.
"""

from collections.abc import Sequence
from typing import Protocol

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.invocation import InvokeApi
from gatewright.core.metering.charge import Bucket, Ledger, Shortage
from gatewright.dataplane.authorizer_cache import AuthorizerCache
from gatewright.dataplane.client_verdicts import ClientVerdicts
from gatewright.dataplane.drive import Waiter
from gatewright.model.compiled_method import CompiledMethod
from gatewright.model.snapshot import Route, Snapshot


class Backends(Protocol):
    """Calls backends."""

    def call(self, request: BackendRequest) -> Waiter[BackendResponse]:
        """Send the request; the waiter gets the whole answer or a `GatewayError`, within the request's timeout."""


class Meters(Protocol):
    """Counts what is let through: `dataplane.meters.SharedMeters`, or what nodes share.

    A call answers at once, from what this node knows: a form that several nodes share takes tokens and parts of quotas
    in advance, beside the calls, and is exact up to what it has taken and not yet used.
    """

    def take(self, ledger: Ledger | None, buckets: Sequence[Bucket], now: int) -> Shortage | None:
        """One of each bucket and of the quota, or nothing of any: then whoever had nothing left, the first in order.

        `now` is in nanoseconds since the epoch. What is `in_doubt` will be known better within some exchanges.
        OSError or ValueError: the meters cannot be used.
        """


class MeteringStep(Protocol):
    """The step of keys, quotas and throttles: `dataplane.metering.Metering`."""

    def meter(
        self, method: CompiledMethod, route: Route, context: RequestContext, snapshot: Snapshot, now: float
    ) -> Waiter[None] | None:
        """None for a request that may go on, which is counted; raises `GatewayError` for one that may not.

        What it gives else is to be awaited, and ends in the same way: the quota is in doubt (`dataplane/doubts.py`).
        `now` is this moment, and not when the request came: it may have waited for an authorizer.
        """


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
    def invoke_api(self) -> InvokeApi | None:
        """Where functions are invoked; None: nowhere."""

    @property
    def authorizer_cache(self) -> AuthorizerCache:
        """What authorizers said lately."""

    @property
    def client_verdicts(self) -> ClientVerdicts:
        """Which clients' certificates were found good, and which not."""

    @property
    def metering(self) -> MeteringStep:
        """Keys, quotas and throttles."""

    @property
    def tells_retry(self) -> bool:
        """Whether a 429 of ours has a Retry-After, which the service's have not."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def request_ids(self, received_at: float) -> tuple[str, str, str]:
        """A fresh request id (UUID), extended request id, and trace id."""

    def record(self, context: RequestContext, *, refusal: GatewayError | None, latency_ms: int) -> None:
        """Keep what is to be kept of a finished request. Never blocks, never raises."""
