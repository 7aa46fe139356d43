import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gatewright.model import codec
from gatewright.model.records import (
    AccessKeyRecord,
    BasePathMapping,
    DomainName,
    EndpointConfiguration,
    RequestValidator,
    Resource,
    RestApi,
)
from gatewright.store import relational
from gatewright.store.port import Change, StoreError
from gatewright.store.schema import SCHEMA, STEPS, prepare_schema
from gatewright.store.secrets import SecretBox
from gatewright.store.sqlite import open_store
from support.stores import make_store

WRITER = Path(__file__).with_name("keep_committing.py")
EVERY_FILE = ("gatewright.db", "gatewright.db-wal", "gatewright.db-shm")


def api(name: str = "abcdefghij", account: str = "1", region: str = "us-east-1", **more) -> RestApi:
    return RestApi(account, region, name, "pets", "rootrootro", 1.0, EndpointConfiguration(("REGIONAL",)), **more)


def mapping(domain: str, base_path: str, account: str = "1") -> BasePathMapping:
    return BasePathMapping(account, "us-east-1", domain, base_path, "abcdefghij")


@pytest.fixture
def store(tmp_path):
    store = make_store(tmp_path)
    yield store
    store.close()


def put(store, *records):
    with store.transaction() as transaction:
        for record in records:
            transaction.put(record)


# Reading and writing


def test_what_was_put_is_read_back_also_after_opening_again(store, tmp_path):
    put(store, api())
    with store.read() as reader:
        assert api() == reader.get(RestApi, "1", "us-east-1", "abcdefghij")
    again = make_store(tmp_path)
    with again.read() as reader:
        assert api() == reader.get(RestApi, "1", "us-east-1", "abcdefghij")
    again.close()


def test_account_region_kind_and_key_each_tell_records_apart(store):
    put(store, api(), api(account="2", version="2"), api(region="eu-west-1", version="3"))
    with store.read() as reader:
        assert "2" == reader.get(RestApi, "2", "us-east-1", "abcdefghij").version
        assert "3" == reader.get(RestApi, "1", "eu-west-1", "abcdefghij").version
        assert None is reader.get(RestApi, "2", "eu-west-1", "abcdefghij")
        assert None is reader.get(DomainName, "1", "us-east-1", "abcdefghij")


def test_a_put_replaces_the_record_of_the_same_key(store):
    put(store, api())
    put(store, api(version="2"))
    with store.read() as reader:
        assert [api(version="2")] == list(reader.all(RestApi))


def test_a_transaction_sees_its_own_changes_and_others_do_not_until_it_commits(store):
    with store.transaction() as transaction:
        transaction.put(api())
        transaction.put_secret("a", b"value")
        assert api() == transaction.get(RestApi, "1", "us-east-1", "abcdefghij")
        assert b"value" == transaction.get_secret("a")
        with store.read() as reader:
            assert None is reader.get(RestApi, "1", "us-east-1", "abcdefghij")
            assert None is reader.get_secret("a")


def test_a_transaction_that_raises_leaves_nothing(store):
    put(store, api())
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:  # noqa: PT012 - the block is the point
        transaction.put(api(version="2"))
        transaction.put_secret("a", b"value")
        transaction.delete(api())
        1 / 0  # noqa: B018
    assert 1 == store.revision()
    with store.read() as reader:
        assert [api()] == list(reader.all(RestApi))
        assert None is reader.get_secret("a")


def test_a_reader_keeps_the_view_it_began_with(store):
    with store.read() as reader:
        put(store, api())
        assert [] == list(reader.all(RestApi))
        assert 0 == reader.revision
    assert 1 == store.revision()


def test_list_under_gives_the_keys_below_a_prefix_in_their_order(store):
    below = [mapping("a.example.com", path) for path in ("", "v1", "v1-beta", "v10", "é")]
    put(store, *reversed(below), mapping("a.example.co", "v1"), mapping("a.example.com.", "v1"))
    put(store, mapping("a.example.com", "v1", account="2"))
    with store.read() as reader:
        assert below == reader.list_under(BasePathMapping, "1", "us-east-1", "a.example.com")
        assert [below[1]] == reader.list_under(BasePathMapping, "1", "us-east-1", "a.example.com", "v1")
        assert 7 == len(reader.list_under(BasePathMapping, "1", "us-east-1"))
        assert [] == reader.list_under(BasePathMapping, "1", "us-east-1", "a.example")


