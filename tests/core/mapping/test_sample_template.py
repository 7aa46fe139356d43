import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.mapping.sample_template import render_sample_template

HEAD = "#set($inputRoot = $input.path('$'))\n"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, "{\n}"),
        ({}, '"$inputRoot"'),
        ({"type": ["null", "integer"]}, "$inputRoot"),
        (
            {"type": "object", "properties": {"message": {"type": "string"}, "count": {"type": "integer"}}},
            '{\n  "message" : "$inputRoot.message",\n  "count" : $inputRoot.count\n}',
        ),
        (
            {"properties": {"owner": {"type": "object", "properties": {"first name": {}}}}},
            '{\n  "owner" : {\n    "first name" : "$inputRoot.owner.get(\'first name\')"\n  }\n}',
        ),
        (
            {"type": "array", "items": {"properties": {"id": {"type": "number"}}}},
            '[\n#foreach($elem in $inputRoot)\n  {\n    "id" : $elem.id\n  }#if($foreach.hasNext),#end\n\n#end\n]',
        ),
        (
            {"items": {"items": {"type": "boolean"}}},
            (
                "[\n#foreach($elem in $inputRoot)\n  [\n#foreach($elem1 in $elem)\n    $elem1#if($foreach.hasNext),#end\n\n#end\n"
                "  ]#if($foreach.hasNext),#end\n\n#end\n]"
            ),
        ),
        (
            {
                "$ref": "#/definitions/Node",
                "definitions": {
                    "Node": {"properties": {"n": {"type": "integer"}, "next": {"$ref": "#/definitions/Node"}}}
                },
            },
            '{\n  "n" : $inputRoot.n,\n  "next" : {\n  }\n}',
        ),
        ({"$ref": "#/definitions/Gone"}, '"$inputRoot"'),
        (
            {"type": "array", "items": True},
            '[\n#foreach($elem in $inputRoot)\n  "$elem"#if($foreach.hasNext),#end\n\n#end\n]',
        ),
    ],
)
def test_the_template_has_the_shape_of_the_schema(schema, expected):
    assert HEAD + expected == render_sample_template(schema)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "properties", "items", "$ref", "a", "b'"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["type", "properties", "items", "definitions", "$ref"]), JSON))
def test_whatever_stands_in_a_schema_there_is_a_template(schema):
    assert render_sample_template(schema).startswith(HEAD)
