"""What `gatewright --version` says: the release, and whether the request path was compiled when it was installed."""

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from typing import Final

_ON_THE_PATH: Final = "gatewright.core.context"


def is_compiled() -> bool:
    """Whether the modules of the request path are compiled ones (setup.py). Nothing is imported to find out."""
    found = find_spec(_ON_THE_PATH)
    return found is not None and (found.origin or "").endswith(tuple(EXTENSION_SUFFIXES))


def describe_build() -> str:
    """The state of the request path, in two words."""
    return f"{'compiled' if is_compiled() else 'interpreted'} request path"