def test_list_under_reads_on_behind_a_key_and_stops_at_a_limit(store):
    below = [mapping("a.example.com", path) for path in ("", "v1", "v1-beta", "v10")]
    put(store, *below, mapping("b.example.com", "v1"))

    def listed(**part):
        return reader.list_under(BasePathMapping, "1", "us-east-1", "a.example.com", **part)

    with store.read() as reader:
        assert below[:2] == listed(limit=2)
        assert below[1:] == listed(after=("a.example.com", ""))
        assert below[2:3] == listed(after=("a.example.com", "v1"), limit=1)
        assert below[2:] == listed(after=("a.example.com", "v1-"))  # a key that is not there
        assert [] == listed(after=("a.example.com", "v10"))
        assert [] == listed(after=("a.example.com", "\n"))  # no key at all


def test_find_looks_in_every_account_and_region_by_the_index(store, tmp_path):
    records = [api(account="1"), api(account="2", region="a"), api(account="2", region="b")]
    put(store, *reversed(records), api("other00000"))
    with store.read() as reader:
        assert records == reader.find(RestApi, "abcdefghij")
        assert [] == reader.find(RestApi, "abcdefghi")
        assert [] == reader.find(RestApi)
    plan = (
        sqlite3.connect(tmp_path / "gatewright.db")
        .execute("EXPLAIN QUERY PLAN SELECT document FROM records WHERE kind = ? AND key = ? ORDER BY account, region", "ab")
        .fetchall()
    )  # fmt: skip
    assert ["SEARCH records USING INDEX records_by_key (kind=? AND key=?)"] == [step[3] for step in plan]


def test_delete_under_forgets_a_subtree_and_counts_it(store):
    resources = [Resource("1", "us-east-1", "abcdefghij", f"id{n}", "/") for n in range(3)]
    other = Resource("1", "us-east-1", "abcdefghi", "id0", "/")
    put(store, *resources, other)
    with store.transaction() as transaction:
        assert 3 == transaction.delete_under(Resource, "1", "us-east-1", "abcdefghij")
        assert 0 == transaction.delete_under(Resource, "1", "us-east-1", "abcdefghij")
    with store.read() as reader:
        assert [other] == list(reader.all(Resource))


def test_deleting_what_is_not_there_is_our_own_bug(store):
    with pytest.raises(KeyError, match="there is no rest_api"), store.transaction() as transaction:
        transaction.delete(api())


@pytest.mark.parametrize("segment", ["a\x1fb", "\x00", "\ud800"])
def test_what_cannot_be_a_key_is_not_found_and_not_stored(store, segment):
    with store.transaction() as transaction:
        assert None is transaction.get(RestApi, "1", "us-east-1", segment)
        assert [] == transaction.list_under(RestApi, "1", "us-east-1", segment)
        assert [] == transaction.find(RestApi, segment)
        assert 0 == transaction.delete_under(RestApi, "1", "us-east-1", segment)
        with pytest.raises(ValueError, match="cannot be part of a record's key"):
            transaction.put(api(segment))


def test_a_stored_document_that_is_damaged_is_named_by_its_member(store, tmp_path):
    put(store, api())
    with sqlite3.connect(tmp_path / "gatewright.db") as database:
        database.execute("UPDATE records SET document = json_set(document, '$.name', 5)")
    database.close()
    with (
        store.read() as reader,
        pytest.raises(StoreError, match=r"rest_api\.name: expected a string, found an integer"),
    ):
        reader.get(RestApi, "1", "us-east-1", "abcdefghij")


# Revisions and changes


def test_each_transaction_that_changed_something_has_the_next_revision(store):
    put(store, api(), api("other00000"))
    with store.transaction() as transaction:
        transaction.get(RestApi, "1", "us-east-1", "abcdefghij")
        transaction.delete_under(RestApi, "3", "us-east-1")
        transaction.delete_secret("a")
    assert 1 == store.revision()
    with store.transaction() as transaction:
        transaction.put_secret("a", b"value")
        assert 1 == transaction.revision
    assert 2 == store.revision()


def test_changes_tell_each_record_once_with_its_newest_state_in_the_order_of_the_last_touch(store):
    put(store, api("a"), api("b"), api("c"))
    put(store, api("b", version="2"))
    put(store, api("a", version="2"))
    with store.transaction() as transaction:
        transaction.delete(api("c"))
        transaction.put(api("d"))
        transaction.put(api("d", version="2"))
    changes = store.changes_since(1)
    assert (4, True) == (changes.revision, changes.complete)
    assert [
        Change("rest_api", "1", "us-east-1", ("b",), codec.encode(api("b", version="2"))),
        Change("rest_api", "1", "us-east-1", ("a",), codec.encode(api("a", version="2"))),
    ] == list(changes.changes[:2])
    assert {("c",): None, ("d",): api("d", version="2")} == {c.key: c.record for c in changes.changes[2:]}
    assert [] == list(store.changes_since(4).changes)
    assert {"a", "b", "c", "d"} == {change.key[0] for change in store.changes_since(0).changes}


