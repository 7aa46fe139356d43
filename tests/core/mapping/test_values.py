import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.mapping.expression import parse_mapping_expression
from gatewright.core.mapping.values import (
    compile_request_source,
    compile_response_source,
    encode_header_value,
    parse_query,
    read_json_path,
)
from support.exchange import REQUEST_ID, make_context, make_request, make_stage

REQUEST = make_request(
    "POST",
    "/pets/7?a=1&a=2;b=%20x+y&=z&c",
    [("X-One", "1"), ("x-one", "2"), ("Other", "o")],
    b'{"pets":[{"name":"Rex","age":3}],"n":null,"t":true,"f":1.5,"o":{"k":"\xc3\xa9"}}',
)


def value(expression, request=REQUEST, **facts):
    return compile_request_source(parse_mapping_expression(expression))(make_context(request, **facts))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'static'", "static"),
        ("''", ""),
        ("context.requestId", REQUEST_ID),
        ("context.unknown", None),
        ("stageVariables.colour", "red"),
        ("stageVariables.none", None),
        ("method.request.header.X-ONE", "2"),
        ("method.request.multivalueheader.x-one", "1,2"),
        ("method.request.header.none", None),
        ("method.request.querystring.a", "2"),  # recorded: the last value
        ("method.request.multivaluequerystring.a", "1,2"),
        ("method.request.querystring.b", " x y"),
        ("method.request.querystring.c", ""),
        ("method.request.querystring.A", None),  # names are case-sensitive
        ("method.request.path.id", "7"),
        ("method.request.path.none", None),
        ("method.request.body.pets[0].name", "Rex"),
        ("method.request.body.pets[0].age", "3"),
        ("method.request.body.pets[0]", '{"name":"Rex","age":3}'),
        ("method.request.body.pets[1]", None),
        ("method.request.body.pets.name", None),
        ("method.request.body.n", None),
        ("method.request.body.t", "true"),
        ("method.request.body.f", "1.5"),
        ("method.request.body.o['k']", "é"),
        ("method.request.body.o", '{"k":"é"}'),
        ("integration.response.header.X", None),
    ],
)
def test_the_value_of_a_request_expression(expression, expected):
    assert expected == value(expression, path_parameters={"id": "7"}, stage=make_stage(variables={"colour": "red"}))


def test_a_whole_body_is_text_and_what_is_no_json_has_no_parts():
    assert "\ufffd" == value("method.request.body", make_request(body=b"\xff"))
    assert None is value("method.request.body.a", make_request(body=b"\xff"))
    assert None is value("method.request.body.a", make_request(body=b"[" * 200_000))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("integration.response.header.X-B", "2"),
        ("integration.response.multivalueheader.x-b", "1,2"),
        ("integration.response.header.none", None),
        ("integration.response.body", '{"a":[1]}'),
        ("integration.response.body.a", "[1]"),
        ("context.requestId", REQUEST_ID),
        ("'x'", "x"),
    ],
)
def test_the_value_of_a_response_expression(expression, expected):
    headers = [(b"x-b", b"X-B", b"1"), (b"x-b", b"X-B", b"2")]
    source = compile_response_source(parse_mapping_expression(expression))
    assert expected == source(make_context(), headers, b'{"a":[1]}')


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a", [("a", "")]),
        ("a=1=2&&b=", [("a", "1=2"), ("b", "")]),
        ("a;b=1", [("a", ""), ("b", "1")]),
        ("%61=%62+%63", [("a", "b c")]),
        ("a=%zz%ff", [("a", "%zz\ufffd")]),
    ],
)
def test_a_query_is_divided_and_decoded(query, pairs):
    assert pairs == parse_query(query)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("$.a.b", 1), ("a['b']", 1), ("$", {"a": {"b": 1}}), ("a.c", None), ("a[0]", None), ("a.b.c", None)],
)
def test_a_json_path_leads_somewhere_or_nowhere(path, expected):
    assert expected == read_json_path({"a": {"b": 1}}, path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a\tb ", b"a\tb"),
        ("", b""),
        ("é", b"\xe9"),
        ("€", "€".encode()),
        ("\ud800", b"?"),
        ("a\r\nb", None),
        ("a\nb", None),
        ("\0", None),
        ("\x7f", None),
        ("\x1b", None),
    ],
)
def test_a_header_value_or_none(text, expected):
    assert expected == encode_header_value(text)


@given(st.text(st.characters()))
@settings(max_examples=200)
def test_no_header_value_holds_a_control_character(text):
    encoded = encode_header_value(text)
    assert encoded is None or not any((byte < 0x20 and byte != 9) or byte == 0x7F for byte in encoded)
