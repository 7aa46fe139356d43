"""An article: front matter that says what it is about, and six sections of Markdown.

What this module knows is the form, and it keeps to it: an `Article` that exists has every key of the front matter and
every section, so nobody who renders one asks whether a part is there.

The front matter is the part of YAML that two lines teach: `key: text`, and `key: [A, B]` for a list. The body has no
Markdown but paragraphs, lists, `code`, links and fenced blocks; a block is `sh` (commands to type), `text` (what a program
answers), `http` (what travels) or `json name.json` (a file that a command reads).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gatewright.core.reasons import Evidence

#: In the order in which a request meets them; what is no single cause stands first.
CATEGORIES: Final[Mapping[str, str]] = {
    "guides": "Guides: from what you see to the cause",
    "dns": "DNS",
    "certificates": "Server certificates",
    "domains": "Domain names and hosts",
    "routing": "Mappings, stages and methods",
    "requests": "Requests that are refused as they are",
    "mutual-tls": "Mutual TLS",
    "signatures": "Signatures (SigV4)",
    "permissions": "Permissions and policies",
    "throttling": "Throttling, quotas and API keys",
    "integrations": "Integrations and mappings",
    "backends": "Backends",
    "cloudfront": "CloudFront in front",
    "private": "Private APIs and VPC endpoints",
    "gateway": "The gateway itself",
}

#: The sections of every article, in order: what one sees, why, how to make sure, what to do, how to keep it away, says who.
SECTIONS: Final = ("Symptom", "Cause", "Look", "Mend", "Prevent", "Source")

BLOCK_KINDS: Final = ("sh", "text", "http", "json")

_KEYS: Final = ("code", "title", "category", "summary", "covers", "related", "since", "evidence")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class ArticleMalformed(ValueError):
    """What an article's text lacks, in a sentence that names the article."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, the file that it is the text of (`json` only), its text."""

    kind: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `covers` are further codes whose cause and mend are this article's."""

    code: str
    title: str
    category: str
    summary: str
    covers: tuple[str, ...]
    related: tuple[str, ...]
    since: str
    evidence: Evidence
    sections: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that leads to this article, its own first."""
        return (self.code, *self.covers)

    @property
    def body(self) -> str:
        """The sections as Markdown."""
        return "\n\n".join(f"## {name}\n\n{text}" for name, text in self.sections.items())

    def find_blocks(self) -> tuple[Block, ...]:
        """The fenced blocks, in order."""
        found = []
        for match in _BLOCK.finditer(self.body):
            kind, _, file = match["info"].partition(" ")
            found.append(Block(kind, file.strip(), match["text"]))
        return tuple(found)


def parse_article(name: str, text: str) -> Article:
    """The article that a file `name` holds; its first lines are the front matter, between two lines of `---`."""
    opening, _, rest = text.partition("\n")
    head, closing, body = rest.partition("\n---\n")
    if opening != "---" or not closing:
        raise ArticleMalformed(f"{name}: expected front matter between two lines of ---, found {opening!r} first.")
    front = _parse_front_matter(name, head)
    for code in (_text(name, front, "code"), *_list(name, front, "covers"), *_list(name, front, "related")):
        if not _CODE.fullmatch(code):
            raise ArticleMalformed(f"{name}: expected a code such as CERT_NAME_MISMATCH, found {code!r}.")
    category = _text(name, front, "category")
    if category not in CATEGORIES:
        raise ArticleMalformed(f"{name}: expected a category of {', '.join(CATEGORIES)}, found {category!r}.")
    since = _text(name, front, "since")
    if not _VERSION.fullmatch(since):
        raise ArticleMalformed(f"{name}: expected a version such as 0.1.0 after since, found {since!r}.")
    mark = _text(name, front, "evidence")
    if mark.upper() not in Evidence.__members__:
        marks = ", ".join(member.lower() for member in Evidence.__members__)
        raise ArticleMalformed(f"{name}: expected evidence to be one of {marks}, found {mark!r}.")
    article = Article(
        code=_text(name, front, "code"),
        title=_text(name, front, "title"),
        category=category,
        summary=_text(name, front, "summary"),
        covers=_list(name, front, "covers"),
        related=_list(name, front, "related"),
        since=since,
        evidence=Evidence[mark.upper()],
        sections=_parse_sections(name, body),
    )
    for block in article.find_blocks():
        if block.kind not in BLOCK_KINDS or bool(block.file) != (block.kind == "json"):
            raise ArticleMalformed(
                f"{name}: expected a fenced block to be sh, text, http or json with a file's name, found "
                f"{block.kind!r} {block.file!r}."
            )
    return article


def _parse_front_matter(name: str, head: str) -> Mapping[str, str]:
    front: dict[str, str] = {}
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        if not colon or key not in _KEYS or key in front or not value.strip():
            raise ArticleMalformed(f"{name}: expected each of {', '.join(_KEYS)} once, found the line {line!r}.")
        front[key] = value.strip()
    missing = [key for key in _KEYS if key not in front]
    if missing:
        raise ArticleMalformed(f"{name}: the front matter lacks {', '.join(missing)}.")
    return front


def _text(name: str, front: Mapping[str, str], key: str) -> str:
    value = front[key]
    if value.startswith("["):
        raise ArticleMalformed(f"{name}: expected a text after {key}, found the list {value!r}.")
    # YAML wants quotes where a text holds a colon; inside them we use none.
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _list(name: str, front: Mapping[str, str], key: str) -> tuple[str, ...]:
    value = front[key]
    if not (value.startswith("[") and value.endswith("]")):
        raise ArticleMalformed(f"{name}: expected a list such as [A, B] after {key}, found {value!r}.")
    return tuple(item.strip() for item in value[1:-1].split(",") if item.strip())


def _parse_sections(name: str, body: str) -> Mapping[str, str]:
    parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    before, names, texts = parts[0], tuple(parts[1::2]), parts[2::2]
    if before.strip() or names != SECTIONS:
        raise ArticleMalformed(
            f"{name}: expected the sections {', '.join(SECTIONS)} and nothing before them, found {', '.join(names)}."
        )
    sections = {section: text.strip() for section, text in zip(names, texts, strict=True)}
    empty = [section for section, text in sections.items() if not text]
    if empty:
        raise ArticleMalformed(f"{name}: nothing is said under {', '.join(empty)}.")
    return sections
