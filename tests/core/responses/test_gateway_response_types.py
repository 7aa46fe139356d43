"""Gateway response types: the shipped table, and who inherits what."""

from dataclasses import dataclass, field

import pytest
from botocore.loaders import Loader

from gatewright.core import reasons
from gatewright.core.responses.gateway_response_types import (
    DEFAULT_TEMPLATES,
    GATEWAY_RESPONSE_TYPES,
    select_gateway_response,
)


@dataclass(frozen=True)
class Put:
    status_code: str | None = None
    response_parameters: dict[str, str] = field(default_factory=dict)
    response_templates: dict[str, str] = field(default_factory=dict)


TEAPOT = Put("418", {"gatewayresponse.header.x": "'y'"}, {"application/json": "{}"})


def test_the_table_has_exactly_the_types_of_the_service_model():
    model = Loader().load_service_model("apigateway", "service-2")
    assert set(model["shapes"]["GatewayResponseType"]["enum"]) == set(GATEWAY_RESPONSE_TYPES)


def test_every_reason_names_a_type_of_the_table():
    named = {it.response_type for it in vars(reasons).values() if isinstance(it, reasons.Reason)}
    assert set() == named - set(GATEWAY_RESPONSE_TYPES)
    assert named


@pytest.mark.parametrize("name", [name for name in GATEWAY_RESPONSE_TYPES if not name.startswith("DEFAULT_")])
def test_an_uncustomised_type_has_its_own_status_and_the_plain_template(name):
    effective = select_gateway_response(name, {})
    assert str(GATEWAY_RESPONSE_TYPES[name].status) == effective.status_code
    assert DEFAULT_TEMPLATES == effective.response_templates
    assert {} == effective.response_parameters
    assert effective.default


def test_a_class_type_has_no_status_until_it_is_given_one():
    assert select_gateway_response("DEFAULT_5XX", {}).status_code is None
    assert "418" == select_gateway_response("DEFAULT_5XX", {"DEFAULT_5XX": TEAPOT}).status_code


def test_a_type_inherits_from_its_class_and_not_from_the_other():
    customised = {"DEFAULT_4XX": TEAPOT}
    inherited = select_gateway_response("THROTTLED", customised)
    assert ("418", TEAPOT.response_parameters, TEAPOT.response_templates, True) == (
        inherited.status_code,
        inherited.response_parameters,
        inherited.response_templates,
        inherited.default,
    )
    assert select_gateway_response("INTEGRATION_TIMEOUT", {}) == select_gateway_response(
        "INTEGRATION_TIMEOUT", customised
    )


def test_a_class_without_a_status_leaves_each_type_its_own():
    inherited = select_gateway_response("THROTTLED", {"DEFAULT_4XX": Put(response_templates={"text/plain": "no"})})
    assert ("429", {"text/plain": "no"}) == (inherited.status_code, inherited.response_templates)


def test_what_a_customised_type_left_out_is_its_own_default_and_not_its_class_s():
    own = select_gateway_response("AUTHORIZER_FAILURE", {"AUTHORIZER_FAILURE": Put(), "DEFAULT_5XX": TEAPOT})
    assert ("500", {}, DEFAULT_TEMPLATES, False) == (
        own.status_code,
        own.response_parameters,
        own.response_templates,
        own.default,
    )
