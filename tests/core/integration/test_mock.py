import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import ResponseMapping
from gatewright.core.integration.mock import MockIntegration, answer_mock, parse_mock_status
from gatewright.core.integration.templates import Templates
from support.exchange import make_context, make_request


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"statusCode": 200}', 200),
        ('{"statusCode": "404"}', 404),
        ("{statusCode: 200}", 200),
        ("{'statusCode': 503, 'x': 1}", 503),
        (' { statusCode : "201" } ', 201),
        ('{"statusCode": 99}', None),
        ('{"statusCode": 600}', None),
        ('{"statusCode": 200.0}', None),
        ('{"statusCode": true}', None),
        ('{"statusCode": "2e2"}', None),
        ('{"statusCode": "' + "1" * 5_000 + '"}', None),
        ('{"x": 200}', None),
        ("[200]", None),
        ("", None),
        ("statusCode: 200", None),
        ("[" * 100_000, None),
    ],
)
def test_the_status_that_a_template_asks_for(text, status):
    assert status == parse_mock_status(text)


@given(st.text())
@settings(max_examples=100)
def test_any_text_names_a_status_or_none(text):
    status = parse_mock_status(text)
    assert status is None or 100 <= status <= 599


OK = (ResponseMapping(200, None, (), Templates(None), declared=True),)


def answer(templates=None, body=b"", responses=OK, **how):
    request = make_request("POST", "/", {"Content-Type": "application/json"}, body)
    integration = MockIntegration(Templates(templates), how.get("passthrough", "WHEN_NO_MATCH"), responses)
    return answer_mock(integration, request, make_context(request))


def test_without_a_template_the_request_names_the_status_and_the_body_is_empty():
    response = answer(body=b'{"statusCode": 200}')
    assert (200, [(b"Content-Type", b"application/json")], b"") == (response.status, response.headers, response.body)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"templates": {"application/json": "{}"}}, "MOCK_WITHOUT_STATUS"),
        ({"templates": {"application/json": '{"statusCode":200}'}, "responses": ()}, "NO_OUTPUT_MAPPING"),
        ({"passthrough": "NEVER"}, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_mock_that_cannot_answer_says_why(how, code):
    with pytest.raises(GatewayError) as refused:
        answer(**how)
    assert code == refused.value.reason.code


def test_a_mock_shows_how_many_responses_it_has():
    assert "<MOCK with 0 responses>" == repr(MockIntegration(Templates(None), "NEVER", ()))
