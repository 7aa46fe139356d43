"""How values of patch operations are read."""

import pytest

from gatewright.model.patch_setters import read_number

NUMBERS = {
    "5": 5.0,
    "0": 0.0,
    "-0": 0.0,
    "-1": -1.0,
    "+5": 5.0,
    "0.5": 0.5,
    ".5": 0.5,
    "5.": 5.0,
    "007.50": 7.5,
    "1e3": 1_000.0,
    "1.5E+3": 1_500.0,
    ".5e-1": 0.05,
    " 5 ": 5.0,
    "1e300": 1e300,
    "1e-400": 0.0,
    "10000000000000000000000": 1e22,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_number_is_read_as_java_reads_one(text, number):
    read = read_number(text)
    assert number == read
    assert not str(read).startswith("-0")


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", ".", "-", "e3", "1e", "1e999", "-1e999", "NaN", "nan", "Infinity", "-Infinity", "inf", "five", "1,5",
        "1_000", "0x10", "5d", "1 000", "\u0665", "5\u00a0", "--5", "1.2.3", "9" * 65,
    ],
)  # fmt: skip
def test_what_is_no_finite_number_is_none(text):
    assert read_number(text) is None
