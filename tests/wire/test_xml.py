"""XML from strangers, and text that XML can hold."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.wire.xml import XmlError, children_named, local_name, parse_xml, printable

BOMB = b"""<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><bomb>&b;</bomb>"""
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]><x>&file;</x>"""


@pytest.mark.parametrize(
    "document", [BOMB, EXTERNAL, b"<!DOCTYPE html><html/>", b'<!DOCTYPE a SYSTEM "http://a/"><a/>']
)
def test_a_document_type_declaration_is_refused(document):
    with pytest.raises(XmlError, match="declarations are not accepted"):
        parse_xml(document)


@pytest.mark.parametrize(
    "document", [b"", b"<a>", b"<a/><b/>", b"\xff", b"<a>&nbsp;</a>", b'<?xml version="1.0" encoding="x"?><a/>']
)
def test_what_is_not_well_formed_is_refused(document):
    with pytest.raises(XmlError, match="not well formed"):
        parse_xml(document)


def test_names_are_without_their_namespace():
    root = parse_xml(b'<a xmlns="urn:x"><b>1</b><y:b xmlns:y="urn:y">2</y:b><c/></a>')
    assert local_name(root.tag) == "a"
    assert [child.text for child in children_named(root, "b")] == ["1", "2"]


@given(st.binary())
def test_any_bytes_are_an_element_or_the_one_error(data):
    with suppress(XmlError):
        parse_xml(data)


def test_characters_that_xml_can_not_hold_are_replaced():
    assert printable("a\x00b\x1fc\ufffe\ud800") == "a\ufffdb\ufffdc\ufffd\ufffd"
    assert printable("tab\t line\n ü \U0001f600") == "tab\t line\n ü \U0001f600"
