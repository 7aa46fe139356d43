"""The process that shares this node's meters with other nodes, through Redis or Valkey (docs/decisions/0007).

    begin a turn → read what the workers used in the last one → tell it, and hear what is left → set this node's meters

What it keeps to:

- Requests never ask it. It may be late, stopped or dead: then the node meters by itself.
- It tells what was used a hundred times a second, or as often as the cache answers; of what nobody used, nothing.
- When the cache is away the log says why, once (and once more of each further cause that somebody has to mend), and says
  when it is back; what buckets gave in between is forgotten, what was counted of quotas is told.
"""

from __future__ import annotations

import logging
import select
import signal
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from gatewright.app.cache_metrics import Total
from gatewright.app.extensions import Extension, Extensions
from gatewright.cache.connection import CacheAway, CacheConnection, CachePlace, ScriptCall
from gatewright.cache.shared_buckets import Spending, book, parse_debts
from gatewright.cache.shared_quotas import Presence, Telling, extend, live, parse_leases, parse_presence, tell
from gatewright.core.metering.limits import Quota
from gatewright.core.metering.quota import day_of, first_few
from gatewright.core.metering.token_bucket import SECOND
from gatewright.dataplane.activity import Activities, Turns, Used
from gatewright.dataplane.meters import SharedMeters

logger = logging.getLogger(__name__)

MILLISECOND: Final = 1_000_000

#: Between two exchanges, beside the time that they take. What two nodes may let through beyond a limit at one moment is
#: what they serve in this time; at a hundred exchanges a second all of it costs a twentieth of a core.
PERIOD: Final = 10 * MILLISECOND
#: Without requests there is nothing to tell; the news of the others are asked for all the same.
_IDLE_PERIOD: Final = 50 * MILLISECOND
#: A period that is longer than this is an accident, and the next one will not be so long.
_LONGEST_PERIOD: Final = 200 * MILLISECOND
#: A lease that is not renewed falls to the others after so many periods. At least that of a machine that is busy.
_LEASE_PERIODS: Final = 4
_SHORTEST_LEASE: Final = 50 * MILLISECOND
#: After this long without an answer the workers know by themselves that the others are not heard.
_FRESH: Final = 500 * MILLISECOND
#: Nobody waits for a node that was not heard for so long to give back what it was leased of quotas.
_LIFE_SECONDS: Final = 10
_RETRY: Final = 500 * MILLISECOND

#: A script holds up the server's other clients: some 20 µs an entry.
_ENTRIES: Final = 128
_CALLS: Final = 8
#: Ledgers that are told anew after a loss; some 200 bytes each.
_MAX_KNOWN: Final = 262_144

#: A script, and what is done with its answer.
_Errand: TypeAlias = tuple[ScriptCall, Callable[[Any], None]]


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """What the process is told at its birth."""

    place: CachePlace
    directory: Path
    node: str
    workers: int
    now: Callable[[], float] = time.time


