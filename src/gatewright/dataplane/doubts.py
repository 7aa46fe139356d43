"""Requests whose quota is in doubt: each waits for the truth, and only then is let through or refused (docs/decisions/0007).

Where nodes share quotas, what this node was leased can be used up while the quota is not. Within some exchanges more is
leased, or the quota is known to be used up, or the cache is known to be away; the meters say which. What this keeps to:

- A request that waits has taken nothing. It is tried again whole, at the instant of the trial, until the meters are sure.
- Who came first is tried first. While the first one of a key is in doubt, so are those behind it.
- A wait ends after `LONGEST_WAIT`; then what the meters said stands. When one was in vain, its key waits no more for a
  moment: a node that died holds what it was leased for some seconds, and not each client is to pay for that.
- Only so many wait at once; one too many gets what the meters said.
- Each goes on by itself, in a call of the event loop: a fault in one costs no other. One whose client is gone does too, and
  its answer finds nobody, as with all that requests wait for.
"""

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Final

from gatewright.core.errors import GatewayError
from gatewright.core.metering.charge import Bucket, Ledger, Shortage
from gatewright.dataplane.drive import Waiter

#: Longer than it takes to notice that the process that leases has stopped, which is half a second (`app/lease_exchange.py`).
LONGEST_WAIT: Final = 0.6
#: A look costs some microseconds for each key in doubt: a worker with this many keys spends most of its time on nothing else.
MOST_WAITING: Final = 1_024
#: Between two looks. What there is to be seen changes a hundred times a second.
PAUSE: Final = 0.005
#: For how long a key does not wait after a wait in vain.
VAIN_SECONDS: Final = 1.0


class _Waiting:
    """One request. `explain` makes of a shortage the refusal of this request."""

    __slots__ = ("buckets", "explain", "ledger", "until", "waiter")

    def __init__(
        self, ledger: Ledger, buckets: Sequence[Bucket], explain: Callable[[Shortage], GatewayError], until: float
    ) -> None:
        self.waiter: Waiter[None] = Waiter()
        self.ledger = ledger
        self.buckets = buckets
        self.explain = explain
        self.until = until

    def settle(self, shortage: Shortage | None) -> None:
        """The request goes on, or is refused."""
        if shortage is None:
            self.waiter.resolve(None)
        else:
            self.waiter.fail(self.explain(shortage))


class Doubts:
    """Those of one worker. `take` is that of its meters."""

    def __init__(
        self,
        take: Callable[[Ledger, Sequence[Bucket], int], Shortage | None],
        call_later: Callable[[float, Callable[[], None]], object],
        now: Callable[[], float],
        uptime: Callable[[], float] = monotonic,
    ) -> None:
        self._take = take
        self._call_later = call_later
        self._now = now
        self._uptime = uptime
        self._waiting: list[_Waiting] = []
        self._vain: dict[int, float] = {}  # by the ledger's name, until when it is not waited for
        self.waited = 0
        self.in_vain = 0

    @property
    def present(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    def enter(
        self, ledger: Ledger, buckets: Sequence[Bucket], explain: Callable[[Shortage], GatewayError]
    ) -> Waiter[None] | None:
        """What the request is to wait for, and then goes on or is refused; None: it is not to wait."""
        uptime = self._uptime()
        if len(self._waiting) >= MOST_WAITING or self._vain.get(ledger.name, 0.0) > uptime:
            return None
        self.waited += 1
        one = _Waiting(ledger, buckets, explain, uptime + LONGEST_WAIT)
        self._waiting.append(one)
        if len(self._waiting) == 1:
            self._call_later(PAUSE, self.look)
        return one.waiter

    def look(self) -> None:
        """Try again all that wait."""
        uptime, instant = self._uptime(), int(self._now() * 1e9)
        doubtful: dict[int, Shortage] = {}  # by the ledger's name
        still: list[_Waiting] = []
        for one in self._waiting:
            name = one.ledger.name
            shortage = doubtful.get(name)
            if shortage is None:
                try:
                    shortage = self._take(one.ledger, one.buckets, instant)
                except Exception as error:  # noqa: BLE001  a bug of ours costs one request, and not all that wait
                    self._call_later(0.0, partial(one.waiter.fail, error))
                    continue
            if shortage is not None and shortage.in_doubt:
                doubtful[name] = shortage
                if one.until > uptime:
                    still.append(one)
                    continue
                self._note_vain(name, uptime)
            self._call_later(0.0, partial(one.settle, shortage))
        self._waiting = still
        if still:
            self._call_later(PAUSE, self.look)

    def _note_vain(self, name: int, uptime: float) -> None:
        self.in_vain += 1
        if len(self._vain) >= MOST_WAITING:
            self._vain.clear()
        self._vain[name] = uptime + VAIN_SECONDS
