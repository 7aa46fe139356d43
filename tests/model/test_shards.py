"""Shards answer as a dictionary does, and copies of them go their own ways."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.model.shards import Shards

KEYS = st.sampled_from([f"key-{number}" for number in range(12)])
#: (which of the two tables, the key, its entry or None to take it away).
WRITES = st.lists(st.tuples(st.booleans(), KEYS, st.none() | st.integers()), max_size=30)


def write(shards, plain, key, entry):
    if entry is None:
        shards.discard(key)
        plain.pop(key, None)
    else:
        shards.put(key, entry)
        plain[key] = entry


@given(before=WRITES, after=WRITES)
@settings(max_examples=100)
def test_a_table_and_its_copy_each_answer_as_a_dictionary_does(before, after):
    table, plain = Shards(), {}
    for _, key, entry in before:
        write(table, plain, key, entry)
    copied, plain_copy = table.copy(), dict(plain)
    for of_copy, key, entry in after:
        write(copied if of_copy else table, plain_copy if of_copy else plain, key, entry)
    for shards, expected in ((table, plain), (copied, plain_copy)):
        assert len(expected) == len(shards)
        found = {f"key-{number}": shards.get(f"key-{number}") for number in range(12)}
        assert expected == {key: entry for key, entry in found.items() if entry is not None}


def test_a_copy_is_shared_but_for_the_part_that_is_written_to():
    table = Shards()
    for number in range(10_000):
        table.put(f"key-{number}", number)
    copied = table.copy()
    copied.put("key-7", -7)
    assert 255 == sum(ours is theirs for ours, theirs in zip(table._parts, copied._parts, strict=True))
    assert "<Shards of 10000>" == repr(copied)
