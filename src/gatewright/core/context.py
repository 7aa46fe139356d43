"""`$context`: what mappings, gateway responses and access logs may ask about one request (facts 8.3).

The variables are a table from name to a function of the facts; nothing is computed until a name is asked for. Names
that are not in the table, and facts that do not apply, have no value: a mapping then sets nothing, a log prints `-`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quote
from typing import TYPE_CHECKING, Final

from gatewright.core.decimals import decimal
from gatewright.core.http.message import Request, Response
from gatewright.core.metering.charge import Bucket
from gatewright.core.reasons import Reason
from gatewright.core.sigv4.verification import AccessKey
from gatewright.core.x509.certificate import CertificateError, CertificateFacts
from gatewright.core.x509.client_certificate import render_client_certificate

if TYPE_CHECKING:
    from gatewright.core.integration.http import BackendRequest, BackendResponse
    from gatewright.core.logs.stage_logs import StageLogs
    from gatewright.core.metrics.stage_metrics import StageMetrics

_NOTHING: Final[Mapping[str, str]] = {}


class ClientVerdict:
    """What was found of a client's certificate: `reason` None lets it in, else it is refused with these facts.

    It holds for the truststore of that identity (`ClientTrust.identity`), and before the instant `until`.
    """

    __slots__ = ("facts", "identity", "reason", "subject", "until")

    def __init__(
        self,
        identity: str,
        until: float,
        subject: str | None = None,
        reason: Reason | None = None,
        facts: Mapping[str, str] = _NOTHING,
    ) -> None:
        self.subject = subject  # as OpenSSL writes it; None when it cannot be read
        self.identity = identity
        self.until = until
        self.reason = reason
        self.facts = facts

    def __repr__(self) -> str:
        return f"<ClientVerdict {'let in' if self.reason is None else self.reason.code} until {self.until}>"


class ConnectionFacts:
    """What an ingress knows of the connection a request came over (DESIGN 7); the pipeline never asks a socket.

    The facts of a connection, a stage and a method are the same for many requests, so what is rendered of them for
    backends and records is kept with them (`forwarded`, `record`, `client_variables`); `None` until it is first needed.
    So is the last verdict on the client's certificate.
    """

    __slots__ = (
        "alpn",
        "binding",
        "binding_reason",
        "cipher",
        "client_chain",
        "client_variables",
        "entry",
        "forwarded",
        "local_port",
        "peer",
        "peer_port",
        "record",
        "server_name",
        "tls_version",
        "verdict",
    )

    def __init__(
        self,
        entry: str,
        peer: str,
        peer_port: int,
        server_name: str | None = None,
        alpn: str | None = None,
        tls_version: str | None = None,
        cipher: str | None = None,
        binding: str | None = None,
        binding_reason: str | None = None,
        client_chain: tuple[bytes, ...] = (),
        local_port: int = 443,
    ) -> None:
        self.entry = entry  # "https": the TLS listener; "local": the control listener's plain entry, loopback only
        self.peer = peer
        self.peer_port = peer_port
        self.server_name = server_name
        self.alpn = alpn
        self.tls_version = tls_version
        self.cipher = cipher
        self.binding = binding  # the domain name whose certificate was served; None: the default certificate
        self.binding_reason = binding_reason
        self.client_chain = client_chain  # DER, the client's own certificate first; nobody has judged them
        self.local_port = local_port
        self.client_variables: Mapping[str, str] | None = None
        self.forwarded: bytes | None = None
        self.record: str | None = None
        self.verdict: ClientVerdict | None = None

    def __repr__(self) -> str:
        return f"<ConnectionFacts {self.entry} from {self.peer} for {self.server_name}>"


def describe_client(connection: ConnectionFacts) -> Mapping[str, str]:
    """`$context.identity.clientCert.*` of the connection; nothing without a certificate that can be read."""
    if connection.client_variables is None:
        variables = _NOTHING
        if connection.client_chain:
            with suppress(CertificateError):
                leaf = CertificateFacts.from_der(connection.client_chain[0])
                variables = render_client_certificate(leaf).as_variables()
        connection.client_variables = variables
    return connection.client_variables


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
    """The method that a request met. `integration` says in a few words what stands behind it."""

    __slots__ = ("http_method", "integration", "record", "resource_id", "resource_path")

    def __init__(self, resource_id: str, resource_path: str, integration: str, http_method: str = "ANY") -> None:
        self.resource_id = resource_id
        self.resource_path = resource_path
        self.integration = integration
        self.http_method = http_method  # as the API has it: ANY is one
        self.record: str | None = None

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
    """What requests for the same host, method and path have in common, made when it is first needed.

    Of a text, what is the same for other paths too is kept apart and is one object for all of them: requests that are
    spread over 10,000 paths then find it in the processor's caches.
    """

    __slots__ = ("buckets", "path_record", "place_record", "start_line")

    def __init__(self) -> None:
        self.buckets: tuple[Bucket, ...] | None = None  # what meters them all
        self.place_record: str | None = None  # of the request record: host, method of HTTP, stage, domain name
        self.path_record: str | None = None  # and path, resource, integration
        self.start_line: bytes | None = None  # of the call of an HTTP_PROXY backend, without a query


class RequestContext:
    """The facts of one request; those that a later step finds are set by the pipeline as soon as it has them."""

    __slots__ = (
        "api_key",
        "api_key_id",
        "authorizer",
        "backend_answer",
        "backend_request",
        "base_path",
        "caller",
        "client",
        "connection",
        "domain_name",
        "error_message",
        "error_type",
        "extended_request_id",
        "host",
        "http_method",
        "integration_error",
        "integration_latency_ms",
        "integration_status",
        "method",
        "path_parameters",
        "received_at",
        "request",
        "request_id",
        "response",
        "response_latency_ms",
        "response_length",
        "response_type",
        "route",
        "routed_path",
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
        self.method: MethodFacts | None = None
        self.domain_name: str | None = None
        self.base_path: str | None = None
        self.route: RouteFacts | None = None  # where the same was asked before
        self.routed_path: str | None = None  # what is left of the path for the API's resources
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
    def stage_variables(self) -> Mapping[str, str]:
        """The stage's variables; none before the stage is known."""
        return _NOTHING if self.stage is None else self.stage.variables

    def variable(self, name: str) -> str | None:
        """The value of `$context.{name}`, or None."""
        read = find_reader(name)
        return None if read is None else read(self)

    def logged_variable(self, name: str) -> str | None:
        """The value of `$context.{name}` in an access log, see `logged_reader`."""
        read = logged_reader(name)
        return None if read is None else read(self)


