"""What UpdateUsage added on one node alone is kept until it was told."""

import os
import time

import pytest

from gatewright.app.extensions import Extension, Extensions, make_id
from gatewright.core.metering.limits import Quota

DAY = 20_000
QUOTA = Quota(100, 10, "DAY")


@pytest.fixture
def extensions(tmp_path):
    return Extensions(tmp_path)


def extension(amount=5, name=6, day=DAY, quota=QUOTA):
    return Extension(make_id(), name, quota, day, amount)


def test_what_is_noted_is_to_be_told_until_it_is_forgotten(extensions, tmp_path):
    first, second = extension(5), extension(-7, name=2**63 - 1)
    extensions.note(first)
    assert [first] == extensions.pending(DAY)
    Extensions(tmp_path).note(second)  # by another process
    assert [first, second] == extensions.pending(DAY)
    extensions.forget(first)
    assert [second] == extensions.pending(DAY)
    extensions.forget(second)
    extensions.forget(second)
    assert [] == extensions.pending(DAY)
    assert [] == list(tmp_path.iterdir())


def test_what_was_for_a_period_that_has_ended_is_not_told(extensions, tmp_path):
    month = extension(quota=Quota(100, 0, "MONTH"))
    extensions.note(extension())
    extensions.note(month)
    assert [month] == extensions.pending(DAY + 1)
    assert 1 == len(list(tmp_path.iterdir()))


def test_a_node_that_tells_nobody_has_one_for_a_key_and_a_period(extensions):
    first = extension(5)
    extensions.merge(first)
    extensions.merge(extension(-2))
    extensions.merge(extension(4, name=7))
    assert [first._replace(amount=3), 4] == [extensions.pending(DAY)[0], extensions.pending(DAY)[1].amount]
    extensions.merge(extension(1, day=DAY + 1))
    assert [1] == [each.amount for each in extensions.pending(DAY + 1)]


def test_what_others_may_have_been_told_of_keeps_its_amount(extensions, tmp_path):
    told = extension(5)
    extensions.note(told)  # a node that shares, and got no answer
    later = Extensions(tmp_path)  # of a process that does not share any more
    later.merge(extension(20))
    later.merge(extension(1))
    assert [told.amount, 21] == [each.amount for each in later.pending(DAY)]


def test_the_directory_is_read_again_only_when_it_changed(extensions, tmp_path):
    long_ago = time.time() - 60
    (tmp_path / "extended.6.0a").write_text(f"{DAY} 100 0 DAY 3\n")
    os.utime(tmp_path, (long_ago, long_ago))
    assert [3] == [each.amount for each in extensions.pending(DAY)]
    (tmp_path / "extended.6.0a").write_text(f"{DAY} 100 0 DAY 4\n")
    assert [3] == [each.amount for each in extensions.pending(DAY)]
    extensions.note(extension(8))
    assert [4, 8] == [each.amount for each in extensions.pending(DAY)]
