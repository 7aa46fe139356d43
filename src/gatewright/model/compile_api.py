"""From the records that a deployment froze to what the data plane walks: a tree of resources with compiled methods.

What only a call of a method needs is compiled by its first call (`CompiledMethod`).

Compilation never fails. What cannot be served (a VPC link, an unreadable uri) becomes an `Unserved`
integration that says so when it is called, because one such method must not take the other methods of its API along.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from sys import intern

from gatewright.core.authorizers.authorizer import CompiledAuthorizer
from gatewright.core.authorizers.identity import parse_identity_sources
from gatewright.core.context import MethodFacts
from gatewright.core.integration.http import HttpIntegration, RequestMappings, ResponseMapping
from gatewright.core.integration.invocation import FunctionName, parse_function_uri
from gatewright.core.integration.lambda_proxy import LambdaIntegration
from gatewright.core.integration.mock import MockIntegration
from gatewright.core.integration.templates import Templates
from gatewright.core.integration.uri import UriTemplate, parse_uri, resolve_stage_variables
from gatewright.core.mapping.expression import MappingKey, parse_mapping_expression, parse_mapping_key
from gatewright.core.mapping.values import RequestSource, compile_request_source, compile_response_source
from gatewright.core.responses.gateway_response import CustomResponse
from gatewright.core.routing.resource_tree import ResourceTree, compile_resources
from gatewright.model.compiled_method import CompiledIntegration, CompiledMethod, PlacedMethod, Unserved
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
        resources: ResourceTree[PlacedMethod],
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
    compiler = _MethodCompiler(deployed, stage_variables)
    resources = compile_resources(
        (
            resource.path,
            {
                verb: PlacedMethod(partial(compiler.compile, resource, method))
                for verb, method in resource.resource_methods.items()
            },
        )
        for resource in deployed.resources
    )
    responses = {response.response_type: compile_gateway_response(response) for response in deployed.gateway_responses}
    return CompiledApi(deployed, resources, responses)


class _MethodCompiler:
    """Compiles the methods of one API as one stage serves it, and those that are alike into one."""

    def __init__(self, deployed: DeployedApi, stage_variables: Mapping[str, str]) -> None:
        api = self._api = deployed.api
        self._stage_variables = stage_variables
        self._checks_parameters = {v.id for v in deployed.request_validators if v.validate_request_parameters}
        self._authorizers = {a.id: _compile_authorizer(api, a, stage_variables) for a in deployed.authorizers}
        self._alike: dict[bytes, CompiledMethod] = {}

    def compile(self, resource: Resource, method: Method) -> tuple[CompiledMethod, MethodFacts]:
        """How calls of the method are treated, and which it is."""
        uri = None
        integration = method.method_integration
        if integration is None:
            compiled = self._treat(method, Unserved("an integration, and it has none"))
        else:
            try:
                uri = _parse_uri(integration, self._stage_variables)
            except ValueError as error:
                compiled = self._treat(method, Unserved(str(error)))
            else:
                compiled = self._treat_alike(resource, method, integration, uri)
        return compiled, _state(resource, method, compiled.integration, uri)

    def _treat_alike(
        self, resource: Resource, method: Method, integration: Integration, uri: UriTemplate | None
    ) -> CompiledMethod:
        # All that makes a difference: but for the rest of the uri the whole record, and of the path what is greedy.
        record = replace(method, method_integration=replace(integration, uri=None))
        leads = integration.uri if uri is None else uri.endpoint
        alike = sha256(repr((record, leads, _find_greedy(resource.path))).encode()).digest()
        compiled = self._alike.get(alike)
        if compiled is None:
            made = _compile_integration(self._api, resource, method, integration, uri, self._stage_variables)
            compiled = self._alike[alike] = self._treat(method, made)
        return compiled

    def _treat(self, method: Method, integration: CompiledIntegration) -> CompiledMethod:
        required: tuple[tuple[str, str], ...] = ()
        if method.request_validator_id in self._checks_parameters and method.request_parameters:
            keys = [parse_mapping_key(key) for key, needed in method.request_parameters.items() if needed]
            order = {"header": 0, "path": 1, "querystring": 2}  # facts 2.6: names sorted; header, path, query
            required = tuple(sorted(((key.location, key.name) for key in keys), key=lambda k: (order[k[0]], k[1])))
        custom = method.authorization_type == "CUSTOM"
        return CompiledMethod(
            integration,
            authorization_type=method.authorization_type,
            authorizer=self._authorizers.get(method.authorizer_id or "") if custom else None,
            authorizer_id=method.authorizer_id,
            api_key_required=method.api_key_required,
            required_parameters=required,
        )


def _state(
    resource: Resource, method: Method, integration: CompiledIntegration, uri: UriTemplate | None
) -> MethodFacts:
    text = repr(integration)
    if isinstance(integration, HttpIntegration) and uri is not None:
        text = f"<{integration.describe(''.join(uri.parts))}>"
    return MethodFacts(resource.id, resource.path, text, intern(method.http_method), uri)


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


def _parse_uri(integration: Integration, stage_variables: Mapping[str, str]) -> UriTemplate | None:
    """None: it calls no HTTP backend. Raises `ValueError` with what is missing, in the words of an `Unserved`."""
    if integration.type not in {"HTTP", "HTTP_PROXY"}:
        return None
    if integration.connection_type == "VPC_LINK":
        raise ValueError("a VPC link")
    uri = resolve_stage_variables(integration.uri or "", stage_variables)
    try:
        return parse_uri(uri, verify_trust=not integration.insecure_skip_verification)
    except ValueError as error:
        raise ValueError(f"a usable uri: {error}") from None


def _compile_integration(
    api: RestApi,
    resource: Resource,
    method: Method,
    integration: Integration,
    uri: UriTemplate | None,
    stage_variables: Mapping[str, str],
) -> CompiledIntegration:
    if integration.type == "AWS_PROXY":
        return _compile_function(api, resource, integration, stage_variables)
    templates = Templates(integration.request_templates)
    if integration.type == "MOCK":
        return MockIntegration(templates, integration.passthrough_behavior, _compile_responses(method, integration))
    if uri is None:
        return Unserved(f"an integration of type {integration.type}")
    return HttpIntegration(
        api_id=api.id,
        proxy=integration.type == "HTTP_PROXY",
        http_method=integration.http_method or "ANY",
        endpoint=uri.endpoint,
        timeout_in_millis=integration.timeout_in_millis,
        mappings=_compile_request_mappings(resource.path, integration.request_parameters or {}),
        request_templates=templates,
        passthrough=integration.passthrough_behavior,
        responses=_compile_responses(method, integration),
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


def _find_greedy(path: str) -> frozenset[str]:
    """The name of the parameter at the path's end that goes over several segments, if there is one."""
    return frozenset({path[path.rindex("{") + 1 : -2]}) if path.endswith("+}") else frozenset()


def _compile_request_mappings(path: str, parameters: Mapping[str, str]) -> RequestMappings:
    # The one parameter of the path that goes over several segments, those set from it, and those that no client sets.
    own = _find_greedy(path)
    greedy = set(own)
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
