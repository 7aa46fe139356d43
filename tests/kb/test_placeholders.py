from gatewright.kb import find_article
from gatewright.kb.placeholders import PLACEHOLDERS, find_placeholders


def test_an_article_has_the_placeholders_of_its_commands_and_files():
    found = find_placeholders(find_article("DNS_MISSING"))
    assert {"HOSTED_ZONE_ID", "api.example.com"} <= set(found)
    assert PLACEHOLDERS["HOSTED_ZONE_ID"] == found["HOSTED_ZONE_ID"]


def test_a_placeholder_that_is_part_of_another_is_not_meant():
    found = find_placeholders(find_article("IDENTITY_POLICY_SILENT"))
    assert "ACCOUNT_ID" in found
    assert "CALLER_ACCOUNT_ID" not in found


def test_prose_needs_no_explanation():
    """`API_ID.execute-api…` stands in a sentence there, and in no command."""
    article = find_article("DNS_POINTS_TO_STAGE_URL")
    assert "API_ID" in article.body
    assert "API_ID" not in find_placeholders(article)
