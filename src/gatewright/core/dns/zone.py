"""What the DNS knows: record sets, the zones that hold them, and which zone is asked about a name.

What it keeps to: a zone is changed one record set at a time, since a change to one of 10,000 must cost that one. Whoever
changes it is who reads it, on one thread. Names without records that have others below them exist all the same (empty
non-terminals, RFC 4592 section 2.2.2), so that is counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gatewright.core.dns.name import Name, is_within

_NOTHING: Final[Mapping[str, "RecordSet"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records of one name and type. `values` are in Route 53's spelling of the presentation format.

    With an `alias`, what that name has of this type is answered in their stead, with its TTL.
    """

    name: Name
    type: str
    ttl: int
    values: tuple[str, ...]
    alias: Name | None = None


class Zone:
    """The data of one zone, its apex included."""

    def __init__(self, apex: Name, record_sets: Iterable[RecordSet] = ()) -> None:
        self.apex = apex
        self._nodes: dict[Name, dict[str, RecordSet]] = {}
        # How many names with records there are at a name and below it.
        self._inhabited: dict[Name, int] = {}
        for record_set in record_sets:
            self.put(record_set)

    def __iter__(self) -> Iterator[RecordSet]:
        for node in self._nodes.values():
            yield from node.values()

    def put(self, record_set: RecordSet) -> None:
        """The record set is there, in place of one with its name and type."""
        name = record_set.name
        assert is_within(name, self.apex), f"{name} is not in the zone {self.apex}"
        node = self._nodes.get(name)
        if node is None:
            node = self._nodes[name] = {}
            self._count(name, 1)
        node[record_set.type] = record_set

    def remove(self, name: Name, record_type: str) -> None:
        """There is no record set of this name and type."""
        node = self._nodes.get(name, {})
        if node.pop(record_type, None) is not None and not node:
            del self._nodes[name]
            self._count(name, -1)

    def node(self, name: Name) -> Mapping[str, RecordSet]:
        """The record sets of a name by type; none when it has none."""
        return self._nodes.get(name, _NOTHING)

    def exists(self, name: Name) -> bool:
        """True for names with records, and for those above them."""
        return name in self._inhabited

    def _count(self, name: Name, step: int) -> None:
        for start in range(len(name) - len(self.apex) + 1):
            ancestor = name[start:]
            count = self._inhabited.get(ancestor, 0) + step
            if count:
                self._inhabited[ancestor] = count
            else:
                del self._inhabited[ancestor]


class Zones:
    """The zones that are answered for, by apex."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self._zones = {zone.apex: zone for zone in zones}

    def __len__(self) -> int:
        return len(self._zones)

    def put(self, zone: Zone) -> None:
        """This zone is asked about its names, in place of one with its apex."""
        self._zones[zone.apex] = zone

    def remove(self, apex: Name) -> None:
        """Nobody answers for this apex; there need not have been a zone."""
        self._zones.pop(apex, None)

    def get(self, apex: Name) -> Zone | None:
        """The zone with exactly this apex."""
        return self._zones.get(apex)

    def nearest(self, name: Name, record_type: str = "") -> Zone | None:
        """The zone whose apex is the nearest ancestor of the name, or the name; None when we answer for none.

        A DS record set lies in the parent's zone (RFC 4034 section 5), so of its name only ancestors are taken, when there
        is one among our zones.
        """
        zone = self._nearest_from(name, 1) if record_type == "DS" else None
        return zone if zone is not None else self._nearest_from(name, 0)

    def _nearest_from(self, name: Name, start: int) -> Zone | None:
        for position in range(start, len(name) + 1):
            zone = self._zones.get(name[position:])
            if zone is not None:
                return zone
        return None
