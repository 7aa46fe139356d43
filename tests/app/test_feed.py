"""The feed over a real socket and a real store, with workers that say and hear what the test wants."""

import asyncio
import logging
import time
from typing import ClassVar

import pytest

from gatewright.app import feed as feed_module
from gatewright.app.feed import Feed
from gatewright.model.codec import decode_kind
from gatewright.model.feed import Ack, FrameDecoder, Hello, Update, encode_frame
from gatewright.model.records import (
    AccessKeyRecord,
    Certificate,
    DefaultCertificate,
    EndpointConfiguration,
    RestApi,
    Stage,
    ValidatedCertificate,
)
from gatewright.store.port import StoreError
from support.stores import make_store

pytestmark = pytest.mark.timeout(30)


class Worker:
    """The other end: says hello, gathers updates, acknowledges when told to."""

    opened: ClassVar[list] = []

    def __init__(self, reader, writer, number):
        self._reader, self._writer, self.number = reader, writer, number
        self._decoder = FrameDecoder()
        self._messages = []
        Worker.opened.append(writer)

    @classmethod
    async def connect(cls, path, number=0, revision=0, process=100):
        worker = cls(*await asyncio.open_unix_connection(path), number)
        worker.say(Hello(number, process, revision))
        return worker

    def say(self, message):
        self._writer.write(encode_frame(message))

    async def hear(self) -> Update:
        while not self._messages:
            data = await self._reader.read(65_536)
            assert data, "the feed was closed"
            self._messages += self._decoder.feed(data)
        return self._messages.pop(0)

    async def hear_all(self):
        """The frames of one update."""
        frames = [await self.hear()]
        while frames[-1].more:
            frames.append(await self.hear())
        return frames

    def close(self):
        self._writer.close()


@pytest.fixture
def store(tmp_path):
    made = make_store(tmp_path, kept_revisions=20)
    yield made
    made.close()


@pytest.fixture
def run(store, tmp_path):
    """Runs a coroutine function with a feed over this store and the path of its socket."""
    regions = []

    def run(scenario):
        async def main():
            feed = Feed(store, lambda region: ensure_region(store, region, regions), ["us-east-1"])
            path = str(tmp_path / "feed.sock")
            server = await asyncio.start_unix_server(feed.serve_worker, path)
            try:
                await scenario(feed, path)
            finally:
                for writer in Worker.opened:
                    writer.close()
                Worker.opened.clear()
                server.close()
                while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  the connections' ends
                    await asyncio.sleep(0.005)

        asyncio.run(main())
        return regions

    return run


def ensure_region(store, region, regions):
    regions.append(region)
    with store.transaction() as transaction:
        record = DefaultCertificate("", region, f"certificate of {region}", None, 1.0)
        transaction.put(record)
        transaction.put_secret(record.secret_name, b"its key")


def make_api(region="us-east-1", name="pets"):
    return RestApi("0" * 12, region, "abcdefghij", name, "root", 1.0, EndpointConfiguration(("REGIONAL",)))


def make_stage(name="dev", description=None):
    return Stage("0" * 12, "us-east-1", "abcdefghij", name, "dep", 1.0, 1.0, description=description)


def put(store, *records):
    with store.transaction() as transaction:
        for record in records:
            transaction.put(record)
    return store.revision()


def heard(frames):
    return [(change.kind, change.key) for frame in frames for change in frame.changes]


async def until(predicate):
    while not predicate():  # noqa: ASYNC110  what it waits for tells nobody
        await asyncio.sleep(0.005)


def test_a_new_worker_is_told_everything_that_is_published_and_nothing_else(store, run):
    put(store, make_api(), make_stage())

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        frames = await worker.hear_all()
        assert frames[0].reset
        assert [("default_certificate", ()), ("stage", ("abcdefghij", "dev"))] == heard(frames)
        assert feed.revision == frames[-1].revision

    run(scenario)


def test_a_record_whose_secret_was_deleted_meanwhile_is_told_as_gone(store, run, monkeypatch):
    """As when a domain name is changed in a thread between the two looks at the store."""
    kept = ValidatedCertificate("0" * 12, "us-east-1", "www.example.com", "PEM", None, 1.0)

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        worker.say(Ack((await worker.hear_all())[-1].revision))
        with store.transaction() as transaction:
            transaction.put(kept)
            transaction.put_secret(kept.secret_name, b"its key")
        changes = store.changes_since(feed.revision)
        with store.transaction() as transaction:
            transaction.delete(kept)
            transaction.delete_secret(kept.secret_name)
        monkeypatch.setattr(feed._store, "changes_since", lambda revision: changes)
        feed._advance()
        (update,) = await worker.hear_all()
        (told,) = update.changes
        assert ("validated_certificate", None, None) == (told.kind, told.document, told.secret)

    run(scenario)


