"""REST APIs as their owners edit them, and what a deployment froze of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class EndpointConfiguration:
    """How an API or a domain name can be reached: `types` out of EDGE, REGIONAL, PRIVATE."""

    types: tuple[str, ...]
    ip_address_type: str = "ipv4"
    vpc_endpoint_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API (v1) as its owner edits it; clients meet the copy that a deployment froze."""

    KIND: ClassVar[str] = "rest_api"

    account: str
    region: str
    id: str
    name: str
    root_resource_id: str
    created_date: float
    endpoint_configuration: EndpointConfiguration
    description: str | None = None
    version: str | None = None
    api_key_source: str = "HEADER"
    binary_media_types: tuple[str, ...] = ()
    minimum_compression_size: int | None = None
    disable_execute_api_endpoint: bool = False
    policy: str | None = None
    security_policy: str | None = None
    endpoint_access_mode: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id,)."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """Chooses, by `selection_pattern`, what a backend's answer becomes."""

    status_code: str
    selection_pattern: str | None = None
    response_parameters: Mapping[str, str] | None = None
    response_templates: Mapping[str, str | None] | None = None
    content_handling: str | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """The call behind a method. `http_method` is the verb towards the backend, absent for MOCK."""

    type: str
    http_method: str | None = None
    uri: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    credentials: str | None = None
    request_parameters: Mapping[str, str] | None = None
    request_templates: Mapping[str, str | None] | None = None
    passthrough_behavior: str = "WHEN_NO_MATCH"
    content_handling: str | None = None
    timeout_in_millis: int = 29_000
    cache_namespace: str | None = None
    cache_key_parameters: tuple[str, ...] = ()
    insecure_skip_verification: bool | None = None
    response_transfer_mode: str | None = None
    integration_target: str | None = None
    integration_responses: Mapping[str, IntegrationResponse] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MethodResponse:
    """A status that a method may answer with, and the headers and models declared for it."""

    status_code: str
    response_parameters: Mapping[str, bool] | None = None
    response_models: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """What a client may call on a resource: verb (or ANY), who may, with what."""

    http_method: str
    authorization_type: str = "NONE"
    authorizer_id: str | None = None
    api_key_required: bool = False
    request_validator_id: str | None = None
    operation_name: str | None = None
    request_parameters: Mapping[str, bool] | None = None
    request_models: Mapping[str, str] | None = None
    authorization_scopes: tuple[str, ...] = ()
    method_responses: Mapping[str, MethodResponse] = field(default_factory=dict)
    method_integration: Integration | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A node of an API's tree of paths. The root has neither parent nor path part."""

    KIND: ClassVar[str] = "resource"

    account: str
    region: str
    api_id: str
    id: str
    path: str
    parent_id: str | None = None
    path_part: str | None = None
    resource_methods: Mapping[str, Method] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, resource id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """Which resource has a path, so that nobody has to look through an API's resources for it, or for what is under it.

    Kept beside each `Resource`, and without a word on its methods: renames, moves and siblings concern paths alone.
    """

    KIND: ClassVar[str] = "resource_path"

    account: str
    region: str
    api_id: str
    path: str
    resource_id: str

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, a segment for each of the path): a parent comes before its children, and its key begins theirs."""
        return (self.api_id, *self.path.split("/")[1:]) if self.path != "/" else (self.api_id,)


@dataclass(frozen=True, slots=True)
class Model:
    """A named JSON schema (draft 4) of an API; `schema` is its text."""

    KIND: ClassVar[str] = "model"

    account: str
    region: str
    api_id: str
    id: str
    name: str
    content_type: str
    description: str | None = None
    schema: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, model name)."""
        return (self.api_id, self.name)


@dataclass(frozen=True, slots=True)
class RequestValidator:
    """Which parts of a request are checked before the integration is called."""

    KIND: ClassVar[str] = "request_validator"

    account: str
    region: str
    api_id: str
    id: str
    name: str | None = None
    validate_request_body: bool = False
    validate_request_parameters: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, validator id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Who is asked whether a caller may call a method: of type TOKEN or REQUEST, a Lambda function."""

    KIND: ClassVar[str] = "authorizer"

    account: str
    region: str
    api_id: str
    id: str
    name: str
    type: str
    auth_type: str = "custom"
    authorizer_uri: str | None = None
    authorizer_credentials: str | None = None
    identity_source: str | None = None
    identity_validation_expression: str | None = None
    authorizer_result_ttl_in_seconds: int = 300

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, authorizer id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """A customised answer of the gateway itself; types that are not stored have the defaults of `core.reasons`."""

    KIND: ClassVar[str] = "gateway_response"

    account: str
    region: str
    api_id: str
    response_type: str
    status_code: str | None = None
    response_parameters: Mapping[str, str] = field(default_factory=dict)
    response_templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, gateway response type)."""
        return (self.api_id, self.response_type)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The name and date of a frozen API; what was frozen is the `DeployedApi` of the same key."""

    KIND: ClassVar[str] = "deployment"

    account: str
    region: str
    api_id: str
    id: str
    created_date: float
    description: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, deployment id)."""
        return (self.api_id, self.id)


@dataclass(frozen=True, slots=True)
class DeployedApi:
    """Everything of an API that goes live only with a deployment (facts 1.10), as it was at CreateDeployment."""

    KIND: ClassVar[str] = "deployed_api"

    account: str
    region: str
    api_id: str
    deployment_id: str
    api: RestApi
    resources: tuple[Resource, ...]
    models: tuple[Model, ...] = ()
    request_validators: tuple[RequestValidator, ...] = ()
    gateway_responses: tuple[GatewayResponse, ...] = ()
    authorizers: tuple[Authorizer, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, deployment id)."""
        return (self.api_id, self.deployment_id)
