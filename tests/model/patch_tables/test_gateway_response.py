"""UpdateGatewayResponse's patch table, and what may become a header of the gateway's own answer."""

import pytest

from gatewright.model.patch import PatchOperation, PatchRefused, apply_patch
from gatewright.model.patch_tables.gateway_response import (
    TABLE,
    check_response_parameter,
)
from gatewright.model.records import GatewayResponse

RESPONSE = GatewayResponse(
    "000000000000",
    "us-east-1",
    "api0000000",
    "THROTTLED",
    "429",
    {"gatewayresponse.header.x": "'y'"},
    {"application/json": "{}"},
)


def patch(op, path, value=None):
    return apply_patch(RESPONSE, [PatchOperation(op, path, value)], TABLE)


def test_a_status_is_replaced_and_given_back():
    assert "503" == patch("replace", "/statusCode", "503").status_code
    assert patch("replace", "/statusCode", None).status_code is None


def test_entries_are_added_replaced_and_removed():
    header = "/responseParameters/gatewayresponse.header.x"
    assert {"gatewayresponse.header.x": "context.requestId"} == patch(
        "replace", header, "context.requestId"
    ).response_parameters
    assert {} == patch("remove", header).response_parameters
    assert {"application/json": "{}", "text/xml": "<a/>"} == patch(
        "add", "/responseTemplates/text~1xml", "<a/>"
    ).response_templates
    assert {} == patch("remove", "/responseTemplates/application~1json").response_templates


@pytest.mark.parametrize("path", ["/responseParameters/gatewayresponse.header.z", "/responseTemplates/text~1xml"])
def test_what_is_not_there_cannot_be_removed(path):
    with pytest.raises(PatchRefused, match="Invalid parameter name specified") as refused:
        patch("remove", path)
    assert "NotFoundException" == refused.value.code


@pytest.mark.parametrize(
    "value",
    [
        "'*'",
        "'it''s'",
        "method.request.header.Origin",
        "method.request.querystring.q",
        "method.request.path.id",
        "context.requestId",
        "stageVariables.color",
    ],
)
def test_a_header_has_a_value_that_the_gateway_knows(value):
    check_response_parameter("gatewayresponse.header.Access-Control-Allow-Origin", value)


@pytest.mark.parametrize(
    ("name", "value", "culprit"),
    [
        ("gatewayresponse.header.x", "*", "*"),
        ("gatewayresponse.header.x", "integration.response.header.y", "integration.response.header.y"),
        ("gatewayresponse.header.x", "method.request.body", "method.request.body"),
        ("method.response.header.x", "'y'", "method.response.header.x"),
        ("gatewayresponse.body", "'y'", "gatewayresponse.body"),
    ],
)
def test_anything_else_is_no_mapping_expression(name, value, culprit):
    with pytest.raises(PatchRefused) as refused:
        check_response_parameter(name, value)
    assert (
        "Invalid mapping expression specified: Validation Result: warnings : [], "
        f"errors : [Invalid mapping expression specified: {culprit}]"
    ) == refused.value.message


@pytest.mark.parametrize("status", ["99", "600", "4xx", "0404"])
def test_a_status_code_is_an_http_status(status):
    with pytest.raises(PatchRefused, match="Invalid status code specified"):
        patch("replace", "/statusCode", status)


@pytest.mark.parametrize("nothing", ["", None])
@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/responseParameters/gatewayresponse.header.x", "responseParameters"),
        ("/responseTemplates/application~1json", "responseTemplates"),
    ],
)
def test_an_entry_is_never_replaced_by_nothing(path, member, nothing):
    with pytest.raises(PatchRefused, match=f"Invalid null or empty value in {member}"):
        patch("replace", path, nothing)
