"""The models' patterns in Python: what can't be said, what the translation means, and that none can be made to hang."""

import time

import pytest

from gatewright.wire.patterns import LONGEST_CHECKED, compile_pattern, satisfies
from gatewright.wire.services import SERVED, load_service

# Beginnings that lead past the literal parts of the served patterns, and units to repeat behind them.
BEGINNINGS = [
    "",
    "a",
    "/",
    "arn:aws:",
    "arn:aws:acm:us-east-1:1:",
    "arn:aws:lambda:us-east-1:123456789012:function:",
    "s3://",
]
UNITS = ["a", "0", "-", ".", "/", ":", " ", "_", "a-", "a.", "/a", "a:", "*.a.", "aA0", "\\", "{a}", '"', ","]


def served_patterns() -> set[str]:
    shapes = (model.shape_for(name) for model in map(load_service, SERVED) for name in model.shape_names)
    return {shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}


def test_every_served_pattern_is_checked_but_those_named_here():
    unchecked = {pattern for pattern in served_patterns() if compile_pattern(pattern) is None}
    # CloudWatch's DefinitionPath: punctuation, symbols and marks have no class in `re`.
    assert {r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+"} == unchecked


def test_what_can_not_be_checked_is_accepted():
    assert satisfies(r"[\p{P}]+", "letters")


def test_a_pattern_is_of_the_whole_value():
    assert satisfies(r"[1-5]\d\d", "200")
    assert not satisfies(r"[1-5]\d\d", "2000")
    assert not satisfies("^a$", "a\n")


def test_digits_and_words_are_ascii_as_in_java():
    assert not satisfies(r"\d", "\N{ARABIC-INDIC DIGIT ONE}")
    assert not satisfies(r"\w", "ü")


@pytest.mark.parametrize("value", ["ü", "\N{ARABIC-INDIC DIGIT ONE}", "a\N{NO-BREAK SPACE}b", "a_b:c/d=e+f-g@h."])
def test_unicode_letters_numbers_and_separators_are_as_in_java(value):
    assert satisfies(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", value)


@pytest.mark.parametrize("value", ["a;b", "a\tb", "a\nb"])
def test_other_characters_are_not_letters_numbers_or_separators(value):
    assert not satisfies(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", value)


def test_a_hyphen_behind_a_class_is_itself():
    assert satisfies(r"[\w-_]*", "a-b_c")


def test_the_translation_of_ascii_stands_outside_a_class():
    assert satisfies(r"\p{ASCII}+", "a b~")
    assert not satisfies(r"\p{ASCII}+", "ü")


def test_a_value_longer_than_is_checked_is_not_given_to_the_matcher():
    assert not satisfies("a+", "b" * LONGEST_CHECKED)
    assert satisfies("a+", "b" * (LONGEST_CHECKED + 1))


def test_no_served_pattern_can_be_made_to_take_long():
    slow = []
    for pattern in served_patterns():
        started = time.process_time()
        for beginning in BEGINNINGS:
            for unit in UNITS:
                # Ends in a character that nothing allows, so that every way to match has to be tried.
                value = (beginning + unit * LONGEST_CHECKED)[: LONGEST_CHECKED - 1] + "\x01"
                satisfies(pattern, value)
        if time.process_time() - started > 1:
            slow.append(pattern)
    assert [] == slow
