"""What workers note by turns, and what the process that shares meters reads of it."""

import os
import signal

import pytest

from gatewright.core.metering.charge import Bucket, Ledger, Level
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.token_bucket import Limit
from gatewright.dataplane.activity import Activities, Activity, Turns

LIMIT = Limit(Throttle(10, 5))


def bucket(owner, limit=LIMIT):
    return Bucket(Level.PLAN, owner, limit)


def name(owner):
    return bucket(owner).name


@pytest.fixture
def turns(tmp_path):
    return Turns(tmp_path)


def test_tokens_of_all_workers_are_summed_by_bucket(tmp_path, turns):
    reader = Activities(tmp_path, 2, turns)
    writers = [Activity(tmp_path, number, turns) for number in range(2)]
    assert not reader.has_any()
    writers[0].spend([bucket(1), bucket(2)])
    writers[0].spend([bucket(1)])
    writers[1].spend([bucket(1)])
    assert reader.has_any()
    used = reader.read(reader.turn())
    assert {name(1): (LIMIT.interval, LIMIT.capacity, 3), name(2): (LIMIT.interval, LIMIT.capacity, 1)} == used.buckets
    assert not reader.has_any()


def test_each_turn_has_what_was_used_in_it(tmp_path, turns):
    reader, writer = Activities(tmp_path, 1, turns), Activity(tmp_path, 0, turns)
    for count in (3, 0, 2, 1):
        for _ in range(count):
            writer.spend([bucket(7)])
        buckets = reader.read(reader.turn()).buckets
        assert ([count] if count else []) == [tokens for _, _, tokens in buckets.values()]


def test_who_found_a_bucket_empty_is_told_of_without_a_token(tmp_path, turns):
    reader, writer = Activities(tmp_path, 1, turns), Activity(tmp_path, 0, turns)
    writer.want(bucket(1))
    writer.want(bucket(1))
    writer.want(bucket(2, Limit(Throttle(0, 5))))  # a method that is closed: no token ever comes
    assert {name(1): (LIMIT.interval, LIMIT.capacity, 0)} == reader.read(reader.turn()).buckets


def test_ledgers_are_noted_once_a_turn_with_their_quotas(tmp_path, turns):
    reader, writer = Activities(tmp_path, 1, turns), Activity(tmp_path, 0, turns)
    quotas = {number: Quota(100 + number, number, period) for number, period in enumerate(("DAY", "WEEK", "MONTH"), 1)}
    ledgers = [Ledger(name, quota) for name, quota in ({9: None} | quotas).items()]
    assert [True] * 4 + [False] * 4 == [writer.note(each) for each in ledgers * 2]
    assert {9: None} | quotas == reader.read(reader.turn()).ledgers
    assert writer.note(ledgers[0])


def test_a_sheet_that_nobody_reads_takes_no_further_names(tmp_path, turns):
    reader, writer = Activities(tmp_path, 1, turns), Activity(tmp_path, 0, turns)
    for owner in range(1, 10_000):
        writer.spend([bucket(owner)])
    writer.spend([bucket(1)])
    buckets = reader.read(reader.turn()).buckets
    assert 8_192 == len(buckets)
    assert 2 == buckets[name(1)][2]
    writer.spend([bucket(9_999)])
    assert [name(9_999)] == list(reader.read(reader.turn()).buckets)


def test_a_worker_that_was_killed_has_told_what_it_noted(tmp_path, turns):
    reader = Activities(tmp_path, 1, turns)
    pid = os.fork()
    if pid == 0:
        writer = Activity(tmp_path, 0, turns)
        for _ in range(5):
            writer.spend([bucket(1)])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert 5 == reader.read(reader.turn()).buckets[name(1)][2]
    Activity(tmp_path, 0, turns).spend([bucket(1)])
    assert 1 == reader.read(reader.turn()).buckets[name(1)][2]


def test_what_was_heard_is_fresh_for_a_while(tmp_path, turns):
    assert not turns.is_fresh()
    turns.keep_fresh(2**62)
    assert Turns(tmp_path).is_fresh()
    turns.keep_fresh(1)
    assert not Turns(tmp_path).is_fresh()
