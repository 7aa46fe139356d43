"""The store over any relational database that SQLAlchemy speaks to; `gatewright.store.sqlite` opens one.

What this module knows: how records, secrets and the change log of `gatewright.store.port` lie in the tables of
`gatewright.store.schema`. What it keeps to:

- The engine it is given begins write transactions one after the other and gives readers a snapshot; nothing here names
  a database or its dialect.
- A transaction that changed nothing has no revision and costs no write to disk.
- What cannot be a key cannot be found; only an attempt to store it is an error.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Integer, Select, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from gatewright.model import codec
from gatewright.model.records import KINDS, Record
from gatewright.store.keys import KeyUnstorable, decode_key, encode_key, end_of_prefix
from gatewright.store.port import Change, Changes, StoredDocument, StoreError
from gatewright.store.schema import blobs, changes, meta, records, secrets
from gatewright.store.secrets import SecretBox

R = TypeVar("R", bound=Record)

#: How many revisions the change log reaches back. A worker asks many times a second; one that is this far behind is
#: served as well by reading everything. At 20 changes a second, more than a client drives, this is eight minutes.
KEPT_REVISIONS: Final = 10_000

#: How many secrets or records one query names: SQLite takes 32,766 parameters since 3.32, PostgreSQL 65,535.
#: https://www.sqlite.org/limits.html#max_variable_number
NAMES_A_QUERY: Final = 1_000

#: How long a writer waits for the writer before it, in this process or another. Operations take milliseconds; whoever
#: waits longer than this waits for something that is stuck.
WRITER_PATIENCE: Final = 20.0


# Statements are made once, with names for what varies: SQLAlchemy takes longer to make one than SQLite to carry it out.
_AREA: Final = and_(
    records.c.kind == bindparam("of_kind"),
    records.c.account == bindparam("of_account"),
    records.c.region == bindparam("of_region"),
)
_ONE: Final = and_(_AREA, records.c.key == bindparam("of_key"))
_GET: Final = select(records.c.document).where(_ONE)
_GET_MANY: Final = select(records.c.document).where(
    and_(_AREA, records.c.key.in_(bindparam("of_keys", expanding=True)))
)
_REPLACE: Final = (
    update(records).where(_ONE).values(document=bindparam("new_document"), revision=bindparam("new_revision"))
)
_INSERT: Final = insert(records)
_INSERT_SECRET: Final = insert(secrets)
_DELETE: Final = delete(records).where(_ONE)
_GET_SECRET: Final = select(secrets.c.ciphertext).where(secrets.c.name == bindparam("of_name"))
_GET_SECRETS: Final = select(secrets.c.name, secrets.c.ciphertext).where(
    secrets.c.name.in_(bindparam("of_names", expanding=True))
)
_REPLACE_SECRET: Final = (
    update(secrets).where(secrets.c.name == bindparam("of_name")).values(ciphertext=bindparam("sealed"))
)
_DELETE_SECRET: Final = delete(secrets).where(secrets.c.name == bindparam("of_name"))


def _area(kind: str, account: str, region: str) -> dict[str, str | int]:
    return {"of_kind": kind, "of_account": account, "of_region": region}


def _one(kind: str, account: str, region: str, key: str) -> dict[str, str | int]:
    return {"of_kind": kind, "of_account": account, "of_region": region, "of_key": key}


def _under(prefix: str) -> dict[str, str | int]:
    return {"first": prefix, "end": end_of_prefix(prefix)} if prefix else {}


def _keys_under(*, prefixed: bool) -> Any:
    if not prefixed:
        return _AREA
    return and_(_AREA, records.c.key >= bindparam("first"), records.c.key < bindparam("end"))


@cache
def _listing(*, prefixed: bool, behind: bool, limited: bool, descending: bool) -> Select[tuple[str]]:
    where = _keys_under(prefixed=prefixed)
    if behind:
        last: Any = bindparam("last")
        where = and_(where, records.c.key < last if descending else records.c.key > last)
    query = select(records.c.document).where(where).order_by(records.c.key.desc() if descending else records.c.key)
    return query.limit(bindparam("limit", type_=Integer)) if limited else query


class RelationalReader:
    """A `Reader` over one open transaction of the database."""

    def __init__(self, connection: Connection, box: SecretBox) -> None:
        self._connection = connection
        self._box = box
        # To ask now is what fixes the snapshot that every later question sees.
        self._committed: int = connection.execute(select(meta.c.revision)).scalar_one()

    @property
    def revision(self) -> int:
        """The newest committed revision that this view shows."""
        return self._committed

    def get(self, kind: type[R], account: str, region: str, *key: str) -> R | None:
        """The record of that key, or None."""
        try:
            place = _one(kind.KIND, account, region, encode_key(key))
        except KeyUnstorable:
            return None
        text = self._connection.execute(_GET, place).scalar_one_or_none()
        return None if text is None else _decode(kind, text)

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
        """The records of a kind whose key begins with `prefix`, ordered by key; behind `after`, at most `limit`."""
        try:
            asked = _area(kind.KIND, account, region) | _under(encode_key(prefix))
            if after is not None:
                asked["last"] = encode_key(after)
        except KeyUnstorable:
            return []
        if limit is not None:
            asked["limit"] = limit
        query = _listing(
            prefixed="first" in asked, behind=after is not None, limited=limit is not None, descending=descending
        )
        return list(self._decoded(kind, query, asked))

    def get_many(
        self, kind: type[R], account: str, region: str, keys: Sequence[tuple[str, ...]]
    ) -> Mapping[tuple[str, ...], R]:
        """Those of the records that there are, by key."""
        texts = [encode_key(key) for key in keys if _is_storable(key)]
        found: dict[tuple[str, ...], R] = {}
        for start in range(0, len(texts), NAMES_A_QUERY):
            asked = {**_area(kind.KIND, account, region), "of_keys": texts[start : start + NAMES_A_QUERY]}
            found.update((record.key, record) for record in self._decoded(kind, _GET_MANY, asked))
        return found

    def find(self, kind: type[R], *key: str) -> list[R]:
        """The records with exactly this key, in whatever account and region, ordered by account and region."""
        try:
            where = and_(records.c.kind == kind.KIND, records.c.key == encode_key(key))
        except KeyUnstorable:
            return []
        query = select(records.c.document).where(where).order_by(records.c.account, records.c.region)
        return list(self._decoded(kind, query))

    def all(self, kind: type[R]) -> Iterator[R]:
        """Every record of a kind, ordered by account, region and key; to be consumed inside the block."""
        in_order = (records.c.account, records.c.region, records.c.key)
        yield from self._decoded(
            kind, select(records.c.document).where(records.c.kind == kind.KIND).order_by(*in_order)
        )

    def documents(self, kind: type[Record]) -> Iterator[StoredDocument]:
        """The same, unread."""
        columns = (records.c.account, records.c.region, records.c.key)
        query = select(*columns, records.c.document).where(records.c.kind == kind.KIND).order_by(*columns)
        for account, region, key, document in self._connection.execute(query):
            yield StoredDocument(account, region, decode_key(key), document)

    def get_secret(self, name: str) -> bytes | None:
        """The decrypted secret, or None."""
        sealed = self._connection.execute(_GET_SECRET, {"of_name": name}).scalar_one_or_none()
        return None if sealed is None else self._box.unseal(name, sealed)

    def get_secrets(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Those of the named secrets that there are, decrypted."""
        found: dict[str, bytes] = {}
        for start in range(0, len(names), NAMES_A_QUERY):
            some = {"of_names": list(names[start : start + NAMES_A_QUERY])}
            for name, sealed in self._connection.execute(_GET_SECRETS, some):
                found[name] = self._box.unseal(name, sealed)
        return found

    def get_blob(self, name: str) -> bytes | None:
        """The content of a blob, or None."""
        query = select(blobs.c.ciphertext).where(blobs.c.name == name)
        sealed = self._connection.execute(query).scalar_one_or_none()
        return None if sealed is None else self._box.unseal(_sealed_as(name), sealed)

    def changes_since(self, revision: int) -> Changes:
        """See `Store.changes_since`."""
        forgotten = self._connection.execute(select(meta.c.forgotten)).scalar_one()
        if not forgotten <= revision <= self._committed:
            return Changes(self._committed, (), complete=False)
        touched = (
            select(changes.c.kind, changes.c.account, changes.c.region, changes.c.key)
            .add_columns(func.max(changes.c.revision).label("newest"))
            .where(changes.c.revision > revision)
            .group_by(changes.c.kind, changes.c.account, changes.c.region, changes.c.key)
            .subquery()
        )
        same = and_(*(touched.c[name] == records.c[name] for name in ("kind", "account", "region", "key")))
        query = (
            select(touched.c.kind, touched.c.account, touched.c.region, touched.c.key, records.c.document)
            .select_from(touched.outerjoin(records, same))
            .order_by(touched.c.newest)
        )
        rows = self._connection.execute(query)
        told = (Change(kind, account, region, decode_key(key), text) for kind, account, region, key, text in rows)
        return Changes(self._committed, tuple(change for change in told if change.kind in KINDS))

    def _decoded(
        self, kind: type[R], query: Select[tuple[str]], asked: Mapping[str, str | int | list[str]] | None = None
    ) -> Iterator[R]:
        return (_decode(kind, row.document) for row in self._connection.execute(query, asked))


