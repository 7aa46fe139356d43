"""What the name server answers with, kept equal to the store.

What it keeps to: a change is in the answers before its caller hears of it (`follow` is called between the commit and the
answer), and costs what was changed, not the zone. Changes that other processes commit are seen at the next look. Of zones
with one name the oldest is answered for; when it goes, the next one is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.route53.zones import serving_order
from gatewright.core.dns.answer import Answer, answer_question
from gatewright.core.dns.name import Name, parse_name
from gatewright.core.dns.zone import Zone, Zones
from gatewright.model.compile_zone import (
    compile_record_set,
    compile_service_zone,
    compile_zone,
    put_addresses,
    remove_addresses,
    suffix_of_target,
    targets,
)
from gatewright.model.records import DomainName, HostedZone, ResourceRecordSet
from gatewright.store.port import Change, Reader, Store

logger = logging.getLogger(__name__)

#: How often the store is asked whether another process changed something; the feed's interval.
POLL_SECONDS: Final = 0.5

_OURS: Final = frozenset(kind.KIND for kind in (HostedZone, ResourceRecordSet, DomainName))

_Key = tuple[str, ...]


class ZoneKeeper:
    """The zones of one installation. `addresses` are those at which clients reach the HTTPS listener."""

    def __init__(self, store: Store, suffix: str, region: str, addresses: Sequence[str]) -> None:
        self._store = store
        self._suffix = suffix
        self._region = region
        self._addresses = tuple(addresses)
        self._revision = 0
        self._fill()

    def answer(self, name: Name, record_type: str) -> Answer:
        """What the zones say now."""
        return answer_question(self._zones, name, record_type)

    def follow(self) -> None:
        """The zones are those of the store's newest revision."""
        changes = self._store.changes_since(self._revision)
        if not changes.complete:
            self._fill()
            return
        ours = [change for change in changes.changes if change.kind in _OURS]
        # A zone that is new is read whole, records and all, so it must not be there when its records are told.
        for change in sorted(ours, key=lambda change: change.kind == HostedZone.KIND):
            self._apply(change)
        self._revision = changes.revision

    async def watch(self) -> None:
        """Looks for changes of other processes, until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                if self._store.revision() != self._revision:
                    self.follow()
            except Exception as failure:  # noqa: BLE001  whatever it is, looking goes on
                told = describe_failure(failure)
                logger.error("Looking for changes of zones failed; trying again: %s", told)  # noqa: TRY400  `told` has it all

    # -- all -------------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Everything anew, from one view of the store."""
        self._zones = Zones()
        #: Hosted zones by id, all of them by apex, and the ids of those that are answered for.
        self._hosted: dict[str, HostedZone] = {}
        self._of_apex: dict[Name, dict[str, HostedZone]] = defaultdict(dict)
        self._serving: dict[Name, str] = {}
        #: The service zones by suffix, and what targets each domain name had.
        self._service: dict[str, Zone] = {}
        self._targets: dict[_Key, tuple[str, ...]] = {}
        with self._store.read() as reader:
            self._revision = reader.revision
            self._service_zone(self._suffix, self._region)
            for domain_name in reader.all(DomainName):
                self._put_domain_name(domain_name)
            for hosted_zone in reader.all(HostedZone):
                self._hosted[hosted_zone.id] = hosted_zone
                self._of_apex[parse_name(hosted_zone.name)][hosted_zone.id] = hosted_zone
            for apex in self._of_apex:
                self._elect(apex, reader)

    def _elect(self, apex: Name, reader: Reader) -> None:
        """The oldest of the zones with this name is answered for."""
        elected = min(self._of_apex[apex].values(), key=serving_order, default=None)
        if elected is None:
            self._serving.pop(apex, None)
            self._zones.remove(apex)
            return
        if self._serving.get(apex) != elected.id:
            records = reader.list_under(ResourceRecordSet, elected.account, "", elected.id)
            self._zones.put(compile_zone(elected, records))
            self._serving[apex] = elected.id

    # -- changes ---------------------------------------------------------------------------------------------------

    def _apply(self, change: Change) -> None:
        key = (change.account, change.region, *change.key)
        match change.kind:
            case ResourceRecordSet.KIND:
                self._apply_record_set(change)
            case DomainName.KIND:
                record = change.record
                self._remove_targets(key)
                if isinstance(record, DomainName):
                    self._put_domain_name(record)
            case HostedZone.KIND:
                self._apply_hosted_zone(change.key[0], change.record)
            case other:
                raise AssertionError(f"{other} is none of ours")

    def _apply_hosted_zone(self, zone_id: str, after: object) -> None:
        before = self._hosted.get(zone_id)
        # Name and age stay; comment, tags and count say nothing to the DNS.
        if isinstance(after, HostedZone) and before is None:
            apex = parse_name(after.name)
            self._hosted[zone_id] = self._of_apex[apex][zone_id] = after
        elif after is None and before is not None:
            apex = parse_name(before.name)
            del self._hosted[zone_id], self._of_apex[apex][zone_id]
        else:
            return
        with self._store.read() as reader:
            self._elect(apex, reader)

    def _apply_record_set(self, change: Change) -> None:
        zone_id, reversed_name, record_type = change.key
        hosted_zone = self._hosted.get(zone_id)
        if hosted_zone is None or self._serving.get(parse_name(hosted_zone.name)) != zone_id:
            return
        zone = self._zones.get(parse_name(hosted_zone.name))
        assert zone is not None, "what is answered for is there"
        record = change.record
        if isinstance(record, ResourceRecordSet):
            zone.put(compile_record_set(record))
        else:
            zone.remove(tuple(reversed(parse_name(reversed_name))), record_type)

    # -- our own names ---------------------------------------------------------------------------------------------

    def _service_zone(self, suffix: str, region: str) -> Zone:
        zone = self._service.get(suffix)
        if zone is None:
            zone = self._service[suffix] = compile_service_zone(suffix, [region], self._addresses)
            self._zones.put(zone)
        return zone

    def _put_domain_name(self, record: DomainName) -> None:
        found = targets(record)
        self._targets[(record.account, record.region, *record.key)] = found
        for target in found:
            zone = self._service_zone(suffix_of_target(target), record.region)
            put_addresses(zone, parse_name(target), self._addresses)

    def _remove_targets(self, key: _Key) -> None:
        for target in self._targets.pop(key, ()):
            remove_addresses(self._service[suffix_of_target(target)], parse_name(target))
