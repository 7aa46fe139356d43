"""The blocks of a PEM text, those that cannot be read among them.

What this module knows: RFC 7468's boundaries and base64. `certificate.parse_certificate_pem` refuses a text at its
first fault; here a fault is a value, for texts that somebody keeps adding to and of which the good part still counts.

The rule this file keeps: of a private key, the label is read and the content is not.
"""

import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# RFC 7468 section 2: text may stand outside the boundaries, and labels are upper case.
_BOUNDARY: Final = re.compile(rb"-----(BEGIN|END) ([^\r\n-]*)-----")
_PRIVATE: Final = "PRIVATE KEY"


class PemBlock(NamedTuple):
    """One block: its place from 1, the line it begins at, its label; `content` is None when `fault` says why."""

    number: int
    line: int
    label: str
    content: bytes | None
    fault: str | None

    @property
    def is_private_key(self) -> bool:
        """What stands there is a private key, readable or not."""
        return self.label.endswith(_PRIVATE)


def parse_pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Each block in order; one that is cut off or not base64 is there with its fault."""
    number, line, counted = 0, 1, 0
    begin: re.Match[bytes] | None = None
    for boundary in _BOUNDARY.finditer(data):
        if boundary[1] == b"BEGIN":
            if begin is not None:
                yield _broken(number, line, begin, "it has no END line")
            number += 1
            line += data.count(b"\n", counted, boundary.start())
            counted, begin = boundary.start(), boundary
        elif begin is None:
            number += 1
            line += data.count(b"\n", counted, boundary.start())
            counted = boundary.start()
            yield _broken(number, line, boundary, "it ends without having begun")
        elif boundary[2] != begin[2]:
            yield _broken(number, line, begin, f"its END line says {_label(boundary)}")
            begin = None
        else:
            yield _whole(number, line, begin, data[begin.end() : boundary.start()])
            begin = None
    if begin is not None:
        yield _broken(number, line, begin, "it has no END line")


def _whole(number: int, line: int, begin: re.Match[bytes], text: bytes) -> PemBlock:
    label = _label(begin)
    if label.endswith(_PRIVATE):
        return PemBlock(number, line, label, None, "it is a private key, which nobody but its owner should have")
    try:
        content = binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    except binascii.Error:
        return PemBlock(number, line, label, None, "it is not base64 between its boundaries")
    return PemBlock(number, line, label, content, None)


def _broken(number: int, line: int, boundary: re.Match[bytes], fault: str) -> PemBlock:
    return PemBlock(number, line, _label(boundary), None, fault)


def _label(boundary: re.Match[bytes]) -> str:
    return boundary[2].decode("latin-1")
