import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.base_path_mapping import TABLE, parse_mapping_stage, parse_v1_base_path
from gatewright.model.records import BasePathMapping

MAPPING = BasePathMapping("000000000000", "us-east-1", "www.example.com", "v1", "abcdefghij", "dev")


@pytest.mark.parametrize(
    ("path", "value", "attribute", "expected"),
    [
        ("/basePath", "v2", "base_path", "v2"),
        ("/basepath", "v2", "base_path", "v2"),
        ("/basePath", "(none)", "base_path", ""),
        ("/restapiId", "klmnopqrst", "rest_api_id", "klmnopqrst"),
        ("/stage", "prod", "stage", "prod"),
        ("/stage", "(none)", "stage", None),
        ("/stage", "", "stage", None),
    ],
)
def test_a_member_is_replaced(path, value, attribute, expected):
    assert expected == getattr(apply_patch(MAPPING, [PatchOperation("replace", path, value)], TABLE), attribute)


@pytest.mark.parametrize("op", ["add", "remove", "copy", "move", "test"])
def test_replace_is_the_only_operation(op):
    with pytest.raises(PatchRefused, match="Please choose supported operations"):
        apply_patch(MAPPING, [PatchOperation(op, "/stage", "prod")], TABLE)


@pytest.mark.parametrize(
    ("text", "stored"), [(None, ""), ("", ""), ("(none)", ""), ("v1", "v1"), ("$-_.+!*'()", "$-_.+!*'()")]
)
def test_base_paths_as_they_are_stored(text, stored):
    assert stored == parse_v1_base_path(text)


@pytest.mark.parametrize("text", ["a/b", "/", "a b", "%20", "ü", "p" * 301])
def test_base_paths_that_are_none(text):
    with pytest.raises(PatchRefused):
        parse_v1_base_path(text)


def test_a_stage_of_any_name_is_itself():
    assert parse_mapping_stage("dev") == "dev"
