"""Meters of a node that shares them: each request meets what the node has now, whatever the others do."""

import pytest

from gatewright.core.metering.charge import Bucket, Ledger, Level
from gatewright.core.metering.limits import Quota, Throttle
from gatewright.core.metering.quota import DAY_NANOSECONDS
from gatewright.core.metering.token_bucket import SECOND, Limit
from gatewright.dataplane.activity import Activities, Turns
from gatewright.dataplane.leased_meters import LeasedMeters
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters

T0 = 20_000 * DAY_NANOSECONDS
FOREVER = 2**62


@pytest.fixture
def directory(tmp_path):
    prepare_meters(tmp_path)
    return tmp_path


@pytest.fixture
def turns(directory):
    return Turns(directory)


def bucket(burst=10, owner=5):
    return Bucket(Level.STAGE, owner, Limit(Throttle(1, burst)))


def ledger(limit=400, name=6):
    return Ledger(name, Quota(limit, 0, "MONTH"))


def take(meters, quota, buckets, count=1_000, now=T0):
    return sum(meters.take(quota, buckets, now) is None for _ in range(count))


def test_by_itself_it_meters_as_a_node_alone(directory):
    meters = LeasedMeters(directory, 0)
    assert 10 == take(meters, ledger(), [bucket()])
    assert 390 == take(meters, ledger(), [bucket(1_000, owner=7)])


def test_what_was_used_is_noted_and_what_was_refused_is_not(directory, turns):
    meters, reader = LeasedMeters(directory, 0), Activities(directory, 1, turns)
    narrow, wide = bucket(), bucket(500, owner=7)
    assert 10 == take(meters, ledger(), [narrow, wide], 25)
    used = reader.read(reader.turn())
    assert {narrow.name: 10, wide.name: 10} == {name: tokens for name, (_, _, tokens) in used.buckets.items()}
    assert {6: ledger().quota} == used.ledgers


def test_a_bucket_is_as_full_as_it_is_set(directory):
    meters, own, name = LeasedMeters(directory, 0), SharedMeters(directory), bucket().name
    own.set_debts({name: 7 * SECOND}, T0)
    assert 3 == take(meters, None, [bucket()])
    own.set_debts({name: 0}, T0)
    assert 10 == take(meters, None, [bucket()])
    own.set_debts({name: 25 * SECOND}, T0)  # others had more than there was
    assert 0 == take(meters, None, [bucket()], 1)


def test_a_key_that_nobody_has_heard_of_has_a_first_few_and_then_what_it_was_leased(directory, turns):
    meters, own, quota = LeasedMeters(directory, 0), SharedMeters(directory), ledger()
    turns.keep_fresh(FOREVER)
    assert 25 == take(meters, quota, [])
    own.lease(quota.name, quota.quota, up_to=100, beside=-200, now=T0)
    assert 75 == take(meters, quota, [])
    own.lease(quota.name, quota.quota, up_to=50, beside=-200, now=T0)
    assert 0 == take(meters, quota, [])


def test_two_workers_have_one_first_few(directory, turns):
    turns.keep_fresh(FOREVER)
    assert [25, 0] == [take(LeasedMeters(directory, number), ledger(), []) for number in range(2)]


def test_when_the_others_are_not_heard_the_quota_is_its_own_but_for_what_they_had_used(directory, turns):
    meters, own, quota = LeasedMeters(directory, 0), SharedMeters(directory), ledger()
    turns.keep_fresh(FOREVER)
    own.lease(quota.name, quota.quota, up_to=100, beside=-200, now=T0)
    assert 100 == take(meters, quota, [])
    turns.keep_fresh(0)
    assert 100 == take(meters, quota, [])
    assert quota.quota.limit == 100 + 100 + 200


def test_in_a_new_period_the_first_few_are_new_too(directory, turns):
    meters, reader, quota = LeasedMeters(directory, 0), Activities(directory, 1, turns), ledger()
    turns.keep_fresh(FOREVER)
    assert 25 == take(meters, quota, [])
    reader.turn()
    assert 25 == take(meters, quota, [], now=T0 + 31 * DAY_NANOSECONDS)


def test_a_period_that_begins_within_a_turn_begins_with_the_first_few_too(directory, turns):
    meters, quota, tokens = LeasedMeters(directory, 0), Ledger(6, Quota(400, 0, "DAY")), bucket(500)
    turns.keep_fresh(FOREVER)
    assert 10 == take(meters, quota, [tokens], 10, now=T0 - 1)
    assert 25 == take(meters, quota, [tokens])
    assert 35 == Activities(directory, 1, turns).read(0).buckets[tokens.name][2], "all of them will be told"


def look(meters, quota, buckets=(), now=T0):
    """Whether a request is let through, and if not whether that is in doubt."""
    shortage = meters.take(quota, buckets, now)
    return "goes on" if shortage is None else "in doubt" if shortage.in_doubt else "refused"


def test_a_quota_whose_lease_is_used_up_is_in_doubt_until_it_is_known_to_be_used_up_itself(directory, turns):
    meters, own, quota = LeasedMeters(directory, 0), SharedMeters(directory), ledger()
    turns.keep_fresh(FOREVER)
    assert 25 == take(meters, quota, [], 25)
    assert "in doubt" == look(meters, quota), "nothing was heard of the others"
    for beside, says in ((0, "in doubt"), (-374, "in doubt"), (-375, "refused"), (-374, "in doubt"), (-900, "refused")):
        own.lease(quota.name, quota.quota, up_to=25, beside=beside, now=T0)
        assert says == look(meters, quota), "375 are left, or have been used by the others"
    own.lease(quota.name, quota.quota, up_to=26, beside=-374, now=T0)
    assert ["goes on", "refused"] == [look(meters, quota) for _ in range(2)]
    turns.keep_fresh(0)
    assert "refused" == look(meters, quota)


def test_whether_it_is_the_first_period_of_a_key_is_in_doubt_until_others_were_heard(directory, turns):
    meters, own, quota = LeasedMeters(directory, 0), SharedMeters(directory), Ledger(6, Quota(10, 9, "MONTH"))
    turns.keep_fresh(FOREVER)
    assert ["goes on", "in doubt"] == [look(meters, quota) for _ in range(2)]
    own.lease(quota.name, quota.quota, up_to=1, beside=0, now=T0)
    assert "refused" == look(meters, quota), "it is, and nine of the ten are gone"
    own.lease(quota.name, quota.quota, up_to=1, beside=9, now=T0)
    assert "in doubt" == look(meters, quota), "it is not"


def test_what_is_in_doubt_has_taken_nothing_and_is_noted_in_each_turn(directory, turns):
    meters, reader, quota, tokens = LeasedMeters(directory, 0), Activities(directory, 1, turns), ledger(), bucket(26)
    turns.keep_fresh(FOREVER)
    assert 25 == take(meters, quota, [tokens], 25)
    for _ in range(3):
        reader.turn()
        assert ["in doubt"] * 3 == [look(meters, quota, [tokens]) for _ in range(3)]
        used = reader.read(reader.present)
        assert ({quota.name: quota.quota}, {}) == (used.ledgers, used.buckets)
    turns.keep_fresh(0)
    assert ["goes on", "refused"] == [look(meters, quota, [tokens]) for _ in range(2)]


def test_a_bucket_without_a_token_is_never_in_doubt(directory, turns):
    meters = LeasedMeters(directory, 0)
    turns.keep_fresh(FOREVER)
    assert ["goes on", "refused"] == [look(meters, ledger(), [bucket(1)]) for _ in range(2)]
