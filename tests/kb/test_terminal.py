"""An article in a terminal: what is wrapped, what is not, and what is added."""

import pytest

from gatewright.kb import find_article, list_articles
from gatewright.kb.terminal import WIDEST, render_article

ARTICLE = find_article("CERT_NAME_MISMATCH")


@pytest.mark.parametrize("article", list_articles(), ids=lambda article: article.code)
def test_prose_is_wrapped_and_commands_can_be_copied(article):
    lines = render_article(article, width=80, styled=False).splitlines()
    for line in lines:
        assert len(line) <= 80 or line.startswith("    ") or " " not in line.strip(), line
    for block in article.find_blocks():
        for line in block.text.splitlines():
            assert f"    {line}".rstrip() in lines
    prose = [line for line in lines if not line.startswith("    ")]
    assert not any(mark in line for line in prose for mark in ("```", "](", "**"))


def test_everything_of_the_article_is_there():
    text = render_article(find_article("MTLS_EXPIRED"), width=80, styled=False)
    for part in ("MTLS_EXPIRED\n", "SYMPTOM", "CAUSE", "LOOK", "MEND", "PREVENT", "SOURCE", "SEE ALSO"):
        assert part in text
    assert "Also about: CLIENT_CERT_EXPIRED" in text
    assert "Did this help?\n    gatewright kb helped MTLS_EXPIRED yes|no" in text


def test_placeholders_are_explained_with_the_command_that_finds_them():
    text = render_article(ARTICLE, width=80, styled=False)
    assert "CERTIFICATE_ARN: the certificate's ARN\n    aws acm list-certificates\n" in text


def test_a_file_that_a_command_reads_has_its_name_above_it():
    assert "    change.json:\n    {\n" in render_article(find_article("DNS_MISSING"), width=80, styled=False)


def test_lines_are_no_longer_than_can_be_read_however_wide_the_terminal():
    lines = render_article(ARTICLE, width=300, styled=False).splitlines()
    assert WIDEST >= max(len(line) for line in lines if not line.startswith("    "))


def test_only_a_terminal_gets_escape_sequences():
    assert "\x1b[1mSYMPTOM\x1b[0m" in render_article(ARTICLE, width=80, styled=True)
    assert "\x1b" not in render_article(ARTICLE, width=80, styled=False)
