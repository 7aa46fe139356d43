"""Telling a DNS server elsewhere what our hosted zones hold (`--dns-update`).

    change + DnsUpdate, in one transaction → the newest state is sent → the DnsUpdate is forgotten

What it keeps to:

- What is to be told is in the store until the server has taken it, so nothing is lost when either side is down. What is
  told is what is true at the time of telling; several changes of one name become one.
- A server that does not answer is asked again after a pause, which doubles up to a limit; an update that it refuses is
  tried again too, and holds up no other. Each trouble is logged once, when it begins, and its end.
- The first time that a server is named it is told of all hosted zones. SOA and NS records of an apex stay its own.
- Alias records are told as the addresses that they stand for; TSIG secrets are in no log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

import dns.name

from gatewright.controlplane.failure import describe_failure
from gatewright.core.dns.answer import Answer
from gatewright.core.dns.name import Name, parse_name
from gatewright.core.dns.zone import RecordSet
from gatewright.model.compile_zone import compile_record_set
from gatewright.model.records import Challenge, DnsUpdate, DnsUpdateServer, HostedZone, ResourceRecordSet
from gatewright.nameserver.updates import (
    ServerUnreachable,
    UpdateRefused,
    UpdateServer,
    find_zone,
    send_update,
)
from gatewright.store.port import Reader, Store

logger = logging.getLogger(__name__)

#: How often the store is asked whether there is something to tell, when nobody says so.
POLL_SECONDS: Final = 1.0

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0

#: Record sets in one message, far below the 64 KB that it may have.
MAX_TOGETHER: Final = 50

#: From a challenge's own TTL (RFC 8555's validator asks anew anyway).
_CHALLENGE_TTL: Final = 60


class DnsUpdates:
    """The teller. One an installation, in the control process.

    `answer` is what our DNS says, for aliases; `writing` is the lock under which the control plane writes.
    """

    def __init__(
        self,
        store: Store,
        server: UpdateServer,
        answer: Callable[[Name, str], Answer],
        writing: asyncio.Lock,
        *,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._store = store
        self._server = server
        self._answer = answer
        self._writing = writing
        self._first_pause = first_pause
        self._wake = asyncio.Event()
        self._troubles: set[str] = set()

    def wake(self) -> None:
        """There may be something to tell."""
        self._wake.set()

    async def run(self) -> None:
        """Tells, until cancelled."""
        pause = self._first_pause
        while True:
            try:
                await self._note_new_server()
                told_all = await self._tell()
            except Exception as failure:  # noqa: BLE001  whatever it is, telling goes on
                told = describe_failure(failure)
                logger.error("Telling the DNS server %s failed; trying again: %s", self._server, told)  # noqa: TRY400  `told` has it all
                told_all = False
            if told_all:
                pause = self._first_pause
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    pass
                self._wake.clear()
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _note_new_server(self) -> None:
        """A server that is named for the first time is to be told of everything."""
        address = f"{self._server.host}:{self._server.port}"
        with self._store.read() as reader:
            known = reader.get(DnsUpdateServer, "", "")
        if known is not None and known.address == address:
            return
        async with self._writing:
            with self._store.transaction() as transaction:
                for record in tuple(transaction.all(ResourceRecordSet)):
                    transaction.put(DnsUpdate(record.account, "", record.name, record.type))
                for challenge in tuple(transaction.all(Challenge)):
                    transaction.put(DnsUpdate(challenge.account, "", challenge.name, "TXT"))
                transaction.put(DnsUpdateServer("", "", address))

    async def _tell(self) -> bool:
        """Everything that is waiting was told, or there was trouble, which is logged: then False."""
        with self._store.read() as reader:
            waiting = list(reader.all(DnsUpdate))
            wanted = {pending: self._wanted(reader, pending) for pending in waiting}
        by_zone: dict[dns.name.Name, list[DnsUpdate]] = defaultdict(list)
        troubles: set[str] = set()
        try:
            for pending in waiting:
                try:
                    by_zone[await find_zone(self._server, parse_name(pending.name))].append(pending)
                except UpdateRefused as refused:
                    troubles.add(str(refused))
            for zone, of_zone in by_zone.items():
                for together in _portions(of_zone):
                    await self._send(zone, together, wanted, troubles)
        except ServerUnreachable as unreachable:
            troubles.add(str(unreachable))
        self._log(troubles, len(waiting))
        return not troubles

    async def _send(
        self,
        zone: dns.name.Name,
        together: list[DnsUpdate],
        wanted: dict[DnsUpdate, RecordSet | None],
        troubles: set[str],
    ) -> None:
        told = [each for each in together if not _is_apex(zone, each)]
        try:
            if told:
                await send_update(self._server, zone, {(parse_name(p.name), p.type): wanted[p] for p in told})
        except UpdateRefused as refused:
            by_name = _by_name(told)
            if len(by_name) == 1:
                troubles.add(str(refused))
                return
            # One of them is at fault; the others are not to wait for it.
            for of_name in by_name:
                await self._send(zone, of_name, wanted, troubles)
            return
        await self._forget(together, wanted)

    async def _forget(self, told: Iterable[DnsUpdate], wanted: dict[DnsUpdate, RecordSet | None]) -> None:
        """What was told is not waiting any more, unless it has changed in the meantime."""
        async with self._writing:
            with self._store.transaction() as transaction:
                for pending in told:
                    there = transaction.get(DnsUpdate, pending.account, "", *pending.key)
                    if there is not None and self._wanted(transaction, pending) == wanted[pending]:
                        transaction.delete(pending)

    def _wanted(self, reader: Reader, pending: DnsUpdate) -> RecordSet | None:
        """What the name and type are to be: as in the account's hosted zones, or a challenge's values."""
        values: RecordSet | None = None
        for zone in reader.list_under(HostedZone, pending.account, ""):
            probe = ResourceRecordSet(pending.account, "", zone.id, pending.name, pending.type)
            record = reader.get(ResourceRecordSet, pending.account, "", *probe.key)
            if record is not None:
                values = compile_record_set(record)
                break
        if values is not None and values.alias is not None:
            found = self._answer(values.name, values.type).answer
            values = next((each for each in found if each.type == pending.type), None)
        if values is None and pending.type == "TXT":
            challenge = reader.get(Challenge, pending.account, "", pending.name)
            if challenge is not None:
                values = RecordSet(parse_name(challenge.name), "TXT", _CHALLENGE_TTL, challenge.values)
        return values

    def _log(self, troubles: set[str], waiting: int) -> None:
        for trouble in sorted(troubles - self._troubles):
            logger.error("%s %d names are waiting; trying again.", trouble, waiting)
        if self._troubles and not troubles:
            logger.info("The DNS server %s has been told of everything.", self._server)
        self._troubles = troubles


def _by_name(waiting: Iterable[DnsUpdate]) -> list[list[DnsUpdate]]:
    """Those of one name together: a CNAME and what takes its place are never there at once."""
    names: dict[str, list[DnsUpdate]] = {}
    for each in waiting:
        names.setdefault(each.name, []).append(each)
    return list(names.values())


def _portions(waiting: Iterable[DnsUpdate]) -> Iterable[list[DnsUpdate]]:
    portion: list[DnsUpdate] = []
    for of_name in _by_name(waiting):
        if portion and len(portion) + len(of_name) > MAX_TOGETHER:
            yield portion
            portion = []
        portion = [*portion, *of_name]
    if portion:
        yield portion


def _is_apex(zone: dns.name.Name, pending: DnsUpdate) -> bool:
    """SOA and NS records of its own zone are the server's."""
    return pending.type in ("SOA", "NS") and parse_name(pending.name) == tuple(
        each.lower() for each in zone.labels[:-1]
    )
