"""Filter patterns of CloudWatch Logs (user guide, "Filter pattern syntax for metric filters, subscription filters…", D).

Three syntaxes, told apart by their first character:

- text: terms, all of which an event must contain (`ERROR`, `"a phrase"`, `-without`), and of those with `?` any one. Beside a
  plain term, terms with `?` are not looked at (D). Case counts.
- JSON in braces: `{ $.status = 429 && ($.path = "/pets*" || $.latency >= 10.5) }`, with IS NULL, IS TRUE, IS FALSE, NOT
  EXISTS, and `*` as any text in a string.
- fields parted by spaces, in brackets: `[ip, ..., status = 4*, bytes > 100]`; what stands in an event between quotes or
  brackets is one field.

A pattern that cannot be read is a `PatternUnreadable`.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

#: Whether an event's message is one that was asked for.
Matcher: TypeAlias = Callable[[str], bool]
_Test: TypeAlias = Callable[[Any], bool]

_MISSING: Final = object()


class PatternUnreadable(ValueError):
    """A filter pattern that is none."""


def parse_filter_pattern(pattern: str) -> Matcher:
    """What tells whether a message matches; an empty pattern matches every message."""
    text = pattern.strip()
    if text.startswith("{"):
        return _parse_json_pattern(text)
    if text.startswith("["):
        return _parse_fields_pattern(text)
    return _parse_terms(text)


# --- text -------------------------------------------------------------------------------------------------------------

#: A term without quotes is made of word characters (D: "terms with other characters must be enclosed in quotes").
#: Guess: what else is not a space is taken as it stands.
_TERM: Final = re.compile(r'(?P<mark>[?-]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"]+))(?=\s|$)\s*')


def _parse_terms(text: str) -> Matcher:
    needed: list[str] = []
    unwanted: list[str] = []
    optional: list[str] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise PatternUnreadable(f"expected a term or a quoted phrase at {text[at:]!r}")
        phrase = found["phrase"]
        term = found["word"] if phrase is None else re.sub(r"\\(.)", r"\1", phrase)
        {"": needed, "-": unwanted, "?": optional}[found["mark"]].append(term)
        at = found.end()

    def matches(message: str) -> bool:
        if any(term in message for term in unwanted):
            return False
        if needed or not optional:
            return all(term in message for term in needed)
        return any(term in message for term in optional)

    return matches


# --- comparisons ------------------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _read_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _compile_comparison(operator: str, operand: str, *, quoted: bool) -> _Test:
    """The test of a field's value, which is text (in fields) or anything that JSON has."""
    number = None if quoted else _read_number(operand)
    if operator in _COMPARE:
        if number is None:
            raise PatternUnreadable(f"{operator} compares numbers, and {operand!r} is none")
        limit, compare = number, _COMPARE[operator]

        def ordered(value: Any) -> bool:
            given = _read_number(value)
            return given is not None and compare(given, limit)

        return ordered
    wildcard = re.compile(".*".join(re.escape(part) for part in operand.split("*")), re.DOTALL)

    def equal(value: Any) -> bool:
        if number is not None:
            given = _read_number(value)
            return given is not None and given == number
        return isinstance(value, str | int | float) and wildcard.fullmatch(_spell(value)) is not None

    if operator == "=":
        return equal
    # Guess: a field that is not there is not different either.
    return lambda value: value is not _MISSING and not equal(value)


def _spell(value: str | float) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# --- JSON and fields: one grammar of conditions -----------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>&&|\|\||!=|<=|>=|[=<>()\[\],{}])|(?P<word>[^\s"()=<>!&|,{}]+))'
)
_STEP: Final = re.compile(r'\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\*)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]')