def run_exchange(settings: ExchangeSettings, *, report_ready: Callable[[], None], lifeline: int) -> int:
    """Shares until SIGTERM or the end of the lifeline; the exit code."""
    stopped = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    exchange = LeaseExchange(settings)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    report_ready()
    while not stopped and not poll.poll(PERIOD // MILLISECOND):
        exchange.step()
    exchange.leave()
    return 0


class LeaseExchange:
    """Between the meters of this node and those of all."""

    def __init__(self, settings: ExchangeSettings, connection: CacheConnection | None = None) -> None:
        self._node = settings.node
        self._now = settings.now
        self._place = settings.place
        self._connection = connection or CacheConnection(settings.place)
        self._meters = SharedMeters(settings.directory)
        self._extensions = Extensions(settings.directory)
        self._turns = Turns(settings.directory)
        self._activities = Activities(settings.directory, settings.workers, self._turns)
        self._known: dict[int, Quota | None] = {}  # ledgers of which the others were told, or should have been
        self._owed: dict[int, Quota | None] = {}  # of these the ones to be told of once more, since the cache was away
        self._recalled: dict[int, Quota | None] = {}  # what is to be given back with the next exchange
        self._holding: set[int] = set()  # ledgers that had something left when they were told of in this exchange
        self._heard = 0
        self._is_up: bool | None = None
        self._last = 0  # exchange, by CLOCK_MONOTONIC
        self._lost_at = 0
        self._told: set[str] = set()  # why the cache cannot be used, of this loss
        self._ahead = PERIOD
        # Until the first answer, which is to come soon, what was last leased is what there is.
        self._turns.keep_fresh(time.monotonic_ns() + _FRESH)
        self._turns.put(Total.UP, 0)

    def step(self) -> None:
        """One exchange, if there is anything to say or to hear."""
        since = time.monotonic_ns() - self._last
        if since >= (_IDLE_PERIOD if self._is_up else _RETRY) or (self._is_up and self._activities.has_any()):
            self.share()

    def share(self) -> None:
        """One exchange: what the workers used is told, and this node's meters are set to what it may use."""
        began = time.monotonic_ns()
        if self._is_up:
            since = min(max(began - self._last, PERIOD), _LONGEST_PERIOD)
            self._ahead = (7 * self._ahead + since) // 8
        self._last = began
        used = self._activities.read(self._activities.turn())
        self._remember(used.ledgers)
        try:
            self._exchange(used)
        except CacheAway as away:
            self._note_loss(away, used, began)
        else:
            self._turns.keep_fresh(time.monotonic_ns() + _FRESH)
            self._turns.add(Total.EXCHANGES, 1)

    def leave(self) -> None:
        """The others need not reckon with this node any more: what it was leased is given back."""
        used = self._activities.read(self._activities.turn())
        self._remember(used.ledgers)
        self._turns.keep_fresh(0)
        try:
            if self._is_up:
                self._run(self._errands(Used(), self._known, gives_back=True))
                self._connection.run([live(self._node, 0, self._heard, self._today())])
        except CacheAway as away:
            logger.warning("%s; the others will know of our end in %d s", away, _LIFE_SECONDS)
        self._connection.close()

    def _exchange(self, used: Used) -> None:
        presences: list[Presence] = []
        here = (
            live(self._node, _LIFE_SECONDS, self._heard, self._today()),
            lambda answer: presences.append(parse_presence(answer)),
        )
        recalled, self._recalled = self._recalled, {}
        self._holding.clear()
        self._run(
            [
                here,
                *self._describe_extensions(),
                *self._errands(used, _without(recalled, used.ledgers), gives_back=False),
                *self._errands(Used(), recalled, gives_back=True),
            ]
        )
        (presence,) = presences
        if not self._is_up:
            self._note_return(presence)
        elif presence.last < self._heard:
            logger.warning("%s has lost what it had; this node tells all that it knows", self._place.shown)
            self._owed = dict(self._known)
        self._heard = presence.last
        self._turns.put(Total.NODES, presence.nodes)
        offered = {each.name: each.quota for each in presence.news if each.is_offer}
        recalled = {each.name: each.quota for each in presence.news if not each.is_offer}
        self._remember(recalled)
        # What was held, and is used at this moment, is given back in a moment, when more is not asked for in the same breath.
        self._recalled = {name: quota for name, quota in recalled.items() if name in self._holding}
        further = [
            *self._errands(Used(), _without(used.ledgers, self._owed | offered), gives_back=False),
            *self._errands(Used(), _without(used.ledgers, recalled), gives_back=True),
        ]
        if further:
            self._run(further)
        self._owed = {}

    def _describe_extensions(self) -> list[_Errand]:
        """Of UpdateUsage while the cache was away, or before there was one."""
        errands: list[_Errand] = []
        for each in self._extensions.pending(self._today())[:_ENTRIES]:
            call = extend(each.id, each.name, each.quota, each.day, more=each.amount)
            errands.append((call, partial(self._forget_extension, each)))
            self._remember({each.name: each.quota})
        return errands

    def _forget_extension(self, extension: Extension, _answer: Any) -> None:
        self._extensions.forget(extension)
        self._owed[extension.name] = extension.quota  # what is left is not this node's alone any more

    def _errands(self, used: Used, ledgers: Mapping[int, Quota | None], *, gives_back: bool) -> list[_Errand]:
        errands: list[_Errand] = []
        for batch in _batches([Spending(name, *rest) for name, rest in used.buckets.items()]):
            call = book(self._node, batch, stands=max(_SHORTEST_LEASE, _LEASE_PERIODS * self._ahead), ahead=self._ahead)
            errands.append((call, partial(self._set_buckets, batch)))
        now = self._instant()
        for names in _batches(list(ledgers)):
            tellings = [self._describe(name, ledgers[name], now, gives_back=gives_back) for name in names]
            errands.append((tell(self._node, tellings), partial(self._set_quotas, tellings)))
        return errands

    def _run(self, errands: Sequence[_Errand]) -> None:
        for first in range(0, len(errands), _CALLS):
            some = errands[first : first + _CALLS]
            for (_, use), answer in zip(some, self._connection.run([call for call, _ in some]), strict=True):
                use(answer)

    def _describe(self, name: int, quota: Quota | None, now: int, *, gives_back: bool) -> Telling:
        standing = self._meters.read_standing(name, quota, now, gives_back=gives_back)
        if standing.left > 0:
            self._holding.add(name)
        wanted = 0 if gives_back or quota is None else first_few(quota)
        return Telling(
            name,
            quota,
            wanted,
            standing.used,
            standing.first_day,
            day_of(now),
            standing.used_today,
            standing.used_yesterday,
        )

    def _set_buckets(self, spendings: Sequence[Spending], answer: Any) -> None:
        since = self._activities.read(self._activities.present).buckets
        self._meters.set_debts(
            {
                each.name: debt + (since[each.name][2] * each.interval if each.name in since else 0)
                for each, debt in zip(spendings, parse_debts(answer), strict=True)
            },
            self._instant(),
        )
        self._turns.add(Total.TOKENS, sum(each.tokens for each in spendings))

    def _set_quotas(self, tellings: Sequence[Telling], answer: Any) -> None:
        now = self._instant()
        for telling, lease in zip(tellings, parse_leases(answer), strict=True):
            if telling.quota is not None and telling.today == day_of(now):
                self._meters.lease(telling.name, telling.quota, lease.up_to, lease.beside, now)
        self._turns.add(Total.LEDGERS, len(tellings))

    def _note_loss(self, away: CacheAway, used: Used, now: int) -> None:
        self._turns.keep_fresh(0)
        self._turns.put(Total.UP, 0)
        self._turns.add(Total.UNSHARED, sum(tokens for _, _, tokens in used.buckets.values()))
        if self._is_up is not False:
            self._lost_at = now
            self._turns.add(Total.LOSSES, 1)
        if self._is_up is not False or not (away.passes or str(away) in self._told):
            # What does not pass by itself is told too when it is found behind something that did.
            logger.warning("The cache cannot be used: %s. This node meters by itself until it can.", away)
            self._told.add(str(away))
        self._is_up = False

    def _note_return(self, presence: Presence) -> None:
        if self._is_up is None:
            logger.info("Meters are shared through %s; nodes: %d", self._place.shown, presence.nodes)
        else:
            away = (time.monotonic_ns() - self._lost_at) / SECOND
            logger.warning(
                "The cache %s is back after %.1f s; nodes: %d. Meters are shared again.",
                self._place.shown,
                away,
                presence.nodes,
            )
        self._is_up = True
        self._told.clear()
        self._turns.put(Total.UP, 1)
        self._owed = dict(self._known)
        self._ahead = PERIOD

    def _remember(self, ledgers: Mapping[int, Quota | None]) -> None:
        for name, quota in ledgers.items():
            self._known.pop(name, None)  # the latest come last
            self._known[name] = quota
        while len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _instant(self) -> int:
        return int(self._now() * SECOND)

    def _today(self) -> int:
        return day_of(self._instant())


def _without(told: Container[int], ledgers: Mapping[int, Quota | None]) -> dict[int, Quota | None]:
    return {name: quota for name, quota in ledgers.items() if name not in told}


def _batches(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(things), _ENTRIES):
        yield things[first : first + _ENTRIES]
