"""From the records that a deployment froze to what the data plane walks: a tree of resources with compiled methods.

What only a call of a method needs is compiled by its first call (`CompiledMethod`).

Compilation never fails. What cannot be served (a VPC link, an unreadable uri) becomes an `Unserved`
integration that says so when it is called, because one such method must not take the other methods of its API along.
"""

import re
from collections.abc import Mapping
from functools import partial

from gatewright.core.authorizers.authorizer import CompiledAuthorizer
from gatewright.core.authorizers.identity import parse_identity_sources
from gatewright.core.integration.http import HttpIntegration, RequestMappings, ResponseMapping
from gatewright.core.integration.invocation import FunctionName, parse_function_uri
from gatewright.core.integration.lambda_proxy import LambdaIntegration
from gatewright.core.integration.mock import MockIntegration
from gatewright.core.integration.templates import Templates
from gatewright.core.integration.uri import parse_uri, resolve_stage_variables
from gatewright.core.mapping.expression import MappingKey, parse_mapping_expression, parse_mapping_key
from gatewright.core.mapping.values import RequestSource, compile_request_source, compile_response_source
from gatewright.core.responses.gateway_response import CustomResponse
from gatewright.core.routing.resource_tree import ResourceTree, compile_resources
from gatewright.model.compiled_method import CompiledIntegration, CompiledMethod, Unserved
from gatewright.model.records import (
    Authorizer,
    DeployedApi,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    Resource,
    RestApi,
)


class CompiledApi:
    """A deployed API as one stage serves it."""

    __slots__ = (
        "api_id",
        "default_endpoint_disabled",
        "deployment_id",
        "endpoint_types",
        "gateway_responses",
        "resources",
        "strict",
    )

    def __init__(
        self,
        deployed: DeployedApi,
        resources: ResourceTree[CompiledMethod],
        gateway_responses: Mapping[str, CustomResponse],
    ) -> None:
        self.api_id = deployed.api_id
        self.deployment_id = deployed.deployment_id
        self.default_endpoint_disabled = deployed.api.disable_execute_api_endpoint
        self.strict = deployed.api.endpoint_access_mode == "STRICT"
        self.endpoint_types = deployed.api.endpoint_configuration.types
        self.resources = resources
        self.gateway_responses = gateway_responses

    def __repr__(self) -> str:
        return f"<CompiledApi {self.api_id} of deployment {self.deployment_id}: {self.resources!r}>"


def compile_api(deployed: DeployedApi, stage_variables: Mapping[str, str]) -> CompiledApi:
    """The API of a deployment with a stage's variables filled in."""
    checks_parameters = {v.id for v in deployed.request_validators if v.validate_request_parameters}
    authorizers = {each.id: _compile_authorizer(deployed.api, each, stage_variables) for each in deployed.authorizers}
    resources = compile_resources(
        (
            resource.path,
            {
                verb: _compile_method(deployed.api, resource, method, stage_variables, checks_parameters, authorizers)
                for verb, method in resource.resource_methods.items()
            },
        )
        for resource in deployed.resources
    )
    responses = {response.response_type: compile_gateway_response(response) for response in deployed.gateway_responses}
    return CompiledApi(deployed, resources, responses)


def _compile_method(
    api: RestApi,
    resource: Resource,
    method: Method,
    stage_variables: Mapping[str, str],
    checks_parameters: set[str],
    authorizers: Mapping[str, CompiledAuthorizer],
) -> CompiledMethod:
    required: tuple[tuple[str, str], ...] = ()
    if method.request_validator_id in checks_parameters and method.request_parameters:
        keys = [parse_mapping_key(key) for key, needed in method.request_parameters.items() if needed]
        order = {"header": 0, "path": 1, "querystring": 2}  # facts 2.6: names sorted; header, path, query
        required = tuple(sorted(((key.location, key.name) for key in keys), key=lambda k: (order[k[0]], k[1])))
    compile_integration = partial(_compile_integration, api, resource, method, stage_variables)
    authorizer = authorizers.get(method.authorizer_id or "") if method.authorization_type == "CUSTOM" else None
    return CompiledMethod(resource, method, compile_integration, required, authorizer)


def _compile_authorizer(api: RestApi, authorizer: Authorizer, stage_variables: Mapping[str, str]) -> CompiledAuthorizer:
    unserved, function, expression = None, FunctionName(api.region, ""), None
    try:
        function = parse_function_uri(resolve_stage_variables(authorizer.authorizer_uri or "", stage_variables))
        sources = parse_identity_sources(authorizer.identity_source or "")
        if authorizer.identity_validation_expression:
            # Java's syntax; what the two dialects do not share cannot be judged.
            expression = re.compile(authorizer.identity_validation_expression)
    except (ValueError, re.error) as error:
        unserved, sources = str(error).rstrip("."), ()
    return CompiledAuthorizer(
        authorizer.id,
        type=authorizer.type,
        api_id=api.id,
        api_arn=f"arn:aws:execute-api:{api.region}:{api.account}:{api.id}",
        function=function,
        sources=sources,
        expression=expression,
        ttl=authorizer.authorizer_result_ttl_in_seconds,
        unserved=unserved,
    )


