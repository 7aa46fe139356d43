"""The port behind which records are kept: what the control plane may ask of any store, and what a store owes it.

Obligations of an adapter:

- A transaction is atomic and durable: when `Store.transaction()` has returned, its changes survive the death of every
  process; if it raises, none of them ever existed. Transactions that write are serialised.
- Each committed write transaction has the next `revision`, and `changes_since` tells which records it touched.
- `list_under` answers in the order of the records' keys, segment by segment, by code points.
- A segment of a key may be empty and holds no control character (below U+0020) and no half of a surrogate pair. What
  has one cannot be found, so that a client may ask for anything; to put it raises `ValueError`.
- A transaction that changed nothing takes no revision.
- Secrets are encrypted at rest and appear in no error, log or `repr`.
- A blob is bytes of any length under a name that its maker draws at random; it too is encrypted at rest. It comes and
  goes with the transaction, so that a record and the blobs that it names are never one without the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gatewright.model import codec
from gatewright.model.records import Record

R = TypeVar("R", bound=Record)


class StoreError(Exception):
    """The store cannot do what was asked, and why, in a sentence for the operator."""


class StoreLocked(StoreError):
    """Another process serves this data directory."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record was put (`document` is its newest state, see `gatewright.model.codec`) or deleted (it is None)."""

    kind: str
    account: str
    region: str
    key: tuple[str, ...]
    document: str | None = field(repr=False)

    @property
    def record(self) -> Record | None:
        """The record that the document describes. To read one may cost much: whoever hands it on does not."""
        try:
            return None if self.document is None else codec.decode_kind(self.kind, self.document)
        except codec.RecordMalformed as error:
            raise StoreError(f"a stored record cannot be read: {error}") from None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A record of some kind as the store has it, unread."""

    account: str
    region: str
    key: tuple[str, ...]
    document: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after some revision, up to and including `revision`, each record at most once.

    The record that was touched last comes last. `complete` is False when the log no longer reaches back that far, or
    never had that revision (the store is a restored copy); the caller must then start from `Reader.all`.
    """

    revision: int
    changes: Sequence[Change]
    complete: bool = True


class Reader(Protocol):
    """A consistent view of the store."""

    @property
    def revision(self) -> int:
        """The newest committed revision that this view shows."""

    def get(self, kind: type[R], account: str, region: str, *key: str) -> R | None:
        """The record of that key, or None."""

    def list_under(
        self,
        kind: type[R],
        account: str,
        region: str,
        *prefix: str,
        after: tuple[str, ...] | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[R]:
        """The records of a kind whose key begins with `prefix`, ordered by key.

        All of them, or those behind the (whole) key `after`, and of these the first `limit`: what is not given is not read.
        `descending`: in the opposite order, in which "behind" and "first" are then meant.
        """

    def get_many(
        self, kind: type[R], account: str, region: str, keys: Sequence[tuple[str, ...]]
    ) -> Mapping[tuple[str, ...], R]:
        """Those of the records that there are, by key; for many, far quicker than one by one."""

    def find(self, kind: type[R], *key: str) -> list[R]:
        """The records with exactly this key, in whatever account and region, ordered by account and region."""

    def all(self, kind: type[R]) -> Iterator[R]:
        """Every record of a kind, in whatever account and region; to be consumed before the view ends."""

    def documents(self, kind: type[Record]) -> Iterator[StoredDocument]:
        """The same, unread; for those who hand them on, far quicker."""

    def get_secret(self, name: str) -> bytes | None:
        """The decrypted secret, or None."""

    def get_secrets(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Those of the named secrets that there are, decrypted; for many, far quicker than one by one."""

    def get_blob(self, name: str) -> bytes | None:
        """The content of a blob, or None."""


class Transaction(Reader, Protocol):
    """A view that also changes; it sees its own changes."""

    def put(self, record: Record) -> None:
        """Store the record, in place of one with the same kind, account, region and key."""

    def put_many(self, records: Iterable[Record]) -> None:
        """Store each of the records, the later one of two with the same key; for many, far quicker than one by one."""

    def delete(self, record: Record) -> None:
        """Forget the record; an unknown one is our own bug and raises `KeyError`."""

    def delete_under(self, kind: type[R], account: str, region: str, *prefix: str) -> int:
        """Forget all records of a kind whose key begins with `prefix`; how many there were."""

    def put_secret(self, name: str, value: bytes) -> None:
        """Encrypt and keep a secret under this name, in place of an earlier one."""

    def put_secrets(self, values: Mapping[str, bytes]) -> None:
        """The same for each of these, by name; for many, far quicker than one by one."""

    def delete_secret(self, name: str) -> None:
        """Forget a secret; it need not exist."""

    def put_blob(self, name: str, content: bytes) -> None:
        """Keep a blob under a new name; one that is taken is our own bug."""

    def delete_blob(self, name: str) -> None:
        """Forget a blob; it need not exist."""


class Store(Protocol):
    """Records, secrets and the log of changes."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A write transaction: committed when the block ends, undone when it raises."""

    def read(self) -> AbstractContextManager[Reader]:
        """A consistent read-only view for the length of the block."""

    def revision(self) -> int:
        """The newest committed revision, whichever process committed it."""

    def changes_since(self, revision: int) -> Changes:
        """Which records changed after `revision`, with their newest state."""

    def close(self) -> None:
        """Release files and connections."""
