"""`gatewright kb`: the knowledge base in the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.options import Refusal, data_dir_option
from gatewright.settings.storage import parse_data_dir

if TYPE_CHECKING:
    from gatewright.kb.article import Article
    from gatewright.kb.feedback import Tally

#: More answers than these are no answer; `--all` shows them.
_BEST = 10

_json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text."
)


class _CodesAndWords(click.Group):
    """`gatewright kb CODE` shows, `gatewright kb WORDS` searches: what is no command is a question.

    Options before the first word are those of what the word turns out to be.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = 0
        while first < len(args) and args[first].startswith("-"):
            first += 2 if args[first] == "--data-dir" else 1
        given = args[:first]
        if first < len(args) and not {"-h", "--help"} & set(given):
            args = [args[first], *given, *args[first + 1 :]]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from gatewright.kb import find_article

            after = zip(["", *args], args, strict=False)
            words = [word for before, word in after if not word.startswith("-") and before != "--data-dir"]
            name = "show" if len(words) == 1 and find_article(words[0]) else "search"
            return name, self.commands[name], args
        return super().resolve_command(ctx, args)


@click.group(
    cls=_CodesAndWords, invoke_without_command=True, short_help="Look up what an error means and what mends it."
)
@_json_option
@data_dir_option
@click.pass_context
def kb(ctx: click.Context, data_dir: str | None, *, as_json: bool) -> None:
    """Look up what an error means, how to find its cause and what mends it.

    \b
    gatewright kb                               every article, by category
    gatewright kb 403 forbidden curl            what speaks of these words
    gatewright kb CERT_NAME_MISMATCH            one article
    gatewright kb helped CERT_NAME_MISMATCH yes
    """  # noqa: D301  click reads the character
    if ctx.invoked_subcommand is None:
        _list(parse_data_dir(data_dir), as_json=as_json)


@kb.command(short_help="Find articles by words, the likeliest first.")
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@click.option("--all", "everything", is_flag=True, help="Show every article that has one of the words.")
@_json_option
@data_dir_option
def search(words: tuple[str, ...], data_dir: str | None, *, everything: bool, as_json: bool) -> None:
    """Find the articles that speak of WORDS: of a symptom, a status, a part of a message. The likeliest comes first.

    Exit code 1 when there is none.
    """
    from gatewright.kb import list_articles
    from gatewright.kb.search import search_articles

    hits = search_articles(list_articles(), " ".join(words))
    shown = [hit.article for hit in (hits if everything else hits[:_BEST])]
    if as_json:
        tallies = _count(parse_data_dir(data_dir))
        _print_json([_summarize(article, tallies) for article in shown])
    else:
        for article in shown:
            click.echo(f"{click.style(article.code, bold=True)}: {article.title}\n    {article.summary}")
        if len(hits) > len(shown):
            click.echo(f"{len(hits) - len(shown)} more have one of the words; --all shows them.")
        if not hits:
            click.echo("No article speaks of that. `gatewright kb` lists all of them.")
    if not hits:
        sys.exit(1)


@kb.command(short_help="Show one article.")
@click.argument("code", metavar="CODE")
@_json_option
@data_dir_option
def show(code: str, data_dir: str | None, *, as_json: bool) -> None:
    """Show the article about CODE, as a finding of the doctor or a line of `gatewright explain` names it."""
    article = _find(code)
    if as_json:
        from gatewright.kb.placeholders import find_placeholders

        words = find_placeholders(article)
        _print_json(
            {
                **_summarize(article, _count(parse_data_dir(data_dir))),
                "sections": dict(article.sections),
                "placeholders": [
                    {"name": name, "meaning": word.meaning, "command": word.command} for name, word in words.items()
                ],
            }
        )
        return
    from gatewright.kb.terminal import render_article

    at_terminal = sys.stdout.isatty()
    text = render_article(article, width=shutil.get_terminal_size().columns, styled=at_terminal)
    if at_terminal:
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


@kb.command(short_help="Say whether an article has helped.")
@click.argument("code", metavar="CODE")
@click.argument("answer", type=click.Choice(["yes", "no"]), metavar="yes|no")
@data_dir_option
def helped(code: str, answer: str, data_dir: str | None) -> None:
    """Say whether the article about CODE has helped. The answer stays in the data directory; `gatewright kb` counts them."""
    from gatewright.kb.feedback import record_answer

    article = _find(code)
    folder = _feedback_folder(parse_data_dir(data_dir))
    try:
        record_answer(folder, article.code, helped=answer == "yes", now=datetime.now(UTC))
    except OSError as error:
        raise Refusal(f"the answer cannot be kept in {folder}: {error.strerror}; --data-dir names another.") from None
    tally = _count(parse_data_dir(data_dir))[article.code]
    click.echo(f"{article.code}: helped {tally.yes}, did not help {tally.no}.")


def _list(data_dir: Path, *, as_json: bool) -> None:
    from gatewright.kb import list_articles
    from gatewright.kb.article import CATEGORIES

    articles, tallies = list_articles(), _count(data_dir)
    if as_json:
        _print_json(
            [
                {
                    "category": category,
                    "title": title,
                    "articles": [_summarize(found, tallies) for found in articles if found.category == category],
                }
                for category, title in CATEGORIES.items()
            ]
        )
        return
    widest = max(len(article.code) for article in articles)
    for title, members in (
        (title, [article for article in articles if article.category == category])
        for category, title in CATEGORIES.items()
    ):
        click.echo(click.style(f"{title} ({len(members)})", bold=True))
        for article in members:
            tally = tallies.get(article.code)
            answers = f"  [helped {tally.yes}, not {tally.no}]" if tally else ""
            click.echo(f"  {article.code:<{widest}}  {article.title}{answers}")
        click.echo()
    click.echo("gatewright kb CODE shows an article, gatewright kb WORDS finds one.")


def _find(code: str) -> Article:
    from gatewright.kb import find_article, list_articles
    from gatewright.kb.search import search_articles

    article = find_article(code)
    if article is None:
        near = [hit.article.code for hit in search_articles(list_articles(), code.replace("_", " "))[:3]]
        hint = f"did you mean {', '.join(near)}?" if near else "`gatewright kb` lists all codes."
        raise Refusal(f"there is no article about {code!r}: expected a code such as CERT_NAME_MISMATCH; {hint}")
    return article


def _summarize(article: Article, tallies: Mapping[str, Tally]) -> dict[str, Any]:
    tally = tallies.get(article.code)
    return {
        "code": article.code,
        "title": article.title,
        "category": article.category,
        "summary": article.summary,
        "covers": list(article.covers),
        "related": list(article.related),
        "since": article.since,
        "evidence": article.evidence.name.lower(),
        "helped": {"yes": tally.yes if tally else 0, "no": tally.no if tally else 0},
    }


def _count(data_dir: Path) -> Mapping[str, Tally]:
    from gatewright.kb.feedback import count_answers

    folder = _feedback_folder(data_dir)
    try:
        return count_answers(folder)
    except OSError as error:
        raise Refusal(f"the answers in {folder} cannot be read: {error.strerror}; --data-dir names another.") from None


def _feedback_folder(data_dir: Path) -> Path:
    return data_dir / "kb"


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
