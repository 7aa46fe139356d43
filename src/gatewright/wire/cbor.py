"""The part of CBOR (RFC 8949) that Smithy's RPC v2 protocol uses, and no more.

Understood: integers, byte and text strings, arrays, maps with text keys, false, true, null, undefined (read as null),
half, single and double floats, tag 1 (epoch seconds). Definite and indefinite lengths. Any other tag or simple value is
refused: a general decoder's further tags (big numbers, regular expressions, shared references) would only widen what
a stranger can send. A length is checked against the bytes that are left before anything is set aside for it, and
nesting is limited.
"""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# RFC 8949 section 3.1, the major types.
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE = 31
_BREAK = 0xFF
_EPOCH_TAG = 1
_SIMPLE_VALUES = {20: False, 21: True, 22: None, 23: None}
_FLOAT_FORMATS = {25: ">e", 26: ">f", 27: ">d"}
# No modelled input is a fifth as deep; it keeps a hostile body from exhausting the interpreter's stack.
_MAX_DEPTH = 100


class CborError(ValueError):
    """The bytes are not CBOR, or use a part of it that this protocol leaves out."""


def decode_cbor(data: bytes) -> Any:
    """The one value that `data` encodes; raises CborError, also for bytes left over."""
    reader = _Reader(data)
    value = reader.read_value(0)
    if reader.position != len(data):
        raise CborError(f"The CBOR value ends at byte {reader.position}, but {len(data)} bytes were sent.")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def read_value(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise CborError(f"The CBOR value is nested deeper than {_MAX_DEPTH} levels.")
        major, info = divmod(self._take(1)[0], 32)
        match major:
            case 0:
                return self._read_argument(info)
            case 1:
                return -1 - self._read_argument(info)
            case 2:
                return self._read_string(major, info)
            case 3:
                return self._read_text(info)
            case 4:
                return self._read_array(info, depth)
            case 5:
                return self._read_map(info, depth)
            case 6:
                return self._read_tagged(info, depth)
            case _:
                return self._read_simple(info)

    def _take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise CborError(f"The CBOR value wants {count} bytes at byte {self.position}, but the data ends before.")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def _read_argument(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise CborError(f"The CBOR length or number at byte {self.position} has the unknown form {info}.")
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _at_break(self) -> bool:
        at_break = self.data[self.position : self.position + 1] == bytes([_BREAK])
        self.position += at_break
        return at_break

    def _read_string(self, major: int, info: int) -> bytes:
        if info != _INDEFINITE:
            return self._take(self._read_argument(info))
        chunks = []
        while not self._at_break():
            chunk_major, chunk_info = divmod(self._take(1)[0], 32)
            # RFC 8949 section 3.2.3: the chunks are definite-length strings of the same major type.
            if chunk_major != major or chunk_info == _INDEFINITE:
                raise CborError(f"The chunk before byte {self.position} is not a part of the CBOR string around it.")
            chunks.append(self._take(self._read_argument(chunk_info)))
        return b"".join(chunks)

    def _read_text(self, info: int) -> str:
        try:
            return self._read_string(_TEXT, info).decode()
        except UnicodeDecodeError as error:
            raise CborError(f"The CBOR text string before byte {self.position} is not UTF-8.") from error

    def _read_array(self, info: int, depth: int) -> list[Any]:
        if info != _INDEFINITE:
            return [self.read_value(depth + 1) for _ in range(self._read_count(info))]
        items = []
        while not self._at_break():
            items.append(self.read_value(depth + 1))
        return items

    def _read_map(self, info: int, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        if info != _INDEFINITE:
            for _ in range(self._read_count(info)):
                self._read_pair(items, depth)
            return items
        while not self._at_break():
            self._read_pair(items, depth)
        return items

    def _read_count(self, info: int) -> int:
        count = self._read_argument(info)
        # Each item takes a byte at least.
        if count > len(self.data) - self.position:
            raise CborError(f"The CBOR array or map at byte {self.position} claims {count} items, but the data ends.")
        return count

    def _read_pair(self, items: dict[str, Any], depth: int) -> None:
        key = self.read_value(depth + 1)
        if not isinstance(key, str):
            raise CborError(f"The CBOR map has the key {key!r}, but keys are text strings in this protocol.")
        items[key] = self.read_value(depth + 1)

    def _read_tagged(self, info: int, depth: int) -> datetime:
        tag = self._read_argument(info)
        value = self.read_value(depth + 1)
        if tag != _EPOCH_TAG or isinstance(value, bool) or not isinstance(value, int | float):
            raise CborError(f"The CBOR tag {tag} before byte {self.position} is not an epoch timestamp.")
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ArithmeticError, OSError, ValueError) as error:
            raise CborError(f"The CBOR timestamp {value!r} is out of range.") from error

    def _read_simple(self, info: int) -> bool | float | None:
        if info in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[info]
        if info in _FLOAT_FORMATS:
            layout = _FLOAT_FORMATS[info]
            number: float = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
            return number
        raise CborError(f"The CBOR simple value {info} before byte {self.position} is not used in this protocol.")


def encode_cbor(value: Any) -> bytes:
    """A value of plain Python types as CBOR with definite lengths; floats as doubles, instants as tag 1."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def _write(out: bytearray, value: Any) -> None:
    match value:
        case None:
            out.append(_head(_SIMPLE, 22))
        case bool():
            out.append(_head(_SIMPLE, 21 if value else 20))
        case int():
            _write_head(out, _UNSIGNED if value >= 0 else _NEGATIVE, value if value >= 0 else -1 - value)
        case float():
            out.append(_head(_SIMPLE, 27))
            out += struct.pack(">d", value)
        case bytes():
            _write_head(out, _BYTES, len(value))
            out += value
        case str():
            encoded = value.encode()
            _write_head(out, _TEXT, len(encoded))
            out += encoded
        case datetime():
            _write_head(out, _TAG, _EPOCH_TAG)
            _write(out, round(value.timestamp() * 1000) / 1000)
        case list():
            _write_head(out, _ARRAY, len(value))
            for item in value:
                _write(out, item)
        case Mapping():
            _write_head(out, _MAP, len(value))
            for key, item in value.items():
                _write(out, key)
                _write(out, item)
        case _:
            raise AssertionError(f"Our own bug: a {type(value).__name__} was given to be written as CBOR.")


def _head(major: int, info: int) -> int:
    return major << 5 | info


def _write_head(out: bytearray, major: int, argument: int) -> None:
    if argument < 24:
        out.append(_head(major, argument))
        return
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * width):
            out.append(_head(major, info))
            out += argument.to_bytes(width, "big")
            return
    raise AssertionError(f"Our own bug: the number {argument} does not fit the 64 bits of a CBOR integer.")
