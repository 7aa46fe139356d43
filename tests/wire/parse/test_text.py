"""Scalars as text. Good texts are test_round_trip's; here is what is refused, and where we are liberal."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.parse import SerializationError
from gatewright.wire.parse.text import parse_base64, parse_text
from gatewright.wire.services import load_service

# A shape of each scalar type, from EC2's model, which has all of them.
SCALARS = {
    shape.type_name: shape
    for shape in (
        load_service("ec2").shape_for(name) for name in ("String", "Boolean", "Integer", "Long", "Double", "DateTime")
    )
} | {"blob": load_service("ec2").shape_for("BlobAttributeValue").members["Value"]}


@pytest.mark.parametrize("text", ["true", "True", "TRUE", " true ", "1"])
def test_a_boolean_may_be_written_in_several_ways(text):
    assert parse_text(SCALARS["boolean"], text) is True


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("integer", " -7 ", -7), ("long", "+9", 9), ("double", "1.", 1.0), ("double", "-Infinity", float("-inf"))],
)
def test_a_number_may_have_a_sign_and_blanks_around_it(kind, text, value):
    assert value == parse_text(SCALARS[kind], text)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("boolean", "yes", "A boolean was expected, but 'yes' was found."),
        ("integer", "1_000", "An integer was expected, but '1_000' was found."),
        ("integer", "٣", "An integer was expected"),
        ("integer", "9" * 5000, "An integer was expected, but '9{40}' was found."),
        ("long", "1.5", "An integer was expected"),
        ("double", "1,5", "A number was expected"),
        ("double", "0x10", "A number was expected"),
        ("timestamp", "soon", "A timestamp was expected, but 'soon' was found."),
        ("blob", "a", "the text is not base64"),
        ("blob", "ü", "the text is not base64"),
    ],
)
def test_another_type_is_refused_with_what_was_found(kind, text, message):
    with pytest.raises(SerializationError, match=message):
        parse_text(SCALARS[kind], text)


@given(st.sampled_from(sorted(SCALARS)), st.text())
def test_any_text_is_a_value_or_the_one_error(kind, text):
    with suppress(SerializationError):
        parse_text(SCALARS[kind], text)


def test_base64_without_its_padding_is_refused():
    assert parse_base64("YQ==") == b"a"
    with pytest.raises(SerializationError):
        parse_base64("YQ")
