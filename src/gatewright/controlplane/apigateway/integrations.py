"""Integrations: the call behind a method. An integration lies within its method, in the resource's record.

PutIntegration replaces what was there; the checks of a new integration also hold for a patched one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.apigateway.http_methods import check_http_method
from gatewright.controlplane.apigateway.integration_responses import render_integration_response
from gatewright.controlplane.apigateway.mappings import check_content_types, check_request_mappings
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.resource_lookup import (
    require_integration,
    require_method,
    require_resource,
    store_method,
)
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.integration_uri import check_http_uri, check_service_uri, is_lambda_uri
from gatewright.model.patch_tables.integration import (
    LONGEST_TIMEOUT,
    SHORTEST_TIMEOUT,
    TABLE,
    longest_timeout,
    read_template,
    timeout_refusal,
)
from gatewright.model.records import Integration, Method

_HTTP_TYPES: Final = ("HTTP", "HTTP_PROXY")
_PROXY_TYPES: Final = ("HTTP_PROXY", "AWS_PROXY")
_PASSTHROUGH_BEHAVIORS: Final = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")
_CONTENT_HANDLINGS: Final = ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")
_STAGE_VARIABLE: Final = "${stageVariables."


def put_integration(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The integration of a method, in place of an earlier one.

    Guess: the earlier one's responses go with it; no recorded answer tells.
    """
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = require_method(resource, params["httpMethod"])
    templates = params.get("requestTemplates")
    timeout = params.get("timeoutInMillis")
    tls = params.get("tlsConfig") or {}
    mock = params["type"] == "MOCK"
    integration = Integration(
        type=params["type"],
        # R: MOCK shows no uri even if it was given one. Guess: nor a method.
        http_method=None if mock else params.get("integrationHttpMethod"),
        uri=None if mock else params.get("uri"),
        connection_type=params.get("connectionType") or ("INTERNET" if params["type"] in _HTTP_TYPES else None),
        connection_id=params.get("connectionId") or None,
        credentials=params.get("credentials") or None,
        request_parameters=params.get("requestParameters"),
        request_templates=None if templates is None else {key: read_template(text) for key, text in templates.items()},
        passthrough_behavior=params.get("passthroughBehavior") or "WHEN_NO_MATCH",
        content_handling=params.get("contentHandling"),
        timeout_in_millis=LONGEST_TIMEOUT if timeout is None else timeout,
        cache_namespace=params.get("cacheNamespace") or resource.id,
        cache_key_parameters=tuple(params.get("cacheKeyParameters") or ()),
        insecure_skip_verification=tls.get("insecureSkipVerification"),
        response_transfer_mode=params.get("responseTransferMode"),
        integration_target=params.get("integrationTarget") or None,
    )
    _check(integration, method)
    store_method(call, resource, replace(method, method_integration=integration))
    return render_integration(integration)


def get_integration(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The integration of a method."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    return render_integration(require_integration(require_method(resource, params["httpMethod"])))


def update_integration(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The integration after the patch operations."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = require_method(resource, params["httpMethod"])
    integration = patched(require_integration(method), params, TABLE)
    _check(integration, method)
    store_method(call, resource, replace(method, method_integration=integration))
    return render_integration(integration)


def delete_integration(call: Call, params: Mapping[str, Any]) -> None:
    """The method has no integration any more, nor its responses."""
    resource = require_resource(call, params["restApiId"], params["resourceId"])
    method = require_method(resource, params["httpMethod"])
    require_integration(method)
    store_method(call, resource, replace(method, method_integration=None))


def render_integration(integration: Integration) -> dict[str, Any]:
    """The integration in the service's member names, with its responses."""
    responses = {
        status: render_integration_response(response)
        for status, response in sorted(integration.integration_responses.items())
    }
    tls = integration.insecure_skip_verification
    return {
        "type": integration.type,
        "httpMethod": integration.http_method,
        "uri": integration.uri,
        "connectionType": integration.connection_type,
        "connectionId": integration.connection_id,
        "credentials": integration.credentials,
        "requestParameters": integration.request_parameters,
        "requestTemplates": integration.request_templates,
        "passthroughBehavior": integration.passthrough_behavior,
        "contentHandling": integration.content_handling,
        "timeoutInMillis": integration.timeout_in_millis,
        "cacheNamespace": integration.cache_namespace,
        "cacheKeyParameters": list(integration.cache_key_parameters),
        "integrationResponses": responses or None,
        "tlsConfig": None if tls is None else {"insecureSkipVerification": tls},
        "responseTransferMode": integration.response_transfer_mode,
        "integrationTarget": integration.integration_target,
    }


def _check(integration: Integration, method: Method) -> None:
    """Refuses what the service refuses. R: the verb is looked at before the URI."""
    if integration.type != "MOCK":
        check_http_method(integration.http_method)
        _check_uri(integration)
    _check_connection(integration)
    _check_timeout(integration)
    _check_choices(integration)
    check_request_mappings(integration.request_parameters or {}, method)
    check_content_types(integration.request_templates or {})


def _check_uri(integration: Integration) -> None:
    uri = integration.uri or ""
    try:
        if integration.type in _HTTP_TYPES:
            check_http_uri(uri)
        else:
            check_service_uri(uri, proxy=integration.type == "AWS_PROXY")
    except ValueError as error:
        raise bad_request(str(error)) from error
    if integration.type == "AWS" and not integration.credentials and not is_lambda_uri(uri):
        raise bad_request("Role ARN must be specified for AWS integrations")  # C


def _check_connection(integration: Integration) -> None:
    """A VPC link is named by a stage variable, or exists; none can be created so far. Guess: the first two sentences."""
    kind, identifier = integration.connection_type, integration.connection_id
    if kind not in (None, "INTERNET", "VPC_LINK"):
        raise bad_request("Invalid connectionType specified. Valid options are INTERNET,VPC_LINK")
    if kind != "VPC_LINK":
        return
    if not identifier:
        raise bad_request("connectionId must be specified for connectionType VPC_LINK")
    if not identifier.startswith(_STAGE_VARIABLE):
        raise not_found("Invalid Vpc Link identifier specified")  # R, of GetVpcLink


def _check_timeout(integration: Integration) -> None:
    mode = integration.response_transfer_mode
    if not SHORTEST_TIMEOUT <= integration.timeout_in_millis <= longest_timeout(mode):
        raise bad_request(timeout_refusal(mode))


def _check_choices(integration: Integration) -> None:
    """What the model leaves open, or a patch may have set. Guess: the sentences."""
    if integration.passthrough_behavior not in _PASSTHROUGH_BEHAVIORS:
        raise bad_request(
            f"Invalid passthroughBehavior specified. Valid options are {','.join(_PASSTHROUGH_BEHAVIORS)}"
        )
    if integration.content_handling not in (None, *_CONTENT_HANDLINGS):
        raise bad_request(f"Invalid contentHandling specified. Valid options are {','.join(_CONTENT_HANDLINGS)}")
    mode = integration.response_transfer_mode
    if mode not in (None, "BUFFERED", "STREAM"):
        raise bad_request("Invalid responseTransferMode specified. Valid options are BUFFERED,STREAM")
    if mode == "STREAM" and integration.type not in _PROXY_TYPES:
        # D (facts 7.2)
        raise bad_request("responseTransferMode STREAM is only supported for HTTP_PROXY and AWS_PROXY integrations")
