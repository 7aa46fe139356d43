"""SQLite as the store: one file, many processes. Everything that is peculiar to SQLite is in this module.

What this module knows: how several processes share the file. In WAL mode readers see the snapshot at which they began
and never wait; writers take the write lock when they begin (BEGIN IMMEDIATE), so none finds out half-way that another
one was quicker. `synchronous=FULL` syncs the log at every commit: what was acknowledged outlives a power cut.
https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous

Open the store after a fork, never across one: a connection belongs to the process that made it.
https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL

from gatewright.store.port import Store, StoreError
from gatewright.store.relational import KEPT_REVISIONS, WRITER_PATIENCE, RelationalStore, telling_operator
from gatewright.store.schema import meta, prepare_schema
from gatewright.store.secrets import SecretBox

_CHECK_NAME: Final = "is this the right key?"
_BEGIN: Final = "gatewright_begin"


def open_store(path: Path, secrets: SecretBox, *, kept_revisions: int = KEPT_REVISIONS) -> Store:
    """The store in this file, made or brought up to date if need be; `StoreError` says what is wrong with it."""
    engine = _make_engine(path)
    try:
        with telling_operator(str(path)):
            _make_file(path)
            _switch_to_wal(path)
            with engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}).begin() as connection:
                prepare_schema(connection, secrets.seal(_CHECK_NAME, b"yes"))
                _check_key(connection, path, secrets)
    except StoreError as error:
        engine.dispose()
        message = str(error)
        raise StoreError(message if str(path) in message else f"{path}: {message}") from None
    writing = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return RelationalStore(str(path), engine, writing, secrets, kept_revisions=kept_revisions)


def _make_engine(path: Path) -> Engine:
    # hide_parameters: documents and sealed secrets have no place in a traceback.
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": WRITER_PATIENCE},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions by its own lights
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _make_file(path: Path) -> None:
    """An empty file of the owner alone, if there is none; SQLite gives the files beside it the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError(f"the database {path} cannot be opened: {error.strerror}") from error


def _switch_to_wal(path: Path) -> None:
    """The file is in WAL mode, which it then keeps.

    Two processes that both find a new file here do not wait for each other as they do elsewhere: the switch answers
    "database is locked" at once (https://www.sqlite.org/wal.html, "Activating And Configuring WAL Mode"), so we wait.
    """
    deadline = time.monotonic() + WRITER_PATIENCE
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY):
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                break
    except sqlite3.Error as error:
        raise StoreError(f"the database {path} cannot be opened: {error}") from None
    finally:
        connection.close()
    if mode != "wal":
        raise StoreError(f"the database {path} cannot be shared by processes there: its file system has no WAL mode")


def _check_key(connection: Connection, path: Path, secrets: SecretBox) -> None:
    try:
        secrets.unseal(_CHECK_NAME, connection.execute(select(meta.c.sealed_check)).scalar_one())
    except StoreError:
        raise StoreError(
            f"the secrets in {path} were sealed with another key than {secrets.origin}: put the key file back that "
            f"was beside the database when it was made, or start with an empty data directory"
        ) from None
