import pytest

from gatewright.core.errors import GatewayError
from gatewright.core.integration.templates import Templates, is_literal, media_type_of, select_media_type
from support.exchange import make_context, make_method


@pytest.mark.parametrize(
    ("template", "literal"),
    [
        ('{"statusCode": 200}', True),
        ("costs $5, or # 6", True),
        ("$input.body", False),
        ("${context.requestId}", False),
        ("$!x", False),
        ("#if($x)a#end", False),
        ("a ## comment", False),
        ("#* comment *#", False),
        ("#[[raw]]#", False),
        ("#{if}(true)x#end", False),
    ],
)
def test_a_template_that_velocity_would_change_is_told_apart(template, literal):
    assert literal == is_literal(template)


def test_a_template_that_needs_velocity_is_refused_and_never_answered_wrongly():
    templates = Templates({"application/json": "$input.body", "text/plain": None})
    with pytest.raises(GatewayError) as refused:
        templates.render("application/json", make_context(method=make_method("/x")))
    assert "INTEGRATION_NOT_SERVED" == refused.value.reason.code
    assert "" == templates.render("text/plain", make_context())


def test_templates_are_true_when_there_are_any():
    assert (False, True) == (bool(Templates(None)), bool(Templates({"a/b": "x"})))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "application/json"),
        (b"", "application/json"),
        (b"Text/Plain ; charset=x", "text/plain"),
        (b";", "application/json"),
    ],
)
def test_the_media_type_is_taken_without_parameters(header, expected):
    assert expected == media_type_of(header)


def test_no_template_is_no_choice():
    assert None is select_media_type({}, b"text/html")