def test_a_list_can_be_read_from_its_end(store):
    put(store, *(api(f"a{number}") for number in range(5)))
    with store.read() as reader:
        ids = [r.id for r in reader.list_under(RestApi, "1", "us-east-1", after=("a3",), limit=2, descending=True)]
        assert ["a2", "a1"] == ids
        assert ["a4"] == [r.id for r in reader.list_under(RestApi, "1", "us-east-1", limit=1, descending=True)]


def test_documents_are_those_of_the_records_in_the_same_order(store):
    put(store, api("b"), api("a"), Resource("1", "us-east-1", "a", "r", "/"))
    with store.read() as reader:
        found = [(each.account, each.region, each.key, each.document) for each in reader.documents(RestApi)]
        assert [(r.account, r.region, r.key, codec.encode(r)) for r in reader.all(RestApi)] == found
        assert 2 == len(found)


def test_a_change_that_cannot_be_read_says_so_to_whoever_reads_it():
    change = Change("rest_api", "1", "us-east-1", ("a",), "{}")
    with pytest.raises(StoreError, match="a stored record cannot be read: rest_api: a RestApi lacks"):
        assert change.record


def test_every_record_of_a_deleted_subtree_is_told(store):
    put(store, *(Resource("1", "us-east-1", "abcdefghij", f"id{n}", "/") for n in range(3)))
    with store.transaction() as transaction:
        transaction.delete_under(Resource, "1", "us-east-1", "abcdefghij")
    told = store.changes_since(1).changes
    assert {("abcdefghij", f"id{n}"): None for n in range(3)} == {change.key: change.record for change in told}


def test_the_change_log_is_bounded_and_says_when_it_does_not_reach_back(tmp_path):
    store = make_store(tmp_path, kept_revisions=20)
    for n in range(50):
        put(store, api(f"api{n}"))
    for revision in range(30, 51):
        assert store.changes_since(revision).complete
        assert 50 - revision == len(store.changes_since(revision).changes)
    assert not store.changes_since(25).complete
    assert [] == list(store.changes_since(25).changes)
    with sqlite3.connect(tmp_path / "gatewright.db") as database:
        assert 22 >= database.execute("SELECT count(*) FROM changes").fetchone()[0]
    database.close()
    store.close()


def test_a_revision_that_the_store_never_had_is_not_complete(store):
    """A copy restored from a backup is behind those who saw what came after it."""
    put(store, api())
    assert store.changes_since(1).complete
    assert not store.changes_since(2).complete


# Secrets


def test_secrets_are_replaced_and_forgotten(store):
    with store.transaction() as transaction:
        transaction.put_secret("a", b"one")
        transaction.put_secret("a", b"two")
        transaction.put_secret("b", b"three")
        transaction.delete_secret("b")
        transaction.delete_secret("b")
    with store.read() as reader:
        assert b"two" == reader.get_secret("a")
        assert None is reader.get_secret("b")


def test_many_secrets_are_read_at_once(store, monkeypatch):
    monkeypatch.setattr(relational, "NAMES_A_QUERY", 3)
    expected = {f"name-{number}": b"%d" % number for number in range(8)}
    with store.transaction() as transaction:
        for name, value in expected.items():
            transaction.put_secret(name, value)
        assert expected == transaction.get_secrets([*expected, "unknown"])
        assert {} == transaction.get_secrets([])


def test_no_file_holds_a_secret_in_the_clear(store, tmp_path):
    """The record's text is found in the same files, so the scan would find a secret."""
    put(store, api(description="a needle in the hay"))
    with store.transaction() as transaction:
        transaction.put_secret("a", b"-----BEGIN PRIVATE KEY-----")
    before = b"".join((tmp_path / name).read_bytes() for name in EVERY_FILE)
    store.close()
    after = (tmp_path / "gatewright.db").read_bytes()
    for content in (before, after):
        assert b"a needle in the hay" in content
        assert b"PRIVATE KEY" not in content