def test_private_keys_and_secret_access_keys_are_told_with_their_records(store, run):
    key = AccessKeyRecord("0" * 12, "", "AKIA1", "arn:aws:iam::000000000000:root", "0" * 12, 1.0)
    certificate = Certificate("0" * 12, "us-east-1", "c-1", "PEM", None, "example.com", (), 1.0, 2.0, 1.0)
    with store.transaction() as transaction:
        for record, secret in ((key, b"a secret"), (certificate, b"a private key")):
            transaction.put(record)
            transaction.put_secret(record.secret_name, secret)

    async def scenario(feed, path):
        frames = await (await Worker.connect(path)).hear_all()
        secrets = {change.kind: change.secret for frame in frames for change in frame.changes}
        expected = {"access_key": "a secret", "certificate": "a private key", "default_certificate": "its key"}
        assert expected == secrets

    run(scenario)


def test_an_answer_waits_until_every_worker_serves_the_change(store, run):
    async def scenario(feed, path):
        workers = [await Worker.connect(path, number, process=100 + number) for number in (0, 1)]
        for worker in workers:
            worker.say(Ack((await worker.hear_all())[-1].revision))
        await until(lambda: [0, 0] == [link.revision - feed.revision for link in feed.links] and len(feed.links) == 2)
        answered = asyncio.create_task(feed.publish(put(store, make_stage())))
        updates = [await worker.hear() for worker in workers]
        assert [[("stage", ("abcdefghij", "dev"))]] * 2 == [heard([update]) for update in updates]
        workers[0].say(Ack(updates[0].revision))
        await asyncio.sleep(0.05)
        assert not answered.done()
        workers[1].say(Ack(updates[1].revision))
        await asyncio.wait_for(answered, 0.5)

    run(scenario)


def test_a_worker_that_hangs_delays_an_answer_by_its_patience_and_is_named(store, run, monkeypatch, caplog):
    monkeypatch.setattr(feed_module, "PATIENCE", 0.1)

    async def scenario(feed, path):
        worker = await Worker.connect(path, number=7)
        worker.say(Ack((await worker.hear_all())[-1].revision))
        await until(lambda: feed.links and feed.links[0].revision)
        started = time.monotonic()
        await feed.publish(put(store, make_stage()))
        assert 0.1 <= time.monotonic() - started < 1.0

    with caplog.at_level(logging.WARNING):
        run(scenario)
    assert "worker-7 (process 100) has not acknowledged revision" in caplog.text


def test_a_worker_that_dies_delays_nobody(store, run):
    async def scenario(feed, path):
        worker = await Worker.connect(path)
        worker.say(Ack((await worker.hear_all())[-1].revision))
        await until(lambda: feed.links and feed.links[0].revision)
        answered = asyncio.create_task(feed.publish(put(store, make_stage())))
        await worker.hear()
        worker.close()
        started = time.monotonic()
        await answered
        assert time.monotonic() - started < 0.5

    run(scenario)


def test_a_worker_that_is_about_to_serve_is_waited_for(store, run):
    async def scenario(feed, path):
        worker = await Worker.connect(path)
        first = (await worker.hear_all())[-1]
        answered = asyncio.create_task(feed.publish(put(store, make_stage())))
        update = await worker.hear()
        assert [("stage", ("abcdefghij", "dev"))] == heard([update])
        worker.say(Ack(first.revision))  # it serves from now on, and not what the client was told is live
        await asyncio.sleep(0.05)
        assert not answered.done()
        worker.say(Ack(update.revision))
        await asyncio.wait_for(answered, 0.5)

    run(scenario)


def test_a_worker_that_never_begins_to_serve_delays_an_answer_by_its_patience(store, run, monkeypatch, caplog):
    monkeypatch.setattr(feed_module, "PATIENCE", 0.1)

    async def scenario(feed, path):
        await (await Worker.connect(path, number=7)).hear_all()
        started = time.monotonic()
        await feed.publish(put(store, make_stage()))
        assert 0.1 <= time.monotonic() - started < 1.0

    with caplog.at_level(logging.WARNING):
        run(scenario)
    assert "worker-7 (process 100) has not acknowledged revision" in caplog.text


