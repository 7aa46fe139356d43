"""`$context`: what mappings, gateway responses and access logs may ask about one request (facts 8.3).

The variables are a table from name to a function of the facts; nothing is computed until a name is asked for. Names
that are not in the table, and facts that do not apply, have no value: a mapping then sets nothing, a log prints `-`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gatewright.core.http.message import Request


class ConnectionFacts(NamedTuple):
    """What an ingress knows of the connection a request came over (DESIGN 7); the pipeline never asks a socket."""

    entry: str  # "https": the TLS listener; "local": the control listener's plain entry, loopback only
    peer: str
    peer_port: int
    server_name: str | None = None
    alpn: str | None = None
    tls_version: str | None = None
    cipher: str | None = None
    binding: str | None = None  # the domain name whose certificate was served; None: the default certificate
    binding_reason: str | None = None
    client_chain: tuple[bytes, ...] = ()
    local_port: int = 443


class RequestContext:
    """The facts of one request; those that a later step finds are set by the pipeline as soon as it has them."""

    __slots__ = (
        "account",
        "api_id",
        "base_path",
        "connection",
        "deployment_id",
        "domain_name",
        "error_message",
        "error_type",
        "extended_request_id",
        "host",
        "http_method",
        "integration_latency_ms",
        "integration_status",
        "path_parameters",
        "received_at",
        "request",
        "request_id",
        "resource_id",
        "resource_path",
        "response_length",
        "response_type",
        "stage",
        "stage_variables",
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
        self.account: str | None = None
        self.api_id: str | None = None
        self.stage: str | None = None
        self.deployment_id: str | None = None
        self.domain_name: str | None = None
        self.base_path: str | None = None
        self.resource_id: str | None = None
        self.resource_path: str | None = None
        self.path_parameters: Mapping[str, str] = {}
        self.stage_variables: Mapping[str, str] = {}
        self.integration_status: int | None = None
        self.integration_latency_ms: int | None = None
        self.error_message: str | None = None
        self.error_type: str | None = None
        self.response_type: str | None = None
        self.status: int | None = None
        self.response_length: int | None = None

    def variable(self, name: str) -> str | None:
        """The value of `$context.{name}`, or None."""
        read = _VARIABLES.get(name)
        return None if read is None else read(self)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _header(context: RequestContext, name: bytes) -> str | None:
    value = context.request.header(name)
    return None if value is None else value.decode("latin-1")


def render_request_time(instant: float) -> str:
    """`$context.requestTime`: `dd/MMM/yyyy:HH:mm:ss +0000`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _quoted(text: str | None) -> str | None:
    return None if text is None else f'"{text}"'


_VARIABLES: Final[Mapping[str, Callable[[RequestContext], str | None]]] = {
    "accountId": lambda c: c.account,
    "apiId": lambda c: c.api_id,
    "cipherSuite": lambda c: c.connection.cipher,
    "customDomain.basePathMatched": lambda c: c.base_path,
    "deploymentId": lambda c: c.deployment_id,
    "domainName": lambda c: c.host,
    "domainPrefix": lambda c: c.host.partition(".")[0],
    "error.message": lambda c: c.error_message,
    "error.messageString": lambda c: _quoted(c.error_message),
    "error.responseType": lambda c: c.response_type,
    "extendedRequestId": lambda c: c.extended_request_id,
    "httpMethod": lambda c: c.http_method,
    "identity.sourceIp": lambda c: c.connection.peer,
    "identity.userAgent": lambda c: _header(c, b"user-agent"),
    "integration.latency": lambda c: _text(c.integration_latency_ms),
    "integration.status": lambda c: _text(c.integration_status),
    "integrationLatency": lambda c: _text(c.integration_latency_ms),
    "integrationStatus": lambda c: _text(c.integration_status),
    "path": lambda c: c.request.path,
    "protocol": lambda c: c.request.protocol,
    "requestId": lambda c: c.request_id,
    "requestTime": lambda c: render_request_time(c.received_at),
    "requestTimeEpoch": lambda c: str(int(c.received_at * 1000)),
    "resourceId": lambda c: c.resource_id,
    "resourcePath": lambda c: c.resource_path,
    "responseLength": lambda c: _text(c.response_length),
    "stage": lambda c: c.stage,
    "status": lambda c: _text(c.status),
    "tlsVersion": lambda c: c.connection.tls_version,
    "xrayTraceId": lambda c: c.trace_id,
}
