"""Identity sources: what can be one, what they read, and what stands for them in memory."""

import pytest

from gatewright.core.authorizers.identity import digest_identity, parse_identity_sources, read_identity
from support.exchange import make_context, make_request, make_stage


def test_the_sources_of_a_list_in_their_order():
    text = "method.request.header.X-Token, method.request.querystring.tenant,context.httpMethod,stageVariables.v"
    sources = parse_identity_sources(text)
    assert ["header", "querystring", "context", "stageVariables"] == [source.location for source in sources]
    request = make_request("GET", "/?tenant=a&tenant=b", {"x-token": "t"})
    context = make_context(request, stage=make_stage(variables={"v": ""}))
    assert [
        ("method.request.header.X-Token", "t"),
        ("method.request.querystring.tenant", "b"),
        ("context.httpMethod", "GET"),
        ("stageVariables.v", None),
    ] == read_identity(sources, context)


def test_no_text_has_no_sources():
    assert () == parse_identity_sources(" ")


@pytest.mark.parametrize(
    "text", ["method.request.path.id", "method.request.body", "'static'", "x", ",", "integration.response.header.A"]
)
def test_what_can_be_none(text):
    with pytest.raises(ValueError, match="Invalid mapping expression specified"):
        parse_identity_sources(text)


def test_identities_that_only_look_alike_when_joined_are_two():
    assert digest_identity([("a", "1"), ("b", "23")]) != digest_identity([("a", "12"), ("b", "3")])
    assert digest_identity([("a", "1")]) == digest_identity([("a", "1")])
    assert digest_identity([("a", None)]) == digest_identity([("a", "")])
