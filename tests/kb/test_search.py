"""What people type, and the article that they should meet."""

import pytest

from gatewright.kb import list_articles
from gatewright.kb.search import search_articles, stem_words

#: The words, and the article that must be first or second.
QUESTIONS = [
    ("certificate mismatch browser", "CERT_NAME_MISMATCH"),
    ("429 limit exceeded", "QUOTA_EXCEEDED"),
    ("quota used up", "QUOTA_EXCEEDED"),
    ("missing authentication token", "METHOD_MISSING"),
    ("could not resolve host", "DNS_MISSING"),
    ("NXDOMAIN", "DNS_MISSING"),
    ("wrong certificate", "GUIDE_WRONG_CERTIFICATE"),
    ("ERR_CERT_DATE_INVALID expired", "CERT_EXPIRED"),
    ("certificates expiring soon", "CERT_EXPIRES_SOON"),
    ("PKIX path building failed", "GUIDE_BACKEND_CERTIFICATES"),
    ("backend certificate expired", "BACKEND_CERT_EXPIRED"),
    ("self signed backend", "BACKEND_SELF_SIGNED"),
    ("endpoint request timed out", "BACKEND_TIMEOUT"),
    ("504 network error communicating", "BACKEND_CONNECTION_LOST"),
    ("invalid endpoint address", "BACKEND_UNREACHABLE"),
    ("signature we calculated does not match", "SIGNATURE_MISMATCH"),
    ("clock skew signature expired", "SIGNATURE_SKEW"),
    ("credential should be scoped to a valid region", "SIGNATURE_SCOPE"),
    ("session token expired", "TOKEN_EXPIRED"),
    ("cross account 403", "GUIDE_CROSS_ACCOUNT_403"),
    ("not authorized to perform execute-api:Invoke explicit deny", "IDENTITY_POLICY_DENY"),
    ("could not find issuer for certificate", "MTLS_INTERMEDIATE_MISSING"),
    ("truststore new version not used", "TRUSTSTORE_STALE"),
    ("truststore warnings", "TRUSTSTORE_WARNING"),
    ("mutual tls set up", "GUIDE_MUTUAL_TLS"),
    ("cloudfront 502", "CLOUDFRONT_OLD_TLS"),
    ("cloudfront authorization header removed", "CLOUDFRONT_AUTHORIZATION_DROPPED"),
    ("vpc endpoint private dns", "PRIVATE_DNS_BLOCKS_CUSTOM_DOMAIN"),
    ("deploy changes not live", "NOT_REDEPLOYED"),
    ("api key forbidden", "API_KEY_MISSING"),
    ("base path mapping", "MAPPING_MISSING"),
    ("413 body too large", "REQUEST_TOO_LARGE"),
    ("421 misdirected", "AUTHORITY_MISDIRECTED"),
    ("503 service unavailable overloaded", "GATEWAY_OVERLOADED"),
]


@pytest.mark.parametrize(("question", "code"), QUESTIONS)
def test_the_words_of_a_symptom_lead_to_the_article(question, code):
    found = [hit.article.code for hit in search_articles(list_articles(), question)[:2]]
    assert code in found


@pytest.mark.parametrize("article", list_articles(), ids=lambda article: article.code)
def test_an_article_is_found_by_its_own_title(article):
    found = [hit.article.code for hit in search_articles(list_articles(), article.title)[:2]]
    assert article.code in found


def test_a_code_finds_its_article_alone():
    assert ["CERT_EXPIRED"] == [hit.article.code for hit in search_articles(list_articles(), "cert_expired")]
    assert ["MTLS_EXPIRED"] == [hit.article.code for hit in search_articles(list_articles(), "CLIENT_CERT_EXPIRED")]


def test_an_article_with_all_words_goes_before_those_that_lack_one():
    hits = search_articles(list_articles(), "distribution invalidation")
    body = hits[0].article.body.lower()
    assert "distribution" in body
    assert "invalidation" in body


@pytest.mark.parametrize("question", ["", "the", "xylophone", "…"])
def test_what_nobody_speaks_of_finds_nothing(question):
    assert () == search_articles(list_articles(), question)


@pytest.mark.parametrize(
    "words",
    [
        "expired expires expire expiry",
        "throttle throttled throttling",
        "certificate certificates",
        "policy policies",
        "mismatch mismatched mismatches",
        "deployed deploying deploys deploy",
    ],
)
def test_forms_of_one_word_have_one_stem(words):
    assert 1 == len(set(stem_words(words)))


def test_words_that_say_nothing_are_left_out():
    assert [] == list(stem_words("what is the"))
    assert ["dns"] == list(stem_words("Why is my DNS?"))
