"""The form of an article: what is one, and what is said of what is not."""

import pytest

from gatewright.core.reasons import Evidence
from gatewright.kb.article import SECTIONS, ArticleMalformed, parse_article

GOOD = """---
code: DNS_MISSING
title: "DNS: no record"
category: dns
summary: Nothing leads there.
covers: [DNS_GONE]
related: []
since: 0.1.0
evidence: documented
---

## Symptom

curl says:

```text
curl: (6)
```

## Cause

None.

## Look

```sh
dig api.example.com
```

## Mend

```json change.json
{}
```

## Prevent

Care.

## Source

facts 1.7
"""


def test_an_article_has_what_its_front_matter_says():
    article = parse_article("DNS_MISSING.md", GOOD)
    assert ("DNS_MISSING", "DNS_GONE") == article.codes
    assert "DNS: no record" == article.title
    assert () == article.related
    assert Evidence.DOCUMENTED is article.evidence
    assert ["Symptom", "Cause", "Look", "Mend", "Prevent", "Source"] == list(article.sections)


def test_blocks_have_their_kind_and_file():
    blocks = parse_article("DNS_MISSING.md", GOOD).find_blocks()
    assert [("text", ""), ("sh", ""), ("json", "change.json")] == [(block.kind, block.file) for block in blocks]
    assert "dig api.example.com\n" == blocks[1].text


MALFORMED = [
    ("---\ncode", "code", "expected front matter"),
    ("category: dns", "category: weather", "expected a category of guides, dns"),
    ("code: DNS_MISSING", "code: dns", "expected a code such as"),
    ("related: []", "related: none", "expected a list such as"),
    ("summary: Nothing leads there.", "summary: [A_B]", "expected a text after summary"),
    ("since: 0.1.0", "since: soon", "expected a version"),
    ("evidence: documented", "evidence: hearsay", "expected evidence to be one of recorded"),
    ("title:", "headline:", "once, found the line 'headline:"),
    ("since: 0.1.0\n", "", "the front matter lacks since"),
    ("since: 0.1.0", "since: 0.1.0\nsince: 0.1.0", "once, found the line 'since"),
    ("## Look", "## Looking", "expected the sections Symptom"),
    ("## Symptom", "Hello.\n\n## Symptom", "nothing before them"),
    ("\nCare.\n", "\n", "nothing is said under Prevent"),
    ("```sh", "```bash", "expected a fenced block to be"),
    ("```json change.json", "```json", "expected a fenced block to be"),
]


@pytest.mark.parametrize(("text", "other", "sentence"), MALFORMED)
def test_what_is_no_article_is_refused_by_name(text, other, sentence):
    assert text in GOOD
    with pytest.raises(ArticleMalformed, match=r"^X\.md: ") as caught:
        parse_article("X.md", GOOD.replace(text, other, 1))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("section", SECTIONS)
def test_an_article_that_lacks_a_section_or_says_nothing_in_it_is_found(section):
    before, heading, rest = GOOD.partition(f"## {section}\n")
    body, another, after = rest.partition("\n## ")
    with pytest.raises(ArticleMalformed, match=r"expected the sections Symptom"):
        parse_article("X.md", before + another.lstrip("\n") + after)
    with pytest.raises(ArticleMalformed, match=f"nothing is said under {section}"):
        parse_article("X.md", before + heading + another + after)
    assert body.strip()
