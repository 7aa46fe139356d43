"""Patches of API keys, and the lengths of their members, without a service around them."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.api_key import TABLE, check_description, check_name, check_value
from gatewright.model.records import ApiKey

KEY = ApiKey("000000000000", "us-east-1", "key1", 0.0, 0.0, "phone", "in use", enabled=True, customer_id="c")


def patched(*operations):
    return apply_patch(KEY, [PatchOperation(*each) for each in operations], TABLE)


def test_empty_members_are_gone():
    key = patched(
        ("replace", "/name", ""), ("replace", "/description", ""), ("replace", "/customerId", ""),
        ("replace", "/enabled", None),
    )  # fmt: skip
    assert (None, None, None, False) == (key.name, key.description, key.customer_id, key.enabled)


def test_stages_are_a_set_in_the_order_of_their_coming():
    key = patched(("add", "/stages", "a/1"), ("add", "/stages", "a/2"), ("add", "/stages", "a/1"))
    assert ("a/1", "a/2") == key.stage_keys
    assert ("a/2",) == apply_patch(key, [PatchOperation("remove", "/stages", "a/1")], TABLE).stage_keys


@pytest.mark.parametrize("length", [20, 128])
def test_a_value_has_twenty_to_a_hundred_and_twenty_eight_characters(length):
    assert "~" * length == check_value("~" * length)


@pytest.mark.parametrize("value", ["~" * 19, "~" * 129, " " * 20, "\x7f" * 20, "é" * 20])
def test_a_value_that_a_header_may_not_carry_is_refused(value):
    with pytest.raises(PatchRefused):
        check_value(value)


def test_the_longest_name_and_description_are_taken():
    assert "n" * 1_024 == check_name("n" * 1_024)
    assert "d" * 125_000 == check_description("d" * 125_000)
    assert (None, None) == (check_name(None), check_description(None))


@pytest.mark.parametrize(("check", "length"), [(check_name, 1_025), (check_description, 125_001)])
def test_longer_ones_are_refused(check, length):
    with pytest.raises(PatchRefused):
        check("x" * length)
