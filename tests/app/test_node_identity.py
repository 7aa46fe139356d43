"""A node's name goes with its counts; a copy of them is another node's, which has counted nothing."""

import shutil

from gatewright.app.node_identity import join_nodes, leave_others, open_node
from gatewright.dataplane.meter_memory import prepare_meters
from gatewright.dataplane.meters import SharedMeters
from support.nodes import FIRST_DAY, ledger


def test_a_node_keeps_its_name_and_its_counts(tmp_path):
    prepare_meters(tmp_path / "meters")
    name = open_node(tmp_path / "meters")
    (tmp_path / "meters" / "ledgers").write_bytes(b"counts")
    assert name == open_node(tmp_path / "meters")
    assert b"counts" == (tmp_path / "meters" / "ledgers").read_bytes()


def test_counts_from_before_it_had_a_name_are_its_own(tmp_path):
    (tmp_path / "ledgers").write_bytes(b"counts")
    open_node(tmp_path)
    assert b"counts" == (tmp_path / "ledgers").read_bytes()


def test_a_copy_is_another_node_and_has_counted_nothing(tmp_path):
    prepare_meters(tmp_path / "meters")
    name = open_node(tmp_path / "meters")
    (tmp_path / "meters" / "ledgers").write_bytes(b"counts")
    shutil.copytree(tmp_path / "meters", tmp_path / "copy")
    assert name != open_node(tmp_path / "copy")
    assert {"node", "shared"} == {each.name for each in (tmp_path / "copy").iterdir()}
    assert name == open_node(tmp_path / "meters")


def test_a_file_that_says_nothing_is_replaced(tmp_path):
    (tmp_path / "node").write_text("")
    (tmp_path / "ledgers").write_bytes(b"counts")
    assert open_node(tmp_path) == open_node(tmp_path)
    assert (tmp_path / "ledgers").exists()


def test_a_node_that_meters_by_itself_again_is_not_bound_by_what_it_was_leased(tmp_path):
    prepare_meters(tmp_path)
    open_node(tmp_path)
    now, leased, opened, plain = FIRST_DAY * 86_400 * 10**9, ledger(100, name="a"), ledger(100, name="b"), ledger(100)
    meters = SharedMeters(tmp_path)
    assert meters.take(plain, [], now) is None
    meters.lease(leased.name, leased.quota, up_to=5, beside=-60, now=now)
    meters.open_lease(opened, now)
    assert [5, 6] == [admitted(meters, each, now) for each in (leased, opened)]
    leave_others(tmp_path)
    # The other nodes had used sixty of the first one when they were last heard.
    assert [35, 94, 99] == [admitted(meters, each, now) for each in (leased, opened, plain)]


def test_what_update_usage_granted_to_a_node_by_itself_stays(tmp_path):
    prepare_meters(tmp_path)
    now, quota = FIRST_DAY * 86_400 * 10**9, ledger(2)
    meters = SharedMeters(tmp_path)
    meters.set_remaining(quota.name, quota.quota, 7, now)
    leave_others(tmp_path)
    assert 7 == admitted(meters, quota, now)


def admitted(meters, quota, now):
    return sum(meters.take(quota, [], now) is None for _ in range(200))


def test_who_shares_has_a_name_and_who_does_not_has_none(tmp_path):
    name = join_nodes(tmp_path, shares=True)
    assert name == join_nodes(tmp_path, shares=True)
    assert None is join_nodes(tmp_path, shares=False)
    assert not (tmp_path / "shared").exists()
    assert (tmp_path / "ledgers").exists()
