"""The tables, and how a database made by an earlier release is brought up to them.

What it keeps to: nothing here belongs to one database. Text that is compared or sorted has the plain order of code
points, which SQLite has by itself and PostgreSQL calls the collation "C".
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, LargeBinary, MetaData, Table, Text, insert, select, text
from sqlalchemy import inspect as inspect_database

from gatewright.store.port import StoreError

metadata = MetaData()

_ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

#: Every record, newest state only. `revision` is the one that put it there.
records = Table(
    "records",
    metadata,
    Column("kind", _ORDERED_TEXT, primary_key=True),
    Column("account", _ORDERED_TEXT, primary_key=True),
    Column("region", _ORDERED_TEXT, primary_key=True),
    Column("key", _ORDERED_TEXT, primary_key=True),
    Column("document", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    # `Reader.find`: a host name or an access key is looked up without knowing whose it is.
    Index("records_by_key", "kind", "key", "account", "region"),
)

#: Private keys and the like, sealed by `gatewright.store.secrets`.
secrets = Table(
    "secrets",
    metadata,
    Column("name", _ORDERED_TEXT, primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
)

#: Contents of objects, sealed like secrets. They lie here and not in files beside: a record and its content are committed,
#: rolled back, restored from a copy and seen by every node of an installation as one, and nothing is left to collect.
blobs = Table(
    "blobs",
    metadata,
    Column("name", _ORDERED_TEXT, primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
)

#: Which records a revision touched; revisions up to `meta.forgotten` have been dropped.
changes = Table(
    "changes",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", _ORDERED_TEXT, primary_key=True),
    Column("account", _ORDERED_TEXT, primary_key=True),
    Column("region", _ORDERED_TEXT, primary_key=True),
    Column("key", _ORDERED_TEXT, primary_key=True),
)

#: One row: what is true of the whole store.
meta = Table(
    "meta",
    metadata,
    Column("schema", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("forgotten", BigInteger, nullable=False),
    Column("sealed_check", LargeBinary, nullable=False),  # tells a wrong secret key at opening
)

#: The schema that the tables above describe.
SCHEMA: Final = 2

#: The statements that bring a database of the schema before to this one; a new database is made whole and skips them.
STEPS: Mapping[int, Sequence[str]] = {
    # BYTEA is PostgreSQL's word; SQLite takes any and keeps bytes as they are (https://www.sqlite.org/datatype3.html).
    2: ["CREATE TABLE blobs (name TEXT NOT NULL PRIMARY KEY, ciphertext BYTEA NOT NULL)"],
}


def prepare_schema(connection: Connection, sealed_check: bytes, steps: Mapping[int, Sequence[str]] = STEPS) -> None:
    """The database has this release's tables: made if it was empty, changed step by step if it is older.

    Runs inside a write transaction of the caller, so that of two processes that open a new database one makes it.
    """
    newest = max(steps, default=SCHEMA)
    if not inspect_database(connection).has_table(meta.name):
        metadata.create_all(connection)
        connection.execute(insert(meta).values(schema=newest, revision=0, forgotten=0, sealed_check=sealed_check))
        return
    found = connection.execute(select(meta.c.schema)).scalar_one()
    if found > newest:
        raise StoreError(
            f"the database was written by a newer release (its schema is {found}, this release knows schemas up to "
            f"{newest}): run that release again, or restore a copy from before the upgrade"
        )
    for schema in range(found + 1, newest + 1):
        for statement in steps[schema]:
            connection.execute(text(statement))
        connection.execute(meta.update().values(schema=schema))
