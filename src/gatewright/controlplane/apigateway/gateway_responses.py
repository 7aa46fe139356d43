"""Gateway responses of a REST API: what the gateway says when it answers itself (facts 2.6).

Only what an owner put is stored; everything else is worked out by `gatewright.core.responses`. All of it is live with
the next deployment.
"""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, not_found
from gatewright.core.responses.gateway_response_types import GATEWAY_RESPONSE_TYPES, select_gateway_response
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.gateway_response import (
    TABLE,
    check_response_parameter,
    check_response_template,
)
from gatewright.model.records import GatewayResponse


def put_gateway_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The type is customised with exactly this; what an earlier call put and this one leaves out is gone (R)."""
    api = require_rest_api(call, params["restApiId"])
    response = GatewayResponse(
        account=call.account,
        region=call.region,
        api_id=api.id,
        response_type=params["responseType"],
        status_code=params.get("statusCode") or None,
        response_parameters=params.get("responseParameters") or {},
        response_templates=params.get("responseTemplates") or {},
    )
    try:
        for name, value in response.response_parameters.items():
            check_response_parameter(name, value)
        for content_type, template in response.response_templates.items():
            check_response_template(content_type, template)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused
    call.transaction.put(response)
    return _render(call, api.id, response.response_type)


def get_gateway_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one type answers with, customised or not."""
    api = require_rest_api(call, params["restApiId"])
    return _render(call, api.id, params["responseType"])


def get_gateway_responses(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What each type answers with: always all of them, on one page (facts 1.1)."""
    api = require_rest_api(call, params["restApiId"])
    customised = _customised(call, api.id)
    return {"items": [render_gateway_response(name, customised) for name in GATEWAY_RESPONSE_TYPES]}


def update_gateway_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The type is customised as the patch operations say; one that was not before begins with nothing (R)."""
    api = require_rest_api(call, params["restApiId"])
    name = params["responseType"]
    response = _customised(call, api.id).get(name) or GatewayResponse(call.account, call.region, api.id, name)
    changed = patched(response, params, TABLE)
    if changed != response:
        call.transaction.put(changed)
    return _render(call, api.id, name)


def delete_gateway_response(call: Call, params: Mapping[str, Any]) -> None:
    """The type answers as it was shipped, or as its class does."""
    api = require_rest_api(call, params["restApiId"])
    response = _customised(call, api.id).get(params["responseType"])
    if response is None:
        raise not_found("Gateway response type not defined on api")
    call.transaction.delete(response)


def render_gateway_response(name: str, customised: Mapping[str, GatewayResponse]) -> dict[str, Any]:
    """The members of `GatewayResponse` for the type called `name`."""
    effective = select_gateway_response(name, customised)
    return {
        "responseType": name,
        "statusCode": effective.status_code,
        "responseParameters": dict(effective.response_parameters),
        "responseTemplates": dict(effective.response_templates),
        "defaultResponse": effective.default,
    }


def _render(call: Call, api_id: str, name: str) -> dict[str, Any]:
    return render_gateway_response(name, _customised(call, api_id))


def _customised(call: Call, api_id: str) -> dict[str, GatewayResponse]:
    stored = call.transaction.list_under(GatewayResponse, call.account, call.region, api_id)
    return {response.response_type: response for response in stored}
