"""XML in both directions for the protocols that use it, and the only place that reads XML from a stranger.

A document type declaration is refused before anything in it is looked at, so there are no entities to expand and
nothing external to fetch. Names are compared without their namespace: clients vary in whether they write one.
"""

import re
from collections.abc import Iterator
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlError(ValueError):
    """The bytes are not well-formed XML, or hold a document type declaration."""


class _Builder(TreeBuilder):
    """Builds elements as usual, and refuses a document type declaration, where entity attacks live."""

    def doctype(self, name: str, _public: str | None, _system: str | None) -> NoReturn:
        raise XmlError(f"The XML document declares the document type {name[:40]!r}; declarations are not accepted.")


def parse_xml(data: bytes) -> Element:
    """The root element; raises XmlError."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - see _Builder
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, LookupError, ValueError) as error:
        raise XmlError(f"The XML document is not well formed: {error}") from None
    return root


def local_name(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]


def children_named(element: Element, name: str) -> Iterator[Element]:
    """The children with that local name."""
    return (child for child in element if local_name(child.tag) == name)


def printable(text: str) -> str:
    """The text with those characters replaced that XML 1.0 (section 2.2) can't hold, even escaped."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
