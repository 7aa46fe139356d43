"""Methods: what a client may call on a resource. A method lies within its resource's record.

Its responses and its integration have modules of their own; `render_method` shows all of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.apigateway.http_methods import check_http_method
from gatewright.controlplane.apigateway.integrations import render_integration
from gatewright.controlplane.apigateway.mappings import check_declared
from gatewright.controlplane.apigateway.method_responses import render_method_response
from gatewright.controlplane.apigateway.model_references import check_models
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.resource_lookup import require_method, require_resource, store_method
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, conflict
from gatewright.core.mapping.expression import parse_mapping_key
from gatewright.model.patch_tables.method import TABLE
from gatewright.model.records import Authorizer, Method, RequestValidator

#: M: the documentation of PutMethod's authorizationType; the model itself has no enumeration.
_AUTHORIZATION_TYPES: Final = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
#: Which types of authorizer a method of that authorization type can have.
_BY_AUTHORIZER: Final[Mapping[str, tuple[str, ...]]] = {
    "CUSTOM": ("TOKEN", "REQUEST"),
    "COGNITO_USER_POOLS": ("COGNITO_USER_POOLS",),
}


def put_method(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new method of a resource; one that exists has to be deleted or updated."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    verb = check_http_method(params["httpMethod"])
    if verb in resource.resource_methods:
        raise conflict("Method already exists for this resource")  # R (published by users of the CLI)
    method = _checked(
        call,
        resource.api_id,
        Method(
            http_method=verb,
            authorization_type=params["authorizationType"],
            authorizer_id=params.get("authorizerId") or None,
            api_key_required=params.get("apiKeyRequired") or False,
            request_validator_id=params.get("requestValidatorId") or None,
            operation_name=params.get("operationName") or None,
            request_parameters=params.get("requestParameters"),
            request_models=params.get("requestModels"),
            authorization_scopes=tuple(params.get("authorizationScopes") or ()),
        ),
    )
    store_method(call, resource, method)
    return render_method(method)


def get_method(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One method with its responses and integration."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    return render_method(require_method(resource, params["httpMethod"]))


def update_method(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The method after the patch operations."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = patched(require_method(resource, params["httpMethod"]), params, TABLE)
    method = _checked(call, resource.api_id, method)
    store_method(call, resource, method)
    return render_method(method)


def delete_method(call: Call, params: Mapping[str, Any]) -> None:
    """The method is gone, its responses and integration too."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = require_method(resource, params["httpMethod"])
    rest = {verb: each for verb, each in resource.resource_methods.items() if verb != method.http_method}
    call.transaction.put(replace(resource, resource_methods=rest))


def render_method(method: Method) -> dict[str, Any]:
    """The method in the service's member names, whole."""
    integration = method.method_integration
    responses = {
        status: render_method_response(response) for status, response in sorted(method.method_responses.items())
    }
    return {
        "httpMethod": method.http_method,
        "authorizationType": method.authorization_type,
        "authorizerId": method.authorizer_id,
        "apiKeyRequired": method.api_key_required,
        "requestValidatorId": method.request_validator_id,
        "operationName": method.operation_name,
        "requestParameters": method.request_parameters,
        "requestModels": method.request_models,
        "methodResponses": responses or None,
        "methodIntegration": None if integration is None else render_integration(integration),
        "authorizationScopes": list(method.authorization_scopes) or None,
    }


def _checked(call: Call, api_id: str, method: Method) -> Method:
    """The method as it is stored, or the service's refusal; the order of the checks is that of facts 1.4 (R)."""
    method = _with_authorization(call, api_id, method)
    validator = method.request_validator_id
    if validator and call.transaction.get(RequestValidator, call.account, call.region, api_id, validator) is None:
        raise bad_request("Invalid Request Validator identifier specified")
    check_models(call, api_id, method.request_models)
    names = method.request_parameters or {}
    check_declared(names, "method.request")
    if len({parse_mapping_key(each).name for each in names}) < len(names):
        raise bad_request("Parameter names must be unique across querystring, header and path")
    return method


def _with_authorization(call: Call, api_id: str, method: Method) -> Method:
    """R: an authorizer's id is forgotten where the authorization type has no authorizer, and must be valid otherwise."""
    if method.authorization_type not in _AUTHORIZATION_TYPES:
        # Guess: worded as the sentence about verbs is.
        raise bad_request(f"Invalid authorization type specified. Valid options are {','.join(_AUTHORIZATION_TYPES)}")
    types = _BY_AUTHORIZER.get(method.authorization_type)
    if types is None:
        return replace(method, authorizer_id=None)
    authorizer = call.transaction.get(Authorizer, call.account, call.region, api_id, method.authorizer_id or "")
    if authorizer is None or authorizer.type not in types:
        raise bad_request(
            "Invalid authorizer ID specified. "
            "Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
        )
    return method