class RelationalTransaction(RelationalReader):
    """A `Transaction` over one open write transaction of the database."""

    def __init__(self, connection: Connection, box: SecretBox) -> None:
        super().__init__(connection, box)
        self._next = self._committed + 1
        self._touched: dict[tuple[str, str, str, str], None] = {}
        self._changed = False

    def put(self, record: Record) -> None:
        """Store the record, in place of one with the same kind, account, region and key."""
        kind, key = record.KIND, encode_key(record.key)
        document = codec.encode(record)
        # Two statements that every database has, in place of an upsert that each spells its own way; safe, since
        # writers come one after the other.
        values = {"new_document": document, "new_revision": self._next}
        here = _one(kind, record.account, record.region, key)
        if self._connection.execute(_REPLACE, here | values).rowcount == 0:
            self._connection.execute(_INSERT, self._row((kind, record.account, record.region, key), document))
        self._touch(kind, record.account, record.region, key)

    def put_many(self, records: Iterable[Record]) -> None:
        """Store each of the records, in two statements for all of them: whatever is there goes before they come."""
        documents = {
            (each.KIND, each.account, each.region, encode_key(each.key)): codec.encode(each) for each in records
        }
        if not documents:
            return
        self._connection.execute(_DELETE, [_one(*place) for place in documents])
        self._connection.execute(_INSERT, [self._row(place, document) for place, document in documents.items()])
        for place in documents:
            self._touch(*place)

    def _row(self, place: tuple[str, str, str, str], document: str) -> dict[str, str | int]:
        kind, account, region, key = place
        return {
            "kind": kind,
            "account": account,
            "region": region,
            "key": key,
            "document": document,
            "revision": self._next,
        }

    def delete(self, record: Record) -> None:
        """Forget the record; an unknown one is our own bug and raises `KeyError`."""
        kind, key = record.KIND, encode_key(record.key)
        gone = self._connection.execute(_DELETE, _one(kind, record.account, record.region, key))
        if gone.rowcount == 0:
            raise KeyError(f"there is no {kind} {record.key} in account {record.account!r}, {record.region!r}")
        self._touch(kind, record.account, record.region, key)

    def delete_under(self, kind: type[R], account: str, region: str, *prefix: str) -> int:
        """Forget all records of a kind whose key begins with `prefix`; how many there were."""
        try:
            asked = _area(kind.KIND, account, region) | _under(encode_key(prefix))
        except KeyUnstorable:
            return 0
        where = _keys_under(prefixed="first" in asked)
        keys = self._connection.execute(select(records.c.key).where(where), asked).scalars().all()
        if keys:
            self._connection.execute(delete(records).where(where), asked)
        for key in keys:
            self._touch(kind.KIND, account, region, key)
        return len(keys)

    def put_secret(self, name: str, value: bytes) -> None:
        """Encrypt and keep a secret under this name, in place of an earlier one."""
        sealed = self._box.seal(name, value)
        if self._connection.execute(_REPLACE_SECRET, {"of_name": name, "sealed": sealed}).rowcount == 0:
            self._connection.execute(_INSERT_SECRET, {"name": name, "ciphertext": sealed})
        self._changed = True

    def put_secrets(self, values: Mapping[str, bytes]) -> None:
        """The same for each of these, by name."""
        if not values:
            return
        self._connection.execute(_DELETE_SECRET, [{"of_name": name} for name in values])
        rows = [{"name": name, "ciphertext": self._box.seal(name, value)} for name, value in values.items()]
        self._connection.execute(_INSERT_SECRET, rows)
        self._changed = True

    def delete_secret(self, name: str) -> None:
        """Forget a secret; it need not exist."""
        gone = self._connection.execute(_DELETE_SECRET, {"of_name": name})
        self._changed = self._changed or gone.rowcount > 0

    def put_blob(self, name: str, content: bytes) -> None:
        """Encrypt and keep a blob under a new name."""
        self._connection.execute(insert(blobs).values(name=name, ciphertext=self._box.seal(_sealed_as(name), content)))
        self._changed = True

    def delete_blob(self, name: str) -> None:
        """Forget a blob; it need not exist."""
        gone = self._connection.execute(delete(blobs).where(blobs.c.name == name))
        self._changed = self._changed or gone.rowcount > 0

    def finish(self, kept_revisions: int) -> None:
        """Number the changes, if there are any; the last thing before the commit."""
        if not self._changed:
            return
        self._connection.execute(update(meta).values(revision=self._next))
        names = ("kind", "account", "region", "key")
        rows = [dict(zip(names, touched, strict=True), revision=self._next) for touched in self._touched]
        if rows:
            self._connection.execute(insert(changes), rows)
        # Dropping old revisions one by one would double the writes of each commit; a tenth at a time is seldom.
        too_old = self._next - kept_revisions
        if too_old % max(1, kept_revisions // 10) == 0 and too_old > 0:
            self._connection.execute(delete(changes).where(changes.c.revision <= too_old))
            self._connection.execute(update(meta).values(forgotten=too_old))

    def _touch(self, kind: str, account: str, region: str, key: str) -> None:
        self._touched[kind, account, region, key] = None
        self._changed = True


class RelationalStore:
    """A `Store` over two views of one database: an engine that begins reading, and one that begins writing."""

    def __init__(
        self, name: str, reading: Engine, writing: Engine, box: SecretBox, *, kept_revisions: int = KEPT_REVISIONS
    ) -> None:
        self._name = name
        self._reading = reading
        self._writing = writing
        self._box = box
        self._kept_revisions = kept_revisions
        # The database would serialise our own threads too, by letting them sleep and try again; a lock wakes them.
        self._writer = threading.Lock()

    def __repr__(self) -> str:
        return f"RelationalStore({self._name!r})"

    @contextmanager
    def transaction(self) -> Iterator[RelationalTransaction]:
        """A write transaction: committed when the block ends, undone when it raises."""
        if not self._writer.acquire(timeout=WRITER_PATIENCE):
            raise StoreError(f"{self._name}: another transaction of this process did not end in {WRITER_PATIENCE:g} s")
        try:
            with telling_operator(self._name), self._writing.begin() as connection:
                transaction = RelationalTransaction(connection, self._box)
                yield transaction
                transaction.finish(self._kept_revisions)
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[RelationalReader]:
        """A consistent read-only view for the length of the block."""
        with telling_operator(self._name), self._reading.begin() as connection:
            yield RelationalReader(connection, self._box)

    def revision(self) -> int:
        """The newest committed revision, whichever process committed it."""
        with self.read() as reader:
            return reader.revision

    def changes_since(self, revision: int) -> Changes:
        """Which records changed after `revision`, with their newest state."""
        with self.read() as reader:
            return reader.changes_since(revision)

    def close(self) -> None:
        """Release files and connections."""
        self._reading.dispose()
        self._writing.dispose()


@contextmanager
def telling_operator(name: str) -> Iterator[None]:
    """Errors of the database leave as `StoreError`: its own words, without statement and values."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{name}: the database says: {error.orig}") from None


def _sealed_as(blob: str) -> str:
    """The name that is authenticated with a blob: no secret's, so that neither can be passed off as the other."""
    return f"blob/{blob}"


def _is_storable(key: tuple[str, ...]) -> bool:
    try:
        encode_key(key)
    except KeyUnstorable:
        return False
    return True


def _decode(kind: type[R], text: str) -> R:
    try:
        return codec.decode(kind, text)
    except codec.RecordMalformed as error:
        raise StoreError(f"a stored record cannot be read: {error}") from None
