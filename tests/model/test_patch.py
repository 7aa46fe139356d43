"""The patch engine on a small noun of its own; the sentences are recorded ones (facts 1.4)."""

from dataclasses import dataclass, field, replace

import pytest

from gatewright.model.patch import (
    PatchOperation,
    PatchRefused,
    PatchRule,
    PatchTable,
    RefusalStyle,
    apply_patch,
    parse_patch_operations,
    parse_pointer,
)
from gatewright.model.patch_setters import (
    clear,
    put_entry,
    read_boolean,
    read_integer,
    remove_entry,
    set_boolean,
    set_text,
)


@dataclass(frozen=True)
class Kettle:
    name: str = "k"
    whistles: bool = False
    litres: int = 1
    labels: dict[str, str] | None = field(default=None)


def set_litres(kettle, operation, _names):
    litres = read_integer(operation.value)
    if litres is None or not 0 <= litres <= 9:
        raise PatchRefused("too big")
    return replace(kettle, litres=litres)


RULES = (
    PatchRule(path="/name", replace=set_text("name")),
    PatchRule(path="/whistles", replace=set_boolean("whistles")),
    PatchRule(path="/litres", add=set_litres, replace=set_litres),
    PatchRule(
        path="/labels/{key}",
        add=put_entry("labels"),
        replace=put_entry("labels", must_exist="no such label"),
        remove=remove_entry("labels", must_exist="no such label"),
    ),
)
PLAIN = PatchTable(RULES)
LISTING = PatchTable(RULES, RefusalStyle.LISTING)


def patch(*operations: tuple, table: PatchTable = PLAIN, record: Kettle = Kettle()) -> Kettle:
    return apply_patch(record, [PatchOperation(*each) for each in operations], table)


def test_operations_act_in_order_each_on_what_the_one_before_left():
    assert Kettle(name="b") == patch(("replace", "/name", "a"), ("replace", "/name", "b"))


def test_an_escaped_slash_belongs_to_the_segment_and_a_plain_one_ends_it():
    assert Kettle(labels={"a/b~c": "x"}) == patch(("add", "/labels/a~1b~0c", "x"))
    with pytest.raises(PatchRefused, match=r"^Invalid patch path /labels/a/b$"):
        patch(("add", "/labels/a/b", "x"))


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", ("",)),
        ("/a", ("a",)),
        ("/~01", ("~1",)),
        ("/a~1b/", ("a/b", "")),
        ("a", None),
        ("", None),
        (None, None),
    ],
)
def test_pointers_are_read_as_rfc_6901_says(path, segments):
    assert segments == parse_pointer(path)


def test_nothing_is_changed_by_an_absent_list():
    assert () == parse_patch_operations(None)
    assert Kettle() == patch()


def test_the_wire_names_become_an_operation():
    assert (PatchOperation("copy", "/a", None, "/b"),) == parse_patch_operations(
        [{"op": "copy", "path": "/a", "from": "/b"}]
    )


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (("replace", "/invalid", "x"), "Invalid patch path /invalid"),
        (("replace", None, "x"), "Invalid patch path null"),
        (("replace", "name", "x"), "Invalid patch path name"),
        (("replace", "/labels", "x"), "Invalid patch path /labels"),
        (("replace", "/labels/", "x"), "Invalid patch path /labels/"),
        (("add", "/name", "x"), "Invalid patch operation specified. Must be one of: [replace]"),
        (("move", "/litres", "x"), "Invalid patch operation specified. Must be one of: [add, replace]"),
        (("replace", "/litres", "10"), "too big"),
        (("replace", "/litres", "ten"), "too big"),
    ],
)
def test_the_plain_style_names_the_path_or_the_operations_that_it_takes(operation, refusal):
    with pytest.raises(PatchRefused) as refused:
        patch(operation)
    assert (refusal, "BadRequestException") == (refused.value.message, refused.value.code)


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (
            ("remove", "/invalid"),
            "Invalid patch path  '/invalid' specified for op 'remove'. Must be one of: [/labels/{key}]",
        ),
        (
            ("test", "/name", "x"),
            "Invalid patch path  '/name' specified for op 'test'. Please choose supported operations",
        ),
        (
            ("add", "/name", "x"),
            "Invalid patch path  '/name' specified for op 'add'. Must be one of: [/litres, /labels/{key}]",
        ),
    ],
)
def test_the_listing_style_names_the_paths_that_take_the_operation(operation, refusal):
    with pytest.raises(PatchRefused) as refused:
        patch(operation, table=LISTING)
    assert refusal == refused.value.message


def test_a_rule_may_have_words_of_its_own_for_an_operation_that_it_does_not_take():
    table = PatchTable([PatchRule(path="/name", replace=set_text("name"), unsupported="not like this")])
    with pytest.raises(PatchRefused, match=r"^not like this$"):
        patch(("add", "/name", "x"), table=table)


def test_a_table_may_have_words_of_its_own_for_a_path_that_it_does_not_know():
    table = PatchTable(RULES, unknown_path=lambda operation: f"what is {operation.path}?")
    with pytest.raises(PatchRefused, match=r"^what is /x\?$"):
        patch(("add", "/x", "x"), table=table)


def test_an_entry_that_is_not_there_is_not_found():
    for op in ("replace", "remove"):
        with pytest.raises(PatchRefused) as refused:
            patch((op, "/labels/a", "x"))
        assert ("no such label", "NotFoundException") == (refused.value.message, refused.value.code)


def test_the_last_entry_that_goes_takes_the_mapping_with_it():
    assert Kettle(labels={"b": "2"}) == patch(("remove", "/labels/a"), record=Kettle(labels={"a": "1", "b": "2"}))
    assert Kettle() == patch(("remove", "/labels/a"), record=Kettle(labels={"a": "1"}))


def test_an_attribute_can_be_cleared():
    table = PatchTable([PatchRule(path="/labels", remove=clear("labels"))])
    assert Kettle() == patch(("remove", "/labels"), table=table, record=Kettle(labels={"a": "1"}))


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("whatever", False), ("", False), (None, False)]
)
def test_booleans_are_read_from_text(text, value):
    assert value is read_boolean(text)


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), ("-1", -1), ("", None), ("1.5", None), ("١", None), (None, None)]
)
def test_integers_are_read_from_text(text, value):
    assert value == read_integer(text)