def _split(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise PatternUnreadable(f"unexpected text at {text[at:]!r}")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Conditions:
    """Reads `a && (b || c)` from tokens; `read_one` reads what stands between the operators."""

    def __init__(self, tokens: list[str], read_one: Callable[["_Conditions"], _Test]) -> None:
        self._tokens = tokens
        self._at = 0
        self._read_one = read_one

    @property
    def next(self) -> str:
        """The token to come; empty at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        """The token to come, which is passed."""
        token = self.next
        if not token:
            raise PatternUnreadable("the pattern ends too early")
        self._at += 1
        return token

    def read_all(self) -> _Test:
        """The whole condition, and nothing behind it."""
        test = self._read_any()
        if self.next:
            raise PatternUnreadable(f"unexpected {self.next!r}")
        return test

    def _read_any(self) -> _Test:
        tests = [self._read_every()]
        while self.next == "||":
            self.take()
            tests.append(self._read_every())
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _read_every(self) -> _Test:
        tests = [self._read_group()]
        while self.next == "&&":
            self.take()
            tests.append(self._read_group())
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)

    def _read_group(self) -> _Test:
        if self.next != "(":
            return self._read_one(self)
        self.take()
        test = self._read_any()
        if self.take() != ")":
            raise PatternUnreadable("a parenthesis is not closed")
        return test


def _read_operand(tokens: _Conditions) -> tuple[str, bool]:
    token = tokens.take()
    if token.startswith('"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1]), True
    if not re.match(r"[^=<>()&|,{}!]", token):
        raise PatternUnreadable(f"expected a value, found {token!r}")
    return token, False


def _parse_json_pattern(text: str) -> Matcher:
    if not text.endswith("}"):
        raise PatternUnreadable("a brace is not closed")
    # Selectors may have brackets; they are one token with what is around them.
    test = _Conditions(_split(_join_selectors(text[1:-1])), _read_json_condition).read_all()

    def matches(message: str) -> bool:
        try:
            value = json.loads(message)
        except ValueError:
            return False
        return test(value)

    return matches


def _join_selectors(text: str) -> str:
    # The tokenizer would take `["a name"]` apart; within a selector quotes are written as single ones.
    return re.sub(r'\["((?:[^"\\]|\\.)*)"\]', lambda found: "['" + found[1].replace(" ", "\x00") + "']", text)


def _read_json_condition(tokens: _Conditions) -> _Test:
    select = _parse_selector(tokens.take())
    operator = tokens.take()
    match operator.upper():
        case "IS":
            wanted = {"NULL": None, "TRUE": True, "FALSE": False}
            word = tokens.take().upper()
            if word not in wanted:
                raise PatternUnreadable(f"expected NULL, TRUE or FALSE after IS, found {word}")
            return lambda value: select(value) is wanted[word]
        case "NOT":
            if tokens.take().upper() != "EXISTS":
                raise PatternUnreadable("expected EXISTS after NOT")
            return lambda value: select(value) is _MISSING
        case "=" | "!=" | "<" | "<=" | ">" | ">=":
            operand, quoted = _read_operand(tokens)
            compare = _compile_comparison(operator, operand, quoted=quoted)
            return lambda value: _any_of(select(value), compare)
    raise PatternUnreadable(f"expected an operator, found {operator!r}")


def _any_of(value: Any, test: _Test) -> bool:
    """Guess: of an array, any element may match."""
    return any(test(each) for each in value) if isinstance(value, list) else test(value)


def _parse_selector(text: str) -> Callable[[Any], Any]:
    """`$.a.b[0]["a name"]` → what stands there, or `_MISSING`."""
    if not text.startswith("$"):
        raise PatternUnreadable(f"expected a selector that begins with $., found {text!r}")
    spelt = re.sub(r"\['([^']*)'\]", lambda found: '["' + found[1].replace("\x00", " ") + '"]', text[1:])
    steps: list[str | int] = []
    at = 0
    while at < len(spelt):
        found = _STEP.match(spelt, at)
        if found is None:
            raise PatternUnreadable(f"{text!r} is no selector")
        index = found["index"]
        if index is None:
            steps.append(found["name"] or found["quoted"] or "")
        elif index != "*":
            steps.append(int(index))
        at = found.end()

    def select(value: Any) -> Any:
        for step in steps:
            if isinstance(step, int):
                if not isinstance(value, list) or step >= len(value):
                    return _MISSING
                value = value[step]
            elif isinstance(value, dict) and step in value:
                value = value[step]
            else:
                return _MISSING
        return value

    return select


# --- fields parted by spaces ------------------------------------------------------------------------------------------

_FIELD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)')
_ELLIPSIS: Final = "..."


def _parse_fields_pattern(text: str) -> Matcher:
    if not text.endswith("]"):
        raise PatternUnreadable("a bracket is not closed")
    parts = _split_fields(text[1:-1])
    if parts.count(_ELLIPSIS) > 1:
        raise PatternUnreadable("an ellipsis may stand once")
    tests = [None if part == _ELLIPSIS else _parse_field(part) for part in parts]
    if None in tests:
        gap = tests.index(None)
        before, after = tests[:gap], tests[gap + 1 :]
    else:
        gap, before, after = -1, tests, []

    def matches(message: str) -> bool:
        fields = [next(part for part in found if part is not None) for found in _fields_of(message)]
        if gap < 0 and len(fields) != len(before):
            return False
        if len(fields) < len(before) + len(after):
            return False
        tail = fields[len(fields) - len(after) :]
        pairs = [*zip(before, fields, strict=False), *zip(after, tail, strict=True)]
        return all(test is None or test(field) for test, field in pairs)

    return matches


def _fields_of(message: str) -> list[tuple[str | None, ...]]:
    return [found.groups() for found in _FIELD.finditer(message)]


def _split_fields(text: str) -> list[str]:
    """At commas that stand in no string and no parentheses."""
    parts, start, depth, quoted = [], 0, 0, False
    for at, mark in enumerate(text):
        if mark == '"':
            quoted = not quoted
        elif not quoted and mark in "()":
            depth += 1 if mark == "(" else -1
        elif mark == "," and not quoted and not depth:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def _parse_field(part: str) -> _Test:
    if re.fullmatch(r"[\w.-]*", part):
        return lambda _value: True
    return _Conditions(_split(part), _read_field_condition).read_all()


def _read_field_condition(tokens: _Conditions) -> _Test:
    name, _ = _read_operand(tokens)
    operator = tokens.take()
    if operator not in {"=", "!=", *_COMPARE}:
        raise PatternUnreadable(f"expected an operator after {name!r}, found {operator!r}")
    operand, quoted = _read_operand(tokens)
    return _compile_comparison(operator, operand, quoted=quoted)
