r"""Text that no store, log or answer could hold is refused at the door.

A JSON escape (`"\ud800"`) and a byte that is no UTF-8 both arrive as a lone surrogate, a code point that Python keeps in a
string but cannot write out again. The parsers let it through; what happens to one in AWS is not known (U).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gatewright.wire.parse import SerializationError


def refuse_lone_surrogates(params: Any) -> None:
    """Raises SerializationError when any text in the parameters, keys of maps included, is not Unicode text."""
    waiting = [params]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            _check(value)
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
            waiting.extend(value)


def _check(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SerializationError("The request holds text that is not Unicode: an unpaired surrogate.") from None
