"""Patterns of IAM: `*` is any text, `?` any one character (IAM user guide, "Resource" and "StringLike").

Matched in one walk with one place to come back to, so that no pattern costs more than its length times the text's.
"""


def matches_wildcards(pattern: str, text: str) -> bool:
    """Whether the pattern describes the whole text; case counts."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at = position = 0
    star, resume = -1, 0
    while position < len(text):
        # A star first: the text may hold one as well.
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, position
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[position]):
            at += 1
            position += 1
        elif star >= 0:
            # The last star takes one character more.
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return all(character == "*" for character in pattern[at:])
