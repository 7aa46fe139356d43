"""Full-text search: which articles speak of these words, the likeliest first.

A word counts where it stands (code, title, summary, symptom, the rest) and the rarer it is among the articles the more; an
article that has all words of the question goes before those that lack one. Words are compared by a light stem, so that
`expired certificates` finds what is said of a certificate that expires.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from gatewright.kb.article import Article

#: What a word is worth by where it stands. The ratios matter, not the figures: a code is typed to find that very article,
#: a title names the cause, and a symptom is what a searcher has before their eyes.
_WEIGHTS: Final[Mapping[str, float]] = {"code": 8.0, "title": 6.0, "summary": 3.0, "symptom": 3.0, "body": 1.0}

#: A word that stands often in one place says little more than one that stands there a few times.
_ENOUGH: Final = 3

_WORD = re.compile(r"[a-z0-9]+", re.ASCII)
_STOP_WORDS: Final = frozenset(
    _WORD.findall(
        "a an and are as at be but by can do does for from has have how i in is it its me my no not of on or so that the "
        "then there this to was what when where which who why will with you your"
    )
)
#: The longest ending goes first. What is left must still be a word to look at, so stems have four letters or more.
_ENDINGS: Final = (
    "ations",
    "ation",
    "ings",
    "ions",
    "ing",
    "ies",
    "ied",
    "ion",
    "ers",
    "ed",
    "er",
    "es",
    "ly",
    "s",
    "y",
    "e",
)
_SHORTEST_STEM: Final = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """An article and how well it answers the question; only the order of scores means something."""

    article: Article
    score: float


def search_articles(articles: Sequence[Article], question: str) -> tuple[Hit, ...]:
    """The articles that have words of the question, the best first, equal ones by code."""
    for article in articles:
        if question.strip().upper() in article.codes:
            return (Hit(article, float("inf")),)
    wanted = tuple(dict.fromkeys(stem_words(question)))
    worth = {article.code: _weigh(article) for article in articles}
    rarity = {
        word: log(1 + len(articles) / holders)
        for word in wanted
        if (holders := sum(word in words for words in worth.values()))
    }
    hits = []
    for article in articles:
        words = worth[article.code]
        present = [word for word in rarity if word in words]
        if present:
            share = len(present) / len(wanted)
            hits.append(Hit(article, share * share * sum(words[word] * rarity[word] for word in present)))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.article.code)))


def stem_words(text: str) -> Iterable[str]:
    """The words of a text that say something, by their stems, in order."""
    return (_stem(word) for word in _WORD.findall(text.lower().replace("'", "")) if word not in _STOP_WORDS)


def _weigh(article: Article) -> Mapping[str, float]:
    parts = {
        "code": " ".join(article.codes),
        "title": article.title,
        "summary": article.summary,
        "symptom": article.sections["Symptom"],
        "body": " ".join(text for name, text in article.sections.items() if name != "Symptom"),
    }
    weights: dict[str, float] = {}
    for part, text in parts.items():
        for word, count in Counter(stem_words(text)).items():
            weights[word] = weights.get(word, 0.0) + _WEIGHTS[part] * (1 + 0.25 * (min(count, _ENOUGH) - 1))
    return weights


def _stem(word: str) -> str:
    """The word without its endings: `deployed`, `deploys` and `deploy` come to the same."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return _stem(word.removesuffix(ending))
    return word
