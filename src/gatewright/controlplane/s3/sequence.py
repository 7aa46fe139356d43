"""Version ids: 32 letters and digits that sort with the newest version first.

To a client a version id is opaque (S3 user guide, "How S3 Versioning works"). Ours begins with the microseconds until the
far end of nine digits of base 62, so that the store's order of keys is S3's order of versions, and none has to be numbered
or looked for. Two versions of a key that are made in one microsecond, or after a clock that went back, still get ids in
order: the next is always before the newest.
"""

from __future__ import annotations

import re
from typing import Final

from gatewright.model.identifiers import RandomText

# In the order of code points, which is the store's.
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_COUNT_LENGTH: Final = 9  # 62**9 microseconds last until the year 2398
_RANDOM_LENGTH: Final = 23

_SHAPE = re.compile(r"[0-9A-Za-z]{32}", re.ASCII)

#: Sorts after every sequence: behind all versions of a key.
AFTER_ALL: Final = "~"


def make_sequence(now: float, random_text: RandomText, newest: str | None) -> str:
    """An id that sorts before `newest`, the newest that the key has."""
    count = 62**_COUNT_LENGTH - 1 - int(now * 1_000_000)
    if newest is not None:
        count = min(count, _read(newest[:_COUNT_LENGTH]) - 1)
    return _write(count) + random_text(_DIGITS, _RANDOM_LENGTH)


def is_version_id(text: str) -> bool:
    """True when a version could have this id."""
    return text == "null" or _SHAPE.fullmatch(text) is not None


def _write(count: int) -> str:
    digits = ""
    for _ in range(_COUNT_LENGTH):
        count, digit = divmod(count, 62)
        digits = _DIGITS[digit] + digits
    return digits


def _read(digits: str) -> int:
    count = 0
    for digit in digits:
        count = count * 62 + _DIGITS.index(digit)
    return count
