"""From a path under a custom domain name to the mapping that serves it.

What this module knows (facts 1.8): the longest base path that matches whole segments wins; a mapping without base path
matches every path and is shown as `(none)`; matching is case-sensitive; the base path is stripped before the resources
are matched. Multi-level keys (`v1/pets`) exist through the v2 API.

Base paths are compared with the raw path, percent-encoding as sent: the documentation does not say, and a key's
alphabet needs no encoding, so this is a guess that only shows for clients that encode what they need not.
"""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

# Facts 1.8: how a mapping without base path is shown, and taken in paths of the control plane.
NO_BASE_PATH = "(none)"

# Facts 1.8: at most 300 characters, letters, digits and these.
_MAX_LENGTH = 300
_PUNCTUATION = frozenset("$-_.+!*'()/")


class BasePathMatch(NamedTuple, Generic[T]):
    """The mapping, its base path, and what is left of the path (which begins with a slash)."""

    mapping: T
    base_path: str
    remaining_path: str


class BasePaths(Generic[T]):
    """The compiled mappings of one domain name: base paths by their number of segments, the longest first."""

    __slots__ = ("_by_count", "_mappings")

    def __init__(self, mappings: Mapping[str, T]) -> None:
        self._mappings = mappings  # nobody changes them; a copy would be 0.2 kB a domain name
        by_count: dict[int, dict[str, T]] = {}
        for base_path, mapping in mappings.items():
            count = base_path.count("/") + 1 if base_path else 0
            by_count.setdefault(count, {})[base_path] = mapping
        self._by_count = sorted(by_count.items(), reverse=True)

    def __repr__(self) -> str:
        return f"<BasePaths {' '.join(map(render_base_path, sorted(self._mappings)))}>"

    def select(self, path: str) -> BasePathMatch[T] | None:
        """The mapping for a raw path; None when there is none. One lookup for each length that a key has."""
        if not path.startswith("/"):
            return None
        for count, mappings in self._by_count:
            # Where the segment number `count` ends: the slash after it, or the end of the path.
            end = 0
            for _ in range(count):
                if end < 0:
                    break
                end = path.find("/", end + 1)
            else:
                end = len(path) if end < 0 else end
                base_path = path[1:end]
                if base_path in mappings:
                    return BasePathMatch(mappings[base_path], base_path, path[end:] or "/")
        return None


def parse_base_path(text: str) -> str:
    """The base path of a mapping as it is stored: empty for `(none)`; raises ValueError with the rule it breaks."""
    if text in ("", NO_BASE_PATH):
        return ""
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"The base path has {len(text)} characters, and {_MAX_LENGTH} is the most there may be.")
    for character in text:
        if not (character.isascii() and character.isalnum()) and character not in _PUNCTUATION:
            raise ValueError(
                f"The base path {text!r} contains {character!r}; letters, digits and $-_.+!*'()/ can be used."
            )
    if "" in text.split("/"):
        raise ValueError(f"The base path {text!r} has an empty segment; slashes only stand between segments.")
    return text


def render_base_path(base_path: str) -> str:
    """How a stored base path is shown."""
    return base_path or NO_BASE_PATH