def logged_reader(name: str) -> Callable[[RequestContext], str | None] | None:
    """What reads `$context.{name}` for an access log, which tells of a client's certificate only when it was refused.

    Facts 3.4: in mappings and events the variables are there on success. None: there is no such variable.
    """
    read = find_reader(name)
    if read is None or not name.startswith(_CLIENT_CERTIFICATE):
        return read
    return _only_of_refused(read)


def find_reader(name: str) -> Callable[[RequestContext], str | None] | None:
    """What reads `$context.{name}`; None: there is no such variable."""
    read = _VARIABLES.get(name)
    if read is None and name.startswith(_AUTHORIZER):
        return _read_property(name[len(_AUTHORIZER) :])
    return read


def _read_property(name: str) -> Callable[[RequestContext], str | None]:
    """`$context.authorizer.{name}`: what the authorizer's function gave under that name."""

    def read(context: RequestContext) -> str | None:
        return None if context.authorizer is None else context.authorizer.properties.get(name)

    return read


def _only_of_refused(
    read: Callable[[RequestContext], str | None],
) -> Callable[[RequestContext], str | None]:
    def read_refused(context: RequestContext) -> str | None:
        return None if context.client is None or context.client.reason is None else read(context)

    return read_refused


_AUTHORIZER: Final = "authorizer."
_CLIENT_CERTIFICATE: Final = "identity.clientCert."


def _client(context: RequestContext, name: str) -> str | None:
    """Of a certificate that the domain asked for; what a connection brought along for another is not told."""
    return None if context.client is None else describe_client(context.connection).get(name)


def _text(number: int | None) -> str | None:
    return None if number is None else decimal(number)


def _header(context: RequestContext, name: bytes) -> str | None:
    value = context.request.header(name)
    return None if value is None else value.decode("latin-1")


def render_request_time(instant: float) -> str:
    """`$context.requestTime`: `dd/MMM/yyyy:HH:mm:ss +0000`."""
    return _render_second(int(instant))


# (A shortcut: 2 µs less for a logged request; those of a moment ago are asked for.)
@lru_cache(maxsize=64)
def _render_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _quoted(text: str | None) -> str | None:
    """D: "the quoted value". Guess: quoted as JSON does."""
    return None if text is None else _quote(text)


