"""Keys as text: a record's key is a tuple of strings, a database column holds one.

Each segment is followed by U+001F (unit separator), also the last. So no key is a prefix of another one's text by
accident (`("a",)` and `("ab",)`), an empty segment is seen, and since no segment holds a character below U+0020 the
text sorts as the tuple does.
"""

from typing import Final

_END: Final = "\x1f"
_AFTER_END: Final = "\x20"


class KeyUnstorable(ValueError):
    """A segment holds a control character or half a surrogate pair: no record can have such a key."""


def encode_key(segments: tuple[str, ...]) -> str:
    """The text of a key, or of a prefix of keys."""
    for segment in segments:
        if any(character < " " or "\ud800" <= character <= "\udfff" for character in segment):
            raise KeyUnstorable(f"{segment!r} cannot be part of a record's key: it holds a control character")
    return "".join(segment + _END for segment in segments)


def decode_key(text: str) -> tuple[str, ...]:
    """The segments that `encode_key` made this text of."""
    return tuple(text.split(_END)[:-1])


def end_of_prefix(prefix: str) -> str:
    """The first text that sorts after every key which begins with this (non-empty) encoded prefix."""
    return prefix[: -len(_END)] + _AFTER_END
