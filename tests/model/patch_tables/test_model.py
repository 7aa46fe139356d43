"""UpdateModel's patch table, and which text is a model's schema."""

import json

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.model import TABLE, parse_model_schema
from gatewright.model.records import Model

MODEL = Model(
    "000000000000", "us-east-1", "api0000000", "mod111", "Pet", "application/json", "old", '{"type":"object"}'
)


def nested(depth):
    schema = {}
    for _ in range(depth - 1):
        schema = {"items": schema}
    return json.dumps(schema)


def test_description_and_schema_are_replaced():
    operations = [
        PatchOperation("replace", "/description", ""),
        PatchOperation("replace", "/schema", '{"type": "array"}'),
    ]
    changed = apply_patch(MODEL, operations, TABLE)
    assert (None, '{"type": "array"}') == (changed.description, changed.schema)


@pytest.mark.parametrize("text", [None, ""])
def test_a_schema_there_must_be(text):
    with pytest.raises(PatchRefused, match="Model schema must have at least 1 property or array items defined"):
        parse_model_schema(text)


@pytest.mark.parametrize("text", ["{", "[]", '"object"', "null", nested(65), "[" * 100_000])
def test_what_is_no_json_object_is_no_schema(text):
    with pytest.raises(PatchRefused, match="Invalid model schema specified"):
        parse_model_schema(text)


def test_a_schema_is_kept_as_it_was_written():
    text = ' { "type" : "object" } '
    assert text == parse_model_schema(text)
    assert nested(64) == parse_model_schema(nested(64))


def test_a_schema_beyond_the_documented_size_is_refused():
    with pytest.raises(PatchRefused, match="exceeds maximum size"):
        parse_model_schema(json.dumps({"title": "x" * 409_600}))
