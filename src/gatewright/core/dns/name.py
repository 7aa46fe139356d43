r"""Domain names as labels, and Route 53's way of writing them.

What this module knows: labels and their limits (RFC 1035 section 2.3.4), comparison without regard to ASCII case (RFC
4343), and Route 53's spelling, which the whole installation keeps names in: lower case, a trailing dot, and `\ooo` in
octal for whatever is not a letter, a digit, a hyphen or an underscore, the asterisk included ("DNS domain name format",
Route 53 developer guide, D). Master files have decimal escapes instead (RFC 1035 section 5.1).
"""

import re
from typing import Final, TypeAlias

#: The labels of a name in lower case, the one next to the root last; () is the root.
Name: TypeAlias = tuple[bytes, ...]

WILDCARD: Final = b"*"

_MAX_LABEL: Final = 63
#: 255 octets on the wire, with a length before each label and the root's at the end.
_MAX_NAME: Final = 255

_ATOM = re.compile(r"\\([0-3][0-7]{2})|([!-\[\]-~])")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")


class NameRefused(ValueError):
    """The text is not a domain name; the message is the rule that it breaks."""


def parse_name(text: str) -> Name:
    """The name that a text in Route 53's spelling means; the trailing dot may be missing."""
    if text in ("", "."):
        return ()
    body = text.removesuffix(".")
    return checked(tuple(_parse_label(label) for label in body.split(".")))


def _parse_label(text: str) -> bytes:
    label = bytearray()
    position = 0
    while position < len(text):
        atom = _ATOM.match(text, position)
        if atom is None:
            raise NameRefused("Value contains unsupported characters")
        octal, character = atom.groups()
        label.append(ord(character) if octal is None else int(octal, 8))
        position = atom.end()
    return bytes(label).lower()


def checked(name: Name) -> Name:
    """The name itself, unless it breaks a limit of RFC 1035."""
    for label in name:
        if not label:
            raise NameRefused("Domain label is empty")
        if len(label) > _MAX_LABEL:
            raise NameRefused("Domain label is too long")
    if sum(len(label) + 1 for label in name) + 1 > _MAX_NAME:
        raise NameRefused("Domain name is too long")
    return name


def spell_name(name: Name) -> str:
    """The name in Route 53's spelling, with its trailing dot."""
    return "".join(_spell_label(label) + "." for label in name) or "."


def _spell_label(label: bytes) -> str:
    return "".join(chr(octet) if octet in _PLAIN else f"\\{octet:03o}" for octet in label)


def is_within(name: Name, ancestor: Name) -> bool:
    """True for the ancestor itself and every name under it."""
    return len(name) >= len(ancestor) and name[len(name) - len(ancestor) :] == ancestor
