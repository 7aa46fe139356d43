"""Patches of what a key has left."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.usage import TABLE, Extension


def patched(*operations):
    return apply_patch(Extension(), [PatchOperation(*each) for each in operations], TABLE)


def test_the_last_word_counts():
    assert Extension(None) == patched()
    assert Extension(0) == patched(("replace", "/remaining", "5"), ("replace", "/remaining", "0"))


@pytest.mark.parametrize(
    "operation",
    [
        ("replace", "/remaining", "-1"),
        ("replace", "/remaining", None),
        ("add", "/remaining", "1"),
        ("replace", "/x", "1"),
    ],
    ids=str,
)
def test_anything_else_is_refused(operation):
    with pytest.raises(PatchRefused):
        patched(operation)
