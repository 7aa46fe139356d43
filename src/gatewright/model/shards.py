"""A table of very many entries that a snapshot can share with the next one, whatever changes between the two.

A `dict` of 100,000 entries takes a millisecond to copy, and a snapshot copies what it writes to. Here the entries lie
in 256 parts, of which a copy shares all until it writes to one: a change copies some four hundred entries.
"""

from typing import Final, Generic, TypeVar

V = TypeVar("V")

#: A power of two, so that a mask selects the part. With 256 the list of parts and a part of 100,000 entries take about
#: the same time to copy, some microseconds.
_PARTS: Final = 256


class Shards(Generic[V]):
    """Entries by text."""

    __slots__ = ("_owned", "_parts")

    def __init__(self) -> None:
        nothing: dict[str, V] = {}
        self._parts: list[dict[str, V]] = [nothing] * _PARTS
        self._owned: set[int] = set()

    def __len__(self) -> int:
        return sum([len(part) for part in self._parts])

    def __repr__(self) -> str:
        return f"<Shards of {len(self)}>"

    def copy(self) -> "Shards[V]":
        """The same entries; what either has put into it from now on is not in the other."""
        made: Shards[V] = Shards()
        made._parts = self._parts.copy()
        self._owned = set()
        return made

    def get(self, key: str) -> V | None:
        """The entry, or None."""
        return self._parts[hash(key) & (_PARTS - 1)].get(key)

    def put(self, key: str, value: V) -> None:
        """The key has this entry."""
        self._own(key)[key] = value

    def discard(self, key: str) -> None:
        """The key has no entry; it need not have had one."""
        if self.get(key) is not None:
            del self._own(key)[key]

    def _own(self, key: str) -> dict[str, V]:
        index = hash(key) & (_PARTS - 1)
        if index not in self._owned:
            self._parts[index] = self._parts[index].copy()
            self._owned.add(index)
        return self._parts[index]
