"""Method responses: the statuses that a method declares, with their headers and models."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.controlplane.apigateway.mappings import check_declared
from gatewright.controlplane.apigateway.model_references import check_models
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.resource_lookup import require_method, require_resource, store_method
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import conflict, not_found
from gatewright.model.patch_tables.method_response import TABLE
from gatewright.model.records import Method, MethodResponse, Resource


def put_method_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new response of a method; one that exists has to be deleted or updated."""
    resource, method = _find(call, params)
    status = params["statusCode"]
    if status in method.method_responses:
        raise conflict("Response already exists for this resource")  # R (published by users of Terraform)
    response = MethodResponse(status, params.get("responseParameters"), params.get("responseModels"))
    _check(call, resource.api_id, response)
    _store(call, resource, method, {**method.method_responses, status: response})
    return render_method_response(response)


def get_method_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One response of a method."""
    _, method = _find(call, params)
    return render_method_response(_require(method, params["statusCode"]))


def update_method_response(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The response after the patch operations."""
    resource, method = _find(call, params)
    response = patched(_require(method, params["statusCode"]), params, TABLE)
    _check(call, resource.api_id, response)
    _store(call, resource, method, {**method.method_responses, response.status_code: response})
    return render_method_response(response)


def delete_method_response(call: Call, params: Mapping[str, Any]) -> None:
    """The response is gone."""
    resource, method = _find(call, params)
    response = _require(method, params["statusCode"])
    rest = {status: each for status, each in method.method_responses.items() if status != response.status_code}
    _store(call, resource, method, rest)


def render_method_response(response: MethodResponse) -> dict[str, Any]:
    """The response in the service's member names."""
    return {
        "statusCode": response.status_code,
        "responseParameters": response.response_parameters,
        "responseModels": response.response_models,
    }


def _find(call: Call, params: Mapping[str, Any]) -> tuple[Resource, Method]:
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    return resource, require_method(resource, params["httpMethod"])


def _require(method: Method, status: str) -> MethodResponse:
    response = method.method_responses.get(status)
    if response is None:
        raise not_found("Invalid Response status code specified")  # R
    return response


def _check(call: Call, api_id: str, response: MethodResponse) -> None:
    check_declared(response.response_parameters or {}, "method.response")
    check_models(call, api_id, response.response_models)


def _store(call: Call, resource: Resource, method: Method, responses: Mapping[str, MethodResponse]) -> None:
    store_method(call, resource, replace(method, method_responses=responses))
