"""What is known of one request, and of the stage, the method and the authorizer that it met.

A fact is there as soon as the step that finds it is done; one that does not apply stays `None`. What mappings and logs may
ask of it is in `context_variables`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gatewright.core.connection_facts import ClientVerdict, ConnectionFacts
from gatewright.core.http.message import Request, Response
from gatewright.core.metering.charge import Bucket
from gatewright.core.sigv4.verification import AccessKey

if TYPE_CHECKING:
    from gatewright.core.integration.http import BackendRequest, BackendResponse
    from gatewright.core.integration.uri import UriTemplate
    from gatewright.core.logs.stage_logs import StageLogs
    from gatewright.core.metrics.stage_metrics import StageMetrics

_NOTHING: Final[Mapping[str, str]] = {}


class StageFacts:
    """The stage that a request is for. `logs` None: nobody asked for logs of it; `metrics` None: nobody counts."""

    __slots__ = (
        "account",
        "api_id",
        "deployment_id",
        "endpoint_type",
        "logs",
        "metrics",
        "name",
        "record",
        "variables",
    )

    def __init__(
        self,
        account: str,
        api_id: str,
        name: str,
        deployment_id: str,
        variables: Mapping[str, str] = _NOTHING,
        *,
        endpoint_type: str | None = None,
        logs: "StageLogs | None" = None,
        metrics: "StageMetrics | None" = None,
    ) -> None:
        self.account = account
        self.api_id = api_id
        self.name = name
        self.deployment_id = deployment_id
        self.variables = variables
        self.endpoint_type = endpoint_type  # REGIONAL, EDGE or PRIVATE
        self.logs = logs
        self.metrics = metrics
        self.record: str | None = None

    def __repr__(self) -> str:
        return f"<StageFacts {self.api_id}/{self.name}>"


class MethodFacts:
    """The method that a request met: its names, and where it leads. `integration` says in a few words what stands behind it."""

    __slots__ = ("http_method", "integration", "resource_id", "resource_path", "uri")

    def __init__(
        self,
        resource_id: str,
        resource_path: str,
        integration: str,
        http_method: str = "ANY",
        uri: "UriTemplate | None" = None,
    ) -> None:
        self.resource_id = resource_id
        self.resource_path = resource_path
        self.integration = integration
        self.http_method = http_method  # as the API has it: ANY is one
        self.uri = uri  # of an HTTP integration

    def __repr__(self) -> str:
        return f"<MethodFacts {self.resource_path} {self.integration}>"


class AuthorizerFacts:
    """What an authorizer's function said of a caller, or that it was asked in vain (facts 2.7).

    `properties` are the function's own, as they are delivered: all of them strings. `identity` and `call` are for the log.
    """

    __slots__ = (
        "answer",
        "authorizer_id",
        "call",
        "error",
        "identity",
        "is_token",
        "latency_ms",
        "principal_id",
        "properties",
        "request_id",
        "status",
        "usage_identifier_key",
    )

    def __init__(
        self,
        authorizer_id: str,
        identity: Sequence[tuple[str, str | None]] = (),
        *,
        is_token: bool = False,
        principal_id: str | None = None,
        properties: Mapping[str, str] = _NOTHING,
        usage_identifier_key: str | None = None,
        latency_ms: int = 0,
        status: int | None = None,
        request_id: str | None = None,
        error: str | None = None,
    ) -> None:
        self.authorizer_id = authorizer_id
        self.identity = identity  # each source with its value
        self.is_token = is_token  # of an authorizer of type TOKEN, which has one
        self.call: BackendRequest | None = None  # None: its answer was remembered
        self.answer: BackendResponse | None = None
        self.principal_id = principal_id
        self.properties = properties
        self.usage_identifier_key = usage_identifier_key
        self.latency_ms = latency_ms  # 0 when its answer was remembered (guess)
        self.status = status  # of Lambda; None when its answer was remembered
        self.request_id = request_id
        self.error = error

    def __repr__(self) -> str:
        return f"<AuthorizerFacts of {self.authorizer_id}>"

    def as_event(self) -> dict[str, object]:
        """`requestContext.authorizer` of an event."""
        return {**self.properties, "principalId": self.principal_id, "integrationLatency": self.latency_ms}


class RouteFacts:
    """What requests for the same host, method and path have in common: where they go, and what is made of it once.

    Requests that are spread over 10,000 paths find little of this in the processor's caches, and wait for each line of
    memory that they touch. So it is flat; what all of them read comes first; the rest is read only by those that are
    logged or refused, through the request's context; and of a text, what is the same for other paths too is kept apart
    and is one object for all of them.
    """

    __slots__ = (
        "base_path",
        "buckets",
        "domain_name",
        "method",
        "path",
        "path_parameters",
        "path_record",
        "place_record",
        "stage",
        "start_line",
    )

    def __init__(
        self, stage: StageFacts, path: str, domain_name: str | None = None, base_path: str | None = None
    ) -> None:
        self.stage = stage
        self.path_parameters: Mapping[str, str] = _NOTHING  # once the resource is found
        self.buckets: tuple[Bucket, ...] | None = None  # what meters them all; this and the texts when first needed
        self.start_line: bytes | None = None  # of the call of an HTTP_PROXY backend, without a query
        self.place_record: str | None = None  # of the request record: host, method of HTTP, domain name
        self.path_record: str | None = None  # and path, resource, integration
        self.path = path  # what is left of the path for the API's resources
        self.domain_name = domain_name
        self.base_path = base_path
        self.method: MethodFacts | None = None  # once it is found

    def __repr__(self) -> str:
        return f"<RouteFacts {self.method!r} of {self.stage!r}>"


class RequestContext:
    """The facts of one request; those that a later step finds are set by the pipeline as soon as it has them."""

    __slots__ = (
        "api_key",
        "api_key_id",
        "authorizer",
        "backend_answer",
        "backend_request",
        "caller",
        "client",
        "connection",
        "error_message",
        "error_type",
        "extended_request_id",
        "host",
        "http_method",
        "integration_error",
        "integration_latency_ms",
        "integration_status",
        "path_parameters",
        "received_at",
        "request",
        "request_id",
        "response",
        "response_latency_ms",
        "response_length",
        "response_type",
        "route",
        "stage",
        "status",
        "trace_id",
    )

    def __init__(
        self,
        request: Request,
        connection: ConnectionFacts,
        host: str,
        received_at: float,
        request_id: str,
        extended_request_id: str,
        trace_id: str,
    ) -> None:
        self.request = request
        self.connection = connection
        self.host = host
        self.http_method = request.method  # what is matched and called; an override header may change it (facts 2.2)
        self.received_at = received_at
        self.request_id = request_id
        self.extended_request_id = extended_request_id
        self.trace_id = trace_id
        self.stage: StageFacts | None = None
        self.route: RouteFacts | None = None  # once stage, or stage and method, are found
        self.client: ClientVerdict | None = None  # where the domain asks for client certificates
        self.path_parameters: Mapping[str, str] = _NOTHING
        self.caller: AccessKey | None = None  # whose signature was verified
        self.api_key: str | None = None  # as it was sent, where the method asks for one
        self.api_key_id: str | None = None  # once it is known whose it is
        self.authorizer: AuthorizerFacts | None = None  # where the method has one, and it was asked
        self.backend_request: BackendRequest | None = None
        self.backend_answer: BackendResponse | None = None
        self.integration_error: str | None = None
        self.integration_status: int | None = None
        self.integration_latency_ms: int | None = None
        self.error_message: str | None = None
        self.error_type: str | None = None
        self.response_type: str | None = None
        self.status: int | None = None
        self.response_length: int | None = None
        self.response: Response | None = None
        self.response_latency_ms: int | None = None

    @property
    def method(self) -> MethodFacts | None:
        """The method that was met."""
        return None if self.route is None else self.route.method

    @property
    def domain_name(self) -> str | None:
        """The custom domain name that the request is for."""
        return None if self.route is None else self.route.domain_name

    @property
    def base_path(self) -> str | None:
        """The base path that led to the stage; empty for the mapping without one."""
        return None if self.route is None else self.route.base_path

    @property
    def routed_path(self) -> str | None:
        """What is left of the path for the API's resources."""
        return None if self.route is None else self.route.path

    @property
    def stage_variables(self) -> Mapping[str, str]:
        """The stage's variables; none before the stage is known."""
        return _NOTHING if self.stage is None else self.stage.variables
