"""The checksums that Amazon S3 keeps beside an object's content, pure, by the names of its API.

| name | is | source |
|---|---|---|
| CRC32 | CRC-32/ISO-HDLC, zlib's | RFC 1952 section 8 |
| CRC32C | CRC-32/ISCSI, Castagnoli's polynomial | RFC 3720 appendix B.4 |
| CRC64NVME | CRC-64/NVME, Rocksoft's polynomial | NVM Command Set Specification 1.0c, section 5.2.1.3.4 |
| SHA1, SHA256, SHA512, MD5 | the digests | RFC 6234, RFC 1321 |

Values are written big-endian in base64 (S3 user guide, "Checking object integrity").

The two CRCs that the standard library lacks are polynomial division over GF(2). A table takes them byte by byte, which is
what `crc_by_table` does and costs a megabyte 70 ms. `Crc.of` is a shortcut that must agree with it, and takes 7 ms: a message
whose first half is H and whose last k bits are L is H·x^k + L, and stays the same modulo the polynomial when x^k is first
reduced to fewer than 64 terms. So a half is folded onto the rest by so many shifts of one long integer, until little is left.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

#: Below this many bits the table is quicker than another fold.
_FOLDED_BITS: Final = 4096


class Crc:
    """A reflected CRC with all bits set at its beginning and inverted at its end, as both of ours are."""

    def __init__(self, polynomial: int, width: int) -> None:
        """`polynomial` in reversed bits: its highest bit is the term x^0, the term x^width is left out."""
        self._polynomial = polynomial
        self._width = width
        self._ones = (1 << width) - 1
        self._table = [self._shifted(byte, 8) for byte in range(256)]

    def of(self, content: bytes) -> int:
        """The CRC of the content."""
        # In this order the lowest bit is the first on the wire, which is the term of the highest degree.
        if len(content) * 8 <= _FOLDED_BITS:
            return crc_by_table(content, self._table, self._ones)
        message = int.from_bytes(content, "little") ^ self._ones
        bits = len(content) * 8
        while bits > _FOLDED_BITS:
            kept = ((bits + self._width) // 2 + 7) // 8 * 8
            folded = bits - kept
            head = message & ((1 << folded) - 1)
            message >>= folded
            for shift in self._terms_of_power(kept):
                message ^= head << (kept - folded - shift)
            bits = kept
        return crc_by_table(message.to_bytes(bits // 8, "little"), self._table, self._ones, begun=0)

    def _terms_of_power(self, exponent: int) -> list[int]:
        """The degrees of the terms of x^exponent modulo the polynomial."""
        highest = self._width - 1
        result, square = 1 << highest, 1 << (highest - 1)  # x^0 and x^1
        while exponent:
            if exponent & 1:
                result = self._multiply(result, square)
            square = self._multiply(square, square)
            exponent >>= 1
        return [degree for degree in range(self._width) if result >> (highest - degree) & 1]

    def _multiply(self, left: int, right: int) -> int:
        """The product of two remainders, modulo the polynomial."""
        product = 0
        for degree in range(self._width):
            if right >> (self._width - 1 - degree) & 1:
                product ^= left
            left = self._shifted(left, 1)
        return product

    def _shifted(self, remainder: int, times: int) -> int:
        """A remainder times x^times, modulo the polynomial."""
        for _ in range(times):
            remainder = (remainder >> 1) ^ (self._polynomial if remainder & 1 else 0)
        return remainder

    def plain(self, content: bytes) -> int:
        """What `of` must agree with: byte by byte."""
        return crc_by_table(content, self._table, self._ones)


def crc_by_table(content: bytes, table: list[int], ones: int, *, begun: int | None = None) -> int:
    """The CRC from the table of its 256 one-byte remainders; `begun` is the state to begin with, all ones as a rule."""
    state = ones if begun is None else begun
    for byte in content:
        state = (state >> 8) ^ table[(state ^ byte) & 0xFF]
    return state ^ ones


CRC32C: Final = Crc(0x82F63B78, 32)
CRC64NVME: Final = Crc(0x9A6C9329AC4BC9B5, 64)

_DIGESTS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "CRC32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
        "CRC32C": lambda content: CRC32C.of(content).to_bytes(4, "big"),
        "CRC64NVME": lambda content: CRC64NVME.of(content).to_bytes(8, "big"),
        "SHA1": lambda content: hashlib.sha1(content, usedforsecurity=False).digest(),
        "SHA256": lambda content: hashlib.sha256(content).digest(),
        "SHA512": lambda content: hashlib.sha512(content).digest(),
        "MD5": lambda content: hashlib.md5(content, usedforsecurity=False).digest(),
    }
)

#: The names of what `checksum_of` knows.
ALGORITHMS: Final = tuple(_DIGESTS)


def checksum_of(algorithm: str, content: bytes) -> str:
    """The checksum of a content in base64, as S3's headers and documents have it."""
    return b64encode(_DIGESTS[algorithm](content)).decode("ascii")