def test_a_secret_in_anothers_row_is_refused(store, tmp_path):
    with store.transaction() as transaction:
        transaction.put_secret("mine", b"value")
    with sqlite3.connect(tmp_path / "gatewright.db") as database:
        database.execute("UPDATE secrets SET name = 'yours'")
    database.close()
    with store.read() as reader, pytest.raises(StoreError, match="the secret yours was not sealed with"):
        reader.get_secret("yours")


def test_another_key_is_refused_at_opening(store, tmp_path):
    with pytest.raises(StoreError) as refusal:
        open_store(tmp_path / "gatewright.db", SecretBox.open(tmp_path / "other.key"))
    assert (
        f"the secrets in {tmp_path}/gatewright.db were sealed with another key than {tmp_path}/other.key: put the key "
        "file back that was beside the database when it was made, or start with an empty data directory"
    ) == str(refusal.value)


# The file


def test_the_files_are_the_owners_alone(store, tmp_path):
    put(store, api())
    assert dict.fromkeys(EVERY_FILE, 0o600) == {n: stat.S_IMODE((tmp_path / n).stat().st_mode) for n in EVERY_FILE}


def test_every_commit_is_synced_into_a_write_ahead_log(store):
    with store.transaction() as transaction:
        assert "wal" == transaction._connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        assert 2 == transaction._connection.exec_driver_sql("PRAGMA synchronous").scalar_one()  # 2 is FULL


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "gatewright.db").write_bytes(b"certainly not a database " * 100)
    with pytest.raises(StoreError, match=f"{tmp_path}/gatewright.db cannot be opened: file is not a database"):
        make_store(tmp_path)


