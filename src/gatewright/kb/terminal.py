"""An article as text for a terminal: wrapped prose, commands as they are typed, and what each placeholder stands for."""

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from gatewright.kb.article import CATEGORIES, Article
from gatewright.kb.placeholders import find_placeholders

#: Longer lines than these are hard to read; commands are never wrapped, so that they can be copied.
WIDEST: Final = 100

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_ITEM = re.compile(r"(?P<mark>- |\d+\. )(?P<text>.*)", re.DOTALL)
_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*")
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def render_article(article: Article, *, width: int, styled: bool) -> str:
    """The whole article; `styled` sets headings in bold."""
    room = max(40, min(width, WIDEST))

    def heading(text: str) -> str:
        return f"{_BOLD}{text}{_PLAIN}" if styled else text

    lines = [heading(article.code), *map(heading, textwrap.wrap(article.title, room)), ""]
    lines += textwrap.wrap(_render_inline(article.summary), room)
    lines += [
        "",
        *textwrap.wrap(f"{CATEGORIES[article.category]} · {article.evidence.value} · since {article.since}", room),
    ]
    if article.covers:
        lines += textwrap.wrap(f"Also about: {', '.join(article.covers)}", room)
    for name, text in article.sections.items():
        lines += ["", heading(name.upper()), "", *_render_section(text, room)]
    placeholders = find_placeholders(article)
    if placeholders:
        lines += ["", heading("IN THE COMMANDS"), ""]
        for word, (meaning, command) in placeholders.items():
            lines += textwrap.wrap(f"{word}: {meaning}", room, subsequent_indent="  ", break_on_hyphens=False)
            if command is not None:
                lines.append(f"    {command}")
    if article.related:
        lines += ["", heading("SEE ALSO"), "", *textwrap.wrap(", ".join(article.related), room)]
    lines += ["", "Did this help?", f"    gatewright kb helped {article.code} yes|no"]
    return "\n".join(lines) + "\n"


def _render_section(text: str, room: int) -> Iterator[str]:
    for place, part in enumerate(_split_parts(text)):
        if place:
            yield ""
        yield from _render_part(part, room)


def _split_parts(text: str) -> Iterator[str]:
    """Fenced blocks, whole, and what stands between empty lines outside of them."""
    part: list[str] = []
    fenced = False
    for line in text.splitlines():
        fence = line.startswith("```")
        if (fence and not fenced) or (not line and not fenced):
            if part:
                yield "\n".join(part)
            part = []
        if line or fenced:
            part.append(line)
        if fence and fenced:
            yield "\n".join(part)
            part = []
        fenced ^= fence
    if part:
        yield "\n".join(part)


def _render_part(part: str, room: int) -> Iterator[str]:
    if part.startswith("```"):
        first, *inner = part.splitlines()
        file = first.removeprefix("```").partition(" ")[2]
        if file:
            yield f"    {file}:"
        yield from (f"    {line}".rstrip() for line in inner[:-1])
        return
    for block in re.split(r"\n(?=- |\d+\. )", part):
        item = _ITEM.fullmatch(block)
        mark, words = (item["mark"], item["text"]) if item else ("", block)
        yield from textwrap.wrap(
            _render_inline(words),
            room,
            initial_indent=f"  {mark}" if mark else "",
            subsequent_indent=" " * (len(mark) + 2) if mark else "",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _render_inline(text: str) -> str:
    """Prose without its marks: a link to an article is its code, one to a page its words and the address."""

    def link(match: re.Match[str]) -> str:
        words, address = match[1], match[2]
        return words if address.endswith(".md") or words == address else f"{words} <{address}>"

    return _EMPHASIS.sub(r"\1", _LINK.sub(link, " ".join(text.split()))).replace("`", "")