def _compile_integration(
    api: RestApi, resource: Resource, method: Method, stage_variables: Mapping[str, str]
) -> CompiledIntegration:
    integration = method.method_integration
    if integration is None:
        return Unserved("an integration, and it has none")
    responses = _compile_responses(method, integration)
    templates = Templates(integration.request_templates)
    if integration.type == "MOCK":
        return MockIntegration(templates, integration.passthrough_behavior, responses)
    if integration.type == "AWS_PROXY":
        return _compile_function(api, resource, integration, stage_variables)
    if integration.type not in {"HTTP", "HTTP_PROXY"}:
        return Unserved(f"an integration of type {integration.type}")
    if integration.connection_type == "VPC_LINK":
        return Unserved("a VPC link")
    uri = resolve_stage_variables(integration.uri or "", stage_variables)
    try:
        template = parse_uri(uri, verify_trust=not integration.insecure_skip_verification)
    except ValueError as error:
        return Unserved(f"a usable uri: {error}")
    return HttpIntegration(
        api_id=api.id,
        proxy=integration.type == "HTTP_PROXY",
        http_method=integration.http_method or "ANY",
        uri=template,
        timeout_in_millis=integration.timeout_in_millis,
        mappings=_compile_request_mappings(resource.path, integration.request_parameters or {}),
        request_templates=templates,
        passthrough=integration.passthrough_behavior,
        responses=responses,
    )


def _compile_function(
    api: RestApi, resource: Resource, integration: Integration, stage_variables: Mapping[str, str]
) -> CompiledIntegration:
    try:
        function = parse_function_uri(resolve_stage_variables(integration.uri or "", stage_variables))
    except ValueError as error:
        return Unserved(f"an AWS_PROXY integration that invokes a Lambda function: {error}")
    return LambdaIntegration(
        api_id=api.id,
        api_arn=f"arn:aws:execute-api:{api.region}:{api.account}:{api.id}",
        http_method=integration.http_method or "",
        function=function,
        timeout_in_millis=integration.timeout_in_millis,
        binary_media_types=api.binary_media_types,
        mappings=_compile_request_mappings(resource.path, integration.request_parameters or {}),
    )


def _compile_request_mappings(path: str, parameters: Mapping[str, str]) -> RequestMappings:
    # The one parameter of the path that goes over several segments, those set from it, and those that no client sets.
    greedy = {path[path.rindex("{") + 1 : -2]} if path.endswith("+}") else set()
    own = frozenset(greedy)
    found: dict[str, list[tuple[str, RequestSource]]] = {"header": [], "querystring": [], "path": []}
    for key, expression in parameters.items():
        try:
            target, source = parse_mapping_key(key), parse_mapping_expression(expression)
        except ValueError:
            continue  # the control plane refuses what does not parse; an older record may still hold it
        if target.location == "path" and (
            source.kind in {"static", "stageVariables"} or (source.location == "path" and source.name in own)
        ):
            greedy.add(target.name)
        if target.location in found and _can_be_set(target):
            found[target.location].append((target.name, compile_request_source(source)))
    return RequestMappings(tuple(found["header"]), tuple(found["querystring"]), tuple(found["path"]), frozenset(greedy))


def _can_be_set(target: MappingKey) -> bool:
    """False for the name of a header that is no token: the colon that mappings allow would end it (RFC 9110 5.6.2)."""
    return target.location != "header" or ":" not in target.name


def _compile_responses(method: Method, integration: Integration) -> list[ResponseMapping]:
    ordered = sorted(integration.integration_responses.values(), key=lambda response: response.status_code)
    return [compiled for response in ordered if (compiled := _compile_response(method, response)) is not None]


def _compile_response(method: Method, response: IntegrationResponse) -> ResponseMapping | None:
    pattern = None
    if response.selection_pattern:
        try:
            # Java's syntax; what the two dialects do not share never matches.
            pattern = re.compile(response.selection_pattern)
        except re.error:
            return None
    headers = []
    for key, expression in (response.response_parameters or {}).items():
        try:
            target, source = parse_mapping_key(key), parse_mapping_expression(expression)
        except ValueError:
            continue
        if _can_be_set(target):
            headers.append((target.name.encode("latin-1", "replace"), compile_response_source(source)))
    return ResponseMapping(
        status=int(response.status_code),
        pattern=pattern,
        headers=tuple(headers),
        templates=Templates(response.response_templates),
        declared=response.status_code in method.method_responses,
    )


def compile_gateway_response(response: GatewayResponse) -> CustomResponse:
    """A customised gateway response. One that changes nothing still stands before that of its class."""
    headers = []
    for key, expression in response.response_parameters.items():
        try:
            target, source = parse_mapping_key(key), parse_mapping_expression(expression)
        except ValueError:
            continue
        if _can_be_set(target):
            headers.append((target.name.encode("latin-1", "replace"), compile_request_source(source)))
    status = int(response.status_code) if response.status_code else None
    return CustomResponse(status, tuple(headers), dict(response.response_templates))