def test_a_folder_in_the_databases_place_is_refused(tmp_path):
    (tmp_path / "gatewright.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
        make_store(tmp_path)


def test_a_newer_schema_is_refused(store, tmp_path):
    with sqlite3.connect(tmp_path / "gatewright.db") as database:
        database.execute("UPDATE meta SET schema = ?", (SCHEMA + 1,))
    database.close()
    newer = (
        f"{tmp_path}/gatewright.db: the database was written by a newer release "
        f"\\(its schema is {SCHEMA + 1}, this release knows schemas up to {SCHEMA}\\)"
    )
    with pytest.raises(StoreError, match=newer):
        make_store(tmp_path)


def test_an_older_schema_is_brought_up_step_by_step(store, tmp_path):
    put(store, api())
    steps = {
        SCHEMA + 1: ["ALTER TABLE records ADD COLUMN note TEXT", "UPDATE records SET note = 'one'"],
        SCHEMA + 2: ["UPDATE records SET note = note || ' two'"],
    }
    for _ in range(2):  # the second time there is nothing left to do
        with store._writing.begin() as connection:
            prepare_schema(connection, b"", steps)
    with sqlite3.connect(tmp_path / "gatewright.db") as database:
        assert [("one two",)] == database.execute("SELECT note FROM records").fetchall()
        assert [(SCHEMA + 2,)] == database.execute("SELECT schema FROM meta").fetchall()
    database.close()


def test_there_is_a_step_to_every_schema_after_the_first():
    assert list(range(2, SCHEMA + 1)) == list(STEPS)


def test_a_full_disk_is_told_in_the_databases_words_without_values(store):
    with pytest.raises(StoreError) as failure, store.transaction() as transaction:  # noqa: PT012 - the block is the point
        size = transaction._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        transaction._connection.exec_driver_sql(f"PRAGMA max_page_count = {size}")
        transaction.put(api(description="confidential" * 10_000))
    assert "the database says: database or disk is full" in str(failure.value)
    assert "confidential" not in str(failure.value)
    assert 0 == store.revision()


# Many at once


def test_threads_that_write_at_once_lose_nothing(store):
    def write(thread: int) -> None:
        for n in range(20):
            with store.transaction() as transaction:
                counter = transaction.get(RestApi, "1", "us-east-1", "counter") or api("counter", version="0")
                transaction.put(api("counter", version=str(int(counter.version) + 1)))
                transaction.put(api(f"{thread}-{n}"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as reader:
        assert "80" == reader.get(RestApi, "1", "us-east-1", "counter").version
        assert 81 == len(list(reader.all(RestApi)))
    assert 80 == store.revision()


def test_a_writer_waits_only_so_long_for_the_one_before_it(store, tmp_path, monkeypatch):
    monkeypatch.setattr(relational, "WRITER_PATIENCE", 0.05)
    monkeypatch.setattr("gatewright.store.sqlite.WRITER_PATIENCE", 0.05)
    other = make_store(tmp_path)
    with store.transaction():
        with pytest.raises(StoreError, match=r"did not end in 0\.05 s"), store.transaction():
            pass
        with pytest.raises(StoreError, match="the database says: database is locked"), other.transaction():
            pass
    with other.transaction() as transaction:
        transaction.put(api())
    other.close()
    assert 1 == store.revision()


def start_writer(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_processes_that_make_a_store_and_write_at_once_lose_nothing(tmp_path):
    SecretBox.open(tmp_path / "secret.key")
    writers = [start_writer(tmp_path, name, 40) for name in ("a", "b", "c")]
    for writer in writers:
        writer.communicate()
    assert [0, 0, 0] == [writer.returncode for writer in writers]
    store = make_store(tmp_path)
    with store.read() as reader:
        assert 120 * 3 == len(list(reader.all(RequestValidator)))
        assert "120" == reader.get(RestApi, "1", "us-east-1", "counter").version
    assert 120 == store.revision()
    store.close()


def test_another_process_sees_a_commit(store, tmp_path):
    put(store, api())
    start_writer(tmp_path, "a", 3).communicate()
    assert 4 == store.revision()
    assert 3 * 3 + 1 + 3 == len(store.changes_since(1).changes)


def test_a_killed_process_leaves_every_acknowledged_transaction_whole_and_no_half_of_another(tmp_path):
    """Each transaction puts three validators, an access key with its secret, and counts itself."""
    chance = random.Random(7)
    make_store(tmp_path).close()
    seen_inside = 0
    for round_ in range(20):
        name = f"round{round_}"
        writer = start_writer(tmp_path, name, 1_000_000)
        assert "1\n" == writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = [1] + [int(line) for line in writer.stdout.read().split("\n")[:-1]]
        writer.stdout.close()
        writer.wait()

        store = make_store(tmp_path)
        with store.read() as reader:
            validators = reader.list_under(RequestValidator, "1", "us-east-1", name)
            keys = [key for key in reader.all(AccessKeyRecord) if key.id.startswith(f"{name}-")]
            done = len(keys)
            assert list(range(1, done + 1)) == sorted(int(key.id.partition("-")[2]) for key in keys)
            assert {f"{n}-{part}" for n in range(1, done + 1) for part in "xyz"} == {v.id for v in validators}
            assert all(key.id.encode() == reader.get_secret(key.secret_name) for key in keys)
        # The last one may have been committed with its acknowledgement still unsaid.
        assert done - acknowledged[-1] in (0, 1)
        seen_inside += done
        assert seen_inside == store.revision()
        store.close()


def test_many_records_are_found_by_their_keys_and_no_others(store):
    found = {
        ("abcdefghij", f"id{n}"): Resource("1", "us-east-1", "abcdefghij", f"id{n}", f"/{n}") for n in range(2_001)
    }
    elsewhere = Resource("1", "eu-west-1", "abcdefghij", "id", "/")
    put(store, *found.values(), elsewhere, Resource("1", "us-east-1", "abcdefghij", "other", "/"))
    with store.read() as reader:
        keys = [*found, elsewhere.key, ("abcdefghij", "none"), ("abcdefghij", "\x1f")]
        assert found == reader.get_many(Resource, "1", "us-east-1", keys)
        assert {} == reader.get_many(Resource, "1", "us-east-1", [])


def test_many_records_are_put_at_once_the_later_one_of_a_key_and_in_place_of_what_was_there(store):
    put(store, api("one"), api("two"))
    with store.transaction() as transaction:
        transaction.put_many(iter([api("two", description="new"), api("three"), api("three", description="later")]))
        transaction.put_many([])
    with store.read() as reader:
        expected = [api("one"), api("three", description="later"), api("two", description="new")]
        assert expected == reader.list_under(RestApi, "1", "us-east-1")
    told = store.changes_since(1)
    assert (2, {("two",), ("three",)}) == (told.revision, {change.key for change in told.changes})
    with pytest.raises(ValueError, match="control character"), store.transaction() as transaction:
        transaction.put_many([api("four"), api("\x00")])
    with store.read() as reader:
        assert reader.get(RestApi, "1", "us-east-1", "four") is None
    assert 2 == store.revision()


def test_many_secrets_are_put_at_once(store):
    with store.transaction() as transaction:
        transaction.put_secret("a", b"one")
        transaction.put_secrets({"a": b"two", "b": b"three"})
        transaction.put_secrets({})
    with store.read() as reader:
        assert {"a": b"two", "b": b"three"} == reader.get_secrets(["a", "b"])
