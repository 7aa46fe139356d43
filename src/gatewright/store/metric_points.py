"""The counts of requests on disk, by series and span of time: what CloudWatch's operations are answered from.

What this module knows: one SQLite file beside the spool, of nobody but the control process. Lines of the spool and how far
they were read become lasting in one transaction, so that each counts once whatever is killed when. What it keeps to:

- Points are added up to longer ones with their age, and gone after 15 days (`core.metrics.periods`).
- There are never more than `MOST_POINTS` for longer than a minute: when there are, all ages are halved until there are not.
  A point takes 200 to 500 bytes.
- `synchronous=NORMAL`: a commit costs no flush of the disk. A power cut may take the last ones, with the marks of how far
  the spool was read, which is read again then.
- A file that is damaged is set aside, said, and begun anew: no request depends on it.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

from gatewright.core.metrics.distribution import decode_distribution
from gatewright.core.metrics.periods import MINUTE, RESOLUTIONS, Point
from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.core.metrics.stage_metrics import SeriesName
from gatewright.store.metric_spool import SpoolLine, SpoolPart, clear_spool, read_spool
from gatewright.store.port import StoreError

_LOG = logging.getLogger(__name__)

#: 100 to 250 MB: what 180 series that are always busy have when each minute of a day is kept.
MOST_POINTS: Final = 500_000
#: Points that are added up in one transaction, so that a query never waits long.
_AT_ONCE: Final = 5_000
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL, region TEXT NOT NULL, api_name TEXT NOT NULL,
    stage TEXT NOT NULL, resource TEXT NOT NULL, method TEXT NOT NULL,  -- empty: not a dimension of this series
    newest INTEGER NOT NULL,
    calls_backend INTEGER NOT NULL,
    UNIQUE (account, region, api_name, stage, resource, method)
);
CREATE TABLE point (
    series INTEGER NOT NULL, length INTEGER NOT NULL, start INTEGER NOT NULL,
    redirections INTEGER NOT NULL, client_errors INTEGER NOT NULL, server_errors INTEGER NOT NULL,
    latency TEXT NOT NULL, integration_latency TEXT NOT NULL,
    PRIMARY KEY (series, length, start)
) WITHOUT ROWID;
CREATE INDEX point_by_age ON point (length, start);
CREATE TABLE spool (file TEXT PRIMARY KEY, read INTEGER NOT NULL) WITHOUT ROWID;
"""
_COUNTS: Final = "redirections, client_errors, server_errors, latency, integration_latency"


class SeriesKey(NamedTuple):
    """A series as CloudWatch tells it from others: an API's; a stage's; or a method's. An API is known by its name."""

    account: str
    region: str
    api_name: str
    stage: str = ""
    resource: str = ""
    method: str = ""


class Series(NamedTuple):
    """A series that has points: the begin of its newest, and whether any of its requests called a backend."""

    key: SeriesKey
    newest: int
    calls_backend: bool


class Metered(Protocol):
    """The counts, for those who only ask."""

    def list_series(self, account: str, region: str) -> Sequence[Series]:
        """Every series of the account in the region, in order of their keys."""

    def find_points(self, key: SeriesKey, start: int, end: float, lengths: Sequence[int]) -> Sequence[Point]:
        """The points of these lengths that begin from `start` on and before `end`."""


class NoMetrics:
    """Nothing was counted."""

    def list_series(self, account: str, region: str) -> Sequence[Series]:  # noqa: ARG002  as `Metered`
        """There are none."""
        return ()

    def find_points(self, key: SeriesKey, start: int, end: float, lengths: Sequence[int]) -> Sequence[Point]:  # noqa: ARG002  as `Metered`
        """There are none."""
        return ()


NO_METRICS: Final = NoMetrics()


