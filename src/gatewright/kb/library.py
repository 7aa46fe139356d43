"""All articles, read once from the package: a code leads to at most one of them."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from gatewright.kb.article import Article, ArticleMalformed, parse_article


def find_article(code: str) -> Article | None:
    """The article about that code, in any case; None when there is none."""
    return _by_code().get(code.upper())


def list_articles() -> tuple[Article, ...]:
    """Every article, by code."""
    return _articles()


def index_articles(articles: Iterable[Article]) -> Mapping[str, Article]:
    """Each code with its article. Two articles about one code are refused: a link would be a matter of luck."""
    found: dict[str, Article] = {}
    for article in articles:
        for code in article.codes:
            if code in found:
                raise ArticleMalformed(f"{code} has two articles: {found[code].code} and {article.code}.")
            found[code] = article
    return found


@cache
def _articles() -> tuple[Article, ...]:
    folder = files("gatewright.kb") / "articles"
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".md")), key=lambda page: page.name)
    return tuple(parse_article(page.name, page.read_text(encoding="utf-8")) for page in pages)


@cache
def _by_code() -> Mapping[str, Article]:
    return index_articles(_articles())
