"""Request ids, extended request ids and trace ids, drawn from the operating system's randomness by the block.

Facts 2.5: `x-amzn-RequestId` is a version 4 UUID, `x-amz-apigw-id` about 16 characters of Base64 that end in `=`,
a trace id `Root=1-{8 hex of the epoch}-{24 hex}`. Two system calls serve a hundred requests.

A block is written out whole, with what is the same in every id (hyphens, version, padding) put in its places by the
hundred, so that an id is one slice of a text. (A shortcut: 0.1 µs a request in place of 1.)
"""

from base64 import b64encode
from os import urandom
from typing import Final

_REQUESTS: Final = 100
_UUID: Final = 36  # characters
_HYPHENS: Final = (8, 13, 18, 23)
_VERSION, _VARIANT = 14, 19  # where RFC 9562 section 5.4 has them
_EXTENDED: Final = 16
_TRACE: Final = 24
#: A variant is two bits beside two random ones.
_AS_VARIANT: Final = bytes.maketrans(b"0123456789abcdef", b"89ab89ab89ab89ab")


class RequestIds:
    """Calling it gives the next three."""

    __slots__ = ("_extended", "_next", "_root", "_second", "_traces", "_uuids")

    def __init__(self) -> None:
        self._uuids = ""
        self._extended = ""
        self._traces = ""
        self._next = _REQUESTS
        self._second = -1
        self._root = ""  # of the trace ids of that second

    def __call__(self, received_at: float) -> tuple[str, str, str]:
        """(request id, extended request id, trace id) of a request received at this instant."""
        if self._next == _REQUESTS:
            self._draw()
        second = int(received_at)
        if second != self._second:
            self._second = second
            self._root = f"Root=1-{second:08x}-"
        number = self._next
        self._next = number + 1
        return (
            self._uuids[number * _UUID : (number + 1) * _UUID],
            self._extended[number * _EXTENDED : (number + 1) * _EXTENDED],
            self._root + self._traces[number * _TRACE : (number + 1) * _TRACE],
        )

    def _draw(self) -> None:
        """The next block."""
        random = urandom(_REQUESTS * (_UUID + _TRACE) // 2).hex()
        uuids = bytearray(random[: _REQUESTS * _UUID], "ascii")
        for place in _HYPHENS:
            uuids[place::_UUID] = b"-" * _REQUESTS
        uuids[_VERSION::_UUID] = b"4" * _REQUESTS
        uuids[_VARIANT::_UUID] = uuids[_VARIANT::_UUID].translate(_AS_VARIANT)
        self._uuids = uuids.decode("ascii")
        self._traces = random[_REQUESTS * _UUID :]
        extended = bytearray(b64encode(urandom(_REQUESTS * _EXTENDED * 3 // 4)))
        extended[_EXTENDED - 1 :: _EXTENDED] = b"=" * _REQUESTS
        self._extended = extended.decode("ascii")
        self._next = 0