def test_what_a_worker_was_filled_with_is_forgotten_when_no_further_one_comes(store, run, monkeypatch):
    read = []
    read_all = feed_module._read_all
    monkeypatch.setattr(feed_module, "_read_all", lambda store: read.append(1) or read_all(store))
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(feed_module, "FILLING_SECONDS", 0.03)

    async def scenario(feed, path):
        watching = asyncio.create_task(feed.watch())
        await (await Worker.connect(path)).hear_all()
        assert feed._filling is not None
        await until(lambda: feed._filling is None)
        await (await Worker.connect(path, process=101)).hear_all()
        assert [1, 1] == read
        watching.cancel()

    run(scenario)


def test_a_worker_that_comes_back_is_told_what_it_missed(store, run):
    put(store, make_stage("old"))

    async def scenario(feed, path):
        known = feed.revision
        put(store, make_stage("new"))
        with store.transaction() as transaction:
            transaction.delete(make_stage("old"))
        await feed.publish(store.revision())
        worker = await Worker.connect(path, revision=known)
        update = await worker.hear()
        assert not update.reset
        assert {("abcdefghij", "new"): True, ("abcdefghij", "old"): False} == {
            change.key: change.document is not None for change in update.changes
        }
        assert store.revision() == update.revision

    run(scenario)


@pytest.mark.parametrize("revision", [1, 10_000])
def test_a_worker_whose_revision_the_log_does_not_know_is_filled_anew(store, run, revision):
    for number in range(60):
        put(store, make_stage(description=str(number)))

    async def scenario(feed, path):
        frames = await (await Worker.connect(path, revision=revision)).hear_all()
        assert frames[0].reset
        stages = [c for frame in frames for c in frame.changes if c.kind == "stage"]
        assert ["59"] == [decode_kind(c.kind, c.document).description for c in stages]

    run(scenario)


def test_a_large_installation_is_told_in_parts_of_which_the_first_resets(store, run, monkeypatch):
    monkeypatch.setattr(feed_module, "FRAME_BYTES", 1000)
    put(store, *(make_stage(f"stage-{number}") for number in range(20)))

    async def scenario(feed, path):
        frames = await (await Worker.connect(path)).hear_all()
        assert len(frames) > 3
        assert [True] + [False] * (len(frames) - 1) == [frame.reset for frame in frames]
        assert 21 == len(set(heard(frames)))

    run(scenario)


def test_a_worker_that_is_put_back_gets_what_its_predecessor_got_and_what_happened_since(store, run, monkeypatch):
    put(store, make_stage("old"), make_stage("same"))
    read = []
    read_all = feed_module._read_all
    monkeypatch.setattr(feed_module, "_read_all", lambda store: read.append(1) or read_all(store))

    async def scenario(feed, path):
        first = await (await Worker.connect(path)).hear_all()
        with store.transaction() as transaction:
            transaction.delete(make_stage("old"))
            transaction.put(make_stage("new"))
        await feed.publish(store.revision())
        worker = await Worker.connect(path, process=101)
        # One update: a worker that served what its predecessor was told first would serve what is no longer true.
        *filling, since = await worker.hear_all()
        assert first[:-1] == filling
        assert {("abcdefghij", "old"): None, ("abcdefghij", "new"): make_stage("new")} == {
            c.key: c.document and decode_kind(c.kind, c.document) for c in since.changes
        }
        assert store.revision() == since.revision
        assert [1] == read
        monkeypatch.setattr(feed_module, "MAX_AFTER_FILLING", 1)
        frames = await (await Worker.connect(path, process=102)).hear_all()
        assert store.revision() == frames[-1].revision
        assert [1, 1] == read

    run(scenario)


def test_what_could_not_be_told_is_told_with_the_next_change(store, run, monkeypatch):
    encode_frame = feed_module.encode_frame

    def fail(message):
        monkeypatch.setattr(feed_module, "encode_frame", encode_frame)
        raise StoreError("the disk is gone for a moment")

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        await worker.hear_all()
        monkeypatch.setattr(feed_module, "encode_frame", fail)
        with pytest.raises(StoreError):
            await feed.publish(put(store, make_stage("first")))
        await feed.publish(put(store, make_stage("second")))
        assert [("stage", ("abcdefghij", "first")), ("stage", ("abcdefghij", "second"))] == heard(
            await worker.hear_all()
        )

    run(scenario)