class MetricPoints:
    """The counts below one folder. One thread at a time is in it, whoever calls."""

    def __init__(self, folder: Path, *, most_points: int = MOST_POINTS) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._spool = folder / "spool"
        self._most_points = most_points
        self._one = Lock()
        self._connection = _open(folder / "metrics.db")

    def close(self) -> None:
        """Release the file."""
        with self._one:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._one:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    # -- taken in --------------------------------------------------------------------------------------------------

    def take_in(self) -> SpoolPart:
        """What the spool has, or a part of it, is lasting now."""
        with self._transaction() as connection:
            before = dict(connection.execute("SELECT file, read FROM spool"))
            part = read_spool(self._spool, before)
            if part.read != before:
                connection.execute("DELETE FROM spool")
                connection.executemany("INSERT INTO spool VALUES (?, ?)", part.read.items())
            for (key, minute), counts in _add_up(part.lines).items():
                series = _touch_series(connection, key, minute, calls_backend=counts.integration_latency.count > 0)
                _put_point(connection, series, MINUTE, minute, counts)
        if part.lines:
            clear_spool(self._spool, part.read)
        return part

    # -- asked -----------------------------------------------------------------------------------------------------

    def list_series(self, account: str, region: str) -> Sequence[Series]:
        """Every series of the account in the region, in order of their keys."""
        with self._one:
            rows = self._connection.execute(
                "SELECT account, region, api_name, stage, resource, method, newest, calls_backend FROM series "
                "WHERE account = ? AND region = ? ORDER BY api_name, stage, resource, method",
                (account, region),
            ).fetchall()
        return [Series(SeriesKey(*row[:6]), row[6], bool(row[7])) for row in rows]

    def find_points(self, key: SeriesKey, start: int, end: float, lengths: Sequence[int]) -> Sequence[Point]:
        """The points of these lengths that begin from `start` on and before `end`."""
        with self._one:
            rows = self._connection.execute(
                f"SELECT start, length, {_COUNTS} FROM point WHERE series = (SELECT id FROM series WHERE account = ? "  # noqa: S608  only marks
                "AND region = ? AND api_name = ? AND stage = ? AND resource = ? AND method = ?) "
                f"AND length IN ({', '.join('?' * len(lengths))}) AND start >= ? AND start < ?",
                (*key, *lengths, start, end),
            ).fetchall()
        return [Point(row[0], row[1], _read_counts(row[2:])) for row in rows]

    # -- with age --------------------------------------------------------------------------------------------------

    def age(self, now: float) -> None:
        """Points that are old are added up to longer ones, those that are too old or too many are gone."""
        divisor = 1
        self._age(now, divisor)
        while self._count_points() > self._most_points and divisor < RESOLUTIONS[-1].kept:
            divisor *= 2
            self._age(now, divisor)

    def _age(self, now: float, divisor: int) -> None:
        for resolution, longer in pairwise(RESOLUTIONS):
            # The longer point that is begun last is left open: there is more to come for it.
            before = int(now - resolution.kept / divisor) // longer.length * longer.length
            while self._lengthen(resolution.length, longer.length, before):
                pass
        gone = int(now - RESOLUTIONS[-1].kept / divisor)
        with self._transaction() as connection:
            connection.execute("DELETE FROM point WHERE length = ? AND start < ?", (RESOLUTIONS[-1].length, gone))
            connection.execute("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM point WHERE series = series.id)")

    def _lengthen(self, length: int, longer: int, before: int) -> bool:
        """Some points that begin before that instant are added up; false when there were none."""
        with self._transaction() as connection:
            rows = connection.execute(
                f"SELECT series, start, {_COUNTS} FROM point WHERE length = ? AND start < ? ORDER BY start LIMIT ?",  # noqa: S608  a constant
                (length, before, _AT_ONCE),
            ).fetchall()
            ordered = sorted(rows, key=lambda row: (row[0], row[1]))
            for (series, start), group in groupby(ordered, key=lambda row: (row[0], row[1] // longer * longer)):
                counts = RequestCounts()
                for row in group:
                    counts.merge(_read_counts(row[2:]))
                _put_point(connection, series, longer, start, counts)
            connection.executemany(
                "DELETE FROM point WHERE series = ? AND length = ? AND start = ?",
                [(row[0], length, row[1]) for row in rows],
            )
        return bool(rows)

    def _count_points(self) -> int:
        with self._one:
            found = self._connection.execute("SELECT count(*) FROM point").fetchone()
        return int(found[0])


def _add_up(lines: Sequence[SpoolLine]) -> Mapping[tuple[SeriesKey, int], RequestCounts]:
    """The counts of each series and minute: of methods, of their stages, of their APIs."""
    sums: dict[tuple[SeriesKey, int], RequestCounts] = {}
    for line in lines:
        for key in keys_of(line.name):
            counts = sums.get((key, line.minute))
            if counts is None:
                counts = sums[key, line.minute] = RequestCounts()
            counts.merge(line.counts)
    return sums


def keys_of(name: SeriesName) -> Sequence[SeriesKey]:
    """The series that what a worker tallied belongs to (facts 8.4)."""
    api = SeriesKey(name.account, name.region, name.api_name)
    stage = api._replace(stage=name.stage)
    if name.resource is None or name.method is None:
        return (api, stage)
    return (api, stage, stage._replace(resource=name.resource, method=name.method))


def _touch_series(connection: sqlite3.Connection, key: SeriesKey, minute: int, *, calls_backend: bool) -> int:
    found = connection.execute(
        "INSERT INTO series (account, region, api_name, stage, resource, method, newest, calls_backend) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET newest = max(newest, excluded.newest), "
        "calls_backend = max(calls_backend, excluded.calls_backend) RETURNING id",
        (*key, minute, int(calls_backend)),
    ).fetchone()
    return int(found[0])


def _put_point(connection: sqlite3.Connection, series: int, length: int, start: int, counts: RequestCounts) -> None:
    """The counts are in the point, added to those that are there."""
    place = (series, length, start)
    before = connection.execute(
        f"SELECT {_COUNTS} FROM point WHERE series = ? AND length = ? AND start = ?",  # noqa: S608  a constant
        place,
    ).fetchone()
    if before is not None:
        counts.merge(_read_counts(before))
    redirections, client_errors, server_errors, *distributions = counts.encode()
    latencies = (json.dumps(each, separators=(",", ":")) for each in distributions)
    connection.execute(
        "INSERT OR REPLACE INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, redirections, client_errors, server_errors, *latencies),
    )


def _read_counts(row: Sequence[Any]) -> RequestCounts:
    counts = RequestCounts()
    counts.redirections, counts.client_errors, counts.server_errors, latency, integration_latency = row
    counts.latency = decode_distribution(json.loads(latency))
    counts.integration_latency = decode_distribution(json.loads(integration_latency))
    return counts


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _prepare(path)
    except sqlite3.OperationalError as error:
        raise StoreError(f"the counts of requests in {path} cannot be opened: {error}") from None
    except sqlite3.DatabaseError as error:
        _LOG.error("The counts of requests in %s cannot be used and are set aside: %s", path, error)
        for suffix in ("", "-wal", "-shm"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.replace(old.with_name(f"{path.stem}.unusable.db{suffix}"))
        return _prepare(path)


def _prepare(path: Path) -> sqlite3.Connection:
    # Our lock is in place of the driver's check; transactions are begun by us.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version != _VERSION:
            raise sqlite3.DatabaseError(f"they were written by another release (version {version})")  # noqa: TRY301  as any
    except BaseException:
        connection.close()
        raise
    return connection
