"""The commands in an article's `sh` blocks: cut at pipes, ends and redirections, with `$(…)` taken out and run or stubbed.

It reads what the articles write, no more: one command or pipeline a line, simple loops, quotes as the shell has them.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NO_ARGUMENTS = re.compile(r"\s(?:2>&1|2>/dev/null|</dev/null)(?=\s|$)")
_SHELL_WORDS = frozenset({"until", "while", "do", "done", "for", "["})


@dataclass(frozen=True)
class Command:
    """One program with its arguments, and the file that its output goes to, if any."""

    words: tuple[str, ...]
    output: str | None

    def __str__(self):
        return shlex.join(self.words)


def split_commands(block: str, folder: Path) -> Iterator[Command]:
    """Every command of a block; a `$(python3 …)` is run in `folder`, where the files are that it reads."""
    for line in block.splitlines():
        yield from _split_line(line.strip(), folder)


def _split_line(line: str, folder: Path) -> Iterator[Command]:
    while "$(" in line:
        start = line.index("$(")
        end = _closing(line, start + 1)
        inner = line[start + 2 : end]
        if inner.startswith("python3 "):
            text = subprocess.run(
                ["sh", "-c", inner], cwd=folder, capture_output=True, text=True, check=True
            ).stdout.strip()
        else:
            yield from _split_line(inner, folder)
            text = "SUBSTITUTED"
        quoted = line[start - 1] == '"' and line[end + 1] == '"'
        assert quoted, f"a substitution stands in double quotes: {line}"
        line = line[: start - 1] + shlex.quote(text) + line[end + 2 :]
    lexer = shlex.shlex(_NO_ARGUMENTS.sub("", f" {line}"), posix=True, punctuation_chars="|;>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    output = None
    tokens = list(lexer)
    for place, token in enumerate(tokens):
        if token in {"|", ";"}:
            yield from _command(words, output)
            words, output = [], None
        elif token in {">", ">>"}:
            output = tokens[place + 1]
        elif place == 0 or tokens[place - 1] not in {">", ">>"}:
            words.append(token)
    yield from _command(words, output)


def _command(words: list[str], output: str | None) -> Iterator[Command]:
    while words and words[0] == "do":
        words = words[1:]
    if words and words[0] not in _SHELL_WORDS:
        yield Command(tuple(words), output)


def _closing(line: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(line)):
        depth += {"(": 1, ")": -1}.get(line[place], 0)
        if depth == 0:
            return place
    raise AssertionError(f"a parenthesis is not closed: {line}")
