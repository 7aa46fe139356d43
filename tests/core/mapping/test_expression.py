"""Examples of the developer guide's data mapping reference, and what falls outside its grammar."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.mapping.expression import (
    MappingExpression,
    MappingKey,
    parse_mapping_expression,
    parse_mapping_key,
)


@pytest.mark.parametrize(
    ("text", "kind", "location", "name"),
    [
        ("method.request.header.Accept", "method.request", "header", "Accept"),
        ("method.request.querystring.page", "method.request", "querystring", "page"),
        ("method.request.path.proxy", "method.request", "path", "proxy"),
        ("method.request.multivalueheader.X-A", "method.request", "multivalueheader", "X-A"),
        ("method.request.multivaluequerystring.type", "method.request", "multivaluequerystring", "type"),
        ("method.request.header.a.b", "method.request", "header", "a.b"),
        ("method.request.body", "method.request", "body", ""),
        ("method.request.body.pets[0].name", "method.request", "body", "pets[0].name"),
        ("integration.response.header.Location", "integration.response", "header", "Location"),
        ("integration.response.multivalueheader.Set-Cookie", "integration.response", "multivalueheader", "Set-Cookie"),
        ("integration.response.body", "integration.response", "body", ""),
        ("integration.response.body.redirect.url", "integration.response", "body", "redirect.url"),
        ("context.identity.sourceIp", "context", None, "identity.sourceIp"),
        ("context.authorizer.claims.cognito:username", "context", None, "authorizer.claims.cognito:username"),
        ("stageVariables.my_host", "stageVariables", None, "my_host"),
        ("'*'", "static", None, "*"),
        ("''", "static", None, ""),
        ("'it's'", "static", None, "it's"),
    ],
)
def test_an_expression_names_its_source(text, kind, location, name):
    assert MappingExpression(kind, location, name) == parse_mapping_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "true",
        "'",
        "'open",
        "*",
        "method.request.header",
        "method.request.header.",
        "method.request.header.a b",
        "method.request.querystring.filter[a]",
        "method.request.cookie.a",
        "method.request.body.",
        "method.requestXheader.a",
        "Method.Request.Header.a",
        "integration.response.querystring.a",
        "integration.request.header.a",
        "context",
        "context.",
        "stageVariables.a.b",
        "method.request.header.a\n",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="is no mapping expression"):
        parse_mapping_expression(text)


@pytest.mark.parametrize(
    ("key", "kind", "location", "name"),
    [
        ("method.request.path.petId", "method.request", "path", "petId"),
        ("integration.request.header.X-Pet", "integration.request", "header", "X-Pet"),
        ("integration.request.querystring.q", "integration.request", "querystring", "q"),
        ("method.response.header.Location", "method.response", "header", "Location"),
        (
            "gatewayresponse.header.Access-Control-Allow-Origin",
            "gatewayresponse",
            "header",
            "Access-Control-Allow-Origin",
        ),
    ],
)
def test_a_key_names_a_parameter(key, kind, location, name):
    assert MappingKey(kind, location, name) == parse_mapping_key(key)


@pytest.mark.parametrize(
    "key",
    ["", "true", "X-Pet", "method.response.querystring.a", "integration.request.body", "integration.response.header.a"],
)
def test_what_cannot_be_set_is_no_key(key):
    with pytest.raises(ValueError, match="names no parameter"):
        parse_mapping_key(key)


def test_the_source_is_the_expression_without_its_name():
    assert "method.request.header" == parse_mapping_expression("method.request.header.A").source
    assert "context" == parse_mapping_expression("context.stage").source
    assert "static" == parse_mapping_expression("'x'").source


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_every_quoted_text_is_static(text):
    assert MappingExpression("static", None, text) == parse_mapping_expression(f"'{text}'")
