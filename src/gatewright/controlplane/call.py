"""What an operation is given besides its parameters: who calls, where, when, and the transaction it works in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.rollout import NO_WORKERS, Rollout
from gatewright.store.log_files import NO_LOGS, LogFiles
from gatewright.store.metric_points import NO_METRICS, Metered
from gatewright.store.port import Transaction


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified caller of a control-plane operation."""

    account: str
    arn: str
    user_id: str
    access_key_id: str


@dataclass(frozen=True, slots=True)
class Installation:
    """What operations must know of the installation they run in; fixed for the life of the process."""

    suffix: str  # of the default endpoint: {api}.execute-api.{region}.{suffix}
    default_region: str
    default_account: str
    account_rate_limit: float = 10_000.0  # GetAccount's throttleSettings
    account_burst_limit: int = 5_000
    addresses: tuple[str, ...] = ("127.0.0.1",)  # at which clients reach the HTTPS listener
    dns_updates: bool = False  # a DNS server elsewhere is told of every change of a hosted zone
    # Names for which ACM asks an ACME directory: below these domains (empty: all but special-use names); None: none.
    acme_domains: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call of one operation, inside one transaction.

    `random_text(alphabet, length)` draws identifiers (see `gatewright.model.identifiers`); `now` is the instant of the
    call in seconds since the epoch. An operation reads no other clock and no other randomness. `logs` are the events of log
    groups and `metrics` what was counted of requests, which take no part in the transaction. `rollout` tells which
    changes workers have not taken up yet.
    """

    service: str
    operation: str
    principal: Principal
    region: str
    request_id: str
    now: float
    random_text: Callable[[str, int], str]
    transaction: Transaction
    installation: Installation
    logs: LogFiles = NO_LOGS
    metrics: Metered = NO_METRICS
    rollout: Rollout = NO_WORKERS

    @property
    def account(self) -> str:
        """The caller's account, to which everything it makes belongs."""
        return self.principal.account


#: Parameters in botocore's member names, checked against the model's constraints → the output in the same names.
#: `None` answers a body-less output. Anything the client did wrong is raised as a `ServiceError`. An operation that only
#: reads may be a coroutine function.
Operation: TypeAlias = Callable[
    [Call, Mapping[str, Any]], Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation with costly work that needs nothing stored, such as making a key.

    `prepare` does that work in a thread, outside of any transaction, and gives the operation that then runs in one. It
    gets the checked parameters, so it refuses what would make its work pointless.
    """

    prepare: Callable[[Mapping[str, Any]], Operation]

    def __call__(self, call: Call, params: Mapping[str, Any]) -> Mapping[str, Any] | Awaitable[Any] | None:
        """Both at once, for those who have nothing to keep responsive."""
        return self.prepare(params)(call, params)


@dataclass(frozen=True, slots=True)
class Lengthy:
    """An operation that may take most of a second, such as freezing an API of 10,000 resources or keeping 100 MB.

    It runs in a thread, so that other calls are answered in the meantime; those that write wait for one that writes. It
    changes no secret that is there, but may delete one with its record: those who tell the workers read a secret after its
    record, and count on no commit in between that would give the record another one.
    """

    operate: Operation

    def __call__(self, call: Call, params: Mapping[str, Any]) -> Mapping[str, Any] | Awaitable[Any] | None:
        """The operation."""
        return self.operate(call, params)


__all__ = ["Call", "Installation", "Lengthy", "Operation", "Prepared", "Principal", "ServiceError"]