def test_a_region_that_a_cut_log_hides_has_its_certificate_too(store, run):
    async def scenario(feed, path):
        for number in range(25):  # more than the log keeps
            put(store, make_api("eu-west-1", name=f"pets-{number}"))
        await feed.publish(store.revision())

    assert ["us-east-1", "eu-west-1"] == run(scenario)


def test_a_change_that_workers_need_not_know_moves_their_revision(store, run):
    async def scenario(feed, path):
        worker = await Worker.connect(path)
        await worker.hear_all()
        revision = put(store, make_api())
        await feed.publish(revision)
        update = await worker.hear()
        assert (revision, ()) == (update.revision, update.changes)

    run(scenario)


def test_a_region_has_its_certificate_before_workers_hear_of_its_first_api(store, run):
    put(store, make_api("eu-west-1"))

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        await worker.hear_all()
        await feed.publish(put(store, make_api("ap-south-1")))
        update = await worker.hear()
        assert ["ap-south-1"] == [c.region for c in update.changes if c.kind == "default_certificate"]

    assert ["eu-west-1", "us-east-1", "ap-south-1"] == run(scenario)


def test_what_another_process_commits_is_told_soon(store, run, monkeypatch):
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 0.02)

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        await worker.hear_all()
        put(store, make_stage())  # nobody publishes it
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(feed.watch())
            update = await worker.hear()
            watching.cancel()
        assert [("stage", ("abcdefghij", "dev"))] == heard([update])

    run(scenario)


def test_certificates_are_looked_at_daily_and_a_failure_ends_nothing(store, run, monkeypatch, caplog):
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(feed_module, "RENEWAL_SECONDS", 0.03)

    async def scenario(feed, path):
        worker = await Worker.connect(path)
        await worker.hear_all()
        look = feed._ensure_region
        feed._ensure_region = lambda region: 1 / 0
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(feed.watch())
            await until(lambda: "ZeroDivisionError" in caplog.text)
            feed._ensure_region = look
            update = await worker.hear()
            watching.cancel()
        assert ["default_certificate"] == [change.kind for change in update.changes]

    run(scenario)


@pytest.mark.parametrize(
    "words", [encode_frame(Ack(1)), encode_frame(Hello(0, 1, 0)) * 2, b"\x00\x00\x00\x02{}", b"\xff\xff\xff\xff"]
)
def test_whoever_speaks_out_of_turn_is_disconnected(store, run, words, caplog):
    async def scenario(feed, path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(words)
        while await reader.read(65_536):
            pass
        writer.close()
        assert () == feed.links

    run(scenario)
    assert "A worker's connection is closed" in caplog.text


PLACE = ("stage", "0" * 12, "us-east-1", ("abcdefghij", "dev"))


def test_what_no_worker_has_acknowledged_is_known_by_record(store, run):
    async def scenario(feed, path):
        assert PLACE not in feed.unacknowledged(), "there is nobody who could have it otherwise"
        quick, slow = await Worker.connect(path, 0), await Worker.connect(path, 1)
        for worker in (quick, slow):
            worker.say(Ack((await worker.hear_all())[-1].revision))
        await until(lambda: len(feed.links) == 2 and all(link.revision for link in feed.links))
        assert PLACE not in feed.unacknowledged()

        revision = put(store, make_stage())
        assert PLACE in feed.unacknowledged(), "it is committed, and nobody was told yet"
        telling = asyncio.create_task(feed.publish(revision))
        quick.say(Ack(revision))
        await telling
        assert PLACE in feed.unacknowledged()
        assert ("stage", "0" * 12, "us-east-1", ("abcdefghij", "prod")) not in feed.unacknowledged()
        slow.say(Ack(revision))
        await until(lambda: PLACE not in feed.unacknowledged())

    run(scenario)


def test_a_worker_that_serves_nothing_yet_begins_with_what_it_was_sent_first(store, run):
    async def scenario(feed, path):
        put(store, make_stage())
        fresh = await Worker.connect(path)
        await fresh.hear_all()
        await until(lambda: feed.links)
        assert PLACE not in feed.unacknowledged()

        put(store, make_stage(description="newer"))
        assert PLACE in feed.unacknowledged()

    run(scenario)


def test_of_a_worker_that_is_too_far_behind_nothing_is_sure(store, run):
    async def scenario(feed, path):
        behind = await Worker.connect(path, revision=store.revision())
        await behind.hear_all()
        await until(lambda: feed.links)
        for number in range(30):
            put(store, make_stage(description=str(number)))

        assert ("domain_name", "", "", ("www.example.com",)) in feed.unacknowledged()

    run(scenario)
