"""Tags as ACM and ACM PCA take them: lists of keys with optional values, 50 a resource, none under AWS's own prefix.

The lengths of keys and values are constraints of the models. How a list is refused is each service's own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from gatewright.controlplane.errors import ServiceError

# D: 50 tags a certificate. M: "You can associate up to 50 tags with a private CA".
MAXIMUM_TAGS: Final = 50
_RESERVED_PREFIX: Final = "aws:"


class TagRules(NamedTuple):
    """What a service says of a key that is reserved, and of the tags that would be too many."""

    reserved: Callable[[str], ServiceError]
    too_many: Callable[[Mapping[str, str]], ServiceError]

    def add(self, present: Mapping[str, str], tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """The tags `present` with those of a request; a tag without a value has the empty one (D: it is optional)."""
        result = dict(present)
        for tag in tags:
            self._check(tag["Key"])
            result[tag["Key"]] = tag.get("Value") or ""
        if len(result) > MAXIMUM_TAGS:
            raise self.too_many(result)
        return result

    def remove(self, present: Mapping[str, str], tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """What is left. D: a tag that is named with a value goes only if it has that value; unknown ones are no error."""
        left = dict(present)
        for tag in tags:
            key = tag["Key"]
            self._check(key)
            if key in left and tag.get("Value", left[key]) == left[key]:
                del left[key]
        return left

    def _check(self, key: str) -> None:
        if key.lower().startswith(_RESERVED_PREFIX):
            raise self.reserved(key)
