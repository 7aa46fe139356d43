"""HPACK (RFC 7541) where every request passes: hpack's tables and Huffman code, in a loop made for speed.

A shortcut for speed: hpack's own `Decoder` and `Encoder` took 45 of the 150 µs that h2 costs a request, mostly for
objects and log calls a field. The decoder here must agree with hpack's on every block, accepted or refused; a property
test holds them equal.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from hpack import Decoder, Encoder, HPACKDecodingError, InvalidTableSizeError, OversizedHeaderListError
from hpack.hpack import decode_integer, encode_integer
from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable

#: A header list as HPACK counts it, 32 bytes added a field: the 10,240 bytes of headers and as many of target (facts 9)
#: in up to 1,400 fields. Up to here a block that is too large is answered with its reason; beyond, decoding
#: stops, and with the decoder's state lost the connection ends.
MAX_HEADER_LIST: Final = 65_536

#: Longest Huffman string that is remembered, and how many are: paths and tokens repeat from request to request and
#: decode at 0.2 µs a byte. 1,024 of 128 bytes are 300 kB at most, for the whole process.
_REMEMBERED_LENGTH: Final = 128
_decode_remembered = lru_cache(maxsize=1_024)(decode_huffman)


class RequestDecoder(Decoder):
    """hpack's decoder, except that fields come as plain tuples of bytes."""

    def __init__(self) -> None:
        super().__init__(MAX_HEADER_LIST)

    def decode(self, data: bytes, raw: bool = False) -> list[Any]:
        """The fields of a whole header block, (name, value)."""
        del raw  # h2 asks for bytes, always
        table = self.header_table
        fields: list[tuple[bytes, bytes]] = []
        at, end, size = 0, len(data), 0
        try:
            while at < end:
                octet = data[at]
                if octet & 0x80:  # RFC 7541 section 6.1: a field from the tables
                    index, at = _read_integer(data, at, 0x7F, 7)
                    field = table.get_by_index(index)
                elif octet & 0x60 == 0x20:  # section 6.3: the dynamic table's size
                    if fields:
                        raise HPACKDecodingError("A table size update came after a field.")
                    limit, at = _read_integer(data, at, 0x1F, 5)
                    if limit > self.max_allowed_table_size:
                        raise InvalidTableSizeError("A table size update exceeds the limit that we announced.")
                    self.header_table_size = limit
                    continue
                else:  # section 6.2: a literal, to be indexed or not
                    indexed = octet & 0x40
                    index, at = _read_integer(data, at, 0x3F, 6) if indexed else _read_integer(data, at, 0x0F, 4)
                    secret = not indexed and octet & 0x10
                    name: bytes
                    if index:
                        name = table.get_by_index(index)[0]
                    else:
                        name, at = _read_string(data, at, bool(secret))
                    value, at = _read_string(data, at, bool(secret))
                    field = (name, value)
                    if indexed:
                        table.add(name, value)
                fields.append(field)
                size += 32 + len(field[0]) + len(field[1])
                if size > self.max_header_list_size:
                    raise OversizedHeaderListError(f"The header list is larger than {self.max_header_list_size}.")
        except IndexError:
            raise HPACKDecodingError("The header block ends in the middle of a field.") from None
        self._assert_valid_table_size()
        return fields


def _read_integer(data: bytes, at: int, mask: int, bits: int) -> tuple[int, int]:
    """(integer, where it ends); RFC 7541 section 5.1."""
    number = data[at] & mask
    if number < mask:
        return number, at + 1
    number, used = decode_integer(data[at : at + 6], bits)
    return number, at + used


def _read_string(data: bytes, at: int, secret: bool) -> tuple[bytes, int]:
    """(string, where it ends); RFC 7541 section 5.2. A never-indexed string is not remembered (section 7.1.3)."""
    huffman = data[at] & 0x80
    length, start = _read_integer(data, at, 0x7F, 7)
    stop = start + length
    text = data[start:stop]
    if len(text) != length:
        raise HPACKDecodingError("The header block ends in the middle of a string.")
    if huffman:
        text = decode_huffman(text) if secret or length > _REMEMBERED_LENGTH else _decode_remembered(text)
    return text, stop


#: Names' beginnings of a literal that is not indexed (RFC 7541 section 6.2.2), filled as names are met; bounded because
#: backends choose names.
_MAX_NAMES: Final = 1_024
_literal_names: dict[bytes, bytes] = {}
_STATUSES: Final = {
    value: bytes([0x80 | index]) for value, index in HeaderTable.STATIC_TABLE_MAPPING[b":status"][1].items()
}
_LENGTHS: Final = [bytes([length]) for length in range(127)]
#: A dynamic table of size 0, said once (RFC 7541 section 6.3): whatever size the client sets later is no reduction.
_NO_TABLE: Final = b"\x20"


class ResponseEncoder(Encoder):
    """Without a dynamic table and without Huffman: each field costs a lookup and its own bytes.

    Most of an answer's header bytes are request ids, dates and lengths, which no table shortens.
    """

    def __init__(self) -> None:
        super().__init__()
        self._begun = False

    def encode(self, headers: Iterable[Any], huffman: bool = True) -> bytes:
        """The header block of these fields; names are lower-case already."""
        del huffman
        out: list[bytes] = []
        if not self._begun:
            self._begun = True
            out.append(_NO_TABLE)
        for name, value in headers:
            if name == b":status" and value in _STATUSES:
                out.append(_STATUSES[value])
                continue
            length = len(value)
            out += (
                _literal_names.get(name) or _begin_literal(name),
                _LENGTHS[length] if length < 127 else bytes(encode_integer(length, 7)),
                value,
            )
        return b"".join(out)


def _begin_literal(name: bytes) -> bytes:
    known = HeaderTable.STATIC_TABLE_MAPPING.get(name)
    begun = bytes(encode_integer(known[0], 4)) if known else b"\x00" + bytes(encode_integer(len(name), 7)) + name
    if len(_literal_names) < _MAX_NAMES:
        _literal_names[name] = begun
    return begun
