"""The CSV file of ImportApiKeys, against the standard library's reader where that knows the form."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.controlplane.apigateway.api_key_file import FileMalformed, ImportedKey, parse_api_key_file

CELLS = st.text(st.sampled_from('ab,"\n é'), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
@settings(max_examples=150)
def test_what_another_writer_quoted_is_read_as_it_was(rows):
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["name", "KEY"])
    writer.writerows(rows)
    read = parse_api_key_file(text.getvalue().encode())
    assert [(name.strip(), key.strip()) for name, key in rows if name or key] == [(it.name, it.value) for it in read]


def test_columns_come_in_any_order_and_case_and_unknown_ones_are_skipped():
    content = "\ufeffENABLED,Colour,usagePlanIds,KEY,Name,description\r\nno,red,'a, b,a',v,n,it's \"so\"\r\n".encode()
    assert [ImportedKey(2, "n", "v", 'it\'s "so"', enabled=False, plan_ids=("a", "b"))] == parse_api_key_file(content)


@pytest.mark.parametrize(
    ("cell", "expected"), [("", True), ("TRUE", True), ("true", True), ("False", False), ("x", False)]
)
def test_enabled_is_true_unless_told(cell, expected):
    assert [expected] == [each.enabled for each in parse_api_key_file(f"name,key,enabled\nn,v,{cell}".encode())]


def test_rows_may_be_short_or_empty_and_are_counted_all_the_same():
    read = parse_api_key_file(b"name,key,description\n\nn,v\n,,\nm,w,d,more\n")
    assert [(3, "n", "v", ""), (5, "m", "w", "d")] == [(it.line, it.name, it.value, it.description) for it in read]


def test_a_value_is_not_in_the_repr():
    (key,) = parse_api_key_file(b"name,key\nn,my-secret\n")
    assert "my-secret" not in repr(key)


@pytest.mark.parametrize("content", ['name,key\n"a"b,c', "name,key\n'a", 'name,key\n"a""'])
def test_a_quote_that_does_not_end_a_cell_is_refused(content):
    with pytest.raises(FileMalformed, match="quote"):
        parse_api_key_file(content.encode())
