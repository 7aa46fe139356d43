r"""The models' regular expressions, which are Java's, for Python's `re`.

The differences that occur in the served models, all handled here:

- `\p{L}`, `\p{N}`, `\p{Z}`, `\p{ASCII}` have no counterpart. In every served pattern letters and numbers stand
  together with the underscore in one class, so `\w` (letters, numbers, underscore) says both. Patterns with other
  properties are not checked; a test lists them.
- Java's `\d`, `\w`, `\s` are ASCII only; Python's are when told so, which patterns with `\p` must do without.
- `[\w-_]` and `[[` mean the plain characters; Python refuses the one and warns of the other.

A pattern is matched against the whole value. Python's matcher can't be interrupted and backtracks: values longer than
`LONGEST_CHECKED` are not given to it, and a test holds every served pattern to its time on hostile values of that length.
"""

import re
from functools import cache

# Every modelled maximum beside a pattern of the control plane's names and ARNs is at most 2048.
LONGEST_CHECKED = 2048

_PROPERTIES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    # Unicode's separators: Zs, Zl, Zp.
    r"\p{Z}": "\\x20\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000",
    r"\p{ASCII}": r"[\x00-\x7f]",
}
_CLASS_BEFORE_HYPHEN = re.compile(r"(\\[wds])-(?!\])")


@cache
def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """A model's pattern as Python's, or None when it can't be said and is therefore not checked."""
    translated = _CLASS_BEFORE_HYPHEN.sub(r"\1\\-", pattern).replace("[[", r"[\[")
    for java, python in _PROPERTIES.items():
        translated = translated.replace(java, python)
    if r"\p" in translated:
        return None
    return re.compile(translated, 0 if r"\p" in pattern else re.ASCII)


def satisfies(pattern: str, value: str) -> bool:
    """True when the value matches the pattern, or can't be checked against it."""
    compiled = compile_pattern(pattern)
    return compiled is None or len(value) > LONGEST_CHECKED or compiled.fullmatch(value) is not None
