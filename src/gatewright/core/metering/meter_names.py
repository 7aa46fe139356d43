"""Names of buckets and ledgers: 62 bits of a hash of what they count, the same in every process and on every day.

Among a million names two are the same with a probability of one in nine million; they would share one count.
"""

from hashlib import blake2b
from typing import Final

_MASK: Final = (1 << 62) - 1


def name_of(*parts: str) -> int:
    """The name of what these texts say; never 0, which marks a free place."""
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 2 or 1


def name_client(plan_id: str, key_id: str) -> int:
    """What a key uses under a plan, whichever of its stages it calls: the name of its bucket."""
    return name_of("client", plan_id, key_id)


def name_ledger(plan_id: str, key_id: str) -> int:
    """The name of the ledger of a key under a plan."""
    return name_ledger_of(name_client(plan_id, key_id))


def name_ledger_of(client: int) -> int:
    """The name of the ledger of that client."""
    return name_within(client, _LEDGER)


def name_within(name: int, other: int) -> int:
    """The name of a part of what `name` counts."""
    return (name ^ other) & _MASK or 1


#: What tells the ledger of a client from its bucket.
_LEDGER: Final = name_of("ledger")
