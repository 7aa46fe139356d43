"""Integration responses: what a backend's answer becomes. They lie within the integration, in the resource's record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.apigateway.mappings import check_content_types, check_response_mappings
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.resource_lookup import (
    require_integration,
    require_method,
    require_resource,
    store_method,
)
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.patch_tables.integration import read_template
from gatewright.model.patch_tables.integration_response import TABLE
from gatewright.model.records import Integration, IntegrationResponse, Method, Resource

_CONTENT_HANDLINGS: Final = ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")


def put_integration_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The response of that status, in place of an earlier one (R)."""
    resource, method, integration = _find(call, params)
    templates = params.get("responseTemplates")
    response = IntegrationResponse(
        status_code=params["statusCode"],
        selection_pattern=params.get("selectionPattern"),
        response_parameters=params.get("responseParameters"),
        response_templates=(
            None if templates is None else {key: read_template(text) for key, text in templates.items()}
        ),
        content_handling=params.get("contentHandling"),
    )
    _check(response, method)
    _store(call, resource, method, {**integration.integration_responses, response.status_code: response})
    return render_integration_response(response)


def get_integration_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One response of an integration."""
    _, _, integration = _find(call, params)
    return render_integration_response(_require(integration, params["statusCode"]))


def update_integration_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The response after the patch operations."""
    resource, method, integration = _find(call, params)
    response = patched(_require(integration, params["statusCode"]), params, TABLE)
    _check(response, method)
    _store(call, resource, method, {**integration.integration_responses, response.status_code: response})
    return render_integration_response(response)


def delete_integration_response(call: Call, params: Mapping[str, Any]) -> None:
    """The response is gone."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = resource.resource_methods.get(params["httpMethod"])
    if method is None:
        # R: of a missing method, this call says that the integration is missing; Put and Get name the method.
        raise not_found("Invalid Integration identifier specified")
    integration = require_integration(method)
    response = _require(integration, params["statusCode"])
    rest = {
        status: each for status, each in integration.integration_responses.items() if status != response.status_code
    }
    _store(call, resource, method, rest)


def render_integration_response(response: IntegrationResponse) -> dict[str, Any]:
    """The response in the service's member names. An empty selection pattern is shown (R)."""
    return {
        "statusCode": response.status_code,
        "selectionPattern": response.selection_pattern,
        "responseParameters": response.response_parameters,
        "responseTemplates": response.response_templates,
        "contentHandling": response.content_handling,
    }


def _find(call: Call, params: Mapping[str, Any]) -> tuple[Resource, Method, Integration]:
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = require_method(resource, params["httpMethod"])
    return resource, method, require_integration(method)


def _require(integration: Integration, status: str) -> IntegrationResponse:
    response = integration.integration_responses.get(status)
    if response is None:
        raise not_found("Invalid Response status code specified")  # R
    return response


def _check(response: IntegrationResponse, method: Method) -> None:
    check_content_types(response.response_templates or {})
    check_response_mappings(response.response_parameters or {}, method.method_responses.get(response.status_code))
    if response.content_handling not in (None, *_CONTENT_HANDLINGS):
        # Guess: the sentence, for a patch; Put is held to the model's enumeration before.
        raise bad_request(f"Invalid contentHandling specified. Valid options are {','.join(_CONTENT_HANDLINGS)}")


def _store(call: Call, resource: Resource, method: Method, responses: Mapping[str, IntegrationResponse]) -> None:
    integration = replace(require_integration(method), integration_responses=responses)
    store_method(call, resource, replace(method, method_integration=integration))
