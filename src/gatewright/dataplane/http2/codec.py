"""HPACK (RFC 7541) where every request passes: hpack's tables and Huffman code, in a loop made for speed.

A shortcut for speed: hpack's own `Decoder` and `Encoder` took 45 of the 150 µs that h2 costs a request, mostly for
objects and log calls a field. The decoder here must agree with hpack's on every block, accepted or refused; a property
test holds them equal.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TypeAlias

from hpack import Decoder, HPACKDecodingError, InvalidTableSizeError, OversizedHeaderListError
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


#: RFC 7541 section 4.2: the smallest size since the last block, and the latest. hpack takes any number, which makes 64 kB
#: of them 0.1 s of work.
_MAX_SIZE_UPDATES: Final = 2
#: (name, value), in the order they came.
Fields: TypeAlias = list[tuple[bytes, bytes]]
_STATIC: Final = HeaderTable.STATIC_TABLE
_STATIC_LENGTH: Final = HeaderTable.STATIC_TABLE_LENGTH


class RequestDecoder(Decoder):
    """hpack's decoder, except that fields come as plain tuples of bytes. `changes` counts those of the dynamic table."""

    def __init__(self) -> None:
        super().__init__(MAX_HEADER_LIST)
        self.changes = 0

    def decode(self, data: bytes, raw: bool = False) -> Fields:  # type: ignore[override]  # tuples are what it is for
        """The fields of a whole header block."""
        del raw
        table = self.header_table
        dynamic = table.dynamic_entries
        fields: Fields = []
        at, end, size, updates = 0, len(data), 0, 0
        try:
            while at < end:
                octet = data[at]
                if octet & 0x80:  # RFC 7541 section 6.1: a field from the tables
                    index = octet & 0x7F
                    if index < 0x7F:
                        at += 1
                    else:
                        index, at = _read_integer(data, at, 0x7F, 7)
                    if index > _STATIC_LENGTH:
                        field = dynamic[index - _STATIC_LENGTH - 1]
                    elif index:
                        field = _STATIC[index - 1]
                    else:
                        raise HPACKDecodingError("The index 0 stands for no field.")
                elif octet & 0x60 == 0x20:  # section 6.3: the dynamic table's size
                    updates += 1
                    if fields or updates > _MAX_SIZE_UPDATES:
                        raise HPACKDecodingError("A table size update came after a field, or after two others.")
                    limit, at = _read_integer(data, at, 0x1F, 5)
                    if limit > self.max_allowed_table_size:
                        raise InvalidTableSizeError("A table size update exceeds the limit that we announced.")
                    self.header_table_size = limit
                    self.changes += 1
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
                        self.changes += 1
                fields.append(field)
                size += 32 + len(field[0]) + len(field[1])
                if size > self.max_header_list_size:
                    raise OversizedHeaderListError(f"The header list is larger than {self.max_header_list_size}.")
        except IndexError:
            raise HPACKDecodingError("The header block ends in the middle of a field, or refers to none.") from None
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
    octet = data[at]
    huffman = octet & 0x80
    length, start = octet & 0x7F, at + 1
    if length == 0x7F:
        length, start = _read_integer(data, at, 0x7F, 7)
    stop = start + length
    text = data[start:stop]
    if len(text) != length:
        raise HPACKDecodingError("The header block ends in the middle of a string.")
    if huffman:
        text = decode_huffman(text) if secret or length > _REMEMBERED_LENGTH else _decode_remembered(text)
    return text, stop


#: What a name becomes in an answer: the beginning of a literal that is not indexed (RFC 7541 section 6.2.2), or nothing when it
#: is never sent. Filled as names are met; bounded, also in their length, because backends choose names.
_MAX_NAMES: Final = 1_024
_MAX_NAME_LENGTH: Final = 128
_begun: dict[bytes, bytes] = {}
#: RFC 9113 section 8.2.2, and what is written here.
_NEVER_SENT: Final = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade", b"content-length", b"date")
)
_STATUSES: Final = {
    int(value): bytes([0x80 | index]) for value, index in HeaderTable.STATIC_TABLE_MAPPING[b":status"][1].items()
}
_SIZES: Final = [bytes([size]) for size in range(127)]
#: A dynamic table of size 0, said once (RFC 7541 section 6.3): whatever size the client sets later is no reduction.
_NO_TABLE: Final = b"\x20"


class ResponseEncoder:
    """Without a dynamic table and without Huffman: each field costs a lookup and its own bytes.

    Most of an answer's header bytes are request ids, dates and lengths, which no table shortens.
    """

    __slots__ = ("_said", "header_table_size")

    def __init__(self) -> None:
        self._said = False
        self.header_table_size = 0  # h2 writes here what the client would allow

    def encode_head(
        self, status: int, headers: Iterable[tuple[bytes, bytes]] = (), *, length: int | None, date: bytes | None
    ) -> bytes:
        """The header block of an answer: its status, these headers, Content-Length and Date where there are such."""
        out: list[bytes] = []
        if not self._said:
            self._said = True
            out.append(_NO_TABLE)
        indexed = _STATUSES.get(status)
        out.append(indexed if indexed is not None else _begin(b":status") + b"\x03%d" % status)
        for name, value in headers:
            begun = _begun.get(name)
            if begun is None:
                begun = _begin(name)
            if begun:
                value = value.strip(b" \t")  # noqa: PLW2901  # RFC 9113 section 8.2.1
                size = len(value)
                out += (begun, _SIZES[size] if size < 127 else bytes(encode_integer(size, 7)), value)
        if length is not None:
            digits = b"%d" % length
            out += (_CONTENT_LENGTH, _SIZES[len(digits)], digits)
        if date is not None:
            out += (_DATE, _SIZES[len(date)], date)
        return b"".join(out)


def _begin(name: bytes) -> bytes:
    lower = name.lower()  # RFC 9113 section 8.2.1
    begun = b"" if lower in _NEVER_SENT else _begin_literal(lower)
    if len(_begun) < _MAX_NAMES and len(name) <= _MAX_NAME_LENGTH:
        _begun[name] = begun
    return begun


def _begin_literal(name: bytes) -> bytes:
    known = HeaderTable.STATIC_TABLE_MAPPING.get(name)
    return bytes(encode_integer(known[0], 4)) if known else b"\x00" + bytes(encode_integer(len(name), 7)) + name


_CONTENT_LENGTH: Final = _begin_literal(b"content-length")
_DATE: Final = _begin_literal(b"date")
