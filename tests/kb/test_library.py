"""What the articles must be together: one for each thing that a user can meet, true to the catalogue, well linked."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.core.reasons import CATALOGUE
from gatewright.doctor.checks import CHECKS
from gatewright.doctor.examine import ANSWER_UNEXPLAINED, COULD_NOT_LOOK
from gatewright.kb import find_article, list_articles
from gatewright.kb.article import CATEGORIES, ArticleMalformed
from gatewright.kb.library import index_articles
from gatewright.kb.search import search_articles

#: What the doctor can find, whether or not the data plane has a reason of that name.
FINDINGS = re.findall(
    r"\w+",
    """
DNS_MISSING DNS_POINTS_TO_STAGE_URL DNS_POINTS_TO_ADDRESS DNS_POINTS_TO_OTHER_TARGET DNS_NOT_PROPAGATED
CERT_DEFAULT_SERVED CERT_NAME_MISMATCH CERT_EXPIRED CERT_NOT_YET_VALID CERT_CHAIN_INCOMPLETE CERT_UNTRUSTED
CERT_SHADOWED_BY_FQDN CERT_WRONG_REGION_FOR_EDGE CERT_EXPIRES_SOON CERT_NOT_IN_ACM
DOMAIN_NOT_FOUND DOMAIN_PENDING_CERTIFICATE_REIMPORT DOMAIN_PENDING_OWNERSHIP_VERIFICATION DOMAIN_UPDATING
HOST_SNI_MISMATCH MAPPING_MISSING STAGE_MISSING METHOD_MISSING NOT_REDEPLOYED DEFAULT_ENDPOINT_DISABLED
DEFAULT_ENDPOINT_OPEN
MTLS_NO_CERTIFICATE MTLS_UNTRUSTED MTLS_EXPIRED MTLS_WEAK_ALGORITHM MTLS_CHAIN_TOO_LONG MTLS_INTERMEDIATE_MISSING
TRUSTSTORE_WARNING TRUSTSTORE_STALE TRUSTSTORE_ENTRY_EXPIRES
THROTTLED_PLAN THROTTLED_STAGE THROTTLED_ACCOUNT THROTTLED_BACKEND QUOTA_EXCEEDED API_KEY_MISSING API_KEY_NOT_IN_PLAN
SIGNATURE_MISSING TOKEN_INVALID SIGNATURE_MISMATCH SIGNATURE_SKEW SIGNATURE_SCOPE
IDENTITY_POLICY_SILENT IDENTITY_POLICY_DENY RESOURCE_POLICY_SILENT RESOURCE_POLICY_DENY CROSS_ACCOUNT_NEEDS_BOTH
HTTP_API_NEEDS_ASSUME_ROLE
BACKEND_SELF_SIGNED BACKEND_UNTRUSTED_ROOT BACKEND_CHAIN_INCOMPLETE BACKEND_CERT_EXPIRED BACKEND_NAME_MISMATCH
BACKEND_UNREACHABLE BACKEND_TIMEOUT
CLOUDFRONT_ORIGIN_PATH CLOUDFRONT_HOST_FORWARDED CLOUDFRONT_AUTHORIZATION_DROPPED CLOUDFRONT_OLD_TLS
CLOUDFRONT_NOT_DEPLOYED PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN VPC_ENDPOINT_POLICY_DENY
""",
)

#: What this release's doctor can say, which has causes beyond that list.
SAID = {ANSWER_UNEXPLAINED, COULD_NOT_LOOK, *(check.code for check in CHECKS)}

#: What the troubleshooting guides are about that Gatewright began with.
GUIDES = {
    "GUIDE_WRONG_CERTIFICATE",
    "GUIDE_INVALID_CERTIFICATE",
    "GUIDE_CLOUDFRONT_IN_FRONT",
    "GUIDE_TOO_MANY_REQUESTS",
    "GUIDE_SIGNATURE_MISMATCH",
    "GUIDE_CROSS_ACCOUNT_403",
    "GUIDE_BACKEND_CERTIFICATES",
    "GUIDE_MUTUAL_TLS",
}
ARTICLES = list_articles()
EACH_ARTICLE = pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.code)
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


@pytest.mark.parametrize("code", sorted({*FINDINGS, *SAID, *CATALOGUE, *GUIDES}))
def test_everything_that_a_user_can_meet_has_an_article(code):
    assert find_article(code) is not None


def test_every_article_is_about_something_that_a_user_can_meet():
    known = {*FINDINGS, *SAID, *CATALOGUE, *GUIDES}
    assert [] == [code for article in ARTICLES for code in article.codes if code not in known]


def test_every_category_has_articles():
    assert set(CATEGORIES) == {article.category for article in ARTICLES}


def test_a_code_is_found_in_any_case_and_an_unknown_one_is_not():
    assert find_article("CERT_EXPIRED") is find_article("cert_expired")
    assert find_article("CERT_EXPIRED_LONG_AGO") is None


def test_a_code_that_is_covered_leads_to_the_article_that_covers_it():
    assert find_article("MTLS_EXPIRED") is find_article("CLIENT_CERT_EXPIRED")


def test_two_articles_about_one_code_are_refused():
    other = replace(ARTICLES[0], code="OTHER_CODE", covers=ARTICLES[0].codes)
    with pytest.raises(ArticleMalformed, match=r"has two articles"):
        index_articles([ARTICLES[0], other])


@EACH_ARTICLE
def test_an_article_lies_in_the_file_of_its_code(article):
    folder = Path(__file__).resolve().parents[2] / "src/gatewright/kb/articles"
    assert (folder / f"{article.code}.md").is_file()


def test_every_article_is_installed_with_the_package():
    root = Path(__file__).resolve().parents[2]
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["gatewright"]
    installed = {path for pattern in patterns for path in (root / "src/gatewright").glob(pattern)}
    assert set((root / "src/gatewright/kb").rglob("*.md")) <= installed


@EACH_ARTICLE
def test_links_lead_to_articles_or_to_pages(article):
    targets = [target for text in article.sections.values() for target in LINK.findall(text)]
    for target in targets:
        if target.endswith(".md"):
            assert find_article(target.removesuffix(".md")).code == target.removesuffix(".md")
        else:
            assert target.startswith("https://")
    for code in article.related:
        assert code != article.code
        assert find_article(code).code == code


@EACH_ARTICLE
def test_an_article_says_who_says_so_and_shows_where_to_look(article):
    source = article.sections["Source"]
    assert re.search(r"facts \d|https://|Gatewright's own", source)
    assert any(block.kind == "sh" for block in article.find_blocks())
    assert article.summary.endswith(".")
    assert not article.title.endswith(".")


#: What a client meets before the gateway looks at the request itself: somebody sits before a browser then, or types curl.
SEEN_BY_CLIENTS = {"dns", "certificates", "domains", "routing", "cloudfront", "private"}


@EACH_ARTICLE
def test_a_symptom_is_what_a_browser_shows_and_what_curl_prints(article):
    symptom = article.sections["Symptom"]
    if article.category in SEEN_BY_CLIENTS:
        assert re.search(r"[Bb]rowser|Chrome|Firefox|Safari", symptom)
    if article.category in SEEN_BY_CLIENTS - {"domains"}:
        assert re.search(r"curl|```http|`\d\d\d`", symptom)


@EACH_ARTICLE
def test_one_looks_with_the_tool_that_shows_the_thing(article):
    look = article.sections["Look"]
    if article.category == "dns":
        assert re.search(r"^dig ", look, re.MULTILINE)
    if article.category == "certificates" and article.code not in {"CERT_NOT_IN_ACM", "CERT_WRONG_REGION_FOR_EDGE"}:
        assert re.search(r"^openssl ", look, re.MULTILINE)
    if article.code in {check.code for check in CHECKS}:
        assert re.search(r"^gatewright (?:doctor|explain|truststore) ", look, re.MULTILINE)


#: The questions of the articles that Gatewright began with, by words that stand in one of them only, and their guides.
QUESTIONS = {
    "why was the wrong certificate returned": "GUIDE_WRONG_CERTIFICATE",
    'certificate expired or "invalid certificate"': "GUIDE_INVALID_CERTIFICATE",
    "multiple api gateway apis behind a cloudfront": "GUIDE_CLOUDFRONT_IN_FRONT",
    '"429 too many requests" or "limit exceeded" errors for': "GUIDE_TOO_MANY_REQUESTS",
    "signature mismatch errors when making sigv4": "GUIDE_SIGNATURE_MISMATCH",
    "cross-account iam authentication": "GUIDE_CROSS_ACCOUNT_403",
    "ssl certificate with backend integration": "GUIDE_BACKEND_CERTIFICATES",
    "how to turn on mutual tls": "GUIDE_MUTUAL_TLS",
}


@pytest.mark.parametrize("words", QUESTIONS)
def test_each_article_that_it_began_with_has_a_guide_that_its_own_question_finds(shared, words):
    lines = [line for path in sorted((shared / "seeds").glob("*.txt")) for line in path.read_text().splitlines()]
    question = next(line for line in lines if words in line.lower())
    assert QUESTIONS[words] in [hit.article.code for hit in search_articles(ARTICLES, question)[:2]]


def test_every_seed_has_a_question_among_them(shared):
    for path in sorted((shared / "seeds").glob("*.txt")):
        text = path.read_text().lower()
        assert any(words in text for words in QUESTIONS), path.name


def test_the_guides_are_those_of_the_questions():
    assert GUIDES == set(QUESTIONS.values())


@EACH_ARTICLE
def test_a_guide_leads_to_the_causes_that_it_speaks_of(article):
    if article.category == "guides":
        named = set(re.findall(r"\(([A-Z0-9_]+)\.md\)", article.body))
        assert named
        assert named - {"METHOD_MISSING"} <= set(article.related)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_the_symptom_is_what_the_gateway_answers(code):
    reason, article = CATALOGUE[code], find_article(code)
    symptom = article.sections["Symptom"]
    assert str(reason.status) in symptom
    assert reason.error_type.lower() in symptom.lower()
    if reason.message:
        # `{names}` and the like stand for what differs from request to request.
        assert reason.spelling.value.replace("%s", f'"{reason.message}"') in symptom
    if reason.log is not None:
        fixed = max(re.split(r"\{\w+\}", reason.log), key=len)
        assert fixed.strip() in symptom


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_an_article_is_as_sure_as_the_catalogue(code):
    article = find_article(code)
    assert article.evidence in {CATALOGUE[each].evidence for each in article.codes if each in CATALOGUE}


def test_no_sentence_is_one_of_the_seeds(shared):
    """The articles are in our own words: nine words in a row that a seed has too are literal messages only."""
    seeds = " ".join(path.read_text() for path in sorted((shared / "seeds").glob("*.txt")))
    known = set(windows(re.sub(r"\s+", " ", seeds), 9))
    copied = []
    for article in ARTICLES:
        prose = re.sub(r"```.*?```|`[^`]*`|\[[^\]]*\]\([^)]*\)", " ", article.body, flags=re.DOTALL)
        copied += [(article.code, words) for words in windows(f"{article.summary} {prose}", 9) if words in known]
    assert [] == copied


def windows(text, size):
    words = re.findall(r"[a-z0-9']+", text.lower())
    return [" ".join(words[place : place + size]) for place in range(len(words) - size + 1)]