#: Facts 2.6: how the answer of a failed authentication is typed.
_NOT_AUTHENTICATED: Final = frozenset({"MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "EXPIRED_TOKEN"})


def _authenticate_status(context: RequestContext) -> str | None:
    if context.caller is not None:
        return "200"
    return _text(context.status) if context.response_type in _NOT_AUTHENTICATED else None


def _authenticate_error(context: RequestContext) -> str | None:
    return context.error_message if context.response_type in _NOT_AUTHENTICATED else None


def _authorize_status(context: RequestContext) -> str | None:
    if context.response_type == "ACCESS_DENIED":
        return _text(context.status)
    if context.authorizer is not None and context.authorizer.principal_id is not None:
        return "200"
    return None if context.caller is None else "200"


def _authorize_error(context: RequestContext) -> str | None:
    return context.error_message if context.response_type == "ACCESS_DENIED" else None


def _answered_status(context: RequestContext) -> str | None:
    """`integration.status`: what the backend's answer says; of a function the statusCode, not that of Lambda (facts 8.3)."""
    if context.backend_request is None or context.backend_request.function_path is None:
        return _text(context.integration_status)
    return None if context.response_type is not None else _text(context.status)


def _endpoint_request_id(context: RequestContext) -> str | None:
    """What an AWS service, or another gateway, calls the request that we made."""
    if context.backend_answer is None:
        return None
    for lower, _, value in context.backend_answer.headers:
        if lower in _ENDPOINT_REQUEST_IDS:
            return value.decode("latin-1")
    return None


#: D: awsEndpointRequestId comes from either.
_ENDPOINT_REQUEST_IDS: Final = frozenset({b"x-amzn-requestid", b"x-amz-request-id"})


_VARIABLES: Final[Mapping[str, Callable[[RequestContext], str | None]]] = {
    "accountId": lambda c: c.stage.account if c.stage else None,
    "apiId": lambda c: c.stage.api_id if c.stage else None,
    "authenticate.error": _authenticate_error,
    "authenticate.status": _authenticate_status,
    "authorize.error": _authorize_error,
    "authorize.status": _authorize_status,
    "authorizer.error": lambda c: c.authorizer.error if c.authorizer else None,
    "authorizer.integrationLatency": lambda c: _text(c.authorizer.latency_ms) if c.authorizer else None,
    "authorizer.integrationStatus": lambda c: _text(c.authorizer.status) if c.authorizer else None,
    "authorizer.latency": lambda c: _text(c.authorizer.latency_ms) if c.authorizer else None,
    "authorizer.principalId": lambda c: c.authorizer.principal_id if c.authorizer else None,
    "authorizer.requestId": lambda c: c.authorizer.request_id if c.authorizer else None,
    "authorizer.status": lambda c: _text(c.authorizer.status) if c.authorizer else None,
    "awsEndpointRequestId": _endpoint_request_id,
    "cipherSuite": lambda c: c.connection.cipher,
    "customDomain.basePathMatched": lambda c: c.base_path,
    "deploymentId": lambda c: c.stage.deployment_id if c.stage else None,
    "domainName": lambda c: c.host,
    "domainPrefix": lambda c: c.host.partition(".")[0],
    "endpointType": lambda c: c.stage.endpoint_type if c.stage else None,
    "error.message": lambda c: c.error_message,
    "error.messageString": lambda c: _quoted(c.error_message),
    "error.responseType": lambda c: c.response_type,
    "extendedRequestId": lambda c: c.extended_request_id,
    "httpMethod": lambda c: c.http_method,
    "identity.accessKey": lambda c: c.caller.access_key_id if c.caller else None,
    "identity.accountId": lambda c: c.caller.account if c.caller else None,
    "identity.apiKey": lambda c: c.api_key,
    "identity.apiKeyId": lambda c: c.api_key_id,
    "identity.caller": lambda c: c.caller.user_id if c.caller else None,
    "identity.clientCert.clientCertPem": lambda c: _client(c, "clientCertPem"),
    "identity.clientCert.issuerDN": lambda c: _client(c, "issuerDN"),
    "identity.clientCert.serialNumber": lambda c: _client(c, "serialNumber"),
    "identity.clientCert.subjectDN": lambda c: _client(c, "subjectDN"),
    "identity.clientCert.validity.notAfter": lambda c: _client(c, "validity.notAfter"),
    "identity.clientCert.validity.notBefore": lambda c: _client(c, "validity.notBefore"),
    "identity.sourceIp": lambda c: c.connection.peer,
    "identity.user": lambda c: c.caller.user_id if c.caller else None,
    "identity.userAgent": lambda c: _header(c, b"user-agent"),
    "identity.userArn": lambda c: c.caller.arn if c.caller else None,
    "integration.error": lambda c: c.integration_error,
    "integration.integrationStatus": lambda c: _text(c.integration_status),
    "integration.latency": lambda c: _text(c.integration_latency_ms),
    "integration.requestId": _endpoint_request_id,
    # D: a streamed answer would be STREAM; every answer is awaited whole.
    "integration.responseTransferMode": lambda c: None if c.integration_latency_ms is None else "BUFFERED",
    "integration.status": _answered_status,
    "integrationLatency": lambda c: _text(c.integration_latency_ms),
    "integrationStatus": lambda c: _text(c.integration_status),
    "path": lambda c: c.request.path,
    "protocol": lambda c: c.request.protocol,
    "requestId": lambda c: c.request_id,
    "requestTime": lambda c: render_request_time(c.received_at),
    "requestTimeEpoch": lambda c: str(int(c.received_at * 1000)),
    "resourceId": lambda c: c.method.resource_id if c.method else None,
    "resourcePath": lambda c: c.method.resource_path if c.method else None,
    "responseLatency": lambda c: _text(c.response_latency_ms),
    "responseLength": lambda c: _text(c.response_length),
    "stage": lambda c: c.stage.name if c.stage else None,
    "status": lambda c: _text(c.status),
    "tlsVersion": lambda c: c.connection.tls_version,
    "xrayTraceId": lambda c: c.trace_id,
}
