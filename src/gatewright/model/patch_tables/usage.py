"""What UpdateUsage may change (facts 1.6): how many requests a key has left in the current period."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable, RefusalStyle
from gatewright.model.patch_setters import read_integer

#: What a day can be counted to: a client that asks for more asks for no quota.
_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Extension:
    """What is to be left; None: nothing was said."""

    remaining: int | None = None


def _set_remaining(_extension: Extension, operation: PatchOperation, _names: Mapping[str, str]) -> Extension:
    remaining = read_integer(operation.value)
    if remaining is None or not 0 <= remaining <= _MOST:
        raise PatchRefused(f"Invalid value specified for remaining: {operation.value}")  # guess: the sentence
    return Extension(remaining)


TABLE: Final[PatchTable[Extension]] = PatchTable(
    (PatchRule("/remaining", replace=_set_remaining),), style=RefusalStyle.LISTING
)
